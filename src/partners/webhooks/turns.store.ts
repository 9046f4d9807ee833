import { sql } from "drizzle-orm";
import { type Condition, type Database, rowsOf, runOf } from "../../db/database.ts";
import type { Bytes } from "../../lib/bytes.ts";
import type { Attempt } from "./send-webhook.ts";

/** An endpoint that a worker has to itself until `leaseUntil`. */
export interface ClaimedEndpoint {
  readonly id: string;
  /** The partner's code. */
  readonly partner: string;
  readonly url: string;
  readonly lastSequence: number;
  readonly begunThrough: number;
  readonly failures: number;
  readonly enabledAt: number;
  readonly signingKey: Bytes | number[];
  readonly previousKey: Bytes | number[] | null;
  readonly previousUntil: number | null;
}

const LIVE = sql`deleted_at IS NULL AND disabled_at IS NULL
  AND EXISTS (SELECT 1 FROM partners WHERE code = partner AND suspended_at IS NULL)`;

/** Takes an endpoint for one worker; answers with it, or with nothing when another has it, it rests, or may not be told. */
export const claimEndpoint = (db: Database, id: string, { now, leaseUntil }: { now: number; leaseUntil: number }) =>
  rowsOf<ClaimedEndpoint>(
    db,
    sql`UPDATE webhook_endpoints SET lease_until = ${leaseUntil}
    WHERE id = ${id} AND lease_until <= ${now} AND rests_until <= ${now} AND ${LIVE}
    RETURNING id, partner, url, last_sequence AS lastSequence, begun_through AS begunThrough, failures, enabled_at AS enabledAt,
      signing_key AS signingKey, previous_key AS previousKey, previous_until AS previousUntil`,
  );

/** A delivery that is due, with what its event refers to as it is now. */
export interface DueDelivery {
  readonly sequence: number;
  readonly type: string;
  readonly test: number;
  readonly subject: string | null;
  readonly data: string | null;
  readonly at: number;
  readonly attempts: number;
  readonly failingSince: number | null;
  readonly dueAt: number | null;
  /** The petition's UUID; null when it is about none. */
  readonly petition: string | null;
  /** Whether everybody may see it. */
  readonly shown: number | null;
  readonly title: string | null;
  readonly verified: number | null;
  readonly closesAt: number | null;
  readonly endedAt: number | null;
  readonly threshold: number | null;
  readonly summary: string | null;
  /**
   * The partner's own id of the submission, under the petition's key, or all that it sent with a test key; null when there is
   * none, or it is erased.
   */
  readonly reference: Bytes | number[] | null;
}

/**
 * Deliveries that are due, in the order of their sequence: those that failed or are wanted again, by an index, and those
 * that have not been tried. Some six rows read for each.
 */
export const dueDeliveries = (
  db: Database,
  { id, partner, begunThrough }: Pick<ClaimedEndpoint, "id" | "partner" | "begunThrough">,
  { now, limit }: { now: number; limit: number },
) =>
  rowsOf<DueDelivery>(
    db,
    sql`SELECT sequence, type, test, subject, data, due.at AS at, attempts, failing_since AS failingSince, due_at AS dueAt,
      petitions.id AS petition, public AS shown, title, verified, closes_at AS closesAt, petitions.ended_at AS endedAt,
      thresholds.signatures AS threshold, responses.summary AS summary,
      iif(due.test, test_submissions.sealed, reference) AS reference
    FROM (
      SELECT * FROM (SELECT * FROM webhook_deliveries INDEXED BY webhook_deliveries_again
        WHERE endpoint_id = ${id} AND due_at <= ${now} ORDER BY due_at LIMIT ${limit})
      UNION ALL
      SELECT * FROM (SELECT * FROM webhook_deliveries
        WHERE endpoint_id = ${id} AND sequence > ${begunThrough} AND state = 'waiting' AND due_at IS NULL ORDER BY sequence LIMIT ${limit})
      ORDER BY sequence LIMIT ${limit}
    ) AS due
    LEFT JOIN petitions ON petitions.no = due.petition_no
    LEFT JOIN petition_tallies ON petition_tallies.petition_no = due.petition_no
    LEFT JOIN thresholds ON type = 'threshold.reached' AND thresholds.petition_no = due.petition_no AND name = subject
    LEFT JOIN responses ON type = 'response.published' AND responses.petition_no = due.petition_no
    LEFT JOIN partner_submissions ON type = 'submission.verified' AND partner_submissions.partner = ${partner} AND partner_submissions.submission = unhex(subject)
    LEFT JOIN test_submissions ON due.test = 1 AND test_submissions.submission = unhex(subject)
    ORDER BY sequence`,
  );

/** A worker's hold on an endpoint. */
export interface Lease {
  readonly id: string;
  readonly leaseUntil: number;
}

const isHeld = ({ id, leaseUntil }: Lease): Condition =>
  sql`EXISTS (SELECT 1 FROM webhook_endpoints WHERE id = ${id} AND lease_until = ${leaseUntil} AND deleted_at IS NULL)`;

/** What an attempt made of a delivery. `dueAt`: when it is tried again; null: it is delivered. */
export interface Outcome extends Attempt {
  readonly sequence: number;
  readonly triedAt: number;
  readonly dueAt: number | null;
  readonly failingSince: number | null;
}

/** Notes what has become of deliveries; nothing when the endpoint is another worker's. A row written for each. */
export const noteOutcomes = (db: Database, lease: Lease, outcomes: readonly Outcome[]) =>
  runOf(
    db,
    // Materialized: the planner would look every delivery of the endpoint up for each.
    sql`WITH noted AS MATERIALIZED (SELECT value ->> 'sequence' AS no, value ->> 'failingSince' AS failing_since,
      value ->> 'dueAt' AS due_at, value ->> 'triedAt' AS tried_at, value ->> 'status' AS status,
      value ->> 'error' AS error, value ->> 'ms' AS ms FROM json_each(${JSON.stringify(outcomes)}))
    UPDATE webhook_deliveries SET state = iif(noted.error IS NULL, 'delivered', 'failing'), attempts = attempts + 1,
      failing_since = noted.failing_since, due_at = noted.due_at, tried_at = noted.tried_at, status = noted.status,
      error = noted.error, ms = noted.ms
    FROM noted WHERE endpoint_id = ${lease.id} AND sequence = noted.no AND ${isHeld(lease)}`,
  );

/** How an endpoint stands after a part of a turn. */
export interface Standing {
  /** 0 gives the endpoint up. */
  readonly leaseUntil: number;
  readonly begunThrough: number;
  readonly failures: number;
  readonly restsUntil: number;
  readonly disabled: { readonly at: number; readonly why: "failing" | "gone" } | null;
}

/**
 * Notes how an endpoint stands, and keeps it or gives it up; answers with whether events have come that have not been begun.
 * Nothing when it is another worker's, or may not be told any more: then its lease ends by itself.
 */
export const noteStanding = (db: Database, lease: Lease, standing: Standing) =>
  rowsOf<{ more: number }>(
    db,
    sql`UPDATE webhook_endpoints SET lease_until = ${standing.leaseUntil}, failures = ${standing.failures},
      begun_through = max(begun_through, ${standing.begunThrough}), rests_until = ${standing.restsUntil},
      disabled_at = ${standing.disabled?.at ?? null}, disabled_for = ${standing.disabled?.why ?? null}
    WHERE id = ${lease.id} AND lease_until = ${lease.leaseUntil} AND ${LIVE}
    RETURNING last_sequence > begun_through AS more`,
  );

/**
 * Endpoints with something that is due and that nobody works on: a partner's, by its code, or any. It reads each of them, a
 * row or two: they are few, and an index of what is due would be a row for each event.
 */
export const waitingEndpoints = (
  db: Database,
  { partner, now, limit }: { partner: string | null; now: number; limit: number },
) =>
  rowsOf<{ id: string }>(
    db,
    sql`SELECT id FROM webhook_endpoints AS endpoint
    WHERE ${partner === null ? sql`1` : sql`partner = ${partner}`} AND lease_until <= ${now} AND rests_until <= ${now} AND (last_sequence > begun_through
      OR EXISTS (SELECT 1 FROM webhook_deliveries INDEXED BY webhook_deliveries_again
        WHERE endpoint_id = endpoint.id AND due_at <= ${now})) AND ${LIVE} LIMIT ${limit}`,
  );
