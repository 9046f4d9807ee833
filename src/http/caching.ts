import type { Context } from "hono";
import { toBase64Url, utf8 } from "../lib/bytes.ts";

// 10 s in a cache on top of at most 5 s in an isolate: what staff change holds everywhere within 15 s.
const PUBLIC_CACHE = "public, max-age=10";

/** A body as it is sent, with its entity tag; made once and served many times. */
export interface PublicBody {
  readonly text: string;
  readonly etag: string;
  /** Further headers, such as `Link`. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Renders a value that all may read. `version`: what the tag is made from, when not the whole body. */
export async function publicBody(
  value: unknown,
  { version = value, headers = {} }: { version?: unknown; headers?: Record<string, string> } = {},
): Promise<PublicBody> {
  const digest = await crypto.subtle.digest("SHA-256", utf8(JSON.stringify(version)));
  return { text: JSON.stringify(value), etag: `"${toBase64Url(new Uint8Array(digest, 0, 12))}"`, headers };
}

/** Sends a public body with `ETag` and `Cache-Control`, or 304 when the caller has it (RFC 9110, 13.1.2). */
export function sendPublic(c: Context, body: PublicBody): Response {
  const headers = { ...body.headers, ETag: body.etag, "Cache-Control": PUBLIC_CACHE };
  const held = c.req.header("If-None-Match");
  if (held !== undefined && matches(held, body.etag)) return c.body(null, 304, headers);
  return c.body(body.text, 200, { ...headers, "Content-Type": "application/json" });
}

const matches = (held: string, etag: string): boolean =>
  held.trim() === "*" || held.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
