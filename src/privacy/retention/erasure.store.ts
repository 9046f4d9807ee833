import { type SQL, sql } from "drizzle-orm";
import { type Condition, type Database, rowsOf, runOf } from "../../db/database.ts";
import { petitionNoOf } from "../../db/petition-of-item.ts";
import { isHeld, isPassAt } from "../../db/retention-conditions.ts";
import type { Passing } from "./retention.ts";

const IS_OVER = sql`(petitions.state = 'closed' OR petitions.state = 'stopped' OR petitions.state = 'rejected'
  OR petitions.state = 'hidden')`;

const HAS_RUNS = (no: SQL): SQL => sql`EXISTS (SELECT 1 FROM invalidations AS run
  WHERE run.petition_no = ${no} AND (run.state = 'running' OR run.state = 'undoing'))`;

/** Petitions that are over and for which it is not worked out under a plan when they are erased. */
export const unplanned = (db: Database, plan: string, limit: number) =>
  rowsOf<{ petitionNo: number; overSince: number }>(
    db,
    sql`SELECT petition_no AS petitionNo, over_since AS overSince FROM retention INDEXED BY retention_over
    WHERE over_since IS NOT NULL AND erasing_since IS NULL AND erase_plan IS NOT ${plan} LIMIT ${limit}`,
  );

/** Notes when petitions are erased, those that have been over since the same moment still. */
export const planErasures = (
  db: Database,
  plan: string,
  moments: readonly { petitionNo: number; overSince: number; eraseAt: number }[],
) =>
  runOf(
    db,
    sql`UPDATE retention SET erase_at = planned.at, erase_plan = ${plan}
    FROM (SELECT value ->> 'petitionNo' AS no, value ->> 'overSince' AS since, value ->> 'eraseAt' AS at
      FROM json_each(${JSON.stringify(moments)})) AS planned
    WHERE petition_no = planned.no AND over_since = planned.since AND erasing_since IS NULL`,
  );

/** Petitions whose time to be erased has come, the longest due first; not those that are held or were tried lately. */
export const dueErasures = (db: Database, { plan, now, limit }: { plan: string; now: number; limit: number }) =>
  rowsOf<Passing & { readonly petitionId: string }>(
    db,
    sql`SELECT petition_no AS petitionNo, cursor, begun_at AS begunAt, next_at AS nextAt, failures,
      (SELECT id FROM petitions WHERE no = petition_no) AS petitionId
    FROM retention INDEXED BY retention_due
    WHERE erase_at <= ${now} AND erase_at IS NOT NULL AND erasing_since IS NULL AND erase_plan = ${plan}
      AND retry_at <= ${now} AND NOT ${isHeld(sql`retention.petition_no`, now)} AND NOT ${HAS_RUNS(sql`retention.petition_no`)}
    ORDER BY erase_at LIMIT ${limit}`,
  );

/** Petitions that are being erased since before a moment, the longest first; not those that were tried lately. */
export const erasures = (db: Database, { before, now, limit }: { before: number; now: number; limit: number }) =>
  rowsOf<Passing & { hits: number }>(
    db,
    sql`SELECT petition_no AS petitionNo, cursor, begun_at AS begunAt, next_at AS nextAt, failures, hits
    FROM retention INDEXED BY retention_erasing
    WHERE erasing_since <= ${before} AND erased_at IS NULL AND retry_at <= ${now} ORDER BY erasing_since LIMIT ${limit}`,
  );

/** That a petition is due and may be erased, at that point of a transaction. */
export const mayBeErased = (no: number, { plan, now }: { plan: string; now: number }): Condition =>
  sql`EXISTS (SELECT 1 FROM retention JOIN petitions ON petitions.no = retention.petition_no
    WHERE retention.petition_no = ${no} AND erasing_since IS NULL AND over_since IS NOT NULL AND erase_at <= ${now}
      AND erase_plan = ${plan} AND ${IS_OVER} AND NOT ${isHeld(sql`${no}`, now)})`;

/**
 * Destroys a petition's secret: from then on nothing sealed of it opens and no keyed hash can be computed. With it goes what
 * the petition's own rows hold of people. `when` must not rest on what these change but in the last of them.
 */
export const destroySecret = (db: Database, no: number, now: number, when: Condition) => [
  runOf(db, sql`DELETE FROM petition_notes WHERE petition_no = ${no} AND ${when}`),
  runOf(
    db,
    sql`UPDATE mailings SET state = 'stopped', ended_because = 'petition_erased', ended_at = ${now}
    WHERE petition_no = ${no} AND (state = 'draft' OR state = 'waiting' OR state = 'running' OR state = 'parked') AND ${when}`,
  ),
  runOf(
    db,
    sql`UPDATE petitions SET secret = NULL, creator_email_hash = NULL, creator_person_hash = NULL, changes_message = NULL,
      stop_reason = iif(stopped_by = 'creator', NULL, stop_reason) WHERE no = ${no} AND ${when}`,
  ),
  runOf(
    db,
    sql`UPDATE retention SET erasing_since = ${now}, look_at = NULL, begun_at = NULL, next_at = NULL, cursor = '', hits = 0,
      failures = 0, failed_at = NULL, retry_at = 0, error = NULL
    WHERE petition_no = ${no} AND erasing_since IS NULL AND ${when}`,
  ),
];

/** Gives a petition a new version: who decides on what was before is refused. */
export const newVersion = (db: Database, no: number, when: Condition) =>
  runOf(db, sql`UPDATE petitions SET version = version + 1 WHERE no = ${no} AND ${when}`);

/** Whether staff's acts on a petition's signatures are under way, and until when its data is held; NULL: it is not. */
export const inTheWay = (db: Database, no: number, now: number) =>
  rowsOf<{ running: number; held: number }>(
    db,
    sql`SELECT ${HAS_RUNS(sql`${no}`)} AS running, ${isHeld(sql`${no}`, now)} AS held`,
  );

/** Notes how far erasing has come, if nobody else has; answers with a row then. */
export const noteErased = (db: Database, pass: Passing, to: { cursor: string; erased: number }) =>
  rowsOf<{ petitionNo: number }>(
    db,
    sql`UPDATE retention SET cursor = ${to.cursor}, hits = hits + ${to.erased}, erased = erased + ${to.erased},
      failures = 0, failed_at = NULL, error = NULL
    WHERE ${isPassAt(pass)} AND erasing_since IS NOT NULL AND erased_at IS NULL RETURNING petition_no AS petitionNo`,
  );

/** Begins a further pass after one that has found something. */
export const eraseAgain = (db: Database, pass: Passing) =>
  runOf(
    db,
    sql`UPDATE retention SET cursor = '', hits = 0 WHERE ${isPassAt(pass)} AND hits > 0 AND erasing_since IS NOT NULL
      AND erased_at IS NULL`,
  );

/** Deletes at most `limit` tries of codes of a petition. */
export const deleteTries = (db: Database, no: number, limit: number) =>
  runOf(
    db,
    sql`DELETE FROM code_attempts WHERE petition_no = ${no} AND email_hash IN
    (SELECT email_hash FROM code_attempts WHERE petition_no = ${no} LIMIT ${limit})`,
  );

// Nobody signs what is over, but clocks and queues differ: more than they can.
const SENT_BY_MS = 7 * 24 * 60 * 60_000;

// The first id of a moment that is an expression, in milliseconds.
const idAt = (at: SQL): SQL => sql`unhex(printf('%012x', ${at}) || '00000000000000000000')`;

/**
 * Erases at most `limit` references and hashes of what partners sent for a petition. It reads what they sent lately until
 * the petition was over, so nothing when that is long ago: what is older has lost them with its signature, or with time.
 */
export const forgetSentFor = (db: Database, no: number, limit: number) =>
  runOf(
    db,
    sql`UPDATE partner_submissions SET reference = NULL, email_hash = NULL, person_hash = NULL
    WHERE (partner, submission) IN (SELECT code, submission FROM partners CROSS JOIN partner_submissions ON partner = code
      WHERE submission >= ${idAt(sql`forgotten_before`)}
        AND submission < ${idAt(sql`(SELECT over_since + ${SENT_BY_MS} FROM retention WHERE petition_no = ${no})`)}
        AND petition_no = ${no} AND (reference IS NOT NULL OR email_hash IS NOT NULL) LIMIT ${limit})`,
  );

/** Deletes at most `limit` of what test keys sent for a petition. */
export const deleteTests = (db: Database, no: number, limit: number) =>
  runOf(
    db,
    sql`DELETE FROM test_submissions WHERE submission IN
    (SELECT submission FROM test_submissions WHERE petition_no = ${no} LIMIT ${limit})`,
  );

// Of jobs that name one thing: what names more finds nothing to write, and goes with its age.
const isOnly = (no: number): SQL => sql`json_array_length(items) = 1 AND ${petitionNoOf(sql`(items ->> 0)`)} = ${no}`;

/**
 * What else a petition has of people: mails that wait or could not be sent, submissions that nobody could record, digests in
 * staff's acts and in alarms. The end of its erasure, if a pass has found nothing more.
 */
export const endErasure = (db: Database, pass: Passing, now: number) => {
  const no = pass.petitionNo;
  return [
    runOf(db, sql`DELETE FROM outbox WHERE state = 'parked' AND ${isOnly(no)}`),
    runOf(db, sql`DELETE FROM outbox WHERE state = 'waiting' AND ${isOnly(no)}`),
    runOf(
      db,
      sql`DELETE FROM dead_letters
      WHERE json_valid(body) AND body ->> 'petition_id' = (SELECT id FROM petitions WHERE no = ${no})`,
    ),
    runOf(
      db,
      sql`UPDATE invalidations SET conditions = json_replace(json_remove(conditions, '$.ids'),
        '$.address', '', '$.network', '', '$.domain', '', '$.email', '') WHERE petition_no = ${no}`,
    ),
    runOf(
      db,
      sql`UPDATE alarms SET ended_at = coalesce(ended_at, ${now}), key = iif(kind = 'network' OR kind = 'domain', '', key)
      WHERE petition_no = ${no}`,
    ),
    runOf(db, sql`UPDATE mailings SET cursor = '', parts = '[]', counted_to = NULL WHERE petition_no = ${no}`),
    runOf(db, sql`DELETE FROM intake_hours WHERE petition_no = ${no}`),
    runOf(db, sql`DELETE FROM retention_holds WHERE petition_no = ${no}`),
    rowsOf<{ erased: number }>(
      db,
      sql`UPDATE retention SET erased_at = ${now}, cursor = '', failures = 0, failed_at = NULL, error = NULL
      WHERE ${isPassAt(pass)} AND hits = 0 AND erasing_since IS NOT NULL AND erased_at IS NULL RETURNING erased`,
    ),
  ] as const;
};

/** Forgets holds that are over. */
export const forgetHolds = (db: Database, now: number) =>
  runOf(db, sql`DELETE FROM retention_holds WHERE until <= ${now}`);

/** Deletes jobs of mail older than one with the id `before` would be: what of them was never sent, nobody waits for any more. */
export const forgetUnsentMail = (db: Database, before: string) =>
  runOf(db, sql`DELETE FROM outbox WHERE id < ${before} AND state <> 'sent'`);
