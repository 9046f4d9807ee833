import { sql } from "drizzle-orm";
import { type Database, rowsOf, runOf } from "../../db/database.ts";

/** Endpoints that want daily totals, were there before a moment, and have not been told a day's, nor a later one's. */
export const endpointsWithoutTotals = (
  db: Database,
  { day, before, limit }: { day: string; before: number; limit: number },
) =>
  rowsOf<{ id: string; partner: string; petitions: string | null }>(
    db,
    sql`SELECT id, partner, petitions FROM webhook_endpoints
    WHERE deleted_at IS NULL AND created_at < ${before} AND instr(events, '"totals.daily"') > 0
      AND (totals_day IS NULL OR totals_day < ${day})
      AND EXISTS (SELECT 1 FROM partners WHERE code = partner AND suspended_at IS NULL) LIMIT ${limit}`,
  );

/** A petition's total, and what a partner sent for it on a day. */
export interface PetitionTotal {
  readonly id: string;
  readonly state: string;
  readonly verified: number;
  readonly submitted: number;
  readonly ownVerified: number;
}

/**
 * Of the petitions that are open, or ended since `from`: their totals, and of the partner's submissions accepted in the span
 * (milliseconds since 1970) how many there are and how many count or have counted; those with the most first. It reads the
 * span's submissions and these petitions. `petitions`: JSON of UUIDs; null: every one.
 */
export const petitionTotals = (
  db: Database,
  { partner, petitions }: { partner: string; petitions: string | null },
  { from, to, limit }: { from: number; to: number; limit: number },
) =>
  rowsOf<PetitionTotal>(
    db,
    // A submission's id begins with its time in milliseconds, in six bytes.
    sql`WITH own AS (SELECT petition_no, count(*) AS submitted, count(verified_at) AS verified FROM partner_submissions
      WHERE partner = ${partner} AND submission >= unhex(printf('%012x', ${from})) AND submission < unhex(printf('%012x', ${to}))
      GROUP BY petition_no)
    SELECT petitions.id AS id, state, petition_tallies.verified AS verified, coalesce(own.submitted, 0) AS submitted,
      coalesce(own.verified, 0) AS ownVerified
    FROM petitions JOIN petition_tallies ON petition_tallies.petition_no = petitions.no
    LEFT JOIN own ON own.petition_no = petitions.no
    WHERE (state = 'open' OR state = 'closed' AND ended_at >= ${from} OR state = 'stopped' AND ended_at >= ${from})
      AND (${petitions} IS NULL OR instr(${petitions}, petitions.id) > 0)
    ORDER BY submitted DESC, petition_tallies.verified DESC, petitions.no LIMIT ${limit}`,
  );

/** Tells an endpoint a day's totals, unless it has been told; to be run before the note. */
export const insertTotals = (
  db: Database,
  { id, partner }: { id: string; partner: string },
  { day, data }: { day: string; data: string },
) =>
  runOf(
    db,
    sql`INSERT INTO webhook_events (type, partner, endpoint, data)
    SELECT 'totals.daily', ${partner}, ${id}, ${data} FROM webhook_endpoints
    WHERE id = ${id} AND (totals_day IS NULL OR totals_day < ${day})`,
  );

/** Notes that an endpoint has been told a day's totals. */
export const noteTotals = (db: Database, id: string, day: string) =>
  runOf(
    db,
    sql`UPDATE webhook_endpoints SET totals_day = ${day} WHERE id = ${id} AND (totals_day IS NULL OR totals_day < ${day})`,
  );
