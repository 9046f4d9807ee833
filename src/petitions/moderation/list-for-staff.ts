import type { Staff } from "../../access/staff.ts";
import { seesDepartment } from "../../access/staff.ts";
import type { Database } from "../../db/database.ts";
import { readCursor, writeCursor } from "../../http/cursor.ts";
import type { RootKeys } from "../../lib/root-keys.ts";
import type { PetitionState } from "../petition.ts";
import { searchQuery } from "../search-text.ts";
import { staffSummary } from "./staff-petition-view.ts";
import { listForStaff } from "./staff-petitions.store.ts";

/** What staff look for. */
export interface StaffQuery {
  readonly state?: PetitionState | undefined;
  readonly waiting: boolean;
  /** A code; null: of no department. */
  readonly department?: string | null | undefined;
  readonly topic?: string | undefined;
  readonly q?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

const EMPTY = { data: [], next_cursor: null };

/**
 * A page of petitions in every state: those in moderation by how long they have waited, the longest first; all others by
 * when they opened or were submitted, the newest first. Who is limited to a department sees no other's. Raises
 * `invalid_cursor`.
 */
export async function listPetitionsForStaff(
  deps: { readonly db: Database; readonly keys: RootKeys; readonly clock: () => number },
  staff: Staff,
  { cursor, limit, q, ...filter }: StaffQuery,
) {
  const { db, keys } = deps;
  const match = q === undefined ? undefined : searchQuery(q);
  if (q !== undefined && match === undefined) return EMPTY;
  const department =
    filter.department === undefined && staff.department !== null ? staff.department : filter.department;
  const order = filter.waiting || filter.state === "moderation" ? ("waiting" as const) : ("newest" as const);
  const bound = JSON.stringify([order, { ...filter, department, q }]);
  const after = cursor === undefined ? undefined : await readCursor<[value: number, no: number]>(keys, bound, cursor);
  if (department !== undefined && !seesDepartment(staff, department)) return EMPTY;
  // Nothing that waits is in another state.
  if (filter.waiting && filter.state !== undefined && filter.state !== "moderation") return EMPTY;
  const [rows] = await db.batch([listForStaff(db, { ...filter, department, match, order, limit: limit + 1, after })]);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const more = rows.length > limit && last !== undefined;
  return {
    data: page.map((row) => staffSummary(row, deps.clock())),
    next_cursor: more ? await writeCursor(keys, bound, [last.orderedBy, last.no]) : null,
  };
}
