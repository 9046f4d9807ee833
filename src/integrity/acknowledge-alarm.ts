import { recordAct } from "../access/audit.ts";
import { type Staff, seesDepartment } from "../access/staff.ts";
import type { Database } from "../db/database.ts";
import { Problem } from "../http/problems.ts";
import { publicId } from "../lib/ids.ts";
import { acknowledge, alarmById, isUnacknowledged } from "./alarms.store.ts";

/**
 * Notes that somebody has looked at an alarm and what they found, with its entry in the audit log. Who is first counts: a
 * repetition changes nothing. Gives the alarm; raises `not_found`, also when the petition is another department's.
 * @param to.id UUID of the alarm
 */
export async function acknowledgeAlarm(
  { db, clock }: { db: Database; clock: () => number },
  staff: Staff,
  to: { id: string; note: string },
) {
  const [[before]] = await db.batch([alarmById(db, to.id)]);
  if (!before || !seesDepartment(staff, before.department)) throw new Problem("not_found");
  const at = clock();
  const act = {
    actor: staff,
    act: "alarm.acknowledge",
    subject: publicId("pet", before.petitionId),
    after: { alarm: publicId("alarm", to.id), kind: before.kind },
    reason: to.note,
    at,
  };
  const [, , [after]] = await db.batch([
    recordAct(db, act, isUnacknowledged(to.id)),
    acknowledge(db, to.id, { at, actor: staff.id, note: to.note }),
    alarmById(db, to.id),
  ]);
  return after ?? before;
}
