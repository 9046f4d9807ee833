import type { Staff } from "../../access/staff.ts";
import type { ReferenceLists } from "../../areas/reference-lists.ts";
import { flawed } from "../../http/validation.ts";
import { localDay } from "../../lib/local-time.ts";
import { closesOn, closingMoment, MOST_MONTHS, opensOn, type Threshold } from "../opening.ts";
import { type DecidedOn, type DecisionDeps, decide } from "./decide.ts";
import type { PetitionToDecide } from "./decisions.store.ts";
import { setAnew } from "./reopen-petition.ts";
import { requireDepartment } from "./require-department.ts";

/** What holds for a petition when staff say nothing else. */
export interface OpeningPolicy {
  readonly timeZone: string;
  readonly thresholds: readonly Threshold[];
  /** Calendar months that a petition stays open. */
  readonly durationMonths: number;
}

export interface ApproveDeps extends DecisionDeps, OpeningPolicy {
  readonly lists: ReferenceLists;
}

/** Days (`YYYY-MM-DD`, the municipality's) or times. */
export interface Approval {
  readonly opens_at?: string | undefined;
  readonly closes_at?: string | undefined;
  readonly thresholds?: readonly Threshold[] | undefined;
  readonly department?: string | undefined;
}

const MOST_MONTHS_AHEAD = 12;

/**
 * Accepts a petition: it opens now, or when `opens_at` has come. Besides what `decide` raises, `invalid_request` for an
 * unknown department and for times that make no sense.
 */
export async function approvePetition(
  deps: ApproveDeps,
  staff: Staff,
  on: DecidedOn,
  approval: Approval,
): Promise<void> {
  if (approval.department !== undefined) await requireDepartment(deps, approval.department);
  await decide(deps, staff, on, {
    act: "approve",
    effect: (petition, now) => {
      const { opensAt, closesAt } = openingTimes(deps, petition, approval, now);
      const thresholds = approval.thresholds ?? (keepsThresholds(petition, now) ? null : deps.thresholds);
      const department = approval.department ?? petition.departmentCode;
      return {
        set: {
          state: opensAt > now ? "moderation" : "open",
          opensAt,
          closesAt,
          endedAt: null,
          departmentCode: department,
          approvedAt: now,
          approvedThresholds: thresholds && [...thresholds],
          ...(wasOpen(petition, now) && setAnew(petition, closesAt, now)),
          ...{ changesMessage: null, rejectionCode: null, rejectionDetails: null, stoppedBy: null, stopReason: null },
        },
        before: { department: petition.departmentCode },
        after: { opens_at: iso(opensAt), closes_at: iso(closesAt), thresholds: thresholds ?? "kept", department },
      };
    },
  });
}

/** Whether it was open before, and comes back from being hidden: it keeps what staff don't name anew. */
const wasOpen = ({ opensAt, approvedAt }: PetitionToDecide, now: number): boolean =>
  approvedAt === null && opensAt !== null && opensAt <= now;

/** An approval that kept the thresholds of what was open, and is given again for another day, keeps them too. */
const keepsThresholds = (petition: PetitionToDecide, now: number): boolean =>
  wasOpen(petition, now) || (petition.approvedAt !== null && petition.approvedThresholds === null);

function openingTimes(
  { timeZone, durationMonths }: OpeningPolicy,
  petition: PetitionToDecide,
  approval: Approval,
  now: number,
): { opensAt: number; closesAt: number } {
  const { opensAt, closesAt } = wasOpen(petition, now) ? petition : { opensAt: null, closesAt: null };
  const opens = approval.opens_at === undefined ? (opensAt ?? now) : opensOn(approval.opens_at, timeZone);
  // Today's day, named as such, began before now.
  const isPast = approval.opens_at !== undefined && localDay(opens, timeZone) < localDay(now, timeZone);
  if (isPast || opens > closingMoment(now, MOST_MONTHS_AHEAD, timeZone)) throw flawed("/opens_at", "out_of_range");
  const begins = approval.opens_at !== undefined ? Math.max(opens, now) : opens;
  const from = Math.max(begins, now);
  const kept = closesAt !== null && closesAt > from ? closesAt : closingMoment(from, durationMonths, timeZone);
  const closes = approval.closes_at === undefined ? kept : closesOn(approval.closes_at, timeZone);
  if (closes <= from || closes > closingMoment(from, MOST_MONTHS, timeZone)) throw flawed("/closes_at", "out_of_range");
  return { opensAt: begins, closesAt: closes };
}

const iso = (at: number): string => new Date(at).toISOString();
