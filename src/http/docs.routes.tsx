import { type Context, Hono } from "hono";
import { type PublicBody, publicBody, publicText, sendPublic } from "./caching.ts";
import { DocsPage } from "./docs-page.tsx";
import type { OpenApiDocument } from "./openapi-document.ts";
import { type PageFrame, renderPage } from "./page.tsx";

export interface DocsDeps {
  readonly municipality: string;
  readonly publicUrl: string;
  readonly frame: PageFrame;
}

// It changes with a deploy only; five minutes is how long a cache may miss one.
const CACHE = { "Cache-Control": "public, max-age=300" };

/** The API's description, for programs and for people. Each is built when it is first asked for, once an isolate. */
export function docsRoutes(depsOf: (c: Context) => DocsDeps, describe: (at: DocsDeps) => OpenApiDocument) {
  const document = once((deps) =>
    publicBody(describe(deps), { headers: { ...CACHE, "Access-Control-Allow-Origin": "*" } }),
  );
  const page = once((deps) =>
    // For developers, so in English only.
    publicText(renderPage(<DocsPage frame={{ ...deps.frame, locale: "en" }} document={describe(deps)} />), {
      ...CACHE,
      "Content-Type": "text/html; charset=utf-8",
    }),
  );
  return new Hono()
    .get("/openapi.json", async (c) => sendPublic(c, await document(depsOf(c))))
    .get("/docs", async (c) => sendPublic(c, await page(depsOf(c))));
}

/** Keeps what was made, not its promise: on Workers one request may not await another's. */
function once(make: (deps: DocsDeps) => Promise<PublicBody>): (deps: DocsDeps) => Promise<PublicBody> {
  let kept: { from: string; body: PublicBody } | undefined;
  return async (deps) => {
    // An isolate has one set of settings; tests have several.
    const from = JSON.stringify([deps.publicUrl, deps.frame]);
    if (kept?.from !== from) kept = { from, body: await make(deps) };
    return kept.body;
  };
}
