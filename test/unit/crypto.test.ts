import fc from "fast-check";
import { expect, test } from "vitest";
import { type Bytes, toHex, utf8 } from "../../src/lib/bytes.ts";
import { deriveHashKey, deriveSealKey, keyedHash, open, seal } from "../../src/lib/crypto.ts";

const master = new Uint8Array(32).fill(7);
const otherMaster = new Uint8Array(32).fill(8);
const key = await deriveSealKey(master, "test");
const plain = utf8("Anna Beispiel <anna@example.org>");

const flipped = (bytes: Bytes, bit: number): Bytes => {
  const copy = bytes.slice();
  copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
  return copy;
};

test("what was sealed opens under the same key and context", async () => {
  const bytes = fc.uint8Array({ maxLength: 300 }).map((data) => new Uint8Array(data));
  await fc.assert(
    fc.asyncProperty(bytes, fc.string(), async (data, context) => {
      expect(await open(key, await seal(key, data, context), context)).toEqual(data);
    }),
  );
});

test("a seal with any bit changed does not open", async () => {
  const sealed = await seal(key, plain, "row");
  for (let bit = 0; bit < sealed.length * 8; bit++) expect(await open(key, flipped(sealed, bit), "row")).toBeNull();
});

test("a seal that was cut or lengthened does not open, down to nothing at all", async () => {
  const sealed = await seal(key, plain, "row");
  for (let length = 0; length < sealed.length; length++) {
    expect(await open(key, sealed.slice(0, length), "row")).toBeNull();
  }
  expect(await open(key, new Uint8Array([...sealed, 0]), "row")).toBeNull();
});

test("a seal does not open under another context, key or purpose", async () => {
  const sealed = await seal(key, plain, "row");
  for (const context of ["", "row ", "Row", "row\0"]) expect(await open(key, sealed, context)).toBeNull();
  expect(await open(await deriveSealKey(otherMaster, "test"), sealed, "row")).toBeNull();
  expect(await open(await deriveSealKey(master, "tesu"), sealed, "row")).toBeNull();
});

test("sealing the same twice tells nobody that it is the same", async () => {
  const seals = await Promise.all(Array.from({ length: 200 }, () => seal(key, plain, "row")));
  expect(new Set(seals.map((sealed) => toHex(sealed.slice(0, 12)))).size).toBe(200);
  expect(new Set(seals.map((sealed) => toHex(sealed.slice(12)))).size).toBe(200);
});

test("the text that was sealed cannot be read in the seal", async () => {
  expect(toHex(await seal(key, plain, "row"))).not.toContain(toHex(utf8("anna")));
});

test("a keyed hash is the same for the same value and differs by value, purpose and master key", async () => {
  const hashKey = await deriveHashKey(master, "email");
  const hash = toHex(await keyedHash(hashKey, "a@example.org", 16));
  expect(hash).toHaveLength(32);
  expect(toHex(await keyedHash(await deriveHashKey(master, "email"), "a@example.org", 16))).toBe(hash);
  expect(toHex(await keyedHash(hashKey, utf8("a@example.org"), 16))).toBe(hash);
  expect(toHex(await keyedHash(hashKey, "a@example.org", 8))).toBe(hash.slice(0, 16));
  const others = await Promise.all([
    keyedHash(hashKey, "b@example.org", 16),
    keyedHash(await deriveHashKey(master, "person"), "a@example.org", 16),
    keyedHash(await deriveHashKey(otherMaster, "email"), "a@example.org", 16),
  ]);
  for (const other of others) expect(toHex(other)).not.toBe(hash);
});

test("derived keys cannot be taken out of the runtime", async () => {
  for (const derived of [key, await deriveHashKey(master, "test")]) {
    expect(derived.extractable).toBe(false);
    await expect(crypto.subtle.exportKey("raw", derived)).rejects.toThrow();
  }
});

test("derivation is the one that data at rest was written with", async () => {
  // HKDF-SHA-256 with salt "folkmoot": changing it would lock every petition out of its own data.
  const base = await crypto.subtle.importKey("raw", master, "HKDF", false, ["deriveBits"]);
  const algorithm = { name: "HKDF", hash: "SHA-256", salt: utf8("folkmoot"), info: utf8("email") };
  const bits = await crypto.subtle.deriveBits(algorithm, base, 256);
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const known = await crypto.subtle.importKey("raw", bits, hmac, false, ["sign"]);
  const expected = new Uint8Array(await crypto.subtle.sign("HMAC", known, utf8("a@example.org"))).slice(0, 8);
  expect(await keyedHash(await deriveHashKey(master, "email"), "a@example.org", 8)).toEqual(expected);
});
