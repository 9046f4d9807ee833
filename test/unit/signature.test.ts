import fc from "fast-check";
import { validate, version } from "uuid";
import { expect, test } from "vitest";
import { parsePublicId, petitionNo } from "../../src/lib/ids.ts";
import { RootKeys } from "../../src/lib/root-keys.ts";
import { PetitionSecret } from "../../src/petitions/petition-secret.ts";
import {
  KEY_BYTES,
  keyBytes,
  keyHex,
  parseKeyHex,
  readKey,
  type SignatureKey,
  sealContext,
  signatureId,
} from "../../src/signatures/signature.ts";

const { secret } = await PetitionSecret.create(new RootKeys(new Uint8Array(32).fill(1)), "petition");
const uint32 = fc.oneof(fc.nat(0xffffffff), fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff));
const anyKey = fc.record({
  petitionNo: uint32,
  emailHash: fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => new Uint8Array(bytes)),
  personHash: uint32,
});

test("a signature's key survives its 16 bytes and its 32 digits", () => {
  fc.assert(
    fc.property(anyKey, (key) => {
      expect(keyBytes(key)).toHaveLength(KEY_BYTES);
      expect(readKey(keyBytes(key))).toEqual(key);
      expect(keyHex(key)).toMatch(/^[0-9a-f]{32}$/);
      expect(parseKeyHex(keyHex(key))).toEqual(key);
    }),
  );
});

test("a key is read from the middle of other bytes too", () => {
  fc.assert(
    fc.property(anyKey, (key) => {
      const around = new Uint8Array([9, 9, 9, ...keyBytes(key), 9]);
      expect(readKey(around.subarray(3, 19))).toEqual(key);
    }),
  );
});

test("a signature's public id is a valid UUIDv8 that says the petition's number first", async () => {
  await fc.assert(
    fc.asyncProperty(uint32, fc.emailAddress(), fc.string(), async (no, email, name) => {
      const key: SignatureKey = {
        petitionNo: no,
        emailHash: await secret.emailHash(email),
        personHash: await secret.personHash(email, name),
      };
      const uuid = parsePublicId("sig", signatureId(key)) ?? "";
      expect(validate(uuid)).toBe(true);
      expect(version(uuid)).toBe(8);
      expect(parseKeyHex(uuid.replaceAll("-", ""))).toEqual(key);
      expect(Number.parseInt(uuid.slice(0, 8), 16)).toBe(no);
    }),
  );
});

test("a petition's number fits into the key, up to the largest", () => {
  const no = petitionNo("01936d9e-8c4b-7f00-9a51-0123ffffffff");
  expect(readKey(keyBytes({ petitionNo: no, emailHash: new Uint8Array(8), personHash: 0 })).petitionNo).toBe(no);
});

test("two signatures have different ids and seal contexts, whatever part of the key differs", () => {
  fc.assert(
    fc.property(anyKey, anyKey, (one, other) => {
      fc.pre(keyHex(one) !== keyHex(other));
      expect(signatureId(one)).not.toBe(signatureId(other));
      expect(sealContext(one)).not.toBe(sealContext(other));
    }),
  );
  const key: SignatureKey = { petitionNo: 1, emailHash: new Uint8Array(8), personHash: 1 };
  for (const other of [
    { ...key, petitionNo: 2 },
    { ...key, personHash: 2 },
    { ...key, emailHash: new Uint8Array(8).fill(1) },
  ]) {
    expect(sealContext(other)).not.toBe(sealContext(key));
  }
});
