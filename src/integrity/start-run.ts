import { recordAct } from "../access/audit.ts";
import type { Staff } from "../access/staff.ts";
import { newUuid, petitionNo, publicId } from "../lib/ids.ts";
import { requireUnerased } from "../petitions/require-unerased.ts";
import type { Conditions, InvalidationReason, Run } from "./invalidation.ts";
import { beginRun, type RunDeps } from "./proceed-run.ts";
import { markCreator } from "./run-batches.store.ts";
import { shownConditions } from "./run-view.ts";
import { insertRun, runById } from "./runs.store.ts";

/**
 * Begins to take out, or with no `reason` to release, the signatures of a petition that meet all conditions and were
 * accepted until now, with its entry in the audit log. The first batch is done at once, so that small acts are over when
 * staff read the answer; the queue does the rest. Gives the run as it stands. Raises `petition_erased`.
 * @param what.petitionId the petition's UUID
 */
export async function startRun(
  deps: RunDeps,
  staff: Staff,
  what: { petitionId: string; conditions: Conditions; reason: InvalidationReason | null },
): Promise<Run> {
  const { db } = deps;
  const { petitionId, conditions, reason } = what;
  await requireUnerased(db, petitionNo(petitionId));
  const now = deps.clock();
  const act = reason === null ? ("release" as const) : ("invalidate" as const);
  const run = {
    ...{ id: newUuid(), petitionNo: petitionNo(petitionId), act, reason, conditions },
    ...{ state: "running" as const, actor: staff.id, createdAt: now },
  };
  const entry = recordAct(db, {
    actor: staff,
    act: act === "release" ? "holds.release" : "invalidation.start",
    subject: publicId("pet", petitionId),
    after: { id: publicId(act === "release" ? "rel" : "inv", run.id), where: shownConditions(conditions) },
    reason: reason ?? undefined,
    at: now,
  });
  const [, , , [begun]] = await db.batch([entry, insertRun(db, run), markCreator(db, run), runById(db, run.id)]);
  return (await beginRun(deps, run.id)) ?? (begun as Run);
}
