import type { Database } from "../db/database.ts";
import { uuidAt, uuidHex } from "../lib/ids.ts";
import { deleteOldTests } from "./test-submissions.store.ts";

/** How long what a test key sent is kept. */
export const TEST_KEPT_MS = 24 * 60 * 60_000;

const AT_ONCE = 500;
const BUDGET_MS = 10_000;

/** Deletes what test keys sent a day ago, a part at a time; what time does not allow is the next run's. */
export async function forgetTests({ db, clock }: { db: Database; clock: () => number }): Promise<void> {
  const begun = clock();
  const before = uuidHex(uuidAt(begun - TEST_KEPT_MS));
  for (let deleted = AT_ONCE; deleted > 0 && clock() - begun < BUDGET_MS; ) {
    const [{ meta }] = await db.batch([deleteOldTests(db, { before, limit: AT_ONCE })]);
    deleted = meta.changes;
  }
}
