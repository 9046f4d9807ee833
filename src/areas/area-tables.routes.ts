import { type Context, Hono } from "hono";
import type { Role, Staff } from "../access/staff.ts";
import { ofTheWholeTown } from "../access/whole-town.ts";
import { parseCsvBody } from "../http/csv-body.ts";
import { requireIfMatch, versionTag } from "../http/if-match.ts";
import { sendCsv } from "../http/table.ts";
import { parseQuery } from "../http/validation.ts";
import { PutTableQuery, TABLE_BYTES, TableQuery } from "./area-tables.schema.ts";
import type { SentTable, TableChanges, TableDeps } from "./change-table.ts";
import { areasNow, putAreas } from "./put-areas.ts";
import { postcodesNow, putPostcodes } from "./put-postcodes.ts";

export interface AreaTableRouteDeps extends TableDeps {
  readonly requireStaff: (headers: Headers, atLeast: Role) => Promise<Staff>;
}

type Put = (deps: TableDeps, staff: Staff, sent: SentTable) => Promise<{ changes: TableChanges; version: number }>;

const NOTES = {
  areas: "What was counted in an area that is not in the list any more keeps its name; the area is offered no more.",
  postcodes:
    "Signatures that are recorded from now on count in the areas of this list; those recorded before stay where they are.",
};

/** The areas and postcodes of the municipality, as tables that spreadsheets read and write. */
export const areaTableRoutes = (depsOf: (c: Context) => AreaTableRouteDeps) => {
  const put = (list: keyof typeof NOTES, verb: Put) => async (c: Context) => {
    const deps = depsOf(c);
    const staff = await ofTheWholeTown(c.req.raw.headers, deps, "admin");
    const tags = requireIfMatch(c);
    const dryRun = parseQuery(c, PutTableQuery).dry_run === "true";
    const text = await parseCsvBody(c, TABLE_BYTES);
    const { changes, version } = await verb(deps, staff, { text, tags, dryRun });
    return c.json({ dry_run: dryRun, ...changes, note: NOTES[list] }, 200, { ETag: versionTag(version) });
  };
  return new Hono()
    .get("/v1/admin/areas", async (c) => {
      const deps = depsOf(c);
      await deps.requireStaff(c.req.raw.headers, "viewer");
      const { bom } = parseQuery(c, TableQuery);
      const { areas, version } = await areasNow(deps.db);
      c.header("ETag", versionTag(version));
      const records = areas.map(({ code, name, population }) => [code, name, population]);
      return sendCsv(c, { name: "areas", bom, table: { columns: ["code", "name", "population"], records } });
    })
    .put("/v1/admin/areas", put("areas", putAreas))
    .get("/v1/admin/postcodes", async (c) => {
      const deps = depsOf(c);
      await deps.requireStaff(c.req.raw.headers, "viewer");
      const { bom } = parseQuery(c, TableQuery);
      const { areas, version } = await postcodesNow(deps.db);
      c.header("ETag", versionTag(version));
      return sendCsv(c, { name: "postcodes", bom, table: { columns: ["postcode", "area"], records: [...areas] } });
    })
    .put("/v1/admin/postcodes", put("postcodes", putPostcodes));
};
