import { and, eq, gt, gte, inArray, sql } from "drizzle-orm";
import { type Condition, type Database, rowsOf, runOf } from "../db/database.ts";
import { alarms, intakeHours, watch } from "../db/integrity-schema.ts";
import { hourTallies, petitions } from "../db/schema.ts";
import { toHex } from "../lib/bytes.ts";
import type { SignatureKey } from "../signatures/signature.ts";
import type { PetitionHour } from "./intake-hours.ts";

/** How far the job has looked, in milliseconds since 1970. */
export const lookedUntil = (db: Database) => db.select({ at: watch.lookedUntil }).from(watch);

/**
 * The signatures that were recorded in a span, by the jobs of mail that name them: no index of signatures by time is
 * needed. Of more than `most` jobs only each so-manieth is read, and stands for `stride` of them. Jobs that name more than
 * `items` are none of what came: an undo names all that it gives back in one.
 * @param span ids of jobs, UUIDv7: from, and up to
 */
export const recordedIn = (
  db: Database,
  { from, to }: { from: string; to: string },
  { kind, most, items }: { kind: string; most: number; items: number },
) =>
  rowsOf<{ id: string; items: string; made: number; stride: number }>(
    db,
    sql`SELECT id, items, made, stride FROM (SELECT id, items, created_at AS made, row_number() OVER (ORDER BY id) AS place,
      CAST((count(*) OVER () + ${most - 1}) / ${most} AS INTEGER) AS stride FROM outbox
      WHERE id >= ${from} AND id < ${to} AND kind = ${kind} AND json_array_length(items) <= ${items}) WHERE place % stride = 0`,
  );

/**
 * What is watched of some signatures that are not held: a row read each. Only a signature's first job speaks for it, whoever
 * submits it again; nor does one that names what had been submitted more than `news` milliseconds before, such as what an
 * undo has given back.
 * @param keys `made`: when the job was; `weight`: how many signatures each stands for
 */
export function watchedOf(
  db: Database,
  keys: readonly { key: SignatureKey; hour: number; weight: number; made: number }[],
  news: number,
) {
  const json = keys.map(({ key, hour, weight, made }) => [
    key.petitionNo,
    toHex(key.emailHash),
    key.personHash,
    hour,
    weight,
    made,
  ]);
  return rowsOf<{
    petitionNo: number;
    hour: number;
    network: string | null;
    domain: string | null;
    area: string | null;
    channel: string | null;
    n: number;
    pending: number;
  }>(
    db,
    sql`SELECT s.petition_no AS petitionNo, named.value ->> 3 AS hour, lower(hex(s.network_hash)) AS network,
      lower(hex(s.domain_hash)) AS domain, s.area_code AS area, s.channel AS channel,
      sum(named.value ->> 4) AS n, sum(iif(s.state = 'pending', named.value ->> 4, 0)) AS pending
    FROM json_each(${JSON.stringify(json)}) AS named CROSS JOIN signatures AS s
      ON s.petition_no = named.value ->> 0 AND s.email_hash = unhex(named.value ->> 1) AND s.person_hash = named.value ->> 2
    WHERE s.hold IS NULL AND (s.state = 'pending' OR s.state = 'verified')
      AND named.value ->> 5 < min(coalesce(s.repeated_at, 9e15), coalesce(s.verified_at, 9e15), s.accepted_at + ${news})
    GROUP BY 1, 2, 3, 4, 5, 6`,
  );
}

/** Open petitions that have more withdrawals than the job knew of, and how many more. */
export const newWithdrawals = (db: Database) =>
  rowsOf<{ petitionNo: number; withdrawn: number; more: number }>(
    db,
    sql`SELECT t.petition_no AS petitionNo, t.withdrawn AS withdrawn, t.withdrawn - coalesce(w.withdrawn, 0) AS more
    FROM petitions AS p CROSS JOIN petition_tallies AS t ON t.petition_no = p.no
      LEFT JOIN watched_petitions AS w ON w.petition_no = p.no
    WHERE p.state = 'open' AND t.withdrawn <> coalesce(w.withdrawn, 0)`,
  );

/** What is known of hours of petitions. */
export const hoursOf = (db: Database, keys: readonly { petitionNo: number; hour: number }[]) =>
  db
    .select()
    .from(intakeHours)
    .where(
      sql`(${intakeHours.petitionNo}, ${intakeHours.hour}) IN (SELECT value ->> 0, value ->> 1
        FROM json_each(${JSON.stringify(keys.map(({ petitionNo, hour }) => [petitionNo, hour]))}))`,
    );

/**
 * Notes a look: the hours as they are then, the withdrawals that are known, and how far it went; nothing if another run
 * has looked since.
 */
export function noteLook(
  db: Database,
  look: {
    from: number;
    until: number;
    hours: readonly PetitionHour[];
    withdrawn: readonly { petitionNo: number; withdrawn: number }[];
  },
) {
  const first: Condition = sql`EXISTS (SELECT 1 FROM watch WHERE looked_until = ${look.from})`;
  return [
    runOf(
      db,
      sql`INSERT INTO intake_hours (petition_no, hour, submitted, groups, ripe, unverified, withdrawals)
      SELECT value ->> 'petitionNo', value ->> 'hour', value ->> 'submitted', value -> 'groups', value ->> 'ripe',
        value ->> 'unverified', value ->> 'withdrawals' FROM json_each(${JSON.stringify(look.hours)}) WHERE ${first}
      ON CONFLICT DO UPDATE SET submitted = excluded.submitted, groups = excluded.groups, ripe = excluded.ripe,
        unverified = excluded.unverified, withdrawals = excluded.withdrawals`,
    ),
    runOf(
      db,
      sql`INSERT INTO watched_petitions SELECT value ->> 'petitionNo', value ->> 'withdrawn'
      FROM json_each(${JSON.stringify(look.withdrawn)}) WHERE ${first}
      ON CONFLICT DO UPDATE SET withdrawn = excluded.withdrawn`,
    ),
    runOf(db, sql`UPDATE watch SET looked_until = ${look.until} WHERE looked_until = ${look.from}`),
  ];
}

/** Forgets hours that no rule looks back to. A scan: the table holds eight days, a row a petition and hour. */
export const forgetHours = (db: Database, before: number) =>
  runOf(db, sql`DELETE FROM intake_hours WHERE hour < ${before}`);

/** Of petitions, those with enough of anything since an hour that a rule could find it unusual. */
export const busySince = (
  db: Database,
  petitionNos: readonly number[],
  { hour, least }: { hour: number; least: number },
) =>
  db
    .select({ petitionNo: intakeHours.petitionNo })
    .from(intakeHours)
    .where(and(isOneOf(intakeHours.petitionNo, petitionNos), gt(intakeHours.hour, hour)))
    .groupBy(intakeHours.petitionNo)
    .having(
      sql`max(sum(${intakeHours.submitted}), sum(${intakeHours.unverified}), sum(${intakeHours.withdrawals})) >= ${least}`,
    );

/** All that is known of some petitions' hours. */
export const allHoursOf = (db: Database, petitionNos: readonly number[]) =>
  db.select().from(intakeHours).where(isOneOf(intakeHours.petitionNo, petitionNos));

/** Open petitions with at least so many signatures verified from one local hour to another, both included. */
export const busyHours = (db: Database, { from, to, least }: { from: string; to: string; least: number }) =>
  rowsOf<{ petitionNo: number }>(
    db,
    sql`SELECT no AS petitionNo FROM petitions WHERE state = 'open' AND (SELECT sum(verified) FROM hour_tallies
      WHERE petition_no = no AND hour BETWEEN ${from} AND ${to}) >= ${least}`,
  );

/** Counted signatures of petitions by local hour, from one on. */
export const talliedHours = (db: Database, petitionNos: readonly number[], from: string) =>
  db
    .select({ petitionNo: hourTallies.petitionNo, hour: hourTallies.hour, verified: hourTallies.verified })
    .from(hourTallies)
    .where(and(isOneOf(hourTallies.petitionNo, petitionNos), gte(hourTallies.hour, from)));

/** What the rules need of petitions beside their hours. */
export const watchedPetitionsOf = (db: Database, petitionNos: readonly number[]) =>
  rowsOf<{ petitionNo: number; opensAt: number | null; verified: number }>(
    db,
    sql`SELECT no AS petitionNo, opens_at AS opensAt, verified FROM petitions JOIN petition_tallies ON petition_no = no
    WHERE no IN (SELECT value FROM json_each(${JSON.stringify(petitionNos)})) AND ${petitions.state} = 'open'`,
  );

/** Alarms of petitions whose cause was seen since a moment. */
export const recentAlarms = (db: Database, petitionNos: readonly number[], since: number) =>
  db
    .select()
    .from(alarms)
    .where(and(isOneOf(alarms.petitionNo, petitionNos), gte(alarms.seenAt, since)));

/** Raises an alarm, unless one of the same cause is open. */
export const insertAlarm = (
  db: Database,
  row: { id: string; petitionNo: number; kind: string; key: string; at: number; evidence: object },
) =>
  runOf(
    db,
    sql`INSERT INTO alarms (id, petition_no, kind, key, raised_at, seen_at, evidence)
    VALUES (${row.id}, ${row.petitionNo}, ${row.kind}, ${row.key}, ${row.at}, ${row.at}, ${JSON.stringify(row.evidence)})
    ON CONFLICT DO NOTHING`,
  );

/** Notes that an alarm's cause is still there, or there again before it was quiet for long. */
export const seeAlarm = (
  db: Database,
  id: string,
  { at, evidence }: { at: number; evidence: typeof alarms.$inferInsert.evidence },
) => db.update(alarms).set({ seenAt: at, endedAt: null, evidence }).where(eq(alarms.id, id));

/** Ends the alarms whose cause has not been seen since a moment. */
export const endAlarms = (db: Database, before: number) =>
  runOf(db, sql`UPDATE alarms SET ended_at = seen_at WHERE ended_at IS NULL AND seen_at < ${before}`);

const isOneOf = (
  column: typeof intakeHours.petitionNo | typeof hourTallies.petitionNo | typeof alarms.petitionNo,
  nos: readonly number[],
) => inArray(column, sql`(SELECT value FROM json_each(${JSON.stringify(nos)}))`);
