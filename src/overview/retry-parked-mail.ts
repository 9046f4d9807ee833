import { recordAct } from "../access/audit.ts";
import { type Staff, seesDepartment } from "../access/staff.ts";
import type { Database } from "../db/database.ts";
import { Problem } from "../http/problems.ts";
import { publicId } from "../lib/ids.ts";
import { describeError, log } from "../lib/log.ts";
import { isParked, mailJob, unparkJob } from "./parked-mail.store.ts";

export interface RetryDeps {
  readonly db: Database;
  readonly clock: () => number;
  readonly ring: (jobIds: readonly string[]) => Promise<void>;
}

/**
 * Lets a parked mail go out again, with all its tries: at once, or within a minute when its doorbell fails. Repeating it
 * changes nothing and sends nothing twice. Raises `not_found` for a mail that does not concern what the staff member sees.
 * @param id the job's UUID
 * @returns what has become of the job: `waiting` to be sent, or `sent`, which a job is also when it has been parked anew
 */
export async function retryParkedMail(
  { db, clock, ring }: RetryDeps,
  staff: Staff,
  id: string,
): Promise<{ state: "waiting" | "sent" }> {
  const [[job]] = await db.batch([mailJob(db, id)]);
  if (!job || !seesDepartment(staff, job.department)) throw new Problem("not_found");
  if (job.state !== "parked") return { state: job.state === "sent" ? "sent" : "waiting" };
  const now = clock();
  const subject = job.petition === null ? publicId("job", id) : publicId("pet", job.petition);
  const after = { job: publicId("job", id), kind: job.kind };
  await db.batch([
    recordAct(db, { actor: staff, act: "mail.retry", subject, after, at: now }, isParked(id)),
    unparkJob(db, id, now),
  ]);
  await ring([id]).catch((error) => log("doorbell_failed", describeError(error)));
  return { state: "waiting" };
}
