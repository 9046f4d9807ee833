import { Problem } from "../http/problems.ts";
import { publicId } from "../lib/ids.ts";
import { recordAct } from "./audit.ts";
import type { ChangeStaffDeps } from "./change-staff.ts";
import { inAudit } from "./create-staff.ts";
import { activeMember, allHold, notLastAdmin, type StaffRow, staffById, updateStaff } from "./staff.store.ts";
import { memberId, type Staff, seesDepartment } from "./staff.ts";
import { deleteKeysOf } from "./staff-keys.store.ts";

/**
 * Ends a member's access: from the next request on no key of theirs and no sign-on lets them in. The keys are deleted and
 * the e-mail address is free for another entry; name and role stay, because the audit log names them. Repeating it
 * changes nothing. Raises `not_found`, `own_access` for oneself, and `last_admin`.
 */
export async function revokeStaff(
  deps: ChangeStaffDeps,
  actor: Staff,
  { id, reason }: { id: string; reason?: string | undefined },
): Promise<StaffRow> {
  const { db, clock, singleSignOn } = deps;
  const [[before]] = await db.batch([staffById(db, id)]);
  if (!before || !seesDepartment(actor, before.departmentCode)) throw new Problem("not_found");
  if (memberId(actor) === id) throw new Problem("own_access");
  if (before.revokedAt !== null) return before;
  const now = clock();
  const when = allHold(activeMember(id), notLastAdmin(id, { now, singleSignOn }));
  const act = { actor, act: "staff.revoke", subject: publicId("stf", id), before: inAudit(before), reason, at: now };
  const end = { revokedAt: now, email: null };
  const [, , ended] = await db.batch([
    recordAct(db, act, when),
    deleteKeysOf(db, id, when),
    updateStaff(db, id, end, when),
  ]);
  if (ended.length > 0) return { ...before, ...end };
  const [[meanwhile]] = await db.batch([staffById(db, id)]);
  if (!meanwhile || meanwhile.revokedAt === null) throw new Problem("last_admin");
  return meanwhile;
}
