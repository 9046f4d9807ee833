import type { Staff } from "../../access/staff.ts";
import { Problem } from "../../http/problems.ts";
import { flawed } from "../../http/validation.ts";
import { petitionNo, publicId } from "../../lib/ids.ts";
import { type DecidedOn, type DecisionDeps, decide } from "../../petitions/moderation/decide.ts";
import { countMovesAt } from "../../petitions/petition.ts";
import { destroySecret, inTheWay } from "./erasure.store.ts";
import { retentionOf } from "./holds.store.ts";

type PetitionToDecide = Parameters<Parameters<typeof decide>[3]["effect"]>[0];

/**
 * Erases everything personal of a petition that is over, before its time: its secret is destroyed at once, the job takes
 * away the rest. There is no way back, so the petition's title or id is typed once more. Raises what `decide` does,
 * `invalid_request` for a wrong confirmation, `petition_erased`, `data_held`, `count_not_final`, and `run_state` while
 * signatures of it are being taken out, released or given back.
 */
export const erasePetition = (
  deps: DecisionDeps,
  staff: Staff,
  on: DecidedOn,
  { confirm, reason }: { readonly confirm: string; readonly reason: string },
): Promise<void> =>
  decide(deps, staff, on, {
    act: "erase",
    effect: async (petition, now) => {
      await refuse(deps, petition, { now, confirm });
      return { reason, also: (when) => destroySecret(deps.db, petitionNo(on.id), now, when) };
    },
  });

async function refuse(
  { db }: DecisionDeps,
  petition: PetitionToDecide,
  { now, confirm }: { now: number; confirm: string },
): Promise<void> {
  const [[row], [obstacle]] = await db.batch([retentionOf(db, petition.no), inTheWay(db, petition.no, now)]);
  if (confirm !== row?.title && confirm !== publicId("pet", petition.id)) throw flawed("/confirm", "not_confirmed");
  if (petition.wrappedSecret === null) throw new Problem("petition_erased");
  if (obstacle?.held) throw new Problem("data_held");
  if (countMovesAt(petition, now)) throw new Problem("count_not_final");
  if (obstacle?.running) {
    const running = { pointer: "/state", code: "running", detail: "is the state of an act on its signatures" };
    throw new Problem("run_state", { errors: [running] });
  }
}
