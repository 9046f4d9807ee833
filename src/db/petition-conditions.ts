import { and, type SQL, sql } from "drizzle-orm";
import { petitions, petitionTopics } from "./schema.ts";

/** Verification works this long after a petition has ended, for what was submitted before. */
export const VERIFICATION_GRACE_MS = 24 * 60 * 60_000;

const PAUSED_SINCE = sql<number | null>`(SELECT since FROM signing_pause)`;

/** Since when signing is paused, milliseconds since 1970; null while it is not. Looking it up counts as a row read. */
export const pausedSince = PAUSED_SINCE.as("paused_since");

/** The moment by which petitions close, as `stateAt` has it: it stands still while signing is paused. */
export const closingClockAt = (now: number): SQL => sql`min(${now}, coalesce(${PAUSED_SINCE}, ${now}))`;

/** What every list of petitions may be narrowed by; what is undefined narrows nothing. */
export const narrowedBy = (by: {
  readonly topic?: string | undefined;
  /** An FTS5 query that is already quoted. */
  readonly match?: string | undefined;
}): SQL | undefined =>
  and(
    by.topic === undefined
      ? undefined
      : sql`EXISTS (SELECT 1 FROM ${petitionTopics} WHERE topic_code = ${by.topic} AND petition_no = ${petitions.no})`,
    by.match === undefined
      ? undefined
      : sql`${petitions.no} IN (SELECT rowid FROM petitions_fts WHERE petitions_fts MATCH ${by.match})`,
  );

/** What comes after a place in the order of a value, then of the petitions' numbers. */
export const beyond = (
  value: SQL<number>,
  after: readonly [value: number, no: number] | undefined,
  descending: boolean,
): SQL | undefined =>
  after && sql`(${value}, ${petitions.no}) ${descending ? sql`<` : sql`>`} (${after[0]}, ${after[1]})`;
