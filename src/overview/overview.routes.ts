import { type Context, Hono } from "hono";
import type { Role, Staff } from "../access/staff.ts";
import { publicId } from "../lib/ids.ts";
import { daysSince, dueOf, type OverviewDeps, readOverview } from "./read-overview.ts";

export interface OverviewRouteDeps extends OverviewDeps {
  /** Raises `unauthorized`. */
  readonly requireStaff: (headers: Headers, atLeast: Role) => Promise<Staff>;
}

/** What needs attention today, in what somebody sees. */
export const overviewRoutes = (depsOf: (c: Context) => OverviewRouteDeps) =>
  new Hono().get("/v1/admin/overview", async (c) => {
    const deps = depsOf(c);
    const staff = await deps.requireStaff(c.req.raw.headers, "viewer");
    const readings = await readOverview(deps, staff);
    return c.json({
      as_of: new Date(deps.clock()).toISOString(),
      sections: readings.map(({ section, count, more, oldest, items }) => ({
        name: section.name,
        count,
        more,
        oldest_at: oldest === null ? null : new Date(oldest).toISOString(),
        oldest_days: oldest === null ? null : daysSince(deps, oldest),
        items: items.map(({ petition, since, ...item }) => {
          const due = section.owed ? dueOf(deps, since) : null;
          return {
            petition_id: petition === null ? null : publicId("pet", petition),
            ...item,
            since: new Date(since).toISOString(),
            due_at: due && new Date(due.at).toISOString(),
            days_left: due?.days ?? null,
          };
        }),
      })),
    });
  });
