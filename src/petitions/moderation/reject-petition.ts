import type { Staff } from "../../access/staff.ts";
import { Problem } from "../../http/problems.ts";
import { flawed } from "../../http/validation.ts";
import type { RootKeys } from "../../lib/root-keys.ts";
import { type DecidedOn, type DecisionDeps, decide, withoutApproval } from "./decide.ts";
import { isReason, reasonByCode } from "./decisions.store.ts";

export interface RejectDeps extends DecisionDeps {
  readonly keys: RootKeys;
}

export interface Rejection {
  readonly code: string;
  readonly details?: string | undefined;
  /** Whether the petition is to be hidden; the reason says so by itself, and what contradicts it is refused. */
  readonly hidden?: boolean | undefined;
}

/**
 * Does not accept a petition: with a reason that may be shown it is public as rejected, with one that may not it is hidden
 * from the public, in whatever state it was. Besides what `decide` raises, `invalid_request` for a reason that is unknown or retired and
 * for `hidden` that is not the reason's.
 */
export async function rejectPetition(
  deps: RejectDeps,
  staff: Staff,
  on: DecidedOn,
  { code, details, hidden }: Rejection,
): Promise<void> {
  const [[reason]] = await deps.db.batch([reasonByCode(deps.db, code)]);
  if (!reason) {
    const unknown = { pointer: "/code", code: "unknown_code", detail: "is not in the municipality's list" };
    throw new Problem("invalid_request", { errors: [unknown] });
  }
  if (hidden !== undefined && hidden !== reason.hidden) throw flawed("/hidden", "reason");
  // What may not be shown to the public does not stay in the log for good either.
  const said =
    details === undefined
      ? {}
      : reason.hidden
        ? { details_digest: await deps.keys.hash("audit", details) }
        : { details };
  await decide(deps, staff, on, {
    act: reason.hidden ? "hide" : "reject",
    effect: (petition) => ({
      set: {
        ...withoutApproval(petition),
        state: reason.hidden ? "hidden" : "rejected",
        rejectionCode: code,
        rejectionDetails: details ?? null,
        changesMessage: null,
      },
      before: petition.rejectionCode === null ? {} : { code: petition.rejectionCode },
      after: said,
      reason: code,
      // What the reason says of hiding decides what the public sees: it must say so still when this is written.
      given: isReason(reason),
    }),
  });
}
