import { recordAct } from "../../access/audit.ts";
import type { Statement } from "../../db/database.ts";
import { publicId } from "../../lib/ids.ts";
import { log } from "../../lib/log.ts";
import * as store from "./erasure.store.ts";
import { attempt, type PassDeps, SLICE } from "./expire-addresses.ts";
import { deleteUnverified, erasePersonal, lookForPersonal } from "./passes.store.ts";
import { eraseMoment, type Passing, planOf } from "./retention.ts";

// Signatures of a run: each is a row written, so a million take some 50 minutes.
const MOST = 20_000;
// What a call is worth of that.
const CALL = 200;
// Petitions begun, or gone on with, at a time.
const PETITIONS = 20;
// Petitions of which it is worked out at a time when they are erased.
const PLANNED = 500;
// After so long no isolate knows the secret any more (5 s, and 10 s to spare): nothing is sealed behind a pass.
const FORGOTTEN_MS = 15_000;
// Rows beside the signatures that one transaction deletes or empties.
const PART = 2_000;

/**
 * Works out when each petition that is over is erased: again when a setting has changed. Run each hour. Gives how many.
 */
export async function planErasures({ db, policy }: Pick<PassDeps, "db" | "policy">): Promise<number> {
  const plan = planOf(policy);
  for (let planned = 0; ; ) {
    const [found] = await db.batch([store.unplanned(db, plan, PLANNED)]);
    if (found.length === 0) return planned;
    const moments = found.map((one) => ({ ...one, eraseAt: eraseMoment(one.overSince, policy) }));
    await db.batch([store.planErasures(db, plan, moments)]);
    planned += found.length;
  }
}

/**
 * Erases everything personal of petitions whose time has come. The first step destroys the petition's secret, in one
 * transaction: from there on nothing of it opens, wherever a run dies. Then passes in slices take away what was sealed and
 * hashed, until one finds nothing more. A petition that is held is not begun; one that fails is tried again later; neither
 * stops another. Runs may be missed, doubled, or die anywhere. Gives how many petitions are done.
 */
export async function erasePetitions(deps: PassDeps): Promise<number> {
  const { db, clock, policy, most = MOST } = deps;
  const now = clock();
  const plan = planOf(policy);
  const [due] = await db.batch([store.dueErasures(db, { plan, now, limit: PETITIONS })]);
  for (const pass of due) {
    await attempt(db, { clock, pass, work: () => begin(deps, pass, plan) });
  }
  let [left, done] = [most, 0];
  while (left > 0) {
    const asked = { before: clock() - FORGOTTEN_MS, now: clock(), limit: PETITIONS };
    const [found] = await db.batch([store.erasures(db, asked)]);
    if (found.length === 0) break;
    left -= CALL;
    for (const pass of found) {
      if (left <= 0) break;
      const work = async () => {
        const { cost, isDone } = await proceed(deps, pass, left);
        done += isDone ? 1 : 0;
        return cost;
      };
      left -= await attempt(db, { clock, pass, work });
    }
  }
  return done;
}

async function begin(
  { db, clock }: PassDeps,
  { petitionNo: no, petitionId }: { petitionNo: number; petitionId: string },
  plan: string,
): Promise<number> {
  const now = clock();
  const when = store.mayBeErased(no, { plan, now });
  const act = { actor: "service", act: "petition.erase", subject: publicId("pet", petitionId), at: now } as const;
  await db.batch([recordAct(db, act, when), store.newVersion(db, no, when), ...store.destroySecret(db, no, now, when)]);
  return CALL;
}

/** Goes on erasing a petition, at most `left` signatures. */
async function proceed(
  { db, clock, slice = SLICE }: PassDeps,
  begun: Passing & { readonly hits: number },
  left: number,
): Promise<{ cost: number; isDone: boolean }> {
  let [pass, hits, cost] = [begun as Passing, begun.hits, 0];
  while (cost < left) {
    const [[found]] = await db.batch([lookForPersonal(db, pass, slice)]);
    if (!found) break;
    cost += Math.max(found.rows + found.hits, 2 * CALL);
    const cursor = found.last ?? pass.cursor;
    // Holds are for what is not begun: the secret is gone.
    const part = { petitionNo: pass.petitionNo, from: pass.cursor, to: cursor, now: Number.MAX_SAFE_INTEGER };
    const work: Statement[] = found.hits > 0 ? [deleteUnverified(db, part), erasePersonal(db, part)] : [];
    const [noted] = await db.batch([store.noteErased(db, pass, { cursor, erased: found.hits }), ...work]);
    // Somebody else has done this slice too: they go on.
    if (noted.length === 0) break;
    pass = { ...pass, cursor };
    hits += found.hits;
    if (found.rows < slice) return { cost: cost + CALL, isDone: await conclude({ db, clock }, pass, hits) };
  }
  return { cost, isDone: false };
}

/** Ends a pass over all rows: the erasure, if it has found nothing; else a further one begins. */
async function conclude({ db, clock }: Pick<PassDeps, "db" | "clock">, pass: Passing, hits: number): Promise<boolean> {
  if (hits > 0) {
    await db.batch([store.eraseAgain(db, pass)]);
    return false;
  }
  for (const part of [store.deleteTries, store.forgetSentFor, store.deleteTests]) {
    for (let changed = PART; changed === PART; ) {
      const [{ meta }] = await db.batch([part(db, pass.petitionNo, PART)]);
      changed = meta.changes;
    }
  }
  const [first, ...rest] = store.endErasure(db, pass, clock());
  const results = await db.batch([first, ...rest]);
  const ended = results.at(-1) as { erased: number }[];
  if (ended[0]) log("petition_erased", { petition: hexOf(pass), signatures: ended[0].erased });
  return ended.length > 0;
}

const hexOf = ({ petitionNo }: Passing): string => petitionNo.toString(16).padStart(8, "0");
