/** Bytes that WebCrypto and D1 both accept. */
export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** UTF-8 bytes of a text. */
export const utf8 = (text: string): Bytes => encoder.encode(text) as Bytes;

/** The text of UTF-8 bytes; throws a TypeError when they are not UTF-8. */
export const fromUtf8 = (bytes: Uint8Array): string => decoder.decode(bytes);

// workerd reads and writes base64 and hexadecimal itself, ten times faster than what is written here for a Node without it.
interface Native {
  toHex?(): string;
  toBase64?(): string;
}
const native: { fromBase64?(text: string): Bytes } = Uint8Array as unknown as object;

const HEX_PAIRS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Lower-case hexadecimal, two digits a byte. */
export function toHex(bytes: Uint8Array): string {
  const whole = (bytes as Native).toHex?.();
  if (whole !== undefined) return whole;
  let hex = "";
  for (const byte of bytes) hex += HEX_PAIRS[byte];
  return hex;
}

/** Bytes of an even number of hexadecimal digits; anything else is a programming error and throws. */
export function fromHex(hex: string): Bytes {
  if (hex.length % 2 !== 0 || /[^0-9a-f]/i.test(hex)) throw new TypeError("not hexadecimal");
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = (hexDigit(hex.charCodeAt(2 * i)) << 4) | hexDigit(hex.charCodeAt(2 * i + 1));
  }
  return bytes;
}

/** The value of a digit by its code: letters of either case have the same last four bits, nine less than their value. */
const hexDigit = (code: number): number => (code & 0xf) + (code > 0x39 ? 9 : 0);

/** Base64 with the URL-safe alphabet and no padding (RFC 4648, section 5). */
export function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Bytes of unpadded base64url; null for anything that `toBase64Url` would not have written. */
export function fromBase64Url(text: string): Bytes | null {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return null;
  const bytes = fromBase64(text.replaceAll("-", "+").replaceAll("_", "/"));
  // Spare bits in the last character would give one token several spellings.
  return bytes && toBase64Url(bytes) === text ? bytes : null;
}

/** Standard base64 with padding. */
export function toBase64(bytes: Uint8Array): string {
  const whole = (bytes as Native).toBase64?.();
  if (whole !== undefined) return whole;
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** Bytes of standard base64; null when it is not. */
export function fromBase64(text: string): Bytes | null {
  try {
    if (native.fromBase64) return native.fromBase64(text);
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    return null;
  }
}

/** The parts, one after the other. */
export function concat(...parts: Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Whether two byte strings are equal, in a time that depends only on their length. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}
