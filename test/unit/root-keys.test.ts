import fc from "fast-check";
import { expect, test } from "vitest";
import { type Bytes, fromBase64Url, toBase64Url, utf8 } from "../../src/lib/bytes.ts";
import { RootKeys, type TokenPurpose } from "../../src/lib/root-keys.ts";

const oldKey = new Uint8Array(32).fill(1);
const newKey = new Uint8Array(32).fill(2);
const before = new RootKeys(oldKey);
const rotating = new RootKeys(newKey, oldKey);
const after = new RootKeys(newKey);

const purposes: TokenPurpose[] = ["verify", "withdraw", "delivery"];
const payload = fc.uint8Array({ minLength: 16, maxLength: 32 }).map((bytes): Bytes => new Uint8Array(bytes));
const sixteen = new Uint8Array(16).map((_, index) => index);

test("a token gives back what it carries, for its purpose", async () => {
  await fc.assert(
    fc.asyncProperty(payload, fc.constantFrom(...purposes), async (bytes, purpose) => {
      const token = await before.issueToken(purpose, bytes);
      expect(await before.readToken(purpose, token, bytes.length)).toEqual(bytes);
    }),
  );
});

test("a token is garbage for every other purpose, and never the same text", async () => {
  await fc.assert(
    fc.asyncProperty(payload, async (bytes) => {
      const tokens = await Promise.all(purposes.map((purpose) => before.issueToken(purpose, bytes)));
      expect(new Set(tokens).size).toBe(purposes.length);
      for (const [index, token] of tokens.entries()) {
        for (const purpose of purposes) {
          const read = await before.readToken(purpose, token, bytes.length);
          expect(read).toEqual(purpose === purposes[index] ? bytes : null);
        }
      }
    }),
    { numRuns: 50 },
  );
});

test("a token with any bit flipped is garbage", async () => {
  const bytes = fromBase64Url(await before.issueToken("verify", sixteen)) as Bytes;
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const copy = bytes.slice();
    copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
    expect(await before.readToken("verify", toBase64Url(copy), 16)).toBeNull();
  }
});

test("a token with any character changed, cut or added is garbage", async () => {
  const token = await before.issueToken("verify", sixteen);
  for (let at = 0; at < token.length; at++) {
    const other = token[at] === "A" ? "B" : "A";
    expect(await before.readToken("verify", token.slice(0, at) + other + token.slice(at + 1), 16)).toBeNull();
    expect(await before.readToken("verify", token.slice(0, at), 16)).toBeNull();
  }
  for (const spelling of [`${token}A`, `${token}=`, `${token}==`, ` ${token}`, `${token}\n`, token.toLowerCase()]) {
    expect(await before.readToken("verify", spelling, 16)).toBeNull();
  }
});

test("a token of another length is garbage: its payload can't be taken for a shorter or longer one", async () => {
  const token = await before.issueToken("verify", sixteen);
  for (const length of [0, 15, 17, 32]) expect(await before.readToken("verify", token, length)).toBeNull();
});

test("reading a token never throws, and arbitrary text is never one", async () => {
  const garbage = fc.oneof(fc.string({ unit: "binary" }), fc.base64String(), fc.string({ maxLength: 2000 }));
  await fc.assert(
    fc.asyncProperty(garbage, async (text) => {
      expect(await before.readToken("verify", text, 16)).toBeNull();
    }),
  );
});

test("a token proves at least 128 bits beside its payload", async () => {
  const bytes = fromBase64Url(await before.issueToken("verify", sixteen)) as Bytes;
  expect((bytes.length - sixteen.length) * 8).toBeGreaterThanOrEqual(128);
});

test("while the key is rotated, tokens of both keys work, and new ones outlive the old key", async () => {
  const oldToken = await before.issueToken("withdraw", sixteen);
  const newToken = await rotating.issueToken("withdraw", sixteen);
  expect(newToken).not.toBe(oldToken);
  expect(await rotating.readToken("withdraw", oldToken, 16)).toEqual(sixteen);
  expect(await rotating.readToken("withdraw", newToken, 16)).toEqual(sixteen);
  expect(await after.readToken("withdraw", newToken, 16)).toEqual(sixteen);
  expect(await after.readToken("withdraw", oldToken, 16)).toBeNull();
  expect(await before.readToken("withdraw", newToken, 16)).toBeNull();
});

test("while the key is rotated, seals of both keys open, and new ones outlive the old key", async () => {
  const oldSeal = await before.seal("intake", utf8("x"), "c");
  const newSeal = await rotating.seal("intake", utf8("x"), "c");
  expect(await rotating.open("intake", oldSeal, "c")).toEqual(utf8("x"));
  expect(await after.open("intake", newSeal, "c")).toEqual(utf8("x"));
  expect(await after.open("intake", oldSeal, "c")).toBeNull();
  expect(await before.open("intake", newSeal, "c")).toBeNull();
});

test("a seal opens only for its purpose and in its context", async () => {
  const sealed = await rotating.seal("intake", utf8("x"), "c");
  expect(await rotating.open("petition", sealed, "c")).toBeNull();
  expect(await rotating.open("intake", sealed, "d")).toBeNull();
});

test("an empty text survives sealing", async () => {
  expect(await before.open("intake", await before.seal("intake", new Uint8Array(), "c"), "c")).toEqual(
    new Uint8Array(),
  );
});

test("a code has exactly its digits, is the same each time, and differs by subject, purpose and key", async () => {
  await fc.assert(
    fc.asyncProperty(payload, async (bytes) => {
      const [code, ...more] = await before.codes("code", bytes, 6);
      expect(code).toMatch(/^\d{6}$/);
      expect(more).toEqual([]);
      expect(await before.codes("code", bytes, 6)).toEqual([code]);
    }),
  );
  const codes = await Promise.all([
    before.codes("code", sixteen, 18),
    before.codes("other", sixteen, 18),
    before.codes("code", new Uint8Array(16), 18),
    after.codes("code", sixteen, 18),
  ]);
  expect(new Set(codes.flat()).size).toBe(4);
});

test("small codes keep their leading zeros", async () => {
  const subjects = Array.from({ length: 300 }, (_, n) => new Uint8Array([n >> 8, n & 255]));
  const codes = (await Promise.all(subjects.map((subject) => before.codes("code", subject, 2)))).flat();
  expect(codes.every((code) => /^\d\d$/.test(code))).toBe(true);
  expect(codes.some((code) => code.startsWith("0"))).toBe(true);
});

test("while the key is rotated there are two codes: the one to mail first, then the one mailed before", async () => {
  const [current] = await after.codes("code", sixteen, 6);
  const [previous] = await before.codes("code", sixteen, 6);
  expect(await rotating.codes("code", sixteen, 6)).toEqual([current, previous]);
});

test("a hash is 16 bytes, the same each time, and differs by value, purpose and key", async () => {
  const hash = await before.hash("limits", "203.0.113.7");
  expect(fromBase64Url(hash)).toHaveLength(16);
  expect(await before.hash("limits", "203.0.113.7")).toBe(hash);
  expect(await before.hash("limits", "203.0.113.8")).not.toBe(hash);
  expect(await before.hash("cursor", "203.0.113.7")).not.toBe(hash);
  expect(await rotating.hash("limits", "203.0.113.7")).not.toBe(hash);
});

test("a token whose length nobody knows gives back what it carries, and nothing of another's", async () => {
  for (const length of [0, 1, 32, 100]) {
    const bytes = new Uint8Array(length).fill(7);
    const token = await before.issueToken("delivery", bytes);
    expect(await before.readToken("delivery", token)).toEqual(bytes);
    expect(await before.readToken("verify", token)).toBeNull();
    expect(await after.readToken("delivery", token)).toBeNull();
    expect(await before.readToken("delivery", token.slice(0, -2))).toBeNull();
  }
  for (const text of ["", "A", "AAAA", "not a token"]) expect(await before.readToken("delivery", text)).toBeNull();
});

test("amid a rotation a text has a hash under each key, the current one's first", async () => {
  const [old, current] = [await before.hash("suppression", "x"), await after.hash("suppression", "x")];
  expect(await rotating.hashes("suppression", "x")).toEqual([current, old]);
  expect(await after.hashes("suppression", "x")).toEqual([current]);
  expect(await rotating.hash("suppression", "x")).toBe(current);
});
