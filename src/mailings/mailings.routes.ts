import { type Context, Hono } from "hono";
import type { Role, Staff } from "../access/staff.ts";
import { readCursor, writeCursor } from "../http/cursor.ts";
import { requireIfMatch, versionTag } from "../http/if-match.ts";
import { nextLink } from "../http/paging.ts";
import { type StaffRequestDeps, staffAndPetition } from "../http/staff-request.ts";
import { flawed, parseJsonBody, parseQuery } from "../http/validation.ts";
import { parsePublicId, petitionNo } from "../lib/ids.ts";
import { cancel, confirmMailing, resume } from "./decide-mailing.ts";
import { type DraftDeps, draftMailing, editMailing } from "./draft-mailing.ts";
import { findMailing, listMailings, type MailingOfPetition } from "./find-mailing.ts";
import type { MailingTexts } from "./mailing.ts";
import { mailingView } from "./mailing-view.ts";
import { MailingBody, MailingQuery, NothingMore, TestBody } from "./mailings.schema.ts";
import { type PreviewDeps, previewMailing } from "./preview-mailing.ts";
import { type TestMailingDeps, testMailing } from "./test-mailing.ts";

export interface MailingRouteDeps extends StaffRequestDeps<Staff, Role>, DraftDeps, TestMailingDeps, PreviewDeps {
  readonly locales: readonly [string, ...string[]];
}

/** Mail to those who asked for news of a petition: what staff write, and how far each mailing has come. */
export const mailingRoutes = (depsOf: (c: Context) => MailingRouteDeps) =>
  new Hono()
    .post("/v1/admin/petitions/:id/mailings", async (c) => {
      const deps = depsOf(c);
      const { staff, id } = await staffAndPetition(c, deps, "moderator");
      const texts = await readTexts(c, deps);
      return send(c, await draftMailing(deps, staff, id, texts), 201);
    })
    .get("/v1/admin/mailings", async (c) => {
      const deps = depsOf(c);
      const staff = await deps.requireStaff(c.req.raw.headers, "viewer");
      const { petition, state, limit, cursor } = parseQuery(c, MailingQuery);
      const petitionId = petition === undefined ? undefined : (parsePublicId("pet", petition) ?? "");
      if (petitionId !== undefined) await deps.requirePetition(staff, petitionId);
      const query = `mailings:${petitionId ?? ""}:${state ?? ""}:${staff.department ?? ""}`;
      const [before] = cursor === undefined ? [] : await readCursor<[string]>(deps.keys, query, cursor);
      const of = { petitionNo: petitionId === undefined ? undefined : petitionNo(petitionId), state, before, limit };
      const { found, last } = await listMailings(deps, staff, of);
      const next = last === null ? null : await writeCursor(deps.keys, query, [last]);
      if (next !== null) c.header("Link", nextLink(c, deps.publicUrl, next));
      return c.json({ data: found.map(mailingView), next_cursor: next });
    })
    .get("/v1/admin/mailings/:id", async (c) => {
      const deps = depsOf(c);
      const staff = await deps.requireStaff(c.req.raw.headers, "viewer");
      return send(c, await findMailing(deps, staff, c.req.param("id")));
    })
    .put("/v1/admin/mailings/:id", async (c) => {
      const { deps, staff, id } = await staffAndMailing(c, depsOf(c));
      const tags = requireIfMatch(c);
      return send(c, await editMailing(deps, staff, { id, tags }, await readTexts(c, deps)));
    })
    .get("/v1/admin/mailings/:id/preview", async (c) => {
      const deps = depsOf(c);
      const staff = await deps.requireStaff(c.req.raw.headers, "viewer");
      const found = await findMailing(deps, staff, c.req.param("id"));
      return c.json({ data: await previewMailing(deps, staff, found) });
    })
    .post("/v1/admin/mailings/:id/test", async (c) => {
      const { deps, staff, id } = await staffAndMailing(c, depsOf(c));
      const { locale } = await parseJsonBody(c, TestBody);
      if (locale !== undefined && !deps.locales.includes(locale)) throw flawed("/locale", "unknown_value");
      return c.json(await testMailing(deps, staff, { id, locale }), 202);
    })
    .post("/v1/admin/mailings/:id/confirm", async (c) => {
      const { deps, staff, id } = await staffAndMailing(c, depsOf(c));
      const tags = requireIfMatch(c);
      await parseJsonBody(c, NothingMore);
      return send(c, await confirmMailing(deps, staff, { id, tags }));
    })
    .post("/v1/admin/mailings/:id/cancel", async (c) => {
      const { deps, staff, id } = await staffAndMailing(c, depsOf(c));
      return send(c, await cancel(deps, staff, id));
    })
    .post("/v1/admin/mailings/:id/resume", async (c) => {
      const { deps, staff, id } = await staffAndMailing(c, depsOf(c));
      return send(c, await resume(deps, staff, id));
    });

/** Who asks for an act on a mailing that they see. Raises `unauthorized`, `not_found`. */
async function staffAndMailing(c: Context, deps: MailingRouteDeps) {
  const staff = await deps.requireStaff(c.req.raw.headers, "moderator");
  const id = c.req.param("id") ?? "";
  await findMailing(deps, staff, id);
  return { deps, staff, id };
}

/** The texts of a body: the municipality's first language is among them, and no language that it has not. */
async function readTexts(c: Context, { locales }: MailingRouteDeps): Promise<MailingTexts> {
  const { texts } = await parseJsonBody(c, MailingBody);
  if (!Object.keys(texts).every((locale) => locales.includes(locale))) throw flawed("/texts", "unknown_value");
  if (!Object.hasOwn(texts, locales[0])) throw flawed("/texts", "missing");
  return texts;
}

const send = (c: Context, found: MailingOfPetition, status: 200 | 201 = 200): Response =>
  c.json(mailingView(found), status, { ETag: versionTag(found.mailing.version) });
