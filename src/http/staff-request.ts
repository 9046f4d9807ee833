import type { Context } from "hono";
import { parsePublicId } from "../lib/ids.ts";
import { Problem } from "./problems.ts";

/** What routes need to know who asks. */
export interface StaffRequestDeps<Staff, Role> {
  /** Raises `unauthorized` and, when the role is too small, `not_found`. */
  readonly requireStaff: (headers: Headers, atLeast: Role) => Promise<Staff>;
  /** Raises `not_found` unless the staff member sees the petition with this UUID. */
  readonly requirePetition: (staff: Staff, id: string) => Promise<unknown>;
}

/**
 * Who asks, and the petition of the path's `id` (a UUID here) that they ask about: whether they see it is the caller's to
 * judge. Raises `unauthorized`, `not_found`.
 */
export async function staffAndId<Staff, Role>(
  c: Context,
  deps: Pick<StaffRequestDeps<Staff, Role>, "requireStaff">,
  atLeast: Role,
): Promise<{ staff: Staff; id: string }> {
  const staff = await deps.requireStaff(c.req.raw.headers, atLeast);
  const id = parsePublicId("pet", c.req.param("id") ?? "");
  if (!id) throw new Problem("not_found");
  return { staff, id };
}

/** As `staffAndId`, of a petition that they see. */
export async function staffAndPetition<Staff, Role>(
  c: Context,
  deps: StaffRequestDeps<Staff, Role>,
  atLeast: Role,
): Promise<{ staff: Staff; id: string }> {
  const { staff, id } = await staffAndId(c, deps, atLeast);
  await deps.requirePetition(staff, id);
  return { staff, id };
}
