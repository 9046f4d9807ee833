import { type Context, Hono } from "hono";
import { readCursor, writeCursor } from "../http/cursor.ts";
import { nextLink } from "../http/paging.ts";
import { pulledStream } from "../http/pulled-stream.ts";
import { flawed, parseQuery } from "../http/validation.ts";
import { type Bytes, utf8 } from "../lib/bytes.ts";
import { CSV_BOM, csvLines } from "../lib/csv.ts";
import { publicId } from "../lib/ids.ts";
import { describeError, log } from "../lib/log.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import { AuditExportQuery, AuditQuery } from "./audit.schema.ts";
import type { AuditEntry, AuditFilter } from "./audit.store.ts";
import { type AuditDeps, auditPage, exportAudit, requireAuditReader } from "./read-audit.ts";
import type { Role, Staff } from "./staff.ts";

export interface AuditRouteDeps extends AuditDeps {
  readonly keys: RootKeys;
  readonly publicUrl: string;
  /** Raises `unauthorized`. */
  readonly requireStaff: (headers: Headers, atLeast: Role) => Promise<Staff>;
}

/** What was done, by whom: to read page by page, and to take away whole. */
export const auditRoutes = (depsOf: (c: Context) => AuditRouteDeps) =>
  new Hono()
    .get("/v1/admin/audit", async (c) => {
      const deps = depsOf(c);
      const staff = await deps.requireStaff(c.req.raw.headers, "viewer");
      const { limit, cursor, ...filter } = inOrder(parseQuery(c, AuditQuery));
      await requireAuditReader(deps, staff, filter);
      const query = `audit ${JSON.stringify(filter)}`;
      const [before] = cursor === undefined ? [] : await readCursor<[string]>(deps.keys, query, cursor);
      const { entries, more } = await auditPage(deps, filter, { before, limit });
      const next = more ? await writeCursor(deps.keys, query, [entries.at(-1)?.id ?? ""]) : null;
      if (next !== null) c.header("Link", nextLink(c, deps.publicUrl, next));
      return c.json({ data: entries.map(entryAnswer), next_cursor: next });
    })
    .get("/v1/admin/audit/export", async (c) => {
      const deps = depsOf(c);
      const staff = await deps.requireStaff(c.req.raw.headers, "viewer");
      const { format, bom, ...filter } = inOrder(parseQuery(c, AuditExportQuery));
      await requireAuditReader(deps, staff, filter);
      const pages = await exportAudit(deps, staff, { filter, format });
      const day = new Date(deps.clock()).toISOString().slice(0, 10);
      return c.body(pulledStream(written(pages, format === "csv" ? csvOf(bom === "true") : ndjson)), 200, {
        "Content-Type": format === "csv" ? "text/csv; charset=utf-8" : "application/x-ndjson",
        "Content-Disposition": `attachment; filename="audit-${day}.${format}"`,
      });
    });

function inOrder<Query extends AuditFilter>(query: Query): Query {
  if (query.from !== undefined && query.to !== undefined && query.from >= query.to) throw flawed("to", "out_of_range");
  return query;
}

const entryAnswer = ({ id, at, actor, actor_name, role, act, subject, before, after, reason }: AuditEntry) => ({
  id: publicId("aud", id),
  at: new Date(at).toISOString(),
  actor,
  actor_name,
  role,
  act,
  subject,
  before: parsed(before),
  after: parsed(after),
  reason,
});

const parsed = (json: string | null): unknown => (json === null ? null : JSON.parse(json));

/** How an export is written: what comes first, and each page. */
interface Format {
  readonly head: string;
  readonly page: (entries: readonly AuditEntry[]) => string;
}

const COLUMNS = ["id", "at", "actor", "actor_name", "role", "act", "subject", "before", "after", "reason"] as const;

const csvOf = (bom: boolean): Format => ({
  head: `${bom ? CSV_BOM : ""}${csvLines([COLUMNS])}`,
  page: (entries) =>
    csvLines(
      entries.map((entry) => {
        const cells = { ...entry, id: publicId("aud", entry.id), at: new Date(entry.at).toISOString() };
        return COLUMNS.map((column) => cells[column]);
      }),
    ),
});

const ndjson: Format = {
  head: "",
  page: (entries) => entries.map((entry) => `${JSON.stringify(entryAnswer(entry))}\n`).join(""),
};

/** An export as it leaves: a page is read when there is room for it. What fails breaks it off, so nobody takes it for whole. */
async function* written(pages: AsyncIterable<readonly AuditEntry[]>, { head, page }: Format): AsyncGenerator<Bytes> {
  if (head !== "") yield utf8(head);
  try {
    for await (const entries of pages) yield utf8(page(entries));
  } catch (error) {
    log("export_broken_off", describeError(error));
    throw new Error("the export broke off");
  }
}
