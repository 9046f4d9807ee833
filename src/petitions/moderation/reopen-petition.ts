import type { Staff } from "../../access/staff.ts";
import { Problem } from "../../http/problems.ts";
import { flawed } from "../../http/validation.ts";
import { closesOn, closingMoment, MOST_MONTHS } from "../opening.ts";
import type { OpeningPolicy } from "./approve-petition.ts";
import { type DecidedOn, type DecisionDeps, decide } from "./decide.ts";
import type { PetitionChange, PetitionToDecide } from "./decisions.store.ts";

export interface ReopenDeps extends DecisionDeps, OpeningPolicy {}

/**
 * Takes an end back. What has closed or was stopped is open again: until `closes_at`, else until the day that was set if
 * that is still to come, else as long as a new petition. What was rejected or hidden is back among those that wait for
 * a decision. Raises what `decide` does, `petition_erased` for one whose secret is destroyed, because it could never seal
 * a signature again, and `invalid_request` for a day that makes no sense.
 */
export const reopenPetition = (
  deps: ReopenDeps,
  staff: Staff,
  on: DecidedOn,
  { closes_at }: { readonly closes_at?: string | undefined },
): Promise<void> =>
  decide(deps, staff, on, {
    act: "reopen",
    effect: (petition, now) => {
      if (petition.wrappedSecret === null) throw new Problem("petition_erased");
      if (petition.state === "rejected" || petition.state === "hidden") {
        if (closes_at !== undefined) throw flawed("/closes_at", "unknown_field");
        return {
          set: { state: "moderation", rejectionCode: null, rejectionDetails: null },
          before: { code: petition.rejectionCode },
        };
      }
      const closesAt = closingAgain(deps, petition, closes_at, now);
      return {
        set: {
          state: "open",
          closesAt,
          endedAt: null,
          stoppedBy: null,
          stopReason: null,
          ...setAnew(petition, closesAt, now),
        },
        before: { ended_at: petition.endedAt && new Date(petition.endedAt).toISOString() },
        after: { closes_at: new Date(closesAt).toISOString() },
      };
    },
  });

/** A deadline that is set anew owes nothing for pauses of signing before, and has not grown by any. */
export const setAnew = (
  { closesAt: before }: Pick<PetitionToDecide, "closesAt">,
  closesAt: number,
  now: number,
): PetitionChange => ({ reopenedAt: now, ...(closesAt !== before && { pauseCredit: 0 }) });

function closingAgain(
  { timeZone, durationMonths }: OpeningPolicy,
  { closesAt }: PetitionToDecide,
  named: string | undefined,
  now: number,
): number {
  if (named === undefined) {
    return closesAt !== null && closesAt > now ? closesAt : closingMoment(now, durationMonths, timeZone);
  }
  const closes = closesOn(named, timeZone);
  if (closes <= now || closes > closingMoment(now, MOST_MONTHS, timeZone)) {
    throw flawed("/closes_at", "out_of_range");
  }
  return closes;
}
