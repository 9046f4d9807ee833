import { Problem } from "../http/problems.ts";
import { publicId } from "../lib/ids.ts";
import { recordAct } from "./audit.ts";
import { type ChangeStaffDeps, requireMember } from "./change-staff.ts";
import type { StaffKey } from "./rotate-keys.ts";
import { allHold, anyHolds, emailLetsIn, notLastAdmin } from "./staff.store.ts";
import type { Staff } from "./staff.ts";
import { anotherKey, deleteKey, keysOf, keyThere } from "./staff-keys.store.ts";

/**
 * Ends one of a member's keys at once; gives those that are left. Raises `not_found` when there is no such key that the
 * actor may end, and `last_admin` when nobody else could get in as an admin of the whole municipality.
 */
export async function revokeKey(
  deps: ChangeStaffDeps,
  actor: Staff,
  { id, keyId }: { id: string; keyId: string },
): Promise<StaffKey[]> {
  const { db, clock, singleSignOn } = deps;
  await requireMember(deps, actor, id);
  const now = clock();
  const [before] = await db.batch([keysOf(db, id, now)]);
  const key = before.find((one) => one.id === keyId);
  if (!key) throw new Problem("not_found");
  const getsIn = anyHolds(
    anotherKey(id, keyId, now),
    singleSignOn ? emailLetsIn(id) : undefined,
    notLastAdmin(id, { now, singleSignOn }),
  );
  const when = allHold(keyThere(id, keyId), getsIn);
  const act = {
    actor,
    act: "staff.revoke_key",
    subject: publicId("stf", id),
    before: { key: publicId("key", keyId), prefix: key.prefix },
    at: now,
  };
  const [, ended, left] = await db.batch([
    recordAct(db, act, when),
    deleteKey(db, id, keyId, when),
    keysOf(db, id, now),
  ]);
  if (ended.length > 0) return left;
  throw new Problem(left.some((one) => one.id === keyId) ? "last_admin" : "not_found");
}
