import type { Database } from "../../db/database.ts";
import { uuidAt } from "../../lib/ids.ts";
import { forgetHolds, forgetUnsentMail } from "./erasure.store.ts";

// By then nobody waits for the mail, and staff have seen that it was not sent.
const UNSENT_MS = 30 * 24 * 60 * 60_000;

/** Deletes what belongs to no pass: holds that are over, and jobs of mail that were never sent. */
export async function forgetWithTime({ db, clock }: { db: Database; clock: () => number }): Promise<void> {
  const now = clock();
  await db.batch([forgetHolds(db, now), forgetUnsentMail(db, uuidAt(now - UNSENT_MS))]);
}
