import { recordAct } from "../access/audit.ts";
import type { Database } from "../db/database.ts";
import { newUuid, publicId } from "../lib/ids.ts";
import { deletePending, emptyPending, eraseCounted, holdsData, insertErasureMail } from "./erasure.store.ts";
import { keyHex, type SignatureKey, signatureId } from "./signature.ts";
import { eraseInvalidated, insertWithdrawalMail, withdrawLive } from "./signatures.store.ts";

export interface EraseDeps {
  readonly db: Database;
  readonly clock: () => number;
  readonly ring: (jobIds: readonly string[]) => Promise<void>;
}

/**
 * Erases what is held about a person in a petition, in one transaction with its entry in the audit log. What nobody has
 * verified is deleted. While the count may move the signature goes too, as by a withdrawal; once it is final the signature
 * stays, without data, and so does its key: should the petition open again, the person has signed. A verified one gets a
 * mail that says so. Repeating it changes nothing.
 * @param petitionId the petition's UUID, for the audit log
 */
export async function eraseSignature(deps: EraseDeps, key: SignatureKey, petitionId: string): Promise<void> {
  const { db, clock } = deps;
  const now = clock();
  const [withdrawn, erased] = [newJob(key, now), newJob(key, now)];
  const act = { act: "signature.erase", subject: publicId("pet", petitionId), before: { signature: signatureId(key) } };
  const [mailed, told] = await db.batch([
    insertWithdrawalMail(db, key, withdrawn),
    insertErasureMail(db, key, erased),
    recordAct(db, { actor: "signer", ...act, at: now }, holdsData(key)),
    emptyPending(db, key),
    deletePending(db, key),
    withdrawLive(db, key, now),
    eraseInvalidated(db, key, now),
    eraseCounted(db, key),
  ]);
  const jobs = [...(mailed.meta.changes > 0 ? [withdrawn.id] : []), ...(told.meta.changes > 0 ? [erased.id] : [])];
  if (jobs.length > 0) await deps.ring(jobs).catch(() => undefined);
}

const newJob = (key: SignatureKey, now: number) => ({ id: newUuid(), item: keyHex(key), now });
