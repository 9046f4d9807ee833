import type { Database } from "../db/database.ts";
import { abandonedDrafts, deleteDraft } from "./petitions.store.ts";

const DAY_MS = 24 * 60 * 60_000;
// Drafts of one run; what is left is the next run's.
const MOST = 200;

/** Removes drafts whose creator did not verify in time and whose signature has expired. Gives how many. */
export async function removeAbandonedDrafts(deps: {
  db: Database;
  clock: () => number;
  days: number;
}): Promise<number> {
  const before = deps.clock() - deps.days * DAY_MS;
  const [drafts] = await deps.db.batch([abandonedDrafts(deps.db, { before, limit: MOST })]);
  for (const { no } of drafts) await deps.db.batch(deleteDraft(deps.db, no));
  return drafts.length;
}
