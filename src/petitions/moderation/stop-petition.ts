import type { Staff } from "../../access/staff.ts";
import { type DecidedOn, type DecisionDeps, decide } from "./decide.ts";

/** Ends an open petition early, now. Raises what `decide` does. */
export const stopPetition = (
  deps: DecisionDeps,
  staff: Staff,
  on: DecidedOn,
  { reason }: { readonly reason: string },
): Promise<void> =>
  decide(deps, staff, on, {
    act: "stop",
    effect: (_, now) => ({
      set: { state: "stopped", endedAt: now, stoppedBy: "staff", stopReason: reason },
      reason,
    }),
  });
