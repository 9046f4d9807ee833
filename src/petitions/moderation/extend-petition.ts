import type { Staff } from "../../access/staff.ts";
import { flawed } from "../../http/validation.ts";
import { closesOn, closingMoment, MOST_MONTHS } from "../opening.ts";
import { type DecidedOn, type DecisionDeps, decide } from "./decide.ts";

/**
 * Lets an open petition close later: at the end of the day named; a pause of signing that is not over yet adds to that.
 * Raises what `decide` does, and `invalid_request` for a
 * day that is not later, or further off than a petition may last.
 */
export const extendPetition = (
  deps: DecisionDeps & { readonly timeZone: string },
  staff: Staff,
  on: DecidedOn,
  { closes_at }: { readonly closes_at: string },
): Promise<void> =>
  decide(deps, staff, on, {
    act: "extend",
    effect: ({ closesAt }, now) => {
      const closes = closesOn(closes_at, deps.timeZone);
      if (closes <= Math.max(closesAt ?? 0, now) || closes > closingMoment(now, MOST_MONTHS, deps.timeZone)) {
        throw flawed("/closes_at", "out_of_range");
      }
      return {
        set: { closesAt: closes },
        before: { closes_at: closesAt && new Date(closesAt).toISOString() },
        after: { closes_at: new Date(closes).toISOString() },
      };
    },
  });
