import { type Context, Hono } from "hono";
import type { Database } from "../db/database.ts";
import { type PublicBody, publicBody, sendPublic } from "../http/caching.ts";
import { Problem } from "../http/problems.ts";
import type { FreshCache } from "../lib/fresh-cache.ts";
import { parsePublicId, petitionNo, publicId } from "../lib/ids.ts";
import { localDay } from "../lib/local-time.ts";
import { reportOf } from "./integrity-report.store.ts";
import { cellsOf } from "./integrity-report.ts";

export interface IntegrityReportRouteDeps {
  readonly db: Database;
  readonly timeZone: string;
  /** Answers that all may read, as sent. */
  readonly answers: FreshCache<PublicBody>;
}

/** What the public reads of how a petition's counts came about. */
export const integrityReportRoutes = (depsOf: (c: Context) => IntegrityReportRouteDeps) =>
  new Hono().get("/v1/petitions/:id/integrity", async (c) => {
    const deps = depsOf(c);
    const id = parsePublicId("pet", c.req.param("id"));
    const body = id && (await deps.answers.get(`integrity:${id}`, () => renderReport(deps, id)));
    if (!body) throw new Problem("not_found");
    return sendPublic(c, body);
  });

async function renderReport({ db, timeZone }: IntegrityReportRouteDeps, id: string): Promise<PublicBody | undefined> {
  const [[found]] = await db.batch([reportOf(db, petitionNo(id), id)]);
  if (!found?.public) return undefined;
  const cells = found.cells ?? {};
  const dayOf = (at: number | null) => (at === null ? null : localDay(at, timeZone));
  return publicBody({
    petition_id: publicId("pet", id),
    as_of: found.takenAt === null ? null : new Date(found.takenAt).toISOString(),
    verified: cellsOf(cells, "assurance"),
    invalidated: cellsOf(cells, "invalidated"),
    held: cellsOf(cells, "held").any ?? 0,
    reconciliation: { day: dayOf(found.reconciledAt), repaired_day: dayOf(found.repairedAt) },
  });
}
