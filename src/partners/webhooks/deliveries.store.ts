import { type SQL, sql } from "drizzle-orm";
import { type Database, rowsOf, runOf } from "../../db/database.ts";
import type { deliveryStates } from "../../db/webhook-schema.ts";

/** A delivery as the endpoint's owner reads it. */
export interface Delivery {
  readonly sequence: number;
  readonly type: string;
  readonly test: number;
  readonly at: number;
  readonly state: (typeof deliveryStates)[number];
  readonly attempts: number;
  readonly dueAt: number | null;
  readonly triedAt: number | null;
  readonly status: number | null;
  readonly error: string | null;
  readonly ms: number | null;
}

/** An endpoint's deliveries before a sequence, the newest first: of the last `span` of them those in a state. */
export const listDeliveries = (
  db: Database,
  endpointId: string,
  asked: { before: number; span: number; state: Delivery["state"] | undefined; limit: number },
) =>
  rowsOf<Delivery>(
    db,
    sql`SELECT sequence, type, test, at, state, attempts, due_at AS dueAt, tried_at AS triedAt, status, error, ms
    FROM webhook_deliveries WHERE endpoint_id = ${endpointId} AND sequence < ${asked.before}
      AND sequence >= ${asked.before - asked.span} AND ${asked.state === undefined ? sql`1` : sql`state = ${asked.state}`}
    ORDER BY sequence DESC LIMIT ${asked.limit}`,
  );

/** The oldest delivery that an endpoint still has: one row read. */
export const oldestDelivery = (db: Database, endpointId: string) =>
  rowsOf<{ sequence: number }>(
    db,
    sql`SELECT sequence FROM webhook_deliveries WHERE endpoint_id = ${endpointId} ORDER BY sequence LIMIT 1`,
  );

/**
 * The sequence of the first delivery from a moment on, or the one after the last. Deliveries are in the order of time and
 * without a gap, so some twenty rows are read, however many there are.
 */
const firstFrom = (endpointId: SQL, moment: number): SQL => sql`(WITH RECURSIVE search (low, high) AS (
  SELECT coalesce((SELECT sequence FROM webhook_deliveries WHERE endpoint_id = ${endpointId} ORDER BY sequence LIMIT 1), 1),
    coalesce((SELECT sequence + 1 FROM webhook_deliveries WHERE endpoint_id = ${endpointId} ORDER BY sequence DESC LIMIT 1), 1)
  UNION ALL
  SELECT iif(at < ${moment}, (low + high) / 2 + 1, low), iif(at < ${moment}, high, (low + high) / 2)
  FROM search CROSS JOIN webhook_deliveries ON endpoint_id = ${endpointId} AND sequence = (low + high) / 2 WHERE low < high
) SELECT low FROM search WHERE low >= high)`;

/** The sequences that a span of time begins with and ends before. */
export const sequencesBetween = (db: Database, endpointId: string, { from, to }: { from: number; to: number }) =>
  rowsOf<{ first: number; end: number }>(
    db,
    sql`SELECT ${firstFrom(sql`${endpointId}`, from)} AS first, ${firstFrom(sql`${endpointId}`, to)} AS end`,
  );

/** Makes deliveries that have been tried due again, as if for the first time; what waits for its first try goes anyway. */
export const replaySpan = (
  db: Database,
  endpointId: string,
  { first, last, now }: { first: number; last: number; now: number },
) =>
  runOf(
    db,
    sql`UPDATE webhook_deliveries SET state = 'waiting', attempts = 0, failing_since = NULL, due_at = ${now}
    WHERE endpoint_id = ${endpointId} AND sequence BETWEEN ${first} AND ${last} AND state <> 'waiting'`,
  );

/** Endpoints that have deliveries, from one id on: those that are told, and those that have been deleted. */
export const endpointsWithDeliveries = (db: Database, { after, limit }: { after: string; limit: number }) =>
  rowsOf<{ id: string; deleted: number }>(
    db,
    sql`SELECT id, deleted_at IS NOT NULL AS deleted FROM webhook_endpoints
    WHERE id > ${after} AND (last_sequence > 0 OR deleted_at IS NOT NULL) ORDER BY id LIMIT ${limit}`,
  );

/** Deletes the oldest deliveries of an endpoint, from before a moment; reads few rows when there are none. */
export const deleteOldest = (db: Database, endpointId: string, { before, limit }: { before: number; limit: number }) =>
  runOf(
    db,
    sql`DELETE FROM webhook_deliveries WHERE endpoint_id = ${endpointId} AND sequence IN (
      SELECT sequence FROM webhook_deliveries WHERE endpoint_id = ${endpointId}
        AND sequence < ${firstFrom(sql`${endpointId}`, before)} ORDER BY sequence LIMIT ${limit})`,
  );

/** Deletes an endpoint that has been ended and has no deliveries any more. */
export const deleteEnded = (db: Database, endpointId: string) =>
  runOf(
    db,
    sql`DELETE FROM webhook_endpoints WHERE id = ${endpointId} AND deleted_at IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM webhook_deliveries WHERE endpoint_id = ${endpointId})`,
  );
