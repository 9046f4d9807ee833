import { type Bytes, fromUtf8, utf8 } from "../lib/bytes.ts";
import { deriveHashKey, deriveSealKey, keyedHash, open, seal } from "../lib/crypto.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import { foldName, foldPostcode } from "../lib/text.ts";

const SECRET_BYTES = 32;
const HASH_BYTES = 8;

type HashName = "email" | "person" | "postcode" | "address" | "network" | "domain";

/**
 * A petition's random secret, and what is derived from it: the key that seals its signers' data and the keys of the
 * look-up hashes. Hashes of one petition tell nothing about another's. Destroying the secret erases all of it.
 */
export class PetitionSecret {
  readonly #secret: Bytes;
  readonly #hashKeys = new Map<HashName, Promise<CryptoKey>>();
  #sealKey: Promise<CryptoKey> | undefined;

  private constructor(secret: Bytes) {
    this.#secret = secret;
  }

  /** A new secret, and the form in which the petition's row keeps it. */
  static async create(keys: RootKeys, petitionId: string): Promise<{ secret: PetitionSecret; wrapped: Bytes }> {
    const bytes = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
    return { secret: new PetitionSecret(bytes), wrapped: await keys.seal("petition", bytes, petitionId) };
  }

  /** The secret of a petition's row; null when it was wrapped under a ROOT_KEY that is gone. */
  static async unwrap(keys: RootKeys, petitionId: string, wrapped: Bytes): Promise<PetitionSecret | null> {
    const bytes = await keys.open("petition", wrapped, petitionId);
    return bytes && new PetitionSecret(bytes);
  }

  /** The wrapped secret wrapped under the current ROOT_KEY: itself when it already is, null when no key fits. */
  static async rewrap(keys: RootKeys, petitionId: string, wrapped: Bytes): Promise<Bytes | null> {
    return keys.reseal("petition", wrapped, petitionId);
  }

  /** Seals a JSON value; `context` says whose it is, and is needed to open it. */
  async seal(value: unknown, context: string): Promise<Bytes> {
    return seal(await this.#key(), utf8(JSON.stringify(value)), context);
  }

  /** Opens what `seal` sealed; null when it was altered or belongs to another context. */
  async open(sealed: Bytes, context: string): Promise<unknown> {
    const plain = await open(await this.#key(), sealed, context);
    return plain && JSON.parse(fromUtf8(plain));
  }

  /**
   * The hash of a canonical e-mail address, 8 bytes. Six bits are fixed, so that petition number, e-mail hash and
   * person hash written one after the other are a valid UUIDv8 (RFC 9562, 5.8): the signature's id.
   */
  async emailHash(canonical: string): Promise<Bytes> {
    const hash = await this.#hash("email", canonical);
    hash[2] = ((hash[2] as number) & 0x0f) | 0x80;
    hash[4] = ((hash[4] as number) & 0x3f) | 0x80;
    return hash;
  }

  /** The hash of one person at an address: 32 bits, among the few names of one mailbox. */
  async personHash(canonical: string, name: string): Promise<number> {
    const hash = await this.#hash("person", `${canonical}\n${foldName(name)}`);
    return new DataView(hash.buffer, hash.byteOffset).getUint32(0);
  }

  /** The hash of a postcode as it is compared; null for none. */
  async postcodeHash(postcode: string | undefined): Promise<Bytes | null> {
    const folded = postcode === undefined ? "" : foldPostcode(postcode);
    return folded === "" ? null : this.#hash("postcode", folded);
  }

  /** The hash of a client's address or network, or of a mail domain; null for none. */
  async lookupHash(name: "address" | "network" | "domain", value: string | undefined): Promise<Bytes | null> {
    return value === undefined ? null : this.#hash(name, value);
  }

  async #hash(name: HashName, value: string): Promise<Bytes> {
    let key = this.#hashKeys.get(name);
    if (!key) {
      key = deriveHashKey(this.#secret, `petition:${name}`);
      this.#hashKeys.set(name, key);
    }
    return keyedHash(await key, value, HASH_BYTES);
  }

  #key(): Promise<CryptoKey> {
    this.#sealKey ??= deriveSealKey(this.#secret, "petition:personal-data");
    return this.#sealKey;
  }
}
