import { type Context, Hono } from "hono";
import type { Role, Staff } from "../../access/staff.ts";
import type { Database } from "../../db/database.ts";
import { type PublicBody, publicBody, sendPublic } from "../../http/caching.ts";
import { requireIfMatch, versionTag } from "../../http/if-match.ts";
import { Problem } from "../../http/problems.ts";
import { type StaffRequestDeps, staffAndPetition } from "../../http/staff-request.ts";
import { parseJsonBody } from "../../http/validation.ts";
import type { FreshCache } from "../../lib/fresh-cache.ts";
import { parsePublicId, petitionNo, publicId } from "../../lib/ids.ts";
import type { RootKeys } from "../../lib/root-keys.ts";
import type { DecisionDeps } from "../moderation/decide.ts";
import { draftResponse } from "./draft-response.ts";
import { publishResponse } from "./publish-response.ts";
import { putHearing } from "./put-hearing.ts";
import { HearingBody, PublishBody, ResponseBody } from "./responses.schema.ts";
import { isShown, responseOf, responseVersionsOf } from "./responses.store.ts";

export interface ResponseRouteDeps extends StaffRequestDeps<Staff, Role>, DecisionDeps {
  readonly keys: RootKeys;
  readonly answers: FreshCache<PublicBody>;
}

/** What the municipality answers to a petition: drafted, published, amended; and the hearing. */
export const responseRoutes = (depsOf: (c: Context) => ResponseRouteDeps) =>
  new Hono()
    .get("/v1/petitions/:id/responses", async (c) => {
      const deps = depsOf(c);
      const id = parsePublicId("pet", c.req.param("id"));
      const body = id && (await deps.answers.get(`responses:${id}`, () => renderVersions(deps.db, id)));
      if (!body) throw new Problem("not_found");
      return sendPublic(c, body);
    })
    .get("/v1/admin/petitions/:id/response", async (c) => {
      const deps = depsOf(c);
      const { id } = await staffAndPetition(c, deps, "viewer");
      return sendResponse(c, deps, id);
    })
    .put("/v1/admin/petitions/:id/response", async (c) => {
      const deps = depsOf(c);
      const { staff, id } = await staffAndPetition(c, deps, "moderator");
      const tags = requireIfMatch(c);
      await draftResponse(deps, staff, { id, tags }, await parseJsonBody(c, ResponseBody));
      return sendResponse(c, deps, id);
    })
    .post("/v1/admin/petitions/:id/response/publish", async (c) => {
      const deps = depsOf(c);
      const { staff, id } = await staffAndPetition(c, deps, "moderator");
      const tags = requireIfMatch(c);
      await parseJsonBody(c, PublishBody);
      await publishResponse(deps, staff, { id, tags });
      return sendResponse(c, deps, id);
    })
    .put("/v1/admin/petitions/:id/hearing", async (c) => {
      const deps = depsOf(c);
      const { staff, id } = await staffAndPetition(c, deps, "moderator");
      const tags = requireIfMatch(c);
      await putHearing(deps, staff, { id, tags }, await parseJsonBody(c, HearingBody));
      return sendResponse(c, deps, id);
    });

async function sendResponse(c: Context, { db }: ResponseRouteDeps, id: string): Promise<Response> {
  const no = petitionNo(id);
  const [[row], versions] = await db.batch([responseOf(db, no), responseVersionsOf(db, no)]);
  if (!row) throw new Problem("not_found");
  const { draftSummary, draftDetails, draftedAt, hearingDate, hearingOutcome } = row;
  const answer = {
    petition_id: publicId("pet", id),
    version: row.version,
    draft: draftSummary === null ? null : { summary: draftSummary, details: draftDetails, drafted_at: time(draftedAt) },
    published:
      row.publishedAt === null
        ? null
        : {
            summary: row.summary,
            details: row.details,
            published_at: time(row.publishedAt),
            amended_at: time(row.amendedAt),
          },
    versions: versions.map(versionAnswer),
    hearing: hearingDate === null ? null : { date: hearingDate, outcome: hearingOutcome },
  };
  return c.json(answer, 200, { ETag: versionTag(row.version) });
}

async function renderVersions(db: Database, id: string): Promise<PublicBody | undefined> {
  const no = petitionNo(id);
  const [[petition], versions] = await db.batch([isShown(db, no), responseVersionsOf(db, no)]);
  if (petition?.id !== id || !petition.shown) return undefined;
  return publicBody({ data: versions.map(versionAnswer), next_cursor: null });
}

const versionAnswer = ({ publishedAt, ...version }: { publishedAt: number } & Record<string, unknown>) => ({
  ...version,
  published_at: time(publishedAt),
});

const time = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
