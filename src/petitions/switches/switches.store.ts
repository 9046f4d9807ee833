import { and, eq, gt, sql } from "drizzle-orm";
import { type Condition, type Database, runOf } from "../../db/database.ts";
import { petitions } from "../../db/schema.ts";

/** The petitions whose closing a pause of signing that began then suspends. */
export const suspendedPetitions = (db: Database, since: number) =>
  db
    .select({
      no: petitions.no,
      id: petitions.id,
      version: petitions.version,
      opensAt: petitions.opensAt,
      reopenedAt: petitions.reopenedAt,
      closesAt: sql<number>`${petitions.closesAt}`.as("closing"),
      pauseCredit: petitions.pauseCredit,
    })
    .from(petitions)
    .where(and(eq(petitions.state, "open"), gt(petitions.closesAt, since)));

/** That no other petition's closing is suspended than these, as they were read. */
export const noneBeside = (since: number, known: readonly { no: number; version: number }[]): Condition =>
  sql`NOT EXISTS (SELECT 1 FROM petitions WHERE state = 'open' AND closes_at > ${since} AND no || ':' || version
    NOT IN (SELECT value FROM json_each(${JSON.stringify(known.map(({ no, version }) => `${no}:${version}`))})))`;

/** Begins a pause of signing, if a condition holds. */
export const beginPause = (db: Database, since: number, when: Condition) =>
  runOf(db, sql`INSERT OR REPLACE INTO signing_pause (one, since) SELECT 1, ${since} WHERE ${when}`);

/** Ends it, if a condition holds. */
export const endPause = (db: Database, when: Condition) => runOf(db, sql`DELETE FROM signing_pause WHERE ${when}`);

/** A petition as it was read, and its deadline after a pause. */
export interface Grown {
  readonly no: number;
  readonly version: number;
  readonly closesAt: number;
  readonly pauseCredit: number;
}

/**
 * Writes the deadlines of petitions that are still open as they were read, if a condition holds. Where one moves, the
 * version does: whoever decides on the petition has to have seen it.
 */
export const moveDeadlines = (db: Database, grown: readonly Grown[], when: Condition) =>
  runOf(
    db,
    sql`UPDATE petitions SET closes_at = grown.closes, pause_credit = grown.credit,
      version = petitions.version + (petitions.closes_at <> grown.closes)
    FROM (SELECT value ->> 0 AS no, value ->> 1 AS version, value ->> 2 AS closes, value ->> 3 AS credit
      FROM json_each(${JSON.stringify(grown.map((one) => [one.no, one.version, one.closesAt, one.pauseCredit]))})) AS grown
    WHERE petitions.no = grown.no AND petitions.version = grown.version AND petitions.state = 'open' AND ${when}`,
  );
