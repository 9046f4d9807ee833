import { type Context, Hono } from "hono";
import type { Role, Staff } from "../../access/staff.ts";
import { requireIfMatch, versionTag } from "../../http/if-match.ts";
import { Problem } from "../../http/problems.ts";
import { parseJsonBody } from "../../http/validation.ts";
import { SWITCH_NAMES, type SwitchName } from "../../limits/switches.ts";
import { putSwitches, type SwitchesDeps, type SwitchesNow, switchesNow } from "./put-switches.ts";
import { SwitchesBody } from "./switches.schema.ts";

export interface SwitchRouteDeps extends SwitchesDeps {
  readonly requireStaff: (headers: Headers, atLeast: Role) => Promise<Staff>;
}

/** What staff can pause for the whole municipality. */
export const switchRoutes = (depsOf: (c: Context) => SwitchRouteDeps) =>
  new Hono()
    .get("/v1/admin/switches", async (c) => {
      const deps = depsOf(c);
      await deps.requireStaff(c.req.raw.headers, "viewer");
      return switchesAnswer(c, await switchesNow(deps));
    })
    .put("/v1/admin/switches", async (c) => {
      const deps = depsOf(c);
      const staff = await deps.requireStaff(c.req.raw.headers, "admin");
      if (staff.department !== null) throw new Problem("not_found");
      const tags = requireIfMatch(c);
      const { reason, ...on } = await parseJsonBody(c, SwitchesBody);
      return switchesAnswer(c, await putSwitches(deps, staff, { on, reason, tags }));
    });

function switchesAnswer(c: Context, { switches, version }: SwitchesNow): Response {
  c.header("ETag", versionTag(version));
  const each = <Value>(value: (since: number | null) => Value) =>
    Object.fromEntries(SWITCH_NAMES.map((name) => [name, value(switches[name])])) as Record<SwitchName, Value>;
  return c.json({
    ...each((since) => since !== null),
    since: each((since) => (since === null ? null : new Date(since).toISOString())),
  });
}
