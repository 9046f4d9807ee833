import type { Database, Statement } from "../../db/database.ts";
import { describeError, log } from "../../lib/log.ts";
import {
  deleteUnverified,
  endLook,
  eraseAddressDigests,
  eraseAddresses,
  lookAhead,
  noteFailure,
  noteLook,
  toLookThrough,
} from "./passes.store.ts";
import { agesAt, nextLook, type Passing, type RetentionPolicy, retryIn } from "./retention.ts";

export interface PassDeps {
  readonly db: Database;
  readonly clock: () => number;
  readonly policy: RetentionPolicy;
  /** Signatures of a slice and of a run. */
  readonly slice?: number;
  readonly most?: number;
}

// A slice holds the database for some hundredths of a second, which nobody who signs notices.
export const SLICE = 2_000;
// Signatures of a run: a million are through in 25 minutes, and a run stays within seconds.
const MOST = 40_000;
// What a call is worth of that: a run makes at most 200, of the 1,000 that the platform allows.
const CALL = 200;
// Petitions asked for at a time.
const PETITIONS = 20;

/**
 * Erases addresses and networks that have come of age, and deletes what is unverified and whose job of mail was lost: passes
 * through petitions' signatures in slices, each petition at most once a day and only when something in it is due. A petition
 * that fails is tried again later and stops no other; one that is held is left out. Each slice is one transaction, so a
 * run may be missed, doubled, or die anywhere. Gives how many petitions it has done something for.
 */
export async function expireAddresses(deps: PassDeps): Promise<number> {
  const { db, clock, most = MOST } = deps;
  let [left, passed] = [most, 0];
  while (left > 0) {
    const [due] = await db.batch([toLookThrough(db, clock(), PETITIONS)]);
    if (due.length === 0) break;
    left -= CALL;
    for (const pass of due) {
      if (left <= 0) break;
      left -= await attempt(db, { clock, pass, work: () => look(deps, pass, left) });
      passed++;
    }
  }
  return passed;
}

/** Does work on one petition and gives what it cost; a failure is noted, so that the next petition has its turn. */
export async function attempt(
  db: Database,
  { clock, pass, work }: { clock: () => number; pass: Passing; work: () => Promise<number> },
): Promise<number> {
  try {
    return await work();
  } catch (error) {
    const told = describeError(error);
    log("retention_failed", { petition: pass.petitionNo.toString(16).padStart(8, "0"), ...told });
    const now = clock();
    const note = { now, retryAt: now + retryIn(pass.failures), error: String(told.code ?? told.error) };
    await db.batch([noteFailure(db, pass.petitionNo, note)]);
    return 2 * CALL;
  }
}

/** Goes on with a petition's pass, at most `left` signatures. Gives what it cost. */
async function look(deps: PassDeps, begun: Passing, left: number): Promise<number> {
  const { db, clock, policy, slice = SLICE } = deps;
  let [pass, cost] = [begun, 0];
  while (cost < left) {
    const now = clock();
    const ages = agesAt(now, policy);
    const [[found]] = await db.batch([lookAhead(db, pass, { ages, now, limit: slice })]);
    if (!found) return cost;
    const { last, addresses, unverified } = found;
    const begunAt = pass.begunAt ?? now;
    const nextAt = Math.min(found.nextAt ?? Number.POSITIVE_INFINITY, pass.nextAt ?? Number.POSITIVE_INFINITY);
    const to = { cursor: last ?? pass.cursor, begunAt, nextAt: nextAt < 9e15 ? nextAt : null };
    const part = { petitionNo: pass.petitionNo, from: pass.cursor, to: to.cursor, now };
    const isLast = found.rows < slice;
    const work: Statement[] = [
      ...(unverified > 0 ? [deleteUnverified(db, part, ages.unverifiedBefore)] : []),
      ...(addresses > 0 ? [eraseAddresses(db, part, ages)] : []),
      ...(isLast ? eraseAddressDigests(db, pass.petitionNo, ages) : []),
    ];
    const note = isLast ? endLook(db, pass, nextLook(to, policy)) : noteLook(db, pass, to);
    const [noted] = await db.batch([note, ...work]);
    cost += Math.max(found.rows, 2 * CALL);
    // Somebody else has done this slice too: they go on.
    if (noted.length === 0 || isLast) return cost;
    pass = { ...pass, ...to };
  }
  return cost;
}
