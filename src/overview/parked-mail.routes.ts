import { type Context, Hono } from "hono";
import type { Role, Staff } from "../access/staff.ts";
import { readCursor, writeCursor } from "../http/cursor.ts";
import { nextLink } from "../http/paging.ts";
import { Problem } from "../http/problems.ts";
import { parseQuery } from "../http/validation.ts";
import { parsePublicId, publicId } from "../lib/ids.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import { ParkedQuery } from "./parked-mail.schema.ts";
import { listParked, type ParkedMail } from "./parked-mail.store.ts";
import { type RetryDeps, retryParkedMail } from "./retry-parked-mail.ts";

export interface ParkedMailRouteDeps extends RetryDeps {
  readonly keys: RootKeys;
  readonly publicUrl: string;
  /** Raises `unauthorized` and, when the role is too small, `not_found`. */
  readonly requireStaff: (headers: Headers, atLeast: Role) => Promise<Staff>;
}

/** Mail that could not be delivered: what it is for, and trying it again. */
export const parkedMailRoutes = (depsOf: (c: Context) => ParkedMailRouteDeps) =>
  new Hono()
    .get("/v1/admin/mail/parked", async (c) => {
      const deps = depsOf(c);
      const { department } = await deps.requireStaff(c.req.raw.headers, "moderator");
      const { limit, cursor } = parseQuery(c, ParkedQuery);
      const query = `parked ${JSON.stringify(department)}`;
      const after = cursor === undefined ? undefined : await readCursor<[number, string]>(deps.keys, query, cursor);
      const [rows] = await deps.db.batch([listParked(deps.db, { department, after, limit: limit + 1 })]);
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      const next = rows.length > limit && last ? await writeCursor(deps.keys, query, [last.since, last.id]) : null;
      if (next !== null) c.header("Link", nextLink(c, deps.publicUrl, next));
      return c.json({ data: page.map(parkedAnswer), next_cursor: next });
    })
    .post("/v1/admin/mail/parked/:id/retry", async (c) => {
      const deps = depsOf(c);
      const staff = await deps.requireStaff(c.req.raw.headers, "moderator");
      const id = parsePublicId("job", c.req.param("id"));
      if (!id) throw new Problem("not_found");
      return c.json({ id: publicId("job", id), ...(await retryParkedMail(deps, staff, id)) });
    });

const parkedAnswer = ({ id, petition, since, ...rest }: ParkedMail) => ({
  id: publicId("job", id),
  ...rest,
  petition_id: petition === null ? null : publicId("pet", petition),
  since: new Date(since).toISOString(),
});
