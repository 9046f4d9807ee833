import { recordAct } from "../../access/audit.ts";
import type { Staff } from "../../access/staff.ts";
import type { Condition, Database, Statement } from "../../db/database.ts";
import { requireVersion } from "../../http/if-match.ts";
import { Problem } from "../../http/problems.ts";
import { petitionNo, publicId } from "../../lib/ids.ts";
import { LEGAL_STATES, requireState, type StaffAct } from "./decision.ts";
import {
  closeIfDue,
  type PetitionChange,
  type PetitionToDecide,
  petitionToDecide,
  standsAs,
  writeDecision,
} from "./decisions.store.ts";

export interface DecisionDeps {
  readonly db: Database;
  readonly clock: () => number;
}

/** On what staff decide: a petition's UUID, and the entity tags of the version that they have read. */
export interface DecidedOn {
  readonly id: string;
  readonly tags: readonly string[];
}

/** What a decision changes, for the petition's row and for the audit log (there without residents' data). */
export interface Effect {
  readonly set?: PetitionChange;
  readonly before?: Record<string, unknown>;
  readonly after?: Record<string, unknown>;
  readonly reason?: string | undefined;
  /** What must hold besides, at that point of the transaction. */
  readonly given?: Condition;
  /** What else is written with it, each statement only where the condition holds. */
  readonly also?: (when: Condition) => readonly Statement[];
}

// Who was outrun reads why: the version has moved on, or the clock has closed the petition.
const TRIES = 3;

/**
 * Writes a decision with its entry in the audit log, in one transaction and only if the petition still stands as it was
 * read. Raises `precondition_failed` when it is not the version that staff have read, `illegal_state` when its state does
 * not allow the act, and whatever `effect` raises.
 * @param effect from the petition as it stands and the moment (milliseconds since 1970)
 */
export async function decide(
  { db, clock }: DecisionDeps,
  staff: Staff,
  { id, tags }: DecidedOn,
  { act, effect }: { act: StaffAct; effect: (petition: PetitionToDecide, now: number) => Effect | Promise<Effect> },
): Promise<void> {
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const now = clock();
    const no = petitionNo(id);
    const [, [petition]] = await db.batch([closeIfDue(db, no, now), petitionToDecide(db, no)]);
    if (petition?.id !== id) throw new Problem("not_found");
    requireVersion(tags, petition.version);
    requireState(petition.state, LEGAL_STATES[act]);
    const { set = {}, before, after, reason, given, also } = await effect(petition, now);
    const entry = {
      actor: staff,
      act: `petition.${act}`,
      subject: publicId("pet", id),
      before: { state: petition.state, ...before },
      after: { state: set.state ?? petition.state, ...after },
      reason,
      at: now,
    };
    const when = standsAs(petition, given);
    // The petition's row goes last: until then the condition is what it was.
    const write = writeDecision(db, petition, set, when);
    const results = await db.batch([recordAct(db, entry, when), ...(also?.(when) ?? []), write]);
    const written = results.at(-1) as Awaited<typeof write>;
    if (written.length > 0) return;
  }
  throw new Problem("precondition_failed");
}

/** What a decision takes back when it ends the wait of a petition that was approved to open later. */
export const withoutApproval = ({ state, approvedAt }: PetitionToDecide): PetitionChange =>
  state === "moderation" && approvedAt !== null
    ? { opensAt: null, closesAt: null, approvedAt: null, approvedThresholds: null }
    : {};
