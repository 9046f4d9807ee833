import { DatabaseFailure, type Statement } from "../db/database.ts";
import { newUuid } from "../lib/ids.ts";
import { localDay, localHour } from "../lib/local-time.ts";
import { describeError, log } from "../lib/log.ts";
import { enqueueMail } from "../mail/enqueue-mail.ts";
import { isReason, overviewsByScope } from "./due-reminders.ts";
import type { OverviewDeps } from "./read-overview.ts";
import { insertReminders, remindable, remindersOf } from "./reminders.store.ts";

/** The kind of the daily mail's jobs. Items: the day and the staff member's UUID, with a colon between. */
export const STAFF_REMINDER = "staff_reminder";

// The municipality's hour from which staff are reminded.
const FROM_HOUR = "08";
// Recipients of one job: a worker's share.
const JOB_ITEMS = 100;

/**
 * Reminds moderators and admins who want it of what waits in what they see, once a day, from 8 o'clock local time on: the
 * first run of the day decides. A run that was missed is made up for by the next one of the day, and of two at once the
 * database lets one through. Gives how many mails it has put into the outbox.
 */
export async function remindStaff(
  deps: OverviewDeps & { readonly ring: (jobIds: readonly string[]) => Promise<void> },
): Promise<number> {
  const { db, clock, timeZone, ring } = deps;
  const now = clock();
  const day = localDay(now, timeZone);
  if (localHour(now, timeZone).slice(11) < FROM_HOUR) return 0;
  const [[done]] = await db.batch([remindersOf(db, day)]);
  if (done) return 0;
  const [members] = await db.batch([remindable(db)]);
  const overviewOf = overviewsByScope(deps);
  const items: string[] = [];
  for (const member of members) {
    if (isReason(await overviewOf(member), now)) items.push(`${day}:${member.id}`);
  }
  const jobs = Array.from({ length: Math.ceil(items.length / JOB_ITEMS) }, (_, n) => ({
    id: newUuid(),
    kind: STAFF_REMINDER,
    items: items.slice(n * JOB_ITEMS, (n + 1) * JOB_ITEMS),
    now,
  }));
  const enqueued: Statement[] = jobs.map((job) => enqueueMail(db, job));
  try {
    await db.batch([insertReminders(db, day, now), ...enqueued]);
  } catch (error) {
    if (error instanceof DatabaseFailure && error.refused) return 0; // another run was quicker
    throw error;
  }
  if (jobs.length > 0) {
    await ring(jobs.map(({ id }) => id)).catch((error) => log("doorbell_failed", describeError(error)));
  }
  return items.length;
}
