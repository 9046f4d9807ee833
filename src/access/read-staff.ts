import { Problem } from "../http/problems.ts";
import type { StaffDeps } from "./create-staff.ts";
import { listStaff, type StaffRow, staffById } from "./staff.store.ts";
import { type Role, type Staff, seesDepartment } from "./staff.ts";

/** A member's entry, also after their access has ended. Raises `not_found` for whom the actor does not manage. */
export async function readStaff({ db }: StaffDeps, actor: Staff, id: string): Promise<StaffRow> {
  const [[member]] = await db.batch([staffById(db, id)]);
  if (!member || !seesDepartment(actor, member.departmentCode)) throw new Problem("not_found");
  return member;
}

/** A page of the members whom an actor manages, in the order in which they were added. `more`: it is not the last. */
export async function staffPage(
  { db }: StaffDeps,
  actor: Staff,
  query: {
    role?: Role | undefined;
    department?: string | undefined;
    revoked: boolean;
    after?: string | undefined;
    limit: number;
  },
): Promise<{ members: StaffRow[]; more: boolean }> {
  const department = query.department ?? actor.department ?? undefined;
  if (department !== undefined && !seesDepartment(actor, department)) return { members: [], more: false };
  const [rows] = await db.batch([listStaff(db, { ...query, department, limit: query.limit + 1 })]);
  return { members: rows.slice(0, query.limit), more: rows.length > query.limit };
}
