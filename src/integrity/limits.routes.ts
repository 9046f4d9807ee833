import { type Context, Hono } from "hono";
import type { Role, Staff } from "../access/staff.ts";
import { ofTheWholeTown } from "../access/whole-town.ts";
import { requireIfMatch, versionTag } from "../http/if-match.ts";
import { Problem } from "../http/problems.ts";
import { parseJsonBody, parseTextBody } from "../http/validation.ts";
import { LIST_NAMES, type ListName } from "../limits/list-entry.ts";
import { DEFAULT_POLICIES, type Policies, policyNames } from "../limits/policies.ts";
import type { PolicySettings } from "../limits/settings.ts";
import { LIST_BYTES, PoliciesDocument } from "./limits.schema.ts";
import { type ListDeps, listNow, putList } from "./put-list.ts";
import { type PolicyDeps, policiesNow, putPolicies } from "./put-policies.ts";

export interface LimitRouteDeps extends PolicyDeps, ListDeps {
  readonly requireStaff: (headers: Headers, atLeast: Role) => Promise<Staff>;
}

/** What staff may read and change of the limits and lists that signatures are held by. */
export const limitRoutes = (depsOf: (c: Context) => LimitRouteDeps) =>
  new Hono()
    .get("/v1/admin/policies", async (c) => {
      const deps = depsOf(c);
      await deps.requireStaff(c.req.raw.headers, "viewer");
      return policiesAnswer(c, await policiesNow(deps));
    })
    .put("/v1/admin/policies", async (c) => {
      const deps = depsOf(c);
      const staff = await ofTheWholeTown(c.req.raw.headers, deps, "admin");
      const tags = requireIfMatch(c);
      const { policies, fast_seconds } = await parseJsonBody(c, PoliciesDocument);
      const figures = policyNames.map((name) => [name, { ...DEFAULT_POLICIES[name], ...policies[name] }]);
      const settings = { policies: Object.fromEntries(figures) as Policies, fastSeconds: fast_seconds };
      return policiesAnswer(c, await putPolicies(deps, staff, { ...settings, tags }));
    })
    .get("/v1/admin/lists/:list", async (c) => {
      const deps = depsOf(c);
      await ofTheWholeTown(c.req.raw.headers, deps, "moderator");
      const { text, version } = await listNow(deps, listIn(c));
      c.header("ETag", versionTag(version));
      return c.text(text ?? "# Sealed under a ROOT_KEY that is not set any more: nobody is on this list now.\n");
    })
    .put("/v1/admin/lists/:list", async (c) => {
      const deps = depsOf(c);
      const staff = await ofTheWholeTown(c.req.raw.headers, deps, "moderator");
      const list = listIn(c);
      const tags = requireIfMatch(c);
      const text = await parseTextBody(c, LIST_BYTES);
      const { version, ...changes } = await putList(deps, staff, { list, text, tags });
      c.header("ETag", versionTag(version));
      return c.json(changes);
    });

function listIn(c: Context): ListName {
  const list = LIST_NAMES.find((name) => name === c.req.param("list"));
  if (!list) throw new Problem("not_found");
  return list;
}

function policiesAnswer(
  c: Context,
  { policies, fastSeconds, version }: PolicySettings & { version: number },
): Response {
  c.header("ETag", versionTag(version));
  return c.json({ policies, fast_seconds: fastSeconds });
}
