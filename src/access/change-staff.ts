import { Problem } from "../http/problems.ts";
import { publicId } from "../lib/ids.ts";
import { recordAct } from "./audit.ts";
import { asTaken, inAudit, requireFree, type StaffDeps, type StaffInput } from "./create-staff.ts";
import {
  activeMember,
  allHold,
  notLastAdmin,
  type StaffRow,
  staffById,
  updateOwn,
  updateStaff,
} from "./staff.store.ts";
import { memberId, type Staff, seesDepartment } from "./staff.ts";

export interface ChangeStaffDeps extends StaffDeps {
  /** Whether an e-mail address is enough to get in. */
  readonly singleSignOn: boolean;
}

/** The member with a UUID whom somebody may manage. Raises `not_found` for others, and for those whose access has ended. */
export async function requireMember({ db }: StaffDeps, actor: Staff, id: string): Promise<StaffRow> {
  const [[member]] = await db.batch([staffById(db, id)]);
  if (!member || member.revokedAt !== null || !seesDepartment(actor, member.departmentCode)) {
    throw new Problem("not_found");
  }
  return member;
}

/**
 * Changes a member of staff; what is the same already leaves no trace. Raises `not_found`, `invalid_request` when there
 * is no such department, `email_taken`, `own_access` for one's own role or department, and `last_admin`.
 */
export async function changeStaff(
  deps: ChangeStaffDeps,
  actor: Staff,
  { id, input }: { id: string; input: StaffInput },
): Promise<StaffRow> {
  const { db, clock, singleSignOn } = deps;
  const before = await requireMember(deps, actor, id);
  if (!seesDepartment(actor, input.department)) throw new Problem("not_found");
  await requireFree(db, input, before);
  const accessChanges = before.role !== input.role || before.departmentCode !== input.department;
  if (accessChanges && memberId(actor) === id) throw new Problem("own_access");
  const { department: departmentCode, ...rest } = input;
  const after = { ...before, ...rest, departmentCode };
  if (JSON.stringify(inAudit(after)) === JSON.stringify(inAudit(before))) return before;
  const now = clock();
  const stays = accessChanges || input.email === null;
  const when = allHold(activeMember(id), stays ? notLastAdmin(id, { now, singleSignOn }) : undefined);
  const entry = recordAct(
    db,
    {
      actor,
      act: "staff.change",
      subject: publicId("stf", id),
      before: inAudit(before),
      after: inAudit(after),
      at: now,
    },
    when,
  );
  const [, changed] = await db.batch([entry, updateStaff(db, id, { ...rest, departmentCode }, when)]).catch(asTaken);
  if (changed.length > 0) return after;
  // Somebody ended the member's access meanwhile, or took the last other admin's.
  await requireMember(deps, actor, id);
  throw new Problem("last_admin");
}

/** Sets what members choose for themselves: the language of mails, and whether they are reminded. Raises `not_found`. */
export async function changeOwnSettings(
  deps: StaffDeps,
  actor: Staff,
  input: Pick<StaffInput, "locale" | "reminders">,
): Promise<StaffRow> {
  const { db, clock } = deps;
  const id = memberId(actor);
  if (id === null) throw new Problem("not_found");
  const before = await requireMember(deps, actor, id);
  if (before.locale === input.locale && before.reminders === input.reminders) return before;
  const { locale, reminders } = before;
  const subject = publicId("stf", id);
  const act = {
    actor,
    act: "staff.settings",
    subject,
    before: { locale, reminders },
    after: { ...input },
    at: clock(),
  };
  await db.batch([recordAct(db, act, activeMember(id)), updateOwn(db, id, input)]);
  return { ...before, ...input };
}
