import type { Role, Staff } from "../access/staff.ts";
import { Problem } from "../http/problems.ts";

/** Staff of every department: the municipality's lists are no single department's. Raises as `requireStaff` does. */
export async function ofTheWholeTown(
  headers: Headers,
  { requireStaff }: { readonly requireStaff: (headers: Headers, atLeast: Role) => Promise<Staff> },
  atLeast: Role,
): Promise<Staff> {
  const staff = await requireStaff(headers, atLeast);
  if (staff.department !== null) throw new Problem("not_found");
  return staff;
}
