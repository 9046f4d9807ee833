import { Problem } from "../../http/problems.ts";

const PRINTABLE = /^[\x20-\x7e]{1,255}$/;
const QUOTED = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;

/**
 * The key in a request's `Idempotency-Key`: a text in quotation marks (draft-ietf-httpapi-idempotency-key-header), or as
 * most clients send it, without. Both spellings are one key. Null when there is none; raises `idempotency_key_invalid`.
 */
export function readIdempotencyKey(headers: Headers): string | null {
  const text = headers.get("Idempotency-Key");
  if (text === null) return null;
  const key = text.startsWith('"') ? QUOTED.exec(text)?.[1]?.replace(/\\(.)/g, "$1") : text;
  if (key === undefined || !PRINTABLE.test(key)) throw new Problem("idempotency_key_invalid");
  return key;
}

/** As `readIdempotencyKey`, where there must be one: raises `idempotency_key_missing`. */
export function requireIdempotencyKey(headers: Headers): string {
  const key = readIdempotencyKey(headers);
  if (key === null) throw new Problem("idempotency_key_missing");
  return key;
}
