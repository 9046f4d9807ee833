import type { Database } from "../db/database.ts";
import { describeError, log } from "../lib/log.ts";
import { AHEAD_MS } from "./mailing.ts";
import { beginMailings, giveTurnUp, nextMailing, takeTurn } from "./mailing-steps.store.ts";
import { type PostPartDeps, postPart, type Turn } from "./post-part.ts";

// A call to a sender is given up long before; when it runs out, another worker takes over.
const LEASE_MS = 3 * 60_000;

// The job runs each minute: what a slow sender leaves over is the next run's.
const RUN_MS = 45_000;
const PARTS_A_RUN = 500;

/**
 * Sends what mailings may send in this minute, part by part. Before each part it looks anew whether mailings are paused,
 * whether other mail waits, and whose turn it is. May be missed, run twice, or two at once: one has the turn.
 */
export async function postMailings(deps: PostPartDeps): Promise<void> {
  const begun = deps.clock();
  for (let parts = 0; parts < PARTS_A_RUN && deps.clock() < begun + RUN_MS; parts++) {
    const turn = await turnOf(deps.db, deps.clock());
    if (!turn) return;
    try {
      await postPart(deps, turn);
    } catch (error) {
      await letGo(deps, turn);
      throw error;
    }
  }
}

/** Gives up the turn of a step that failed, so that no mailing waits for its lease to run out; the next minute goes on. */
const letGo = ({ db, clock }: PostPartDeps, { lease, dueAt }: Turn): Promise<unknown> =>
  db
    .batch([giveTurnUp(db, lease, Math.max(dueAt, clock()) + AHEAD_MS)])
    .catch((error) => log("mailing_turn_kept", describeError(error)));

async function turnOf(db: Database, now: number): Promise<Turn | null> {
  const lease = now + LEASE_MS;
  const at = { now, lease };
  const [taken, , [next]] = await db.batch([takeTurn(db, at), beginMailings(db, at), nextMailing(db, at)]);
  const dueAt = taken[0]?.dueAt;
  if (dueAt === undefined) return null;
  if (next) return { lease, dueAt, mailing: next.mailing, answer: next.answer };
  await db.batch([giveTurnUp(db, lease, dueAt)]);
  return null;
}
