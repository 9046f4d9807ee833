import { type Staff, seesDepartment } from "../access/staff.ts";
import type { Database } from "../db/database.ts";
import { Problem } from "../http/problems.ts";
import { parsePublicId } from "../lib/ids.ts";
import { listOfMailings, mailingById } from "./mailings.store.ts";

/** A mailing and what it says of its petition (ids are UUIDs). */
export type MailingOfPetition = Awaited<ReturnType<typeof mailingById>>[number];

/** A mailing by its public id; raises `not_found` when there is none that the staff member may see. */
export async function findMailing({ db }: { db: Database }, staff: Staff, id: string): Promise<MailingOfPetition> {
  const uuid = parsePublicId("mlg", id);
  const [[found]] = uuid ? await db.batch([mailingById(db, uuid)]) : [[]];
  if (!found || !seesDepartment(staff, found.department)) throw new Problem("not_found");
  return found;
}

/** Mailings that a staff member sees, newest first. `last`: the UUID after which the next page begins; null on the last. */
export async function listMailings(
  { db }: { db: Database },
  { department }: Pick<Staff, "department">,
  page: Omit<Parameters<typeof listOfMailings>[1], "department">,
): Promise<{ found: MailingOfPetition[]; last: string | null }> {
  const [rows] = await db.batch([listOfMailings(db, { ...page, department, limit: page.limit + 1 })]);
  const found = rows.slice(0, page.limit);
  return { found, last: rows.length > page.limit ? (found.at(-1)?.mailing.id ?? null) : null };
}
