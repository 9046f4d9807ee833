import fc from "fast-check";
import { expect, test } from "vitest";
import { hexUuid, newUuid, parsePublicId, petitionNo, publicId, uuidHex } from "../../src/lib/ids.ts";

const uuid = "01936d9e-8c4b-7f00-9a51-0123deadbeef";

test("a new id is a UUIDv7, and later ones sort later, within a millisecond too", () => {
  const ids = Array.from({ length: 2_000 }, newUuid);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
});

test("petition numbers do not follow each other, nor the clock", () => {
  const numbers = Array.from({ length: 500 }, () => petitionNo(newUuid()));
  expect(new Set(numbers).size).toBe(500);
  expect(numbers.toSorted((a, b) => a - b)).not.toEqual(numbers);
});

test("a petition's number is the last 32 bits of its id, from 0 to the top", () => {
  expect(petitionNo(uuid)).toBe(0xdeadbeef);
  expect(petitionNo(`${uuid.slice(0, 28)}00000000`)).toBe(0);
  expect(petitionNo(`${uuid.slice(0, 28)}ffffffff`)).toBe(0xffffffff);
});

test("a public id gives back its UUID", () => {
  fc.assert(
    fc.property(fc.uuid(), fc.constantFrom("pet", "sig", "sub"), (id, prefix) => {
      expect(parsePublicId(prefix, publicId(prefix, id))).toBe(id);
    }),
  );
});

test.each([
  ["of another kind", `sig_${uuid}`],
  ["without its kind", uuid],
  ["in capitals", `pet_${uuid.toUpperCase()}`],
  ["with a capital kind", `PET_${uuid}`],
  ["cut", `pet_${uuid.slice(1)}`],
  ["longer", `pet_${uuid}0`],
  ["with a line end", `pet_${uuid}\n`],
  ["with another letter", `pet_${uuid.slice(0, -1)}g`],
  ["with its hyphens elsewhere", `pet_${uuidHex(uuid)}----`],
  ["with SQL in it", `pet_${"' OR 1=1 --".padEnd(36)}`],
  ["empty", ""],
])("an id %s is none", (_, text) => expect(parsePublicId("pet", text)).toBeNull());

test("arbitrary text is no id, and reading it never throws", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void expect(parsePublicId("pet", text)).toBeNull()));
});

test("a UUID survives its 32 digits", () => {
  fc.assert(fc.property(fc.uuid(), (id) => void expect(hexUuid(uuidHex(id))).toBe(id)));
});
