import type { Database } from "../../db/database.ts";
import { publicId } from "../../lib/ids.ts";
import { dayAfter, endOfDay, localDay } from "../../lib/local-time.ts";
import { endpointsWithoutTotals, insertTotals, noteTotals, petitionTotals } from "./totals.store.ts";

// Endpoints told by one run; the others by the next.
const AT_ONCE = 100;
// Some 30 KB of a message.
const MOST_PETITIONS = 200;

/**
 * Tells endpoints that want it the totals of the municipality's last whole day, once each, however often it runs. A day that
 * was missed altogether is not made up for: its totals would be another day's.
 */
export async function tellDailyTotals({
  db,
  clock,
  timeZone,
}: {
  readonly db: Database;
  readonly clock: () => number;
  readonly timeZone: string;
}): Promise<void> {
  const now = clock();
  const day = dayAfter(localDay(now, timeZone), -1);
  const span = { from: endOfDay(dayAfter(day, -1), timeZone), to: endOfDay(day, timeZone), limit: MOST_PETITIONS };
  const [endpoints] = await db.batch([endpointsWithoutTotals(db, { day, before: span.to, limit: AT_ONCE })]);
  for (const endpoint of endpoints) {
    const [totals] = await db.batch([petitionTotals(db, endpoint, span)]);
    const petitions = totals.map(({ id, state, verified, submitted, ownVerified }) => ({
      petition_id: publicId("pet", id),
      state,
      signature_count: verified,
      own: { submitted, verified: ownVerified },
    }));
    const data = JSON.stringify({ day, as_of: new Date(now).toISOString(), petitions });
    await db.batch([insertTotals(db, endpoint, { day, data }), noteTotals(db, endpoint.id, day)]);
  }
}
