import type { Database } from "../db/database.ts";
import { Problem } from "../http/problems.ts";
import { concat, sameBytes, toBase64Url, utf8 } from "../lib/bytes.ts";
import type { EmailAddress } from "../lib/email-address.ts";
import { petitionNo, publicId } from "../lib/ids.ts";
import { localHour } from "../lib/local-time.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import type { PetitionDirectory } from "../petitions/petition-directory.ts";
import { CODE_DIGITS, KEY_BYTES, keyBytes, readKey, type SignatureKey, signatureId } from "./signature.ts";
import {
  countOf,
  type NewSignature,
  noteVerification,
  personsInMailbox,
  signatureState,
  useCodeAttempt,
  verifyPending,
} from "./signatures.store.ts";
import { readTestToken } from "./test-submission.ts";
import { testWithCode, verifyTest } from "./verify-test.ts";

// The token of a link carries the signature's key; a hash of the recipient, by which verifying resets the recipient's
// limit of mails without opening the address; and when the mail was written, by which a machine that reads it is known.
const RECIPIENT_BYTES = 16;
const TIME_BYTES = 8;

export interface VerifyDeps {
  readonly db: Database;
  readonly keys: RootKeys;
  readonly clock: () => number;
  readonly timeZone: string;
  readonly petitions: PetitionDirectory;
  /** Forgets the mails that a recipient got today; not waited for. */
  readonly resetMailLimit: (recipientHash: string) => void;
  /** Rings for a partner's endpoints that have something to be told; not waited for. */
  readonly tellPartner: (partner: string) => void;
  /** A canonical address as the limits know it, 16 bytes in base64url. */
  readonly recipientHash: (canonical: string) => Promise<string>;
  /** The limits that hold. */
  readonly rules: () => Promise<{ readonly fastSeconds: number }>;
}

/** What the person reads after verifying, the first time and every time. */
export interface Verified {
  readonly status: "verified";
  readonly signature_id: string;
  readonly petition_id: string;
  readonly signature_count: number;
  /** It was sent with a test key, and counts nothing. */
  readonly test?: true;
}

/** The token of a verification link. `recipient`: 16 bytes. `mailedAt`: milliseconds since 1970. */
export function verificationToken(
  keys: RootKeys,
  key: SignatureKey,
  { recipient, mailedAt }: { recipient: Uint8Array; mailedAt: number },
): Promise<string> {
  const time = new DataView(new ArrayBuffer(TIME_BYTES));
  time.setBigUint64(0, BigInt(mailedAt));
  return keys.issueToken("verify", concat(keyBytes(key), recipient, new Uint8Array(time.buffer)));
}

/**
 * The signature that a verification link speaks of; raises `token_invalid` without asking the database. `mailedAt` is 0
 * for a link from before tokens carried it.
 */
export async function readVerificationToken(
  keys: RootKeys,
  token: string,
): Promise<{ key: SignatureKey; recipientHash: string; mailedAt: number }> {
  const known = KEY_BYTES + RECIPIENT_BYTES;
  const payload =
    (await keys.readToken("verify", token, known + TIME_BYTES)) ?? (await keys.readToken("verify", token, known));
  if (!payload) throw new Problem("token_invalid");
  const time = payload.length > known ? new DataView(payload.buffer, payload.byteOffset + known).getBigUint64(0) : 0;
  return {
    key: readKey(payload.slice(0, KEY_BYTES)),
    recipientHash: toBase64Url(payload.slice(KEY_BYTES, known)),
    mailedAt: Number(time),
  };
}

/** What the person reads, and as whom they signed. */
export interface VerifiedAs {
  readonly answer: Verified;
  readonly role: NewSignature["role"];
}

/** Verifies by the link's token. Raises `token_invalid` and what `verifyKey` raises. */
export async function verifyByToken(deps: VerifyDeps, token: string): Promise<VerifiedAs> {
  const test = await readTestToken(deps.keys, token);
  if (test) return verifyTest(deps, test);
  const { key, recipientHash, mailedAt } = await readVerificationToken(deps.keys, token);
  return verifyKey(deps, key, { recipientHash, mailedAt });
}

/**
 * Verifies by the code typed from the mail. Whether a signature is there or not, a try is used up and a wrong code reads
 * the same (`code_invalid`); with the right code it raises what `verifyKey` raises.
 */
export async function verifyByCode(
  deps: VerifyDeps,
  input: { petitionId: string; email: EmailAddress; code: string },
): Promise<VerifiedAs> {
  const facts = await deps.petitions.facts(deps.db, petitionNo(input.petitionId));
  const secret = facts?.id === input.petitionId ? await deps.petitions.secret(facts) : null;
  if (!facts || !secret) throw new Problem("code_invalid");
  const mailbox = { petitionNo: facts.no, emailHash: await secret.emailHash(input.email.canonical) };
  const [attempts, persons] = await deps.db.batch([
    useCodeAttempt(deps.db, mailbox, deps.clock()),
    personsInMailbox(deps.db, mailbox),
  ]);
  if (attempts.length === 0) throw new Problem("code_invalid");
  for (const { personHash } of persons) {
    const key = { ...mailbox, personHash };
    const codes = await verificationCodes(deps.keys, key);
    if (codes.some((code) => sameBytes(utf8(code), utf8(input.code)))) {
      // A code does not tell when it was mailed: it can't have been before the submission.
      const recipientHash = await deps.recipientHash(input.email.canonical);
      return verifyKey(deps, key, { recipientHash, mailedAt: 0 });
    }
  }
  const test = await testWithCode(deps, { ...mailbox, code: input.code });
  if (test) return verifyTest(deps, test);
  throw new Problem("code_invalid");
}

/** The codes that verify a signature: one, or two while ROOT_KEY is being rotated; the first is the one to mail. */
export const verificationCodes = (keys: RootKeys, key: SignatureKey): Promise<string[]> =>
  keys.codes("code", keyBytes(key), CODE_DIGITS);

/**
 * Verifies a pending signature in one transaction; whoever is too fast for a person reads the usual success and is held.
 * Repeating it, and verifying a held or invalidated signature, reads as the same success and moves no count. Raises
 * `signature_gone`, `signature_withdrawn`, `verification_closed`, and `supporters_full` when other supporters have taken
 * every place meanwhile.
 */
async function verifyKey(
  deps: VerifyDeps,
  key: SignatureKey,
  { recipientHash, mailedAt }: { recipientHash: string; mailedAt: number },
): Promise<VerifiedAs> {
  const { db } = deps;
  const { fastSeconds } = await deps.rules();
  const now = deps.clock();
  const hour = localHour(now, deps.timeZone);
  const verified = { now, hour, mailedAt, fastMs: fastSeconds * 1000 };
  const [updated, counts] = await db.batch([verifyPending(db, key, verified), countOf(db, key.petitionNo)]);
  const count = counts[0];
  if (updated[0]) deps.resetMailLimit(recipientHash);
  if (updated[0]?.partner) deps.tellPartner(updated[0].partner);
  const role = updated[0]?.role ?? (await refuseUnlessVerified(db, key, verified));
  if (!count) throw new Problem("signature_gone");
  return {
    answer: {
      status: "verified",
      signature_id: signatureId(key),
      petition_id: publicId("pet", count.petitionId),
      signature_count: count.verified,
    },
    role,
  };
}

/** The role of a signature that was verified before; raises why one was not verified. */
async function refuseUnlessVerified(
  db: Database,
  key: SignatureKey,
  verified: Parameters<typeof noteVerification>[2],
): Promise<VerifiedAs["role"]> {
  const [[found]] = await db.batch([signatureState(db, key), noteVerification(db, key, verified)]);
  switch (found?.state) {
    case "verified":
      return found.role;
    case "invalidated":
      // Whoever has withdrawn reads so, invalidated or not; once all is erased nobody knows who had.
      if (found.petitionErased) throw new Problem("verification_closed");
      if (found.erased) throw new Problem("signature_withdrawn");
      return found.role;
    case "withdrawn":
      throw new Problem("signature_withdrawn");
    case "pending":
      // Nothing else keeps a supporter's signature pending while the petition takes supporters.
      throw new Problem(found.role === "supporter" && found.gathering ? "supporters_full" : "verification_closed");
    default:
      throw new Problem("signature_gone");
  }
}
