import type { ReferenceLists } from "../../areas/reference-lists.ts";
import type { Database } from "../../db/database.ts";
import { Problem } from "../../http/problems.ts";

/** Raises `invalid_request` unless the municipality has a department with this code that is not retired. */
export async function requireDepartment(
  { db, lists }: { readonly db: Database; readonly lists: ReferenceLists },
  code: string,
): Promise<void> {
  if ((await lists.get(db)).departments.some((department) => department.code === code && !department.retired)) return;
  const unknown = { pointer: "/department", code: "unknown_code", detail: "is not in the municipality's list" };
  throw new Problem("invalid_request", { errors: [unknown] });
}
