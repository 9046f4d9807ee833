import type { Context } from "hono";
import { routePath } from "hono/route";
import { toBase64Url, utf8 } from "../lib/bytes.ts";
import type { FreshCache } from "../lib/fresh-cache.ts";
import { standardHeaders } from "./standard-headers.ts";

// 10 s in a cache on top of at most 5 s in an isolate: what staff change holds everywhere within 15 s.
const PUBLIC_CACHE = "public, max-age=10";

/** A body as it is sent, with its entity tag; made once and served many times. */
export interface PublicBody {
  readonly text: string;
  readonly etag: string;
  /** Further headers, such as `Link`; they take precedence over the usual ones. */
  readonly headers: Readonly<Record<string, string>>;
}

const tagOf = async (text: string): Promise<string> =>
  `"${toBase64Url(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(text)), 0, 12))}"`;

/** Renders a value that all may read. `version`: what the tag is made from, when not the whole body. */
export async function publicBody(
  value: unknown,
  { version = value, headers = {} }: { version?: unknown; headers?: Record<string, string> } = {},
): Promise<PublicBody> {
  return { text: JSON.stringify(value), etag: await tagOf(JSON.stringify(version)), headers };
}

/** A text that all may read, such as a page, of the content type among its `headers`. */
export async function publicText(
  text: string,
  headers: { "Content-Type": string } & Record<string, string>,
): Promise<PublicBody> {
  return { text, etag: await tagOf(text), headers };
}

interface Ready {
  readonly headers: Headers;
  /** The pattern of the route that has sent it. */
  readonly route: string;
}

// A body is served many times, always by one route: a Response copies a ready set of headers for the least.
const ready = new WeakMap<PublicBody, Ready>();

/** Sends a public body with `ETag` and `Cache-Control`, or 304 when the caller has it (RFC 9110, 13.1.2). */
export function sendPublic(c: Context, body: PublicBody): Response {
  let known = ready.get(body);
  if (!known) {
    const own = { "Content-Type": "application/json", "Cache-Control": PUBLIC_CACHE, ...body.headers, ETag: body.etag };
    known = { headers: standardHeaders(c.req.path, own), route: routePath(c, -1) };
    ready.set(body, known);
  }
  return answer(body, known.headers, c.req.raw);
}

/**
 * What `sendPublic` has sent for the very address of a GET, path and query, if it is remembered under it and fresh: the
 * answer and its route. A crowd that reads one petition needs neither a router nor anything else of the service.
 */
export function answerRemembered(
  answers: FreshCache<PublicBody>,
  request: Request,
): { answer: Response; route: string } | undefined {
  if (request.method !== "GET") return undefined;
  const { url } = request;
  const body = answers.remembered(url.slice(url.indexOf("/", url.indexOf("//") + 2)));
  const known = body && ready.get(body);
  return known && { answer: answer(body, known.headers, request), route: known.route };
}

function answer(body: PublicBody, headers: Headers, request: Request): Response {
  const held = request.headers.get("If-None-Match");
  if (held === null || !matches(held, body.etag)) return new Response(body.text, { headers });
  const unchanged = new Response(null, { status: 304, headers });
  unchanged.headers.delete("Content-Type");
  return unchanged;
}

const matches = (held: string, etag: string): boolean =>
  held.trim() === "*" || held.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
