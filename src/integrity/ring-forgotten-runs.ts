import type { RunDeps } from "./proceed-run.ts";
import { forgottenRuns } from "./runs.store.ts";

// A message goes on within seconds: what has not moved for so long has no message any more.
const FORGOTTEN_MS = 60_000;
const MOST = 100;

/** Rings for every run under way that no queue message speaks for any more. Gives how many. */
export async function ringForgottenRuns({ db, clock, ringReview }: RunDeps): Promise<number> {
  const [runs] = await db.batch([forgottenRuns(db, { before: clock() - FORGOTTEN_MS, limit: MOST })]);
  if (runs.length > 0) await ringReview(runs.map(({ id }) => id));
  return runs.length;
}
