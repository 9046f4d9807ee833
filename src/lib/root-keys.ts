import { type Bytes, concat, fromBase64Url, sameBytes, toBase64Url } from "./bytes.ts";
import { deriveHashKey, deriveSealKey, keyedHash, open, seal } from "./crypto.ts";

/** What a link's token is for. A token made for one purpose is garbage for every other. */
export type TokenPurpose =
  | "verify"
  | "withdraw"
  | "delivery"
  | "supporter"
  | "edit"
  | "person"
  | "unsubscribe"
  | "test";

const TOKEN_MAC_BYTES = 16; // 128 bits, the least that a token carries

/**
 * Everything derived from ROOT_KEY, one key a purpose. While the key is being rotated the previous one still opens,
 * unwraps and recognises; only the current one seals, wraps and issues. Hashes that must outlive a rotation are keyed
 * by a petition's own secret, not by these.
 */
export class RootKeys {
  readonly #masters: readonly [Bytes, ...Bytes[]];
  readonly #derived = new Map<string, Promise<CryptoKey>>();

  /** `current` and `previous`: 32 bytes each. */
  constructor(current: Bytes, previous?: Bytes) {
    this.#masters = previous ? [current, previous] : [current];
  }

  /** Seals bytes for one purpose (`intake`, `petition`), bound to a context. */
  async seal(purpose: string, plain: Bytes, context: string): Promise<Bytes> {
    return seal(await this.#sealKey(purpose, 0), plain, context);
  }

  /** Opens what `seal` sealed under the current or the previous key; null when neither fits. */
  async open(purpose: string, sealed: Bytes, context: string): Promise<Bytes | null> {
    for (const generation of this.#masters.keys()) {
      const plain = await open(await this.#sealKey(purpose, generation), sealed, context);
      if (plain) return plain;
    }
    return null;
  }

  /** What `seal` sealed, sealed under the current key: itself when it already is, null when no key fits. */
  async reseal(purpose: string, sealed: Bytes, context: string): Promise<Bytes | null> {
    if (await open(await this.#sealKey(purpose, 0), sealed, context)) return sealed;
    const plain = await this.open(purpose, sealed, context);
    return plain && this.seal(purpose, plain, context);
  }

  /** A keyed hash of a text for one purpose, 16 bytes in base64url; it changes with the key. */
  async hash(purpose: string, value: string): Promise<string> {
    return toBase64Url(await keyedHash(await this.#hashKey(purpose, 0), value, TOKEN_MAC_BYTES));
  }

  /** The keyed hashes of a text under every key that is held, the current one's first: for a look-up amid a rotation. */
  async hashes(purpose: string, value: string): Promise<[string, ...string[]]> {
    const hashes = [...this.#masters.keys()].map(async (generation) =>
      toBase64Url(await keyedHash(await this.#hashKey(purpose, generation), value, TOKEN_MAC_BYTES)),
    );
    return Promise.all(hashes) as Promise<[string, ...string[]]>;
  }

  /** A decimal code of `digits` digits for a subject, the same each time it is asked for under one key. */
  async codes(purpose: string, subject: Bytes, digits: number): Promise<string[]> {
    return Promise.all(
      [...this.#masters.keys()].map(async (generation) => {
        const mac = await keyedHash(await this.#hashKey(purpose, generation), subject, 8);
        const number = new DataView(mac.buffer, 0, 8).getBigUint64(0) % 10n ** BigInt(digits);
        return number.toString().padStart(digits, "0");
      }),
    );
  }

  /** A token that carries `payload` and proves that we issued it for this purpose. */
  async issueToken(purpose: TokenPurpose, payload: Bytes): Promise<string> {
    return toBase64Url(concat(payload, await this.#tokenMac(purpose, payload, 0)));
  }

  /** The payload (of `known` bytes, if that is said) of a token issued for this purpose; null for anything else. */
  async readToken(purpose: TokenPurpose, token: string, known?: number): Promise<Bytes | null> {
    const bytes = fromBase64Url(token);
    const length = known ?? (bytes?.length ?? 0) - TOKEN_MAC_BYTES;
    if (length < 0 || bytes?.length !== length + TOKEN_MAC_BYTES) return null;
    const payload = bytes.slice(0, length);
    for (const generation of this.#masters.keys()) {
      if (sameBytes(bytes.slice(length), await this.#tokenMac(purpose, payload, generation))) return payload;
    }
    return null;
  }

  async #tokenMac(purpose: TokenPurpose, payload: Bytes, generation: number): Promise<Bytes> {
    return keyedHash(await this.#hashKey(`token:${purpose}`, generation), payload, TOKEN_MAC_BYTES);
  }

  #hashKey(purpose: string, generation: number): Promise<CryptoKey> {
    return this.#derive(`hash:${purpose}`, generation, deriveHashKey);
  }

  #sealKey(purpose: string, generation: number): Promise<CryptoKey> {
    return this.#derive(`seal:${purpose}`, generation, deriveSealKey);
  }

  #derive(purpose: string, generation: number, derive: typeof deriveHashKey): Promise<CryptoKey> {
    const name = `${generation}:${purpose}`;
    const known = this.#derived.get(name);
    if (known) return known;
    const key = derive(this.#masters[generation] as Bytes, purpose);
    this.#derived.set(name, key);
    return key;
  }
}
