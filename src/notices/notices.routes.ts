import { type Context, Hono } from "hono";
import type { Role, Staff } from "../access/staff.ts";
import { noticeKinds } from "../db/notices-schema.ts";
import { type PublicBody, publicBody, sendPublic } from "../http/caching.ts";
import { requireIfMatch, versionTag } from "../http/if-match.ts";
import { Problem } from "../http/problems.ts";
import { parseJsonBody } from "../http/validation.ts";
import type { FreshCache } from "../lib/fresh-cache.ts";
import type { Notice, NoticeKind } from "./notice.ts";
import { NoticeBody } from "./notices.schema.ts";
import { type PublishDeps, publishNotice } from "./publish-notice.ts";
import { allVersions, currentNotices, readNotice } from "./read-notices.ts";

export interface NoticeRouteDeps extends PublishDeps {
  readonly answers: FreshCache<PublicBody>;
  readonly requireStaff: (headers: Headers, atLeast: Role) => Promise<Staff>;
}

/** What people are told before they sign: read by all, published by admins. */
export const noticeRoutes = (depsOf: (c: Context) => NoticeRouteDeps) =>
  new Hono()
    .get("/v1/notices", async (c) => {
      const deps = depsOf(c);
      const render = async () => publicBody(listOf(await currentNotices(deps)));
      return sendPublic(c, await deps.answers.get("notices", render));
    })
    .get("/v1/notices/:kind/:version", async (c) => {
      const deps = depsOf(c);
      const kind = kindIn(c);
      const version = /^[1-9]\d{0,6}$/.test(c.req.param("version")) ? Number(c.req.param("version")) : 0;
      const notice = version > 0 ? await readNotice(deps, kind, version) : undefined;
      if (!notice) throw new Problem("not_found");
      return sendPublic(c, await publicBody(noticeAnswer(notice)));
    })
    .get("/v1/admin/notices/:kind", async (c) => {
      const deps = depsOf(c);
      await deps.requireStaff(c.req.raw.headers, "viewer");
      const versions = await allVersions(deps, kindIn(c));
      return c.json(listOf(versions), 200, { ETag: versionTag(versions[0]?.version ?? 0) });
    })
    .put("/v1/admin/notices/:kind", async (c) => {
      const deps = depsOf(c);
      const staff = await deps.requireStaff(c.req.raw.headers, "admin");
      // What every petition's signers are told is no single department's.
      if (staff.department !== null) throw new Problem("not_found");
      const kind = kindIn(c);
      const tags = requireIfMatch(c);
      const notice = await publishNotice(deps, staff, { kind, tags }, await parseJsonBody(c, NoticeBody));
      return c.json(noticeAnswer(notice), 200, { ETag: versionTag(notice.version) });
    });

function kindIn(c: Context): NoticeKind {
  const kind = noticeKinds.find((name) => name === c.req.param("kind"));
  if (!kind) throw new Problem("not_found");
  return kind;
}

const listOf = (notices: readonly Notice[]) => ({ data: notices.map(noticeAnswer), next_cursor: null });

const noticeAnswer = ({ kind, version, texts, url, publishedAt }: Notice) => ({
  ...{ kind, version, texts, url },
  published_at: publishedAt === null ? null : new Date(publishedAt).toISOString(),
});
