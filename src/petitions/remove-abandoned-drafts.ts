import type { Database } from "../db/database.ts";
import { describeError, log } from "../lib/log.ts";
import { abandonedDrafts, deleteDraft } from "./drafts.store.ts";

const DAY_MS = 24 * 60 * 60_000;
// Drafts of one run; what is left is the next run's.
const MOST = 200;

/**
 * Removes drafts whose creator did not verify in time and whose signature has expired; one that can't be removed stays
 * and stops no other. Gives how many are gone.
 */
export async function removeAbandonedDrafts(deps: {
  db: Database;
  clock: () => number;
  days: number;
}): Promise<number> {
  const before = deps.clock() - deps.days * DAY_MS;
  const [drafts] = await deps.db.batch([abandonedDrafts(deps.db, { before, limit: MOST })]);
  let removed = 0;
  for (const { no } of drafts) {
    try {
      const [, , , , , , , , gone] = await deps.db.batch(deleteDraft(deps.db, no));
      removed += gone.length;
    } catch (error) {
      log("draft_not_removed", describeError(error));
    }
  }
  return removed;
}
