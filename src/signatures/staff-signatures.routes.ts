import { type Context, Hono } from "hono";
import type { Role, Staff } from "../access/staff.ts";
import { nextLink } from "../http/paging.ts";
import { pulledStream } from "../http/pulled-stream.ts";
import { type StaffRequestDeps, staffAndPetition } from "../http/staff-request.ts";
import { flawed, parseQuery } from "../http/validation.ts";
import { publicId } from "../lib/ids.ts";
import { type ExportSignaturesDeps, exportSignatures } from "./export-signatures.ts";
import { type ListSignaturesDeps, listSignatures } from "./list-signatures.ts";
import { ExportQuery, SignatureListQuery } from "./staff-signatures.schema.ts";

export interface StaffSignatureRouteDeps
  extends ListSignaturesDeps,
    ExportSignaturesDeps,
    StaffRequestDeps<Staff, Role> {
  readonly publicUrl: string;
}

const CONTENT_TYPES = { csv: "text/csv; charset=utf-8", ndjson: "application/x-ndjson" } as const;

/** A petition's signatures for staff: page by page, and as a file. */
export const staffSignatureRoutes = (depsOf: (c: Context) => StaffSignatureRouteDeps) =>
  new Hono()
    .get("/v1/admin/petitions/:id/signatures", async (c) => {
      const deps = depsOf(c);
      const { staff, id } = await staffAndPetition(c, deps, "moderator");
      const { limit, cursor, ...filter } = parseQuery(c, SignatureListQuery);
      requireOrder(filter);
      const { data, next } = await listSignatures(deps, staff, { id, filter, limit, cursor });
      if (next !== null) c.header("Link", nextLink(c, deps.publicUrl, next));
      return c.json({ data, next_cursor: next });
    })
    .get("/v1/admin/petitions/:id/signatures/export", async (c) => {
      const deps = depsOf(c);
      const { staff, id } = await staffAndPetition(c, deps, "admin");
      const { format, reason, limit, cursor, bom, header, ...filter } = parseQuery(c, ExportQuery);
      requireOrder(filter);
      const headers = {
        "Content-Type": CONTENT_TYPES[format],
        "Content-Disposition": `attachment; filename="${publicId("pet", id)}-signatures.${format}"`,
      };
      // Hono answers HEAD by GET's handler and throws the body away: that would be an export that nobody gets.
      if (c.req.method === "HEAD") return c.body(null, 200, headers);
      const as = { format, reason, limit, cursor, bom: bom === "true", header: header !== "false" };
      const { body, next } = await exportSignatures(deps, staff, { id, filter, ...as });
      if (next !== null) c.header("Link", nextLink(c, deps.publicUrl, next));
      return c.body(pulledStream(body), 200, headers);
    });

/** A span that ends before it begins is a slip, not an empty answer. */
function requireOrder({ from, to }: { from?: number | undefined; to?: number | undefined }): void {
  if (from !== undefined && to !== undefined && from >= to) throw flawed("to", "out_of_range");
}
