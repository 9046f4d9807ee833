import { type SQL, sql } from "drizzle-orm";
import { type Database, rowsOf, runOf } from "../db/database.ts";
import { type Bytes, toHex } from "../lib/bytes.ts";
import type { TestRef } from "./test-submission.ts";

/** A submission that a test key sent, as it is kept for a day. */
export interface NewTest extends TestRef {
  /** The partner's code. */
  readonly partner: string;
  readonly emailHash: Bytes;
  readonly supporter: boolean;
  readonly locale: string;
  readonly sealed: Bytes;
  readonly acceptedAt: number;
}

/** Records tests; what is recorded already stays as it is. */
export function recordTests(db: Database, tests: readonly NewTest[]) {
  const json = tests.map((test) => [
    ...[test.submission, test.partner, test.petitionNo, toHex(test.emailHash), test.supporter ? 1 : 0],
    ...[test.locale, toHex(test.sealed), test.acceptedAt],
  ]);
  return runOf(
    db,
    sql`INSERT INTO test_submissions (submission, partner, petition_no, email_hash, supporter, locale, sealed, accepted_at)
    SELECT unhex(value ->> 0), value ->> 1, value ->> 2, unhex(value ->> 3), value ->> 4, value ->> 5, unhex(value ->> 6),
      value ->> 7 FROM json_each(${JSON.stringify(json)}) WHERE true ON CONFLICT DO NOTHING`,
  );
}

/** A test as its partner reads it; bytes as hexadecimal digits. */
export interface TestRow {
  readonly submission: string;
  readonly petition_no: number;
  readonly supporter: 0 | 1;
  readonly locale: string;
  readonly sealed: string;
  readonly accepted_at: number;
  readonly verified_at: number | null;
}

/** A page of a partner's tests since `from`, the newest first; `petitions`: numbers, null for all. */
export const testPage = (
  db: Database,
  query: {
    partner: string;
    petitions: readonly number[] | null;
    verified?: boolean | undefined;
    /** 32 hexadecimal digits each. */
    from: string;
    before?: string | undefined;
    limit: number;
  },
) =>
  rowsOf<TestRow>(
    db,
    sql`SELECT lower(hex(submission)) AS submission, petition_no, supporter, locale, lower(hex(sealed)) AS sealed,
      accepted_at, verified_at FROM test_submissions
    WHERE partner = ${query.partner} AND submission >= unhex(${query.from})
      ${query.before === undefined ? sql`` : sql`AND submission < unhex(${query.before})`}
      ${query.verified === undefined ? sql`` : sql`AND (verified_at IS NOT NULL) = ${query.verified ? 1 : 0}`}
      ${query.petitions === null ? sql`` : sql`AND petition_no IN (SELECT value FROM json_each(${JSON.stringify(query.petitions)}))`}
    ORDER BY submission DESC LIMIT ${query.limit}`,
  );

/** Notes that a test was verified, unless it was; answers with its partner's code if it is there. */
export const verifyTestRow = (db: Database, { submission, petitionNo }: TestRef, now: number) =>
  rowsOf<{ supporter: 0 | 1; partner: string }>(
    db,
    sql`UPDATE test_submissions SET verified_at = coalesce(verified_at, ${now})
    WHERE ${isTest(submission)} AND petition_no = ${petitionNo} RETURNING supporter, partner`,
  );

/** The newest tests of a mailbox, for whoever typed a code. */
export const testsInMailbox = (db: Database, mailbox: { petitionNo: number; emailHash: Bytes }) =>
  rowsOf<{ submission: string }>(
    db,
    sql`SELECT lower(hex(submission)) AS submission FROM test_submissions
    WHERE petition_no = ${mailbox.petitionNo} AND email_hash = ${mailbox.emailHash} ORDER BY submission DESC LIMIT 20`,
  );

/** Deletes a test. */
export const deleteTest = (db: Database, submission: string) =>
  runOf(db, sql`DELETE FROM test_submissions WHERE ${isTest(submission)}`);

/** Deletes tests from before one with the id `before` (32 hexadecimal digits), at most `limit`. */
export const deleteOldTests = (db: Database, { before, limit }: { before: string; limit: number }) =>
  runOf(
    db,
    sql`DELETE FROM test_submissions WHERE submission IN (
      SELECT submission FROM test_submissions WHERE submission < unhex(${before}) LIMIT ${limit})`,
  );

const isTest = (submission: string): SQL => sql`submission = unhex(${submission})`;
