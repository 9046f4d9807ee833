import { type Context, Hono } from "hono";
import type * as v from "valibot";
import type { Role, Staff } from "../access/staff.ts";
import type { Database } from "../db/database.ts";
import { type PublicBody, publicBody, sendPublic } from "../http/caching.ts";
import { Problem } from "../http/problems.ts";
import { type StaffRequestDeps, staffAndId } from "../http/staff-request.ts";
import { sendTable } from "../http/table.ts";
import { flawed, parseQuery } from "../http/validation.ts";
import type { FreshCache } from "../lib/fresh-cache.ts";
import { parsePublicId, petitionNo } from "../lib/ids.ts";
import { dayAfter, localDay } from "../lib/local-time.ts";
import { BreakdownQuery } from "./breakdown.schema.ts";
import { publishedBreakdown } from "./breakdown.store.ts";
import type { PublicCell, PublicDimension } from "./breakdown.ts";
import { CountsQuery } from "./counts.schema.ts";
import { tallyOf } from "./counts.store.ts";
import { type CountsQuery as CountsAsked, countsTable, dimensions, petitionCounts } from "./petition-counts.ts";
import { petitionTrend, trendTable } from "./petition-trend.ts";
import { checkSpan } from "./span.ts";
import { TrendQuery } from "./trend.schema.ts";

export interface CountRouteDeps extends Pick<StaffRequestDeps<Staff, Role>, "requireStaff"> {
  readonly db: Database;
  readonly clock: () => number;
  readonly timeZone: string;
  readonly answers: FreshCache<PublicBody>;
}

/** The public count, and what staff read of a petition's tallies. */
export const countRoutes = (depsOf: (c: Context) => CountRouteDeps) =>
  new Hono()
    .get("/v1/petitions/:id/count", async (c) => {
      const deps = depsOf(c);
      const id = parsePublicId("pet", c.req.param("id"));
      const body = id && (await deps.answers.get(c.req.path, () => renderCount(deps, id)));
      if (!body) throw new Problem("not_found");
      return sendPublic(c, body);
    })
    .get("/v1/petitions/:id/breakdown", async (c) => {
      const deps = depsOf(c);
      const { by } = parseQuery(c, BreakdownQuery);
      const id = parsePublicId("pet", c.req.param("id"));
      const body = id && (await deps.answers.get(`${c.req.path}?by=${by}`, () => renderBreakdown(deps, id, by)));
      if (!body) throw new Problem("not_found");
      return sendPublic(c, body);
    })
    .get("/v1/admin/petitions/:id/counts", async (c) => {
      const deps = depsOf(c);
      const { staff, id } = await staffAndId(c, deps, "viewer");
      const query = parseQuery(c, CountsQuery);
      const value = await petitionCounts(deps, staff, {
        id,
        ...countsAsked(query, localDay(deps.clock(), deps.timeZone)),
      });
      return sendTable(c, query, { value, name: `${value.petition_id}-counts`, tableOf: countsTable });
    })
    .get("/v1/admin/petitions/:id/trend", async (c) => {
      const deps = depsOf(c);
      const { staff, id } = await staffAndId(c, deps, "viewer");
      const query = parseQuery(c, TrendQuery);
      const value = await petitionTrend(deps, staff, id);
      return sendTable(c, query, { value, name: `${value.petition_id}-trend`, tableOf: trendTable });
    });

/** What is published of a petition; a day without one yet has nothing, and is no error. */
async function renderBreakdown({ db }: CountRouteDeps, id: string, by: PublicDimension) {
  const [[found]] = await db.batch([publishedBreakdown(db, { no: petitionNo(id), id, by })]);
  if (!found) return undefined;
  const data = JSON.parse(found.cells ?? "[]") as readonly PublicCell[];
  return publicBody({ petition_id: `pet_${id}`, by, as_of: found.day, data });
}

// Days and hours of a petition that is open for five years, and some more.
const MAX_DAYS = 2_000;

/**
 * Which breakdowns a query asks for, and of which days: to `today` without an end. Raises `invalid_request` when they don't
 * go together, or nothing of them can have been yet.
 */
function countsAsked({ by, from, to }: v.InferOutput<typeof CountsQuery>, today: string): CountsAsked {
  if (from === undefined && to === undefined) return { by: by ?? dimensions };
  if (from !== undefined && from > today) throw flawed("from", "out_of_range");
  const span = checkSpan({ from: from ?? dayAfter(to as string, 1 - MAX_DAYS), to: to ?? today }, MAX_DAYS);
  const timeless = by?.filter((one) => one !== "day" && one !== "hour") ?? [];
  if (timeless.length === 0) return { by: by ?? ["day", "hour"], span };
  throw flawed("by", "without_time");
}

/** The tag follows the count, not the moment: who polls an unchanged count gets 304. */
async function renderCount({ db, clock }: CountRouteDeps, id: string): Promise<PublicBody | undefined> {
  const [[tally]] = await db.batch([tallyOf(db, petitionNo(id), id)]);
  if (!tally?.public) return undefined;
  const { verified } = tally;
  const value = { petition_id: `pet_${id}`, verified, as_of: new Date(clock()).toISOString() };
  return publicBody(value, { version: [id, verified] });
}
