import type { Database } from "../db/database.ts";
import { dueJobs } from "./outbox.store.ts";

// Jobs rung for by one run; what is left is rung for a minute later. A job is up to 100 mails.
const MOST = 100;

/** Rings for every job of mail that is due and that no queue message speaks for any more. Gives how many. */
export async function ringForgottenMail(deps: {
  db: Database;
  clock: () => number;
  ring: (jobIds: readonly string[]) => Promise<void>;
}): Promise<number> {
  const [jobs] = await deps.db.batch([dueJobs(deps.db, { now: deps.clock(), limit: MOST })]);
  if (jobs.length > 0) await deps.ring(jobs.map(({ id }) => id));
  return jobs.length;
}
