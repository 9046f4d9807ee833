import { recordAct } from "../access/audit.ts";
import { type Staff, seesDepartment } from "../access/staff.ts";
import type { Database } from "../db/database.ts";
import { Problem } from "../http/problems.ts";
import { parsePublicId, publicId } from "../lib/ids.ts";
import { requireUnerased } from "../petitions/require-unerased.ts";
import type { Run } from "./invalidation.ts";
import { beginRun, type RunDeps } from "./proceed-run.ts";
import { cancelRun, runIsIn, runWithPetition, turnRound } from "./runs.store.ts";

/** A run and the UUID of its petition. */
export type RunOfPetition = Run & { readonly petitionId: string };

const PREFIX = { invalidate: "inv", release: "rel" } as const;

/** A run by its public id; raises `not_found` when there is none that the staff member may see. */
export async function findRun(
  { db }: { db: Database },
  staff: Staff,
  { act, id }: { act: Run["act"]; id: string },
): Promise<RunOfPetition> {
  const uuid = parsePublicId(PREFIX[act], id);
  const [[found]] = uuid ? await db.batch([runWithPetition(db, uuid, act)]) : [[]];
  if (!found || !seesDepartment(staff, found.department)) throw new Problem("not_found");
  return found;
}

/** Ends a run where it stands: what it has done stays. Raises `not_found`, and `run_state` when it is not running. */
export async function cancel(deps: RunDeps, staff: Staff, of: { act: Run["act"]; id: string }): Promise<RunOfPetition> {
  const { db } = deps;
  const run = await findRun(deps, staff, of);
  const now = deps.clock();
  const entry = actOn(run, staff, { verb: "cancel", now, db, when: runIsIn(run.id, ["running"]) });
  const [, changed] = await db.batch([entry, cancelRun(db, run.id, now)]);
  return changed.meta.changes > 0 ? findRun(deps, staff, of) : refuse(deps, staff, of);
}

/**
 * Gives back every signature that a run has taken out, as it was before; also while it is still running. What a person has
 * withdrawn meanwhile, or whose place somebody else has taken, is counted instead. The first batch is done at once. Raises
 * `not_found`, `petition_erased`, and `run_state` when it has been undone.
 */
export async function undo(deps: RunDeps, staff: Staff, id: string): Promise<RunOfPetition> {
  const { db } = deps;
  const of = { act: "invalidate", id } as const;
  const run = await findRun(deps, staff, of);
  await requireUnerased(db, run.petitionNo);
  const from = ["running", "done", "cancelled"] as const;
  const now = deps.clock();
  const entry = actOn(run, staff, { verb: "undo", now, db, when: runIsIn(run.id, from) });
  const [, changed] = await db.batch([entry, turnRound(db, run.id, { from, now })]);
  if (changed.meta.changes === 0) return refuse(deps, staff, of);
  await beginRun(deps, run.id);
  return findRun(deps, staff, of);
}

type ActOn = { verb: "cancel" | "undo"; now: number; db: Database; when: ReturnType<typeof runIsIn> };

const actOn = (run: RunOfPetition, staff: Staff, { verb, now, db, when }: ActOn) =>
  recordAct(
    db,
    {
      actor: staff,
      act: `${run.act === "release" ? "holds" : "invalidation"}.${verb}`,
      subject: publicId("pet", run.petitionId),
      before: { id: publicId(PREFIX[run.act], run.id), state: run.state },
      at: now,
    },
    when,
  );

async function refuse(deps: RunDeps, staff: Staff, of: { act: Run["act"]; id: string }): Promise<never> {
  const { state } = await findRun(deps, staff, of);
  throw new Problem("run_state", {
    errors: [{ pointer: "/state", code: state, detail: "is the state that it is in" }],
  });
}
