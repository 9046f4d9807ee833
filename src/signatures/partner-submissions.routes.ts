import { type Context, Hono } from "hono";
import { checkSpan } from "../counts/span.ts";
import { readCursor, writeCursor } from "../http/cursor.ts";
import { nextLink } from "../http/paging.ts";
import { Problem } from "../http/problems.ts";
import { parseQuery } from "../http/validation.ts";
import { parsePublicId } from "../lib/ids.ts";
import { dayAfter, localDay } from "../lib/local-time.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import { admit } from "../limits/admit.ts";
import type { Limiter, Verdict } from "../limits/limiter.ts";
import type { KeyHolder } from "../partners/key-book.ts";
import { isForPetition } from "../partners/partner.ts";
import { type Asked, keySubject } from "../partners/require-partner.ts";
import { SentCountsQuery, SentQueryFields } from "./partner-submissions.schema.ts";
import { countSent, type ReadSentDeps, readSent } from "./read-sent.ts";
import { type ReadTestsDeps, readTests } from "./read-tests.ts";

export interface PartnerSubmissionsDeps extends ReadSentDeps, ReadTestsDeps {
  readonly keys: RootKeys;
  readonly publicUrl: string;
  readonly limiter: Limiter;
  readonly limitsTold: Verdict[];
  /** Raises `unauthorized`, `rate_limited`, `server_key` and `not_found`. */
  readonly requirePartner: (headers: Headers, asked: Asked) => Promise<KeyHolder>;
}

const MOST_DAYS = 31;
const USUAL_DAYS = 7;

/** What a partner reads of what it sent. */
export const partnerSubmissionRoutes = (depsOf: (c: Context) => PartnerSubmissionsDeps) =>
  new Hono()
    .get("/v1/partner/submissions", async (c) => {
      const deps = depsOf(c);
      const holder = await deps.requirePartner(c.req.raw.headers, { scope: "signatures:read", tests: "too" });
      const { limit, cursor, petition, status } = parseQuery(c, SentQueryFields);
      const petitionId = petitionOf(holder, petition);
      const query = `sent ${JSON.stringify([holder.key.id, petition, status])}`;
      const [before] = cursor === undefined ? [] : await readCursor<[string]>(deps.keys, query, cursor);
      const read = holder.key.test ? readTests : readSent;
      const { data, next } = await read(deps, holder, { petitionId, status, before, limit });
      const next_cursor = next === null ? null : await writeCursor(deps.keys, query, [next]);
      if (next_cursor !== null) c.header("Link", nextLink(c, deps.publicUrl, next_cursor));
      return c.json({ data, next_cursor });
    })
    .get("/v1/partner/counts", async (c) => {
      const deps = depsOf(c);
      const holder = await deps.requirePartner(c.req.raw.headers, { scope: "counts:read" });
      const { petition, ...days } = parseQuery(c, SentCountsQuery);
      const petitionId = petitionOf(holder, petition);
      const to = days.to ?? localDay(deps.clock(), deps.timeZone);
      const span = checkSpan({ from: days.from ?? dayAfter(to, 1 - USUAL_DAYS), to }, MOST_DAYS);
      const uses = [{ policy: "partner_counts", scope: "" }] as const;
      deps.limitsTold.push(...(await admit(deps.limiter, keySubject(holder.key), uses)).verdicts);
      return c.json({ ...span, data: await countSent(deps, holder, { petitionId, ...span }) });
    });

/** The UUID of the petition that is asked about; raises `not_found` for one that the key is not for. */
function petitionOf({ key }: KeyHolder, petition: string | undefined): string | undefined {
  if (petition === undefined) return undefined;
  const id = parsePublicId("pet", petition);
  if (!id || !isForPetition(key, id)) throw new Problem("not_found");
  return id;
}
