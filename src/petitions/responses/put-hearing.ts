import type { Staff } from "../../access/staff.ts";
import { flawed } from "../../http/validation.ts";
import { petitionNo } from "../../lib/ids.ts";
import { type DecidedOn, type DecisionDeps, decide } from "../moderation/decide.ts";
import { actOnThreshold, responseOf, writeHearing } from "./responses.store.ts";

/**
 * Says when a petition is heard and what came of it; what is left out stays as it was. The threshold that obliges to a
 * hearing is acted on once there is a day. Raises what `decide` does, and `invalid_request` for an outcome without a day.
 */
export const putHearing = (
  deps: DecisionDeps,
  staff: Staff,
  on: DecidedOn,
  input: { readonly date?: string | undefined; readonly outcome?: string | undefined },
): Promise<void> =>
  decide(deps, staff, on, {
    act: "hear",
    effect: async (_, now) => {
      const no = petitionNo(on.id);
      const [[row]] = await deps.db.batch([responseOf(deps.db, no)]);
      const date = input.date ?? row?.hearingDate;
      if (!date) throw flawed("/date", "missing");
      const hearing = { date, outcome: input.outcome ?? row?.hearingOutcome ?? null };
      return {
        before: { hearing: row?.hearingDate ? { date: row.hearingDate, outcome: row.hearingOutcome } : null },
        after: { hearing },
        also: (when) => [
          writeHearing(deps.db, no, { ...hearing, now }, when),
          actOnThreshold(deps.db, no, { name: "hearing", now }, when),
        ],
      };
    },
  });
