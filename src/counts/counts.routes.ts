import { type Context, Hono } from "hono";
import type { Role, Staff } from "../access/staff.ts";
import type { Database } from "../db/database.ts";
import { type PublicBody, publicBody, sendPublic } from "../http/caching.ts";
import { Problem } from "../http/problems.ts";
import { type StaffRequestDeps, staffAndPetition } from "../http/staff-request.ts";
import type { FreshCache } from "../lib/fresh-cache.ts";
import { parsePublicId, petitionNo } from "../lib/ids.ts";
import { tallyOf } from "./counts.store.ts";
import { petitionCounts } from "./petition-counts.ts";
import { petitionTrend } from "./petition-trend.ts";

export interface CountRouteDeps extends StaffRequestDeps<Staff, Role> {
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
      const body = id && (await deps.answers.get(`count:${id}`, () => renderCount(deps, id)));
      if (!body) throw new Problem("not_found");
      return sendPublic(c, body);
    })
    .get("/v1/admin/petitions/:id/counts", async (c) => {
      const deps = depsOf(c);
      const { id } = await staffAndPetition(c, deps, "viewer");
      return c.json(await petitionCounts(deps, id));
    })
    .get("/v1/admin/petitions/:id/trend", async (c) => {
      const deps = depsOf(c);
      const { id } = await staffAndPetition(c, deps, "viewer");
      return c.json(await petitionTrend(deps, id));
    });

/** The tag follows the count, not the moment: who polls an unchanged count gets 304. */
async function renderCount({ db, clock }: CountRouteDeps, id: string): Promise<PublicBody | undefined> {
  const [[tally]] = await db.batch([tallyOf(db, petitionNo(id), id)]);
  if (!tally?.public) return undefined;
  const { verified } = tally;
  const value = { petition_id: `pet_${id}`, verified, as_of: new Date(clock()).toISOString() };
  return publicBody(value, { version: [id, verified] });
}
