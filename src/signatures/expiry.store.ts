import { and, eq, lt, sql } from "drizzle-orm";
import { type Database, runOf } from "../db/database.ts";
import { hexNumber } from "../db/hex-number.ts";
import { outbox } from "../db/mail-schema.ts";
import { isHeld } from "../db/retention-conditions.ts";
import { codeAttempts } from "../db/schema.ts";
import { ANSWER_SUBMISSION } from "./signature.ts";

/** Jobs of mail, whatever about, all sent, that are older than a job with the id `before` would be. */
export const sentJobs = (db: Database, { before, limit }: { before: string; limit: number }) =>
  db
    .select({ id: outbox.id })
    .from(outbox)
    .where(and(lt(outbox.id, before), eq(outbox.state, "sent")))
    .limit(limit);

/**
 * Deletes those signatures of a job that nobody has verified since; a later submission renews the time, and what is held
 * for legal reasons stays. Jobs about anything else name none.
 */
export const deleteUnverified = (
  db: Database,
  jobId: string,
  { acceptedBefore, now }: { acceptedBefore: number; now: number },
) =>
  runOf(
    db,
    sql`DELETE FROM signatures WHERE (petition_no, email_hash, person_hash) IN (
      SELECT s.petition_no, s.email_hash, s.person_hash
      FROM outbox CROSS JOIN json_each(outbox.items) AS item
      CROSS JOIN signatures AS s ON s.email_hash = unhex(substr(item.value, 9, 16))
        AND s.petition_no = ${hexNumber("item.value", 1)} AND s.person_hash = ${hexNumber("item.value", 25)}
      WHERE outbox.id = ${jobId} AND outbox.kind = ${ANSWER_SUBMISSION} AND s.state = 'pending' AND s.accepted_at < ${acceptedBefore}
        AND NOT ${isHeld(sql`s.petition_no`, now)})`,
  );

/** Forgets tries of codes: whatever they were for has expired. */
export const deleteCodeAttempts = (db: Database, triedBefore: number) =>
  db.delete(codeAttempts).where(lt(codeAttempts.triedAt, triedBefore));

/** Deletes a job that has served. */
export const deleteJob = (db: Database, jobId: string) => db.delete(outbox).where(eq(outbox.id, jobId));
