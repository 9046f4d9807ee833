import { type Context, Hono } from "hono";
import type { Role, Staff } from "../access/staff.ts";
import { nextLink } from "../http/paging.ts";
import { type StaffRequestDeps, staffAndId } from "../http/staff-request.ts";
import { sendTable } from "../http/table.ts";
import { parseQuery } from "../http/validation.ts";
import { type AllCountsDeps, allCounts, allCountsTable, allReach } from "./all-counts.ts";
import { petitionReach, reachTable } from "./petition-reach.ts";
import { AllCountsQuery, AllReachQuery, ReachQuery } from "./reach.schema.ts";

export interface ReachRouteDeps extends AllCountsDeps, Pick<StaffRequestDeps<Staff, Role>, "requireStaff"> {
  readonly publicUrl: string;
}

/** What staff read across petitions, and of how far a petition reaches. */
export const reachRoutes = (depsOf: (c: Context) => ReachRouteDeps) =>
  new Hono()
    .get("/v1/admin/counts", async (c) => {
      const deps = depsOf(c);
      const staff = await deps.requireStaff(c.req.raw.headers, "viewer");
      const query = parseQuery(c, AllCountsQuery);
      const value = await allCounts(deps, staff, query);
      // A table has no other way to say that there is more.
      if (value.next_cursor !== null) c.header("Link", nextLink(c, deps.publicUrl, value.next_cursor));
      return sendTable(c, query, { value, name: "counts", tableOf: allCountsTable });
    })
    .get("/v1/admin/reach", async (c) => {
      const deps = depsOf(c);
      const staff = await deps.requireStaff(c.req.raw.headers, "viewer");
      const query = parseQuery(c, AllReachQuery);
      const value = await allReach(deps, staff, query);
      return sendTable(c, query, { value, name: "reach", tableOf: reachTable });
    })
    .get("/v1/admin/petitions/:id/reach", async (c) => {
      const deps = depsOf(c);
      const { staff, id } = await staffAndId(c, deps, "viewer");
      const query = parseQuery(c, ReachQuery);
      const value = await petitionReach(deps, staff, id);
      return sendTable(c, query, { value, name: `${value.petition_id}-reach`, tableOf: reachTable });
    });
