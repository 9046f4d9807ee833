import { and, eq, gte, lte, or, sql } from "drizzle-orm";
import { type Database, rowsOf } from "../db/database.ts";
import { hexNumber } from "../db/hex-number.ts";
import { outbox } from "../db/mail-schema.ts";
import { closingClockAt } from "../db/petition-conditions.ts";
import { REMIND_UNVERIFIED } from "./signature.ts";

/** Jobs of verification mails whose signers are to be reminded by now, the longest due first: an index entry each. */
export const jobsToFollow = (db: Database, { now, limit }: { now: number; limit: number }) =>
  db
    .select({ id: outbox.id })
    .from(outbox)
    .where(and(gte(outbox.remindAt, 1), lte(outbox.remindAt, now)))
    .orderBy(outbox.remindAt)
    .limit(limit);

/** A job of mail that is late, or fails again and again: mail is in trouble then. */
export const troubledJob = (db: Database, { dueBefore, attempts }: { dueBefore: number; attempts: number }) =>
  db
    .select({ id: outbox.id })
    .from(outbox)
    .where(and(eq(outbox.state, "waiting"), or(lte(outbox.dueAt, dueBefore), gte(outbox.attempts, attempts))))
    .limit(1);

/**
 * The reminder to those of a job of verification mails who have still to verify, as a job of its own; none when there is
 * nobody, or when the job was followed already. A signature is reminded through its first job alone: a later one was made
 * at `repeated_at` or after it, and of one that was withdrawn and given again the first is the one since then. Answers
 * with the new job's id.
 */
export const insertReminders = (db: Database, of: { jobId: string; id: string; now: number }) =>
  rowsOf<{ id: string }>(
    db,
    sql`INSERT INTO outbox (id, kind, items, remaining, due_at, created_at)
    SELECT ${of.id}, ${REMIND_UNVERIFIED}, list, list, ${of.now}, ${of.now} FROM (
      SELECT json_group_array(item.value) AS list
      FROM outbox AS sent CROSS JOIN json_each(sent.items) AS item
      CROSS JOIN signatures AS s ON s.email_hash = unhex(substr(item.value, 9, 16))
        AND s.petition_no = ${hexNumber("item.value", 1)} AND s.person_hash = ${hexNumber("item.value", 25)}
      CROSS JOIN petitions ON petitions.no = s.petition_no
      WHERE sent.id = ${of.jobId} AND sent.remind_at BETWEEN 1 AND ${of.now}
        AND (s.state = 'pending' OR s.state = 'invalidated') AND s.verified_at IS NULL AND s.sealed IS NOT NULL
        AND s.mail_trouble IS NULL
        AND iif(s.repeated_at IS NULL, s.accepted_at <= sent.created_at, sent.created_at < s.repeated_at)
        AND petitions.state = 'open' AND petitions.closes_at > ${closingClockAt(of.now)}
        AND item.value NOT IN (SELECT parked.items ->> 0 FROM outbox AS parked WHERE parked.state = 'parked')
    ) WHERE json_array_length(list) > 0
    RETURNING id`,
  );

/** Notes that a job was followed. */
export const markFollowed = (db: Database, jobId: string) =>
  db
    .update(outbox)
    .set({ remindAt: 0 })
    .where(and(eq(outbox.id, jobId), gte(outbox.remindAt, 1)));
