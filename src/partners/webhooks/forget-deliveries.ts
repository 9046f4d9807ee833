import type { Database } from "../../db/database.ts";
import { deleteEnded, deleteOldest, endpointsWithDeliveries } from "./deliveries.store.ts";
import { dropPreviousKeys } from "./endpoints.store.ts";
import { KEPT_DAYS } from "./webhook.ts";

const DAY_MS = 24 * 60 * 60_000;
const ENDPOINTS_AT_ONCE = 50;
// Rows that one statement deletes; what is left goes an hour later.
const SLICE = 1_000;

/**
 * Forgets deliveries after 30 days, those of deleted endpoints at once, and secrets that sign no more: a slice of each
 * endpoint's an hour. Repeatable, and may be missed.
 */
export async function forgetDeliveries({
  db,
  clock,
}: {
  readonly db: Database;
  readonly clock: () => number;
}): Promise<void> {
  const now = clock();
  await db.batch([dropPreviousKeys(db, now)]);
  for (let after = ""; ; ) {
    const [endpoints] = await db.batch([endpointsWithDeliveries(db, { after, limit: ENDPOINTS_AT_ONCE })]);
    const last = endpoints.at(-1);
    if (!last) return;
    const [first, ...rest] = endpoints.flatMap(({ id, deleted }) => {
      const before = deleted ? Number.MAX_SAFE_INTEGER : now - KEPT_DAYS * DAY_MS;
      const oldest = deleteOldest(db, id, { before, limit: SLICE });
      return deleted ? [oldest, deleteEnded(db, id)] : [oldest];
    });
    if (first) await db.batch([first, ...rest]);
    after = last.id;
  }
}
