import fc from "fast-check";
import { expect, test } from "vitest";
import { toHex } from "../../src/lib/bytes.ts";
import { RootKeys } from "../../src/lib/root-keys.ts";
import { PetitionSecret } from "../../src/petitions/petition-secret.ts";

const oldKey = new Uint8Array(32).fill(1);
const newKey = new Uint8Array(32).fill(2);
const keys = new RootKeys(oldKey);
const { secret, wrapped } = await PetitionSecret.create(keys, "petition-a");
const { secret: other } = await PetitionSecret.create(keys, "petition-b");

const hashes = async (of: PetitionSecret) => ({
  email: toHex(await of.emailHash("anna@example.org")),
  person: await of.personHash("anna@example.org", "Anna Beispiel"),
  postcode: toHex((await of.postcodeHash("BW1 1AA")) ?? new Uint8Array()),
  address: toHex((await of.lookupHash("address", "203.0.113.7")) ?? new Uint8Array()),
});

test("what a petition's secret sealed opens in its context, and in no other", async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (value) => {
      const sealed = await secret.seal(value, "row 1");
      expect(await secret.open(sealed, "row 1")).toEqual(JSON.parse(JSON.stringify(value)));
      expect(await secret.open(sealed, "row 2")).toBeNull();
    }),
  );
});

test("another petition's secret opens nothing of it", async () => {
  expect(await other.open(await secret.seal({ name: "Anna" }, "row"), "row")).toBeNull();
});

test("an altered seal does not open", async () => {
  const sealed = await secret.seal({ name: "Anna" }, "row");
  sealed[20] = (sealed[20] as number) ^ 1;
  expect(await secret.open(sealed, "row")).toBeNull();
});

test("the wrapped secret is the same secret: seals open and hashes agree", async () => {
  const again = await PetitionSecret.unwrap(keys, "petition-a", wrapped);
  expect(again && (await again.open(await secret.seal([1], "c"), "c"))).toEqual([1]);
  expect(again && (await hashes(again))).toEqual(await hashes(secret));
});

test("a wrapped secret belongs to its petition: in another's row it is worth nothing", async () => {
  expect(await PetitionSecret.unwrap(keys, "petition-b", wrapped)).toBeNull();
});

test("rotating ROOT_KEY changes no hash, and after the old key is gone what was not rewrapped is lost", async () => {
  const rotating = await PetitionSecret.unwrap(new RootKeys(newKey, oldKey), "petition-a", wrapped);
  expect(rotating && (await hashes(rotating))).toEqual(await hashes(secret));
  expect(await PetitionSecret.unwrap(new RootKeys(newKey), "petition-a", wrapped)).toBeNull();
});

test("hashes of one petition tell nothing about another's", async () => {
  const [one, two] = [await hashes(secret), await hashes(other)];
  for (const name of ["email", "person", "postcode", "address"] as const) expect(one[name]).not.toBe(two[name]);
});

test("every e-mail hash fits into a UUIDv8: version 8, variant 10", async () => {
  await fc.assert(
    fc.asyncProperty(fc.emailAddress(), async (address) => {
      const hash = await secret.emailHash(address);
      expect(hash).toHaveLength(8);
      expect((hash[2] as number) >> 4).toBe(8);
      expect((hash[4] as number) >> 6).toBe(0b10);
    }),
  );
});

test("one person is one hash, however the name is typed; a second name or address is another", async () => {
  const person = await secret.personHash("anna@example.org", "Anne-Marie O'Brien");
  expect(await secret.personHash("anna@example.org", "ANNE MARIE OBRIEN")).toBe(person);
  expect(await secret.personHash("anna@example.org", "Annemarie Obrien")).toBe(person);
  expect(await secret.personHash("anna@example.org", "Anne-Marie O'Brian")).not.toBe(person);
  expect(await secret.personHash("anne@example.org", "Anne-Marie O'Brien")).not.toBe(person);
  expect(Number.isInteger(person) && person >= 0 && person <= 0xffffffff).toBe(true);
});

test("one postcode is one hash, however it is typed; none is none", async () => {
  const postcode = await secret.postcodeHash("BW1 1AA");
  expect(await secret.postcodeHash("bw11aa")).toEqual(postcode);
  expect(await secret.postcodeHash("BW1 1AB")).not.toEqual(postcode);
  for (const none of [undefined, "", " - "]) expect(await secret.postcodeHash(none)).toBeNull();
});

test("look-ups of different things never meet, even for the same text", async () => {
  const text = "203.0.113.0/24";
  const found = await Promise.all([
    secret.lookupHash("address", text),
    secret.lookupHash("network", text),
    secret.lookupHash("domain", text),
    secret.postcodeHash(text),
  ]);
  expect(new Set(found.map((hash) => toHex(hash ?? new Uint8Array()))).size).toBe(4);
  expect(await secret.lookupHash("address", undefined)).toBeNull();
});

test("two petitions never get the same secret, and nothing of it is in what is stored", async () => {
  const created = await Promise.all(Array.from({ length: 50 }, () => PetitionSecret.create(keys, "petition-a")));
  const found = await Promise.all(created.map(({ secret }) => secret.personHash("anna@example.org", "Anna")));
  expect(new Set(found).size).toBe(50);
  expect(JSON.stringify(secret)).toBe("{}");
});
