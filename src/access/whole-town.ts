import { Problem } from "../http/problems.ts";
import type { Role, Staff } from "./staff.ts";

/** Staff of every department: what holds for all of the municipality is no single department's. Raises as `requireStaff` does. */
export async function ofTheWholeTown(
  headers: Headers,
  { requireStaff }: { readonly requireStaff: (headers: Headers, atLeast: Role) => Promise<Staff> },
  atLeast: Role,
): Promise<Staff> {
  const staff = await requireStaff(headers, atLeast);
  if (staff.department !== null) throw new Problem("not_found");
  return staff;
}
