import { type SQL, sql } from "drizzle-orm";
import { type Database, rowsOf, runOf } from "../db/database.ts";
import { type Bytes, toHex } from "../lib/bytes.ts";
import { VERIFICATION_GRACE_MS } from "../petitions/petition.ts";

/** What a partner sent, as it is recorded whatever becomes of it. */
export interface SentByPartner {
  /** The partner's code. */
  readonly partner: string;
  /** The submission's UUID as 32 hexadecimal digits. */
  readonly submission: string;
  readonly petitionNo: number;
  /** The partner's own id, sealed under the petition's key. */
  readonly reference: Bytes | null;
  /** The version of the text by which the person agreed to pass name and address on; null: they didn't. */
  readonly consent: number | null;
  readonly acceptedAt: number;
}

/** Records what partners sent; what is recorded already stays as it is. A row written each. */
export function recordSent(db: Database, sent: readonly SentByPartner[]) {
  const json = sent.map(({ partner, submission, petitionNo, reference, consent, acceptedAt }) => [
    ...[partner, submission, petitionNo, reference && toHex(reference), consent, acceptedAt],
  ]);
  return runOf(
    db,
    sql`INSERT INTO partner_submissions (partner, submission, petition_no, reference, consent, accepted_at)
    SELECT value ->> 0, ${bytesAt(1)}, value ->> 2, ${bytesAt(3)}, value ->> 4, value ->> 5 FROM json_each(${JSON.stringify(json)}) WHERE true ON CONFLICT DO NOTHING`,
  );
}

/** In what a partner's submission may be found: a repeat and a held one are like any that waits, and end like it. */
export const sentStatuses = ["pending", "verified", "expired"] as const;

export type SentStatus = (typeof sentStatuses)[number];

/** Whose submissions, and which of them. */
export interface SentQuery {
  readonly partner: string;
  /** Numbers of the petitions that the key is for; null: every one. */
  readonly petitions: readonly number[] | null;
  readonly status?: SentStatus | undefined;
  /** Those before this one: 32 hexadecimal digits. */
  readonly before?: string | undefined;
  readonly limit: number;
  readonly now: number;
  /** Milliseconds after which nobody can verify a submission any more. */
  readonly unverifiedMs: number;
}

/** A submission as its partner's list needs it; bytes as hexadecimal digits. */
export interface SentRow {
  readonly submission: string;
  readonly petition: string;
  readonly petition_no: number;
  readonly status: SentStatus;
  readonly reference: string | null;
  readonly accepted_at: number;
  readonly verified_at: number | null;
  readonly email_hash: string | null;
  readonly person_hash: number | null;
  /** The signer's data, where they agreed to pass it on and it still is what this submission brought. */
  readonly sealed: string | null;
}

// Submissions that one page looks through at most, when only some are asked for.
const LOOKED_THROUGH = 500;

/** How many submissions a page looks through. */
export const lookedThrough = ({ petitions, status, limit }: SentQuery): number =>
  petitions === null && status === undefined ? limit : LOOKED_THROUGH;

const looked = ({ partner, before, ...query }: SentQuery): SQL => sql`SELECT submission FROM partner_submissions
  WHERE partner = ${partner} AND submission < unhex(${before ?? "f".repeat(32)})
  ORDER BY submission DESC LIMIT ${lookedThrough({ partner, ...query })}`;

/** How many submissions there are to look through, and the last of them. */
export const sentLooked = (db: Database, query: SentQuery) =>
  rowsOf<{ n: number; last: string | null }>(
    db,
    sql`SELECT count(*) AS n, lower(hex(min(submission))) AS last FROM (${looked(query)})`,
  );

/** Those of them that are asked for, the newest first. With `sentLooked` four rows read for each that is looked through. */
export const sentPage = (db: Database, query: SentQuery) => {
  const { partner, petitions, status, before, limit, now, unverifiedMs } = query;
  const inTime = sql`min(sent.accepted_at + ${unverifiedMs}, coalesce(ended_at, closes_at, 9e15) + ${VERIFICATION_GRACE_MS})`;
  const found = sql`CASE WHEN verified_at IS NOT NULL THEN 'verified' WHEN ${now} >= ${inTime} THEN 'expired' ELSE 'pending' END`;
  return rowsOf<SentRow>(
    db,
    sql`SELECT lower(hex(sent.submission)) AS submission, petitions.id AS petition, sent.petition_no, ${found} AS status,
      hex(reference) AS reference, sent.accepted_at, verified_at, lower(hex(sent.email_hash)) AS email_hash,
      sent.person_hash, iif(consent IS NOT NULL AND verified_at IS NOT NULL, (SELECT hex(sealed) FROM signatures AS s
        WHERE s.petition_no = sent.petition_no AND s.email_hash = sent.email_hash AND s.person_hash = sent.person_hash
          AND s.submission = sent.submission), NULL) AS sealed
    FROM partner_submissions AS sent CROSS JOIN petitions ON petitions.no = sent.petition_no
    WHERE partner = ${partner} AND sent.submission < unhex(${before ?? "f".repeat(32)})
      AND sent.submission >= (SELECT min(submission) FROM (${looked(query)}))
      AND ${ofPetitions(petitions)} AND ${status === undefined ? sql`1` : sql`${found} = ${status}`}
    ORDER BY sent.submission DESC LIMIT ${limit}`,
  );
};

const ofPetitions = (petitions: readonly number[] | null): SQL =>
  petitions === null ? sql`1` : sql`petition_no IN (SELECT value FROM json_each(${JSON.stringify(petitions)}))`;

/** A span of time by ids, and what to call it. */
export interface SentSpan {
  readonly day: string;
  /** Of UUIDs, as 32 hexadecimal digits: from the first on, before the second. */
  readonly from: string;
  readonly to: string;
}

/**
 * How many submissions a partner sent in each span and for each petition, and how many of them count or have counted. Two
 * rows read for each submission.
 */
export const sentByDay = (
  db: Database,
  { partner, petitions, spans }: { partner: string; petitions: readonly number[] | null; spans: readonly SentSpan[] },
) =>
  rowsOf<{ petition: string; day: string; submitted: number; verified: number }>(
    db,
    sql`WITH counted AS (SELECT petition_no, span.value ->> 'day' AS day, count(*) AS submitted, count(verified_at) AS verified
      FROM json_each(${JSON.stringify(spans)}) AS span CROSS JOIN partner_submissions
      ON partner = ${partner} AND submission >= unhex(span.value ->> 'from') AND submission < unhex(span.value ->> 'to')
      WHERE ${ofPetitions(petitions)}
      GROUP BY petition_no, day)
    SELECT id AS petition, day, submitted, verified FROM counted CROSS JOIN petitions ON no = petition_no
    ORDER BY day, petition`,
  );

/** Partners some of whose unverified submissions may still hold what is personal: accepted before a moment. */
export const partnersToForget = (db: Database, before: number) =>
  rowsOf<{ code: string; since: number }>(
    db,
    sql`SELECT code, forgotten_before AS since FROM partners WHERE forgotten_before < ${before}`,
  );

/** A slice of a partner's submissions by ids, 32 hexadecimal digits: how many there are, and the last. */
export const sliceOf = (
  db: Database,
  { partner, from, to, limit }: { partner: string; from: string; to: string; limit: number },
) =>
  rowsOf<{ n: number; last: string | null }>(
    db,
    sql`SELECT count(*) AS n, lower(hex(max(submission))) AS last FROM (SELECT submission FROM partner_submissions
      WHERE partner = ${partner} AND submission >= unhex(${from}) AND submission < unhex(${to})
      ORDER BY submission LIMIT ${limit})`,
  );

/** Erases what is personal in a partner's unverified submissions of a range of ids. Repeating it writes nothing. */
export const forgetUnverified = (db: Database, { partner, from, to }: { partner: string; from: string; to: string }) =>
  runOf(
    db,
    sql`UPDATE partner_submissions SET reference = NULL, email_hash = NULL, person_hash = NULL
    WHERE partner = ${partner} AND submission >= unhex(${from}) AND submission <= unhex(${to})
      AND verified_at IS NULL AND (reference IS NOT NULL OR email_hash IS NOT NULL)`,
  );

/** Notes how far a partner's submissions are done. */
export const noteForgotten = (db: Database, partner: string, before: number) =>
  runOf(db, sql`UPDATE partners SET forgotten_before = ${before} WHERE code = ${partner}`);

const bytesAt = (place: number): SQL => sql.raw(`unhex(value ->> ${place})`);
