import { type Staff, seesDepartment } from "../access/staff.ts";
import type { Database } from "../db/database.ts";
import { Problem } from "../http/problems.ts";
import { petitionNo } from "../lib/ids.ts";
import { departmentOf } from "./petitions.store.ts";

/** Lets staff pass who see the petition with this UUID, in whatever state it is; raises `not_found` for the others. */
export async function requirePetition({ db }: { db: Database }, staff: Staff, id: string): Promise<void> {
  const [[found]] = await db.batch([departmentOf(db, petitionNo(id))]);
  if (found?.id !== id || !seesDepartment(staff, found.department)) throw new Problem("not_found");
}
