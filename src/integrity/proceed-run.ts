import type { Database } from "../db/database.ts";
import { newUuid } from "../lib/ids.ts";
import { describeError, log } from "../lib/log.ts";
import { isUnderWay, type Run } from "./invalidation.ts";
import {
  countWithdrawals,
  endBatch,
  giveBack,
  giveBackWithdrawals,
  liftHolds,
  markNext,
  nameForExpiry,
  takeOut,
} from "./run-batches.store.ts";
import { runById } from "./runs.store.ts";

export interface RunDeps {
  readonly db: Database;
  readonly clock: () => number;
  /** Rings for runs on the REVIEW queue. */
  readonly ringReview: (runIds: readonly string[]) => Promise<void>;
}

// Signatures that one transaction looks at. It reads at most some three times as many rows and holds up other writes for
// some hundredths of a second, so signing goes on in between.
const BATCH = 1_000;

// Batches for one message of the queue: some seconds. The next message goes on.
const BATCHES_A_MESSAGE = 25;

/**
 * Does the next batches of a run, each one transaction with the run's progress, and rings for what is left. Whoever comes
 * second with a batch, or after a cancellation, changes nothing. Gives the run as it stands; undefined: there is none.
 */
export async function proceedRun(
  { db, clock, ringReview }: RunDeps,
  id: string,
  batches = BATCHES_A_MESSAGE,
): Promise<Run | undefined> {
  let run: Run | undefined = (await db.batch([runById(db, id)]))[0][0];
  for (let done = 0; run && isUnderWay(run) && done < batches; done++) run = await nextBatch(db, run, clock());
  if (run && isUnderWay(run)) await ringReview([id]);
  return run;
}

/** Does the first batch of a run at once; undefined when that fails: the sweeper takes the run up. */
export const beginRun = (deps: RunDeps, id: string): Promise<Run | undefined> =>
  proceedRun(deps, id, 1).catch((error: unknown) => {
    log("run_not_begun", describeError(error));
    return undefined;
  });

async function nextBatch(db: Database, run: Run, now: number): Promise<Run | undefined> {
  const next = markNext(db, run, BATCH);
  const end = endBatch(db, run, now);
  const after = runById(db, run.id);
  if (run.state === "undoing") {
    const withdrawn = giveBackWithdrawals(db, run, { limit: BATCH, now });
    const expiry = nameForExpiry(db, run, { limit: BATCH, now, jobId: newUuid() });
    const results = await db.batch([
      ...([next, withdrawn, countWithdrawals(db, run), expiry, giveBack(db, run, { limit: BATCH }), end] as const),
      after,
    ]);
    return results[6][0];
  }
  const change = run.act === "release" ? liftHolds(db, run, { limit: BATCH }) : takeOut(db, run, { limit: BATCH, now });
  const [, , , found] = await db.batch([next, change, end, after]);
  return found[0];
}
