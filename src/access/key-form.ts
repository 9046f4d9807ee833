import { type Bytes, sameBytes, utf8 } from "../lib/bytes.ts";

const RANDOM_CHARS = 32; // of 62: 190 bits
const CHECKSUM_CHARS = 6;
const SHOWN_CHARS = 4;
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** A new key: itself, to be shown once, what is stored of it, and the beginning by which people tell keys apart. */
export interface NewKey {
  readonly key: string;
  /** SHA-256. */
  readonly digest: Bytes;
  readonly prefix: string;
}

/** Keys of one kind, told by how they begin: `fm_staff_`. */
export interface KeyForm {
  readonly create: () => Promise<NewKey>;
  /** The digest by which a key is found; null for what is no key of this kind: that needs no look-up. */
  readonly digest: (key: string) => Promise<Bytes | null>;
}

/** How keys of one kind are made and known: a prefix, random letters and digits, and a checksum. */
export function keyForm(prefix: string): KeyForm {
  const form = new RegExp(`^${prefix}[0-9A-Za-z]{${RANDOM_CHARS + CHECKSUM_CHARS}}$`);
  return {
    async create() {
      const random = `${prefix}${randomText(RANDOM_CHARS)}`;
      const key = `${random}${await checksum(random)}`;
      return { key, digest: await sha256(key), prefix: key.slice(0, prefix.length + SHOWN_CHARS) };
    },
    async digest(key) {
      if (!form.test(key)) return null;
      const end = key.length - CHECKSUM_CHARS;
      return (await checksum(key.slice(0, end))) === key.slice(end) ? sha256(key) : null;
    },
  };
}

/** The key that a request carries in `Authorization: Bearer <key>` (RFC 6750); null when it is nothing of that form. */
export const bearerKey = (headers: Headers): string | null =>
  /^Bearer ([\x21-\x7e]{1,200})$/i.exec(headers.get("Authorization") ?? "")?.[1] ?? null;

/** Compares digests, so that the time taken says nothing about the text or its length. */
export async function sameText(a: string, b: string): Promise<boolean> {
  const [left, right] = await Promise.all([sha256(a), sha256(b)]);
  return sameBytes(left, right);
}

/** It finds typing errors and made-up keys; it protects nothing. */
async function checksum(text: string): Promise<string> {
  const digest = await sha256(text);
  return Array.from(digest.slice(0, CHECKSUM_CHARS), (byte) => ALPHABET[byte % ALPHABET.length]).join("");
}

function randomText(length: number): string {
  let text = "";
  // Bytes from 248 on would make the first characters likelier than the others.
  while (text.length < length) {
    for (const byte of crypto.getRandomValues(new Uint8Array(length))) {
      if (byte < 248 && text.length < length) text += ALPHABET[byte % ALPHABET.length];
    }
  }
  return text;
}

const sha256 = async (text: string): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(text)));
