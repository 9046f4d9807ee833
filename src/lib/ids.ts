import { v7 } from "uuid";

/** The kinds of thing that have a public id; the prefix says which. */
export type IdPrefix =
  | "pet"
  | "sig"
  | "sub"
  | "stf"
  | "par"
  | "key"
  | "aud"
  | "note"
  | "job"
  | "dif"
  | "alarm"
  | "inv"
  | "rel"
  | "mlg"
  | "whk"
  | "msg";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A new UUIDv7 (RFC 9562) as 36 characters: ids made later sort later. */
export const newUuid = (): string => v7();

/** The smallest UUIDv7 of a moment (RFC 9562, 5.7: the first 48 bits are milliseconds since 1970). */
export const uuidAt = (at: number): string => {
  const hex = Math.max(at, 0).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
};

/** The UUIDv7 of a moment (milliseconds since 1970) and of random bytes, at least 16: the same again for the same. */
export const uuidOf = (at: number, random: Uint8Array): string => v7({ msecs: at, random });

/**
 * Gives ids that look like UUIDs and differ by a number at the end: unique, since their beginning is random, and cheap.
 * For what need not be hard to guess.
 */
export function countedIds(): () => string {
  let beginning: string | undefined; // Workers have no randomness before the first request
  let last = 0;
  return () => {
    beginning ??= crypto.randomUUID().slice(0, 24);
    return beginning + (++last).toString(16).padStart(12, "0");
  };
}

/** The public form of an id: `pet_01936d9e-…`. */
export const publicId = (prefix: IdPrefix, uuid: string): string => `${prefix}_${uuid}`;

/** The UUID within a public id, or null when the text is not one of that kind. */
export function parsePublicId(prefix: IdPrefix, text: string): string | null {
  if (text.length !== prefix.length + 37 || !text.startsWith(`${prefix}_`)) return null;
  const uuid = text.slice(prefix.length + 1);
  return UUID.test(uuid) ? uuid : null;
}

/** The petition's number within the database: the last four bytes of its UUID, which are random. */
export const petitionNo = (uuid: string): number => Number.parseInt(uuid.slice(28), 16);

/** The 16 bytes of a UUID as 32 hexadecimal digits. */
export const uuidHex = (uuid: string): string => uuid.replaceAll("-", "");

/** A UUID from 32 hexadecimal digits. */
export const hexUuid = (hex: string): string =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
