import { type Context, Hono } from "hono";
import type { Role, Staff } from "../access/staff.ts";
import type { Database } from "../db/database.ts";
import { readCursor, writeCursor } from "../http/cursor.ts";
import type { StaffRequestDeps } from "../http/staff-request.ts";
import { parseQuery } from "../http/validation.ts";
import { parsePublicId, petitionNo, publicId } from "../lib/ids.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import { DifferenceQuery } from "./reconciliation.schema.ts";
import { listDifferences } from "./reconciliation.store.ts";

export interface ReconciliationRouteDeps extends StaffRequestDeps<Staff, Role> {
  readonly db: Database;
  readonly keys: RootKeys;
}

/** What recounts have found. */
export const reconciliationRoutes = (depsOf: (c: Context) => ReconciliationRouteDeps) =>
  new Hono().get("/v1/admin/reconciliations", async (c) => {
    const deps = depsOf(c);
    const staff = await deps.requireStaff(c.req.raw.headers, "viewer");
    const { petition, limit, cursor } = parseQuery(c, DifferenceQuery);
    const uuid = petition === undefined ? null : parsePublicId("pet", petition);
    if (uuid !== null) await deps.requirePetition(staff, uuid);
    const bound = `reconciliations:${uuid}`;
    const after = cursor === undefined ? undefined : (await readCursor<[string]>(deps.keys, bound, cursor))[0];
    const no = uuid === null ? undefined : petitionNo(uuid);
    const [rows] = await deps.db.batch([
      listDifferences(deps.db, { no, department: staff.department, after, limit: limit + 1 }),
    ]);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const next = last && rows.length > limit ? await writeCursor(deps.keys, bound, [last.id]) : null;
    return c.json({ data: page.map(differenceAnswer), next_cursor: next });
  });

const differenceAnswer = (row: Awaited<ReturnType<typeof listDifferences>>[number]) => ({
  id: publicId("dif", row.id),
  petition_id: publicId("pet", row.petitionId),
  title: row.title,
  found_at: new Date(row.foundAt).toISOString(),
  outcome: row.outcome,
  cells: Object.entries(row.cells).map(([cell, { tally, rows }]) => ({ cell, before: tally, after: rows })),
});
