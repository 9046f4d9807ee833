import { recordAct } from "../../access/audit.ts";
import type { Database } from "../../db/database.ts";
import { Problem } from "../../http/problems.ts";
import { petitionNo, publicId } from "../../lib/ids.ts";
import { requireState } from "../moderation/decision.ts";
import { type PetitionState, stateAt } from "../petition.ts";
import { type CreatorsChange, changePetition, petitionOfCreator, standsSo } from "./creator.store.ts";

export interface ChangeDeps {
  readonly db: Database;
  readonly clock: () => number;
}

/** A petition as its creator sees it. */
export type CreatorsPetition = NonNullable<Awaited<ReturnType<typeof readAsCreator>>>;

/** What a creator does to a petition. */
interface CreatorsAct {
  /** In the audit log. */
  readonly act: string;
  /** States in which it may be done. */
  readonly from: readonly PetitionState[];
  /** The change, and what the audit log says of it beside the version; null when nothing is to be changed. */
  readonly change: (
    petition: CreatorsPetition,
    now: number,
  ) => { columns: CreatorsChange; after?: Record<string, unknown> } | null;
}

// Each try that fails has lost against another change of the same petition.
const TRIES = 5;

/** A petition by its UUID as its creator sees it, read anew, in the state that it is in now. Raises `not_found`. */
export async function readAsCreator({ db, clock }: ChangeDeps, id: string) {
  const [[row]] = await db.batch([petitionOfCreator(db, petitionNo(id))]);
  if (row?.id !== id) throw new Problem("not_found");
  return { ...row, state: stateAt(row, clock()) };
}

/**
 * Does an act of a petition's creator, with its audit entry, in one transaction. It depends on the state and the version
 * that were read, so of two acts at once one comes after the other and is judged by what that one left. Gives the
 * petition as it is then. Raises `not_found`, and `illegal_state` naming the state.
 */
export async function changeAsCreator(deps: ChangeDeps, id: string, act: CreatorsAct): Promise<CreatorsPetition> {
  const { db } = deps;
  for (let tries = 0; tries < TRIES; tries++) {
    const petition = await readAsCreator(deps, id);
    const { state, version } = petition;
    requireState(state, act.from);
    const now = deps.clock();
    const change = act.change(petition, now);
    if (change === null) return petition;
    const entry = {
      ...{ actor: "creator" as const, act: act.act, subject: publicId("pet", id), at: now },
      before: { state, version },
      after: { state: change.columns.state ?? state, version: version + 1, ...change.after },
    };
    const [, changed, [row]] = await db.batch([
      recordAct(db, entry, standsSo(petition)),
      changePetition(db, petition, change.columns),
      petitionOfCreator(db, petition.no),
    ]);
    if (changed.length > 0 && row) return { ...row, state: stateAt(row, now) };
  }
  throw new Problem("unavailable", { headers: { "Retry-After": "1" } });
}
