import type { Database } from "../db/database.ts";
import { newUuid } from "../lib/ids.ts";
import { describeError, log } from "../lib/log.ts";
import type { SwitchDeps } from "../limits/refuse-paused.ts";
import { insertReminders, jobsToFollow, markFollowed, troubledJob } from "./verification-reminders.store.ts";

/** The reminder comes a day after the verification mail has gone out. */
export const REMIND_AFTER_MS = 24 * 60 * 60_000;

// Jobs followed by one run, each of at most 100 mails: a peak's reminders must not stand in the way of new signers' mails.
const MOST = 20;

// A job of mail is due a few minutes at most while all is well, and fails three times when the provider is in trouble.
const LATE_MS = 10 * 60_000;
const FAILED_OFTEN = 3;

/**
 * Reminds those who have not verified a day after their mail, once ever and only while their petition is open. The jobs of
 * the mails name them, so a signature pays for none of this; of two runs at once the database lets one through. While
 * mailings are paused or mail is in trouble the reminders wait. Gives how many jobs it has put into the outbox.
 */
export async function remindUnverified(
  deps: SwitchDeps & {
    readonly db: Database;
    readonly clock: () => number;
    readonly ring: (jobIds: readonly string[]) => Promise<void>;
  },
): Promise<number> {
  const { db, clock } = deps;
  const now = clock();
  const [jobs, troubled] = await db.batch([
    jobsToFollow(db, { now, limit: MOST }),
    troubledJob(db, { dueBefore: now - LATE_MS, attempts: FAILED_OFTEN }),
  ]);
  if (jobs.length === 0 || troubled.length > 0) return 0;
  if ((await deps.switches()).mailings_paused !== null) return 0;
  const made: string[] = [];
  for (const { id: jobId } of jobs) {
    const [inserted] = await db.batch([insertReminders(db, { jobId, id: newUuid(), now }), markFollowed(db, jobId)]);
    made.push(...inserted.map(({ id }) => id));
  }
  if (made.length > 0) await deps.ring(made).catch((error) => log("doorbell_failed", describeError(error)));
  return made.length;
}
