import { type Context, Hono } from "hono";
import type { Role, Staff } from "../access/staff.ts";
import { ofTheWholeTown } from "../access/whole-town.ts";
import { requireIfMatch, versionTag } from "../http/if-match.ts";
import { Problem } from "../http/problems.ts";
import { parseJsonBody } from "../http/validation.ts";
import { catalogues } from "../i18n/catalogue.ts";
import { removeTerm } from "./delete-term.ts";
import { putTerm, type TermDeps } from "./put-term.ts";
import { readTerms } from "./read-terms.ts";
import { nameLanguages, TERM_CODE, TERM_LISTS, type TermList } from "./term.ts";
import { reasonBody, termBody } from "./terms.schema.ts";

export interface TermRouteDeps extends TermDeps {
  /** The municipality's languages, the first of them its own. */
  readonly locales: readonly [string, ...string[]];
  readonly requireStaff: (headers: Headers, atLeast: Role) => Promise<Staff>;
}

/** The lists of departments, topics and reasons for not accepting a petition, as staff keep them. */
export const termRoutes = (depsOf: (c: Context) => TermRouteDeps) => {
  const routes = new Hono();
  for (const list of Object.keys(TERM_LISTS) as TermList[]) {
    const path = `/v1/admin/${TERM_LISTS[list].path}`;
    routes
      .get(path, async (c) => {
        const deps = depsOf(c);
        await deps.requireStaff(c.req.raw.headers, "viewer");
        const { terms, version } = await readTerms(deps.db, list);
        return c.json({ data: terms, next_cursor: null }, 200, { ETag: versionTag(version) });
      })
      .put(`${path}/:code`, async (c) => {
        const deps = depsOf(c);
        const { staff, on } = await decided(c, deps, list);
        const languages = nameLanguages(deps.locales, Object.keys(catalogues));
        const input = await parseJsonBody(
          c,
          list === "rejection_reasons" ? reasonBody(languages) : termBody(list, languages),
        );
        const { term, version } = await putTerm(deps, staff, on, { ...input, names: given(input.names) });
        return c.json(term, 200, { ETag: versionTag(version) });
      })
      .delete(`${path}/:code`, async (c) => {
        const deps = depsOf(c);
        const { staff, on } = await decided(c, deps, list);
        const { term, version } = await removeTerm(deps, staff, on);
        return c.json(term, 200, { ETag: versionTag(version) });
      });
  }
  return routes;
};

async function decided(c: Context, deps: TermRouteDeps, list: TermList) {
  const staff = await ofTheWholeTown(c.req.raw.headers, deps, "admin");
  const code = c.req.param("code") ?? "";
  if (!TERM_CODE.test(code)) throw new Problem("not_found");
  return { staff, on: { list, code, tags: requireIfMatch(c) } };
}

const given = (names: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(names).filter((entry): entry is [string, string] => entry[1] !== undefined));
