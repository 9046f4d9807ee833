import { type Context, Hono } from "hono";
import { type PublicBody, publicBody, publicText, sendPublic } from "./caching.ts";
import { DESCRIPTION_FILE, readDescription } from "./description-file.ts";
import { DocsPage } from "./docs-page.tsx";
import { type PageFrame, renderPage } from "./page.tsx";

export interface DocsDeps {
  readonly municipality: string;
  readonly publicUrl: string;
  readonly frame: PageFrame;
  /** The text of a file that is deployed beside the Worker, from its path. */
  readonly staticFile: (path: string) => Promise<string>;
}

// It changes with a deploy only; five minutes is how long a cache may miss one.
const CACHE = { "Cache-Control": "public, max-age=300" };

const describe = async (deps: DocsDeps) => readDescription(await deps.staticFile(DESCRIPTION_FILE), deps);

/** The API's description, for programs and for people. Each is made when it is first asked for, once an isolate. */
export function docsRoutes(depsOf: (c: Context) => DocsDeps) {
  const document = once(async (deps) =>
    publicBody(await describe(deps), { headers: { ...CACHE, "Access-Control-Allow-Origin": "*" } }),
  );
  const page = once(async (deps) =>
    // For developers, so in English only.
    publicText(renderPage(<DocsPage frame={{ ...deps.frame, locale: "en" }} document={await describe(deps)} />), {
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
