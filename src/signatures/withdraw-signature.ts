import type { Database } from "../db/database.ts";
import { Problem } from "../http/problems.ts";
import { newUuid, publicId } from "../lib/ids.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import { KEY_BYTES, keyBytes, keyHex, readKey, type SignatureKey, signatureId } from "./signature.ts";
import { countOf, eraseInvalidated, insertWithdrawalMail, signatureState, withdrawLive } from "./signatures.store.ts";
import { readTestToken } from "./test-submission.ts";
import { withdrawTest } from "./verify-test.ts";

export interface WithdrawDeps {
  readonly db: Database;
  readonly keys: RootKeys;
  readonly clock: () => number;
  readonly ring: (jobIds: readonly string[]) => Promise<void>;
}

/** What the person reads after withdrawing, the first time and every time. */
export interface Withdrawn {
  readonly status: "withdrawn";
  readonly signature_id: string;
  readonly petition_id: string;
  readonly signature_count: number;
  /** It was sent with a test key, and counted nothing. */
  readonly test?: true;
}

/** The token of a withdrawal link. */
export const withdrawalToken = (keys: RootKeys, key: SignatureKey): Promise<string> =>
  keys.issueToken("withdraw", keyBytes(key));

/** The signature that a withdrawal link speaks of; raises `token_invalid` without asking the database. */
export async function readWithdrawalToken(keys: RootKeys, token: string): Promise<SignatureKey> {
  const payload = await keys.readToken("withdraw", token, KEY_BYTES);
  if (!payload) throw new Problem("token_invalid");
  return readKey(payload);
}

/**
 * Withdraws a signature and erases its personal data in one transaction; a verified one gets a mail that says so.
 * Repeating it, and withdrawing an invalidated signature, reads as the same success.
 * Raises `token_invalid`, `petition_closed` once the count is final, `signature_gone`.
 */
export async function withdrawByToken(deps: WithdrawDeps, token: string): Promise<Withdrawn> {
  const { db } = deps;
  const test = await readTestToken(deps.keys, token);
  if (test) return withdrawTest(deps, test);
  const key = await readWithdrawalToken(deps.keys, token);
  const now = deps.clock();
  const job = { id: newUuid(), item: keyHex(key), now };
  const [mailed, withdrawn, erased, counts] = await db.batch([
    insertWithdrawalMail(db, key, job),
    withdrawLive(db, key, now),
    eraseInvalidated(db, key, now),
    countOf(db, key.petitionNo),
  ]);
  if (mailed.meta.changes > 0) await deps.ring([job.id]).catch(() => undefined);
  if (withdrawn.meta.changes + erased.meta.changes === 0) await refuseUnlessWithdrawn(db, key);
  const count = counts[0];
  if (!count) throw new Problem("signature_gone");
  return {
    status: "withdrawn",
    signature_id: signatureId(key),
    petition_id: publicId("pet", count.petitionId),
    signature_count: count.verified,
  };
}

async function refuseUnlessWithdrawn(db: Database, key: SignatureKey): Promise<void> {
  const [[found]] = await db.batch([signatureState(db, key)]);
  if (!found) throw new Problem("signature_gone");
  // What is erased without having been withdrawn was so by its person's withdrawal, or with everybody's.
  if (found.state !== "withdrawn" && (found.petitionErased || !found.erased)) throw new Problem("petition_closed");
}
