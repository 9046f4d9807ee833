import { recordAct } from "../access/audit.ts";
import type { Staff } from "../access/staff.ts";
import type { Condition, Database, Statement } from "../db/database.ts";
import { requireVersion } from "../http/if-match.ts";
import { Problem } from "../http/problems.ts";
import { publicId } from "../lib/ids.ts";
import { notMailed } from "./draft-mailing.ts";
import { findMailing, type MailingOfPetition } from "./find-mailing.ts";
import { requireMailingState, wrongState } from "./mailing-state.ts";
import { cancelMailing, confirmDraft, mailingIsIn, mayGoOut, resumeMailing } from "./mailings.store.ts";

export interface DecideMailingDeps {
  readonly db: Database;
  readonly clock: () => number;
}

/**
 * Lets a draft go out, as it was read and to as many as were counted then. It begins within a minute. Raises `not_found`,
 * `precondition_failed`, `run_state` when it is no draft or is still being counted, `mailing_under_way` while another
 * mailing of the petition is, `illegal_state` when the petition is not open, closed or stopped.
 */
export async function confirmMailing(
  deps: DecideMailingDeps,
  staff: Staff,
  { id, tags }: { id: string; tags: readonly string[] },
): Promise<MailingOfPetition> {
  const { db, clock } = deps;
  const found = await findMailing(deps, staff, id);
  const { mailing } = found;
  requireVersion(tags, mailing.version);
  requireMailingState(mailing, ["draft"]);
  if (mailing.countedTo !== null) throw wrongState("counting");
  const now = clock();
  const after = { expected_recipients: mailing.expected };
  const when = mayGoOut(mailing, now);
  const [, written] = await db.batch([
    act(db, staff, found, { verb: "confirm", now, after }, when),
    confirmDraft(db, mailing.id, now, when),
  ]);
  if (written.meta.changes > 0) return findMailing(deps, staff, id);
  const again = await findMailing(deps, staff, id);
  requireVersion(tags, again.mailing.version);
  if (!["open", "closed", "stopped"].includes(again.petitionState)) throw await notMailed(db, mailing.petitionNo);
  throw new Problem("mailing_under_way");
}

const CANCELLABLE = ["draft", "waiting", "running", "parked"] as const;

/** Ends a mailing where it stands: a part that is on its way goes out. Raises `not_found`, and `run_state` once it is over. */
export async function cancel(deps: DecideMailingDeps, staff: Staff, id: string): Promise<MailingOfPetition> {
  const { db, clock } = deps;
  const found = await findMailing(deps, staff, id);
  const now = clock();
  const [, written] = await db.batch([
    act(db, staff, found, { verb: "cancel", now }, mailingIsIn(found.mailing.id, CANCELLABLE)),
    cancelMailing(db, found.mailing.id, { from: CANCELLABLE, now }),
  ]);
  const after = await findMailing(deps, staff, id);
  if (written.meta.changes === 0) throw wrongState(after.mailing.state);
  return after;
}

/** Lets a parked mailing go on where it stands. Raises `not_found`, and `run_state` when it is not parked. */
export async function resume(deps: DecideMailingDeps, staff: Staff, id: string): Promise<MailingOfPetition> {
  const { db, clock } = deps;
  const found = await findMailing(deps, staff, id);
  const now = clock();
  const [, written] = await db.batch([
    act(db, staff, found, { verb: "resume", now }, mailingIsIn(found.mailing.id, ["parked"])),
    resumeMailing(db, found.mailing.id, now),
  ]);
  const after = await findMailing(deps, staff, id);
  if (written.meta.changes === 0) throw wrongState(after.mailing.state);
  return after;
}

const act = (
  db: Database,
  staff: Staff,
  { mailing, petitionId }: MailingOfPetition,
  { verb, now, after = {} }: { verb: string; now: number; after?: Record<string, unknown> },
  when: Condition,
): Statement =>
  recordAct(
    db,
    {
      actor: staff,
      act: `mailing.${verb}`,
      subject: publicId("pet", petitionId),
      before: { state: mailing.state },
      after: { mailing: publicId("mlg", mailing.id), kind: mailing.kind, ...after },
      at: now,
    },
    when,
  );
