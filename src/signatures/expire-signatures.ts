import type { Database } from "../db/database.ts";
import { answeredJobs, deleteJob, deleteUnverified } from "./signatures.store.ts";

const DAY_MS = 24 * 60 * 60_000;
// Jobs of one run, each of up to 100 signatures; the next run goes on.
const MOST = 50;

/**
 * Deletes signatures that nobody verified in time, by the jobs of mail that named them: no index and no scan of all
 * signatures is needed. A run that dies is taken up by the next one. Gives the number of jobs cleared.
 */
export async function expireSignatures(deps: { db: Database; clock: () => number; days: number }): Promise<number> {
  const { db } = deps;
  const cutoff = deps.clock() - deps.days * DAY_MS;
  const [jobs] = await db.batch([answeredJobs(db, { before: uuidAt(cutoff), limit: MOST })]);
  for (const { id } of jobs) await db.batch([deleteUnverified(db, id, cutoff), deleteJob(db, id)]);
  return jobs.length;
}

/** The smallest UUIDv7 of a moment (RFC 9562, 5.7: the first 48 bits are milliseconds since 1970). */
const uuidAt = (at: number): string => {
  const hex = Math.max(at, 0).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
};
