import { type Context, Hono } from "hono";
import type * as v from "valibot";
import type { ReferenceLists } from "../areas/reference-lists.ts";
import type { Database } from "../db/database.ts";
import { type PublicBody, publicBody, sendPublic } from "../http/caching.ts";
import { type Client, clientOf } from "../http/client.ts";
import { readCursor, writeCursor } from "../http/cursor.ts";
import { Problem } from "../http/problems.ts";
import { parseJsonBody, parseQuery } from "../http/validation.ts";
import { negotiateLocale } from "../i18n/catalogue.ts";
import type { EmailAddress } from "../lib/email-address.ts";
import type { FreshCache } from "../lib/fresh-cache.ts";
import { parsePublicId, petitionNo } from "../lib/ids.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import { type AdmitDeps, admitNewPetition, type SubmissionHold } from "../limits/admit.ts";
import { pausedProblem, type SwitchDeps } from "../limits/refuse-paused.ts";
import type { NoticeBook } from "../notices/notice-book.ts";
import { importedFactsOf } from "./imported-facts.store.ts";
import { factsFromElsewhere } from "./imported-facts.ts";
import { isPublicState, PUBLIC_STATES } from "./petition.ts";
import { petitionDocument, petitionSummary } from "./petition-view.ts";
import { NewPetition, PetitionQuery, SimilarQuery } from "./petitions.schema.ts";
import { listPetitions, petitionInFull, thresholdsOf } from "./petitions.store.ts";
import { searchQuery } from "./search-text.ts";
import { closeEnough, similarTo } from "./similar-petitions.ts";
import { type SignAsCreator, type SubmitPetitionDeps, submitPetition } from "./submit-petition.ts";

/** Who submits a petition, and from where. */
export interface Creator {
  readonly name: string;
  readonly email: EmailAddress;
  readonly postcode: string | undefined;
  readonly locale: string;
  readonly client: Client;
  readonly hold: SubmissionHold | null;
  /** The versions of the notices that they saw. */
  readonly seen: { readonly privacy: number; readonly eligibility: number };
}

export interface PetitionRouteDeps extends SubmitPetitionDeps, AdmitDeps, SwitchDeps {
  readonly db: Database;
  readonly keys: RootKeys;
  readonly clock: () => number;
  readonly lists: ReferenceLists;
  readonly notices: NoticeBook;
  readonly publicUrl: string;
  readonly locales: readonly string[];
  /** Answers that all may read, as sent. */
  readonly answers: FreshCache<PublicBody>;
  readonly signAsCreator: (creator: Creator) => SignAsCreator;
}

/** Reading petitions, and submitting one. */
export const petitionRoutes = (depsOf: (c: Context) => PetitionRouteDeps) =>
  new Hono()
    .get("/v1/petitions", async (c) => {
      const deps = depsOf(c);
      const query = parseQuery(c, PetitionQuery);
      // Searches and later pages are as many as there are words: remembering them would push out what is asked often.
      if (query.q !== undefined || query.cursor !== undefined) return sendPublic(c, await renderList(deps, query));
      const key = c.req.url.includes("?") ? `list:${JSON.stringify(query)}` : c.req.path;
      return sendPublic(c, await deps.answers.get(key, () => renderList(deps, query)));
    })
    .post("/v1/petitions", async (c) => {
      const deps = depsOf(c);
      const input = await parseJsonBody(c, NewPetition);
      if ((await deps.switches()).creation_paused !== null) throw pausedProblem("creation_paused");
      const client = clientOf(c);
      const { name, email, postcode } = input.creator;
      const hold = await admitNewPetition(deps, { client, email });
      await refuseUnknownCodes(deps, input);
      await deps.notices.requireKnown(deps.db, input.notices);
      const seen = await deps.notices.seenBy(deps.db, { seen: input.notices, at: deps.clock() });
      const locale = negotiateLocale({
        requested: input.locale,
        acceptLanguage: c.req.header("Accept-Language"),
        offered: deps.locales,
      });
      const signAsCreator = deps.signAsCreator({ name, email, postcode, locale, client, hold, seen });
      return c.json(await submitPetition(deps, { text: input, locale, signAsCreator }), 202);
    })
    .get("/v1/petitions/similar", async (c) => {
      const deps = depsOf(c);
      const { q, limit } = parseQuery(c, SimilarQuery);
      return sendPublic(c, await renderSimilar(deps, q, limit));
    })
    .get("/v1/petitions/:id", async (c) => {
      const deps = depsOf(c);
      const id = parsePublicId("pet", c.req.param("id"));
      const body = id && (await deps.answers.get(c.req.path, () => renderOne(deps, id)));
      if (!body) throw new Problem("not_found");
      return sendPublic(c, body);
    });

async function renderList(deps: PetitionRouteDeps, query: v.InferOutput<typeof PetitionQuery>): Promise<PublicBody> {
  const { cursor, limit, q, state, ...rest } = query;
  const { db, keys } = deps;
  const match = q === undefined ? undefined : searchQuery(q);
  if (q !== undefined && match === undefined) return publicBody({ data: [], next_cursor: null });
  const bound = JSON.stringify({ q, state, ...rest });
  const after = cursor === undefined ? undefined : await readCursor<[value: number, no: number]>(keys, bound, cursor);
  const states = state ? [state] : query.sort === "closing" ? (["open"] as const) : PUBLIC_STATES;
  const [rows] = await db.batch([
    listPetitions(db, { ...rest, states, match, limit: limit + 1, after, now: deps.clock() }),
  ]);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const more = rows.length > limit && last !== undefined;
  const next = more ? await writeCursor(keys, bound, [last.orderedBy, last.no]) : null;
  const value = { data: page.map((row) => petitionSummary(row, deps.clock())), next_cursor: next };
  if (next === null) return publicBody(value);
  const params = new URLSearchParams();
  for (const [name, given] of Object.entries({ ...query, cursor: next })) {
    if (given !== undefined) params.set(name, String(given));
  }
  return publicBody(value, { headers: { Link: `<${deps.publicUrl}/v1/petitions?${params}>; rel="next"` } });
}

async function renderSimilar(deps: PetitionRouteDeps, text: string, limit: number): Promise<PublicBody> {
  const now = deps.clock();
  const found = similarTo(deps.db, { text, states: ["open"], now, limit });
  const rows = found === undefined ? [] : (await deps.db.batch([found]))[0];
  return publicBody({ data: closeEnough(rows).map((row) => petitionSummary(row, now)), next_cursor: null });
}

async function renderOne(deps: PetitionRouteDeps, id: string): Promise<PublicBody | undefined> {
  const { db } = deps;
  const no = petitionNo(id);
  const [[row], thresholds, facts] = await db.batch([
    petitionInFull(db, no),
    thresholdsOf(db, no),
    importedFactsOf(db, no),
  ]);
  if (row?.id !== id || !isPublicState(row.state)) return undefined;
  return publicBody({ ...petitionDocument(row, thresholds, deps.clock()), elsewhere: factsFromElsewhere(facts) });
}

async function refuseUnknownCodes(deps: PetitionRouteDeps, input: v.InferOutput<typeof NewPetition>): Promise<void> {
  if (input.area === undefined && !input.topics?.length) return;
  const lists = await deps.lists.get(deps.db).catch(() => {
    throw new Problem("unavailable", { headers: { "Retry-After": "10" } });
  });
  const unknown = (pointer: string) => ({ pointer, code: "unknown_code", detail: "is not in the municipality's list" });
  const errors = (input.topics ?? []).flatMap((topic, index) =>
    lists.topics.some(({ code, retired }) => code === topic && !retired) ? [] : [unknown(`/topics/${index}`)],
  );
  if (input.area !== undefined && !lists.areas.some(({ code }) => code === input.area)) errors.push(unknown("/area"));
  if (errors.length > 0) throw new Problem("invalid_request", { errors });
}
