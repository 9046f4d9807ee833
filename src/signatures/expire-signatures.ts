import type { Database } from "../db/database.ts";
import { uuidAt } from "../lib/ids.ts";
import { deleteCodeAttempts, deleteJob, deleteUnverified, sentJobs } from "./expiry.store.ts";

const DAY_MS = 24 * 60 * 60_000;
// Jobs asked for at a time, and the time that one run may take; what is left is the next run's.
const MOST = 50;
const BUDGET_MS = 20_000;

/**
 * Deletes signatures that nobody verified in time, creators' included, by the jobs of mail that named them: no index and
 * no scan of all signatures is needed. With them go the jobs, those about other things too, and the tries of codes from
 * then. A run that dies is taken up by the next one; what no job names any more, the passes of privacy/retention/ find.
 * Gives the number of jobs cleared.
 */
export async function expireSignatures(deps: { db: Database; clock: () => number; days: number }): Promise<number> {
  const { db, clock } = deps;
  const begun = clock();
  const cutoff = begun - deps.days * DAY_MS;
  await db.batch([deleteCodeAttempts(db, cutoff)]);
  for (let cleared = 0; ; ) {
    const [jobs] = await db.batch([sentJobs(db, { before: uuidAt(cutoff), limit: MOST })]);
    for (const { id } of jobs)
      await db.batch([deleteUnverified(db, id, { acceptedBefore: cutoff, now: begun }), deleteJob(db, id)]);
    cleared += jobs.length;
    if (jobs.length < MOST || clock() - begun > BUDGET_MS) return cleared;
  }
}
