import { type Bytes, concat, utf8 } from "./bytes.ts";

const NONCE_BYTES = 12; // AES-GCM's own size

/** A key for HMAC-SHA-256 derived from a master key for one purpose (HKDF-SHA-256, RFC 5869). */
export async function deriveHashKey(master: Bytes, purpose: string): Promise<CryptoKey> {
  return crypto.subtle.deriveKey(
    hkdf(purpose),
    await importMaster(master),
    { name: "HMAC", hash: "SHA-256", length: 256 },
    false,
    ["sign"],
  );
}

/** A key for AES-256-GCM derived from a master key for one purpose. */
export async function deriveSealKey(master: Bytes, purpose: string): Promise<CryptoKey> {
  return crypto.subtle.deriveKey(hkdf(purpose), await importMaster(master), { name: "AES-GCM", length: 256 }, false, [
    "encrypt",
    "decrypt",
  ]);
}

/** The first `length` bytes (at most 32) of the HMAC-SHA-256 of a text or bytes. */
export async function keyedHash(key: CryptoKey, value: string | Bytes, length: number): Promise<Bytes> {
  const mac = await crypto.subtle.sign("HMAC", key, typeof value === "string" ? utf8(value) : value);
  return new Uint8Array(mac, 0, length);
}

/**
 * Seals bytes: a random nonce, then the AES-GCM ciphertext with its tag.
 * `context` is bound to the seal: opening under another context fails.
 */
export async function seal(key: CryptoKey, plain: Bytes, context: string): Promise<Bytes> {
  const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const cipher = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: utf8(context) }, key, plain);
  return concat(iv, new Uint8Array(cipher));
}

/** Opens what `seal` sealed; null when it was altered, or sealed under another key or context. */
export async function open(key: CryptoKey, sealed: Bytes, context: string): Promise<Bytes | null> {
  if (sealed.length <= NONCE_BYTES) return null;
  const iv = sealed.slice(0, NONCE_BYTES);
  try {
    const algorithm = { name: "AES-GCM", iv, additionalData: utf8(context) };
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, sealed.slice(NONCE_BYTES)));
  } catch {
    return null;
  }
}

const importMaster = (master: Bytes) => crypto.subtle.importKey("raw", master, "HKDF", false, ["deriveKey"]);

const hkdf = (purpose: string) => ({
  name: "HKDF",
  hash: "SHA-256",
  salt: utf8("folkmoot"),
  info: utf8(purpose),
});
