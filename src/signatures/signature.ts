import { type Bytes, concat, fromHex, toHex } from "../lib/bytes.ts";
import { hexUuid, publicId } from "../lib/ids.ts";

/** Who a signature is: the petition, and the keyed hashes of the mailbox and of the person at it. */
export interface SignatureKey {
  readonly petitionNo: number;
  /** 8 bytes. */
  readonly emailHash: Bytes;
  /** 32 bits. */
  readonly personHash: number;
}

/** Bytes of a signature's key. */
export const KEY_BYTES = 16;

/** Decimal digits of the code that verifies a signature without its link. */
export const CODE_DIGITS = 6;

/** Tries of a code for one mailbox and petition; then only the link works. */
export const CODE_ATTEMPTS = 5;

/** The key as 16 bytes: petition number, e-mail hash, person hash. */
export function keyBytes(key: SignatureKey): Bytes {
  const numbers = new DataView(new ArrayBuffer(8));
  numbers.setUint32(0, key.petitionNo);
  numbers.setUint32(4, key.personHash);
  return concat(new Uint8Array(numbers.buffer, 0, 4), key.emailHash, new Uint8Array(numbers.buffer, 4, 4));
}

/** The key within 16 bytes that `keyBytes` wrote. */
export function readKey(bytes: Bytes): SignatureKey {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { petitionNo: view.getUint32(0), emailHash: bytes.slice(4, 12), personHash: view.getUint32(12) };
}

/** The key as 32 hexadecimal digits: how jobs of mail name a signature. */
export const keyHex = (key: SignatureKey): string => toHex(keyBytes(key));

/** The key within 32 hexadecimal digits. */
export const parseKeyHex = (hex: string): SignatureKey => readKey(fromHex(hex));

/** The public id `sig_…`: a UUIDv8 that is the key itself, so that no index is needed to find the row. */
export const signatureId = (key: SignatureKey): string => publicId("sig", hexUuid(keyHex(key)));

/** A name's hash as `other_names` lists it. */
export const nameHex = (personHash: number): string => personHash.toString(16).padStart(8, "0");

/** Whether a signature's person corrected their name to the one with this hash. */
export const hasName = (otherNames: string | null, personHash: number): boolean =>
  otherNames?.split(" ").includes(nameHex(personHash)) ?? false;

/** What a signature's seal is bound to: its key. A row's data opened under another row's key is refused. */
export const sealContext = (key: SignatureKey): string => `signature:${keyHex(key)}`;

/** Personal data of a signature, as it is sealed. */
export interface SignerData {
  readonly name: string;
  /** As typed. */
  readonly email: string;
  readonly postcode?: string | undefined;
}

/** A purpose of a job in the outbox: answer a submission, by what became of it. */
export const ANSWER_SUBMISSION = "signature_answer";

/** A purpose of a job in the outbox: confirm that data was erased of a signature that stays. */
export const ERASED = "signature_erased";
/** A purpose of a job in the outbox: remind those who have not verified, once. */
export const REMIND_UNVERIFIED = "signature_reminder";

/** A purpose of a job in the outbox: confirm a withdrawal. */
export const CONFIRM_WITHDRAWAL = "signature_withdrawn";
