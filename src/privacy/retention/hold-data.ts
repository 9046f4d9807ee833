import type { Staff } from "../../access/staff.ts";
import { Problem } from "../../http/problems.ts";
import { flawed } from "../../http/validation.ts";
import { petitionNo } from "../../lib/ids.ts";
import { type DecidedOn, type DecisionDeps, decide } from "../../petitions/moderation/decide.ts";
import { closesOn } from "../../petitions/opening.ts";
import { layHold, liftHold, retentionOf } from "./holds.store.ts";

// Long enough for courts; who needs longer lays it again.
const MOST_YEARS = 10;
const YEAR_MS = 365.25 * 24 * 60 * 60_000;

/**
 * Keeps a petition's personal data from being erased with time, until the end of a day: for legal reasons. It ends by itself,
 * or is laid again. Raises what `decide` does, `petition_erased`, and `invalid_request` for a day that is over or far off.
 */
export const holdData = (
  deps: DecisionDeps & { readonly timeZone: string },
  staff: Staff,
  on: DecidedOn,
  { reason, until }: { readonly reason: string; readonly until: string },
): Promise<void> =>
  decide(deps, staff, on, {
    act: "hold_data",
    effect: async (petition, now) => {
      if (petition.wrappedSecret === null) throw new Problem("petition_erased");
      const end = closesOn(until, deps.timeZone);
      if (end <= now || end > now + MOST_YEARS * YEAR_MS) throw flawed("/until", "out_of_range");
      const before = await holdOf(deps, petition.no, now);
      const hold = { reason, until: end, heldBy: staff.id, heldAt: now };
      return {
        before: { held_until: before && new Date(before).toISOString() },
        after: { held_until: new Date(end).toISOString() },
        reason,
        also: (when) => [layHold(deps.db, petitionNo(on.id), hold, when)],
      };
    },
  });

/** Takes a hold away before its day. Raises what `decide` does, and `not_found` when there is none. */
export const releaseData = (deps: DecisionDeps, staff: Staff, on: DecidedOn): Promise<void> =>
  decide(deps, staff, on, {
    act: "release_data",
    effect: async (petition, now) => {
      const before = await holdOf(deps, petition.no, now);
      if (before === null) throw new Problem("not_found");
      return {
        before: { held_until: new Date(before).toISOString() },
        after: { held_until: null },
        also: (when) => [liftHold(deps.db, petitionNo(on.id), when)],
      };
    },
  });

async function holdOf({ db }: DecisionDeps, no: number, now: number): Promise<number | null> {
  const [[row]] = await db.batch([retentionOf(db, no)]);
  return row?.until !== undefined && row.until !== null && row.until > now ? row.until : null;
}
