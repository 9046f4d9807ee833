import type { Staff } from "../../access/staff.ts";
import type { ReferenceLists } from "../../areas/reference-lists.ts";
import { type DecidedOn, type DecisionDeps, decide } from "./decide.ts";
import { requireDepartment } from "./require-department.ts";

/** Says which department answers for a petition; null: none. Raises what `decide` does, and `invalid_request`. */
export async function assignPetition(
  deps: DecisionDeps & { readonly lists: ReferenceLists },
  staff: Staff,
  on: DecidedOn,
  { department }: { readonly department: string | null },
): Promise<void> {
  if (department !== null) await requireDepartment(deps, department);
  await decide(deps, staff, on, {
    act: "assign",
    effect: ({ departmentCode }) => ({
      set: { departmentCode: department },
      before: { department: departmentCode },
      after: { department },
    }),
  });
}
