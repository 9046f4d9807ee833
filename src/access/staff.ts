import { staffRoles } from "../db/staff-schema.ts";
import { Problem } from "../http/problems.ts";
import { parsePublicId } from "../lib/ids.ts";

/** What a municipal user may do; each role may do what those before it may. */
export type Role = (typeof staffRoles)[number];

/** A municipal user, as far as a request proves it. */
export interface Staff {
  /** `stf_…`; `local` for local mode's key, `bootstrap` for STAFF_BOOTSTRAP_KEY. */
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** The one department whose petitions they see; null: all petitions. */
  readonly department: string | null;
}

/** Whether a role is at least another. */
export const hasRole = (role: Role, atLeast: Role): boolean => staffRoles.indexOf(role) >= staffRoles.indexOf(atLeast);

/** Whether somebody sees what belongs to a department; `null`: what belongs to none yet. */
export const seesDepartment = (staff: Pick<Staff, "department">, department: string | null): boolean =>
  staff.department === null || staff.department === department;

/** Lets staff pass who have a role; raises `not_found` for the others: what a key may not see reads like what is not there. */
export function requireRole(staff: Staff, atLeast: Role): Staff {
  if (!hasRole(staff.role, atLeast)) throw new Problem("not_found");
  return staff;
}

/** Somebody who acts with a member's own key or sign-on: `local` and `bootstrap` are nobody's entry. */
export const memberId = (staff: Staff): string | null => parsePublicId("stf", staff.id);
