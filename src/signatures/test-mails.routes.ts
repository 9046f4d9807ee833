import { type Context, Hono } from "hono";
import { readCursor, writeCursor } from "../http/cursor.ts";
import { nextLink } from "../http/paging.ts";
import { parseQuery } from "../http/validation.ts";
import type { KeyHolder } from "../partners/key-book.ts";
import type { Asked } from "../partners/require-partner.ts";
import { type ReadTestsDeps, readTestMails } from "./read-tests.ts";
import { TestMailsQuery } from "./test-mails.schema.ts";

export interface TestMailDeps extends ReadTestsDeps {
  /** Raises `unauthorized`, `rate_limited`, `server_key` and `not_found`. */
  readonly requirePartner: (headers: Headers, asked: Asked) => Promise<KeyHolder>;
}

/** What a partner reads of the mails that its test keys would have sent. */
export const testMailRoutes = (depsOf: (c: Context) => TestMailDeps) =>
  new Hono().get("/v1/partner/test-mails", async (c) => {
    const deps = depsOf(c);
    const holder = await deps.requirePartner(c.req.raw.headers, { scope: "signatures:read", tests: "only" });
    const { limit, cursor } = parseQuery(c, TestMailsQuery);
    const query = `test mails ${holder.key.id}`;
    const [before] = cursor === undefined ? [] : await readCursor<[string]>(deps.keys, query, cursor);
    const { data, next } = await readTestMails(deps, holder, { before, limit });
    const next_cursor = next === null ? null : await writeCursor(deps.keys, query, [next]);
    if (next_cursor !== null) c.header("Link", nextLink(c, deps.publicUrl, next_cursor));
    return c.json({ data, next_cursor });
  });
