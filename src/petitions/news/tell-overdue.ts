import type { Database } from "../../db/database.ts";
import { newUuid } from "../../lib/ids.ts";
import { localHour } from "../../lib/local-time.ts";
import { describeError, log } from "../../lib/log.ts";
import { insertOverdueMail, markOverdueMailed, overdueThresholds } from "./petition-news.store.ts";

/** A purpose of a job in the outbox: tell staff that an answer or a hearing is overdue. */
export const ANSWER_OVERDUE = "answer_overdue";

export const DAY_MS = 24 * 60 * 60_000;

// The municipality's hour from which staff are written to, as with the daily mail.
const FROM_HOUR = "08";
const AGAIN_MS = 7 * DAY_MS;
// Thresholds told of by one run; what is left is the next run's.
const MOST = 20;

/**
 * Tells those who look after a petition that what a threshold obliges to is overdue: when it becomes so, and weekly until it
 * is done or the petition is no longer shown. A missed run is made up for by the next one, and of two at once the database
 * lets one through. Gives how many mails' jobs it has put into the outbox.
 */
export async function tellOverdue(deps: {
  readonly db: Database;
  readonly clock: () => number;
  readonly timeZone: string;
  readonly responseDueDays: number;
  readonly ring: (jobIds: readonly string[]) => Promise<void>;
}): Promise<number> {
  const { db, clock, timeZone, responseDueDays } = deps;
  const now = clock();
  if (localHour(now, timeZone).slice(11) < FROM_HOUR) return 0;
  const overdue = { reachedBefore: now - responseDueDays * DAY_MS, toldBefore: now - AGAIN_MS };
  const [thresholds] = await db.batch([overdueThresholds(db, overdue, MOST)]);
  const made: string[] = [];
  for (const threshold of thresholds) {
    const job = { id: newUuid(), kind: ANSWER_OVERDUE, now };
    const [inserted] = await db.batch([
      insertOverdueMail(db, threshold, { job, overdue }),
      markOverdueMailed(db, threshold, { jobId: job.id, now }),
    ]);
    made.push(...inserted.map(({ id }) => id));
  }
  if (made.length > 0) await deps.ring(made).catch((error) => log("doorbell_failed", describeError(error)));
  return made.length;
}
