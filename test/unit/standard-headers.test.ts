import { Hono } from "hono";
import { cors } from "hono/cors";
import { secureHeaders } from "hono/secure-headers";
import { expect, test } from "vitest";
import { answerPreflight, completeHeaders, standardHeaders } from "../../src/http/standard-headers.ts";

/** What the libraries would send. */
const library = new Hono()
  .use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
      referrerPolicy: "no-referrer",
      crossOriginResourcePolicy: "cross-origin",
      xFrameOptions: "DENY",
    }),
  )
  .use("/v1/petitions/*", (c, next) =>
    cors({
      origin: "*",
      allowMethods: ["GET", "HEAD", "POST", "PUT", "DELETE"],
      allowHeaders: ["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match"],
      exposeHeaders: ["ETag", "Link", "RateLimit", "RateLimit-Policy", "Retry-After"],
      maxAge: 86_400,
    })(c, next),
  )
  .all("*", (c) => c.body(null, 200, { "Cache-Control": "no-store" }));

const PATHS = ["/v1/petitions/pet_1", "/v1/admin/petitions", "/docs", "/"];

const sent = async (path: string, method: string) =>
  Object.fromEntries((await library.request(path, { method })).headers);

test.each(PATHS)("an answer of %s that is shown has the headers that Hono's own middleware would set", async (path) => {
  const headers = await sent(path, "GET");
  expect(Object.keys(headers).length).toBeGreaterThan(12);
  expect(Object.fromEntries(standardHeaders(path, {}))).toEqual(headers);
  const completed = new Headers();
  completeHeaders(completed, path);
  expect(Object.fromEntries(completed)).toEqual(headers);
});

test.each(["application/json", "application/problem+json", "application/json; charset=UTF-8"])(
  "an answer in %s has what means something for data, and may be read where all others may",
  async (type) => {
    for (const path of PATHS) {
      const shown = await sent(path, "GET");
      const names = [
        ...["cache-control", "content-security-policy", "content-type", "strict-transport-security"],
        ...["x-content-type-options", "x-frame-options"],
      ];
      if (path === PATHS[0]) names.push("access-control-allow-origin", "access-control-expose-headers");
      const expected = {
        ...Object.fromEntries(Object.entries(shown).filter(([name]) => names.includes(name))),
        ...{ "content-type": type, "content-security-policy": "default-src 'none'; frame-ancestors 'none'" },
      };
      expect(Object.keys(expected).sort()).toEqual(names.sort());
      expect(Object.fromEntries(standardHeaders(path, { "Content-Type": type }))).toEqual(expected);
      const completed = new Headers({ "Content-Type": type });
      completeHeaders(completed, path);
      expect(Object.fromEntries(completed)).toEqual(expected);
    }
  },
);

test.each(["application/jsonp", "text/html; charset=UTF-8", "text/csv"])("%s is no data for programs", (type) => {
  expect(standardHeaders("/docs", { "Content-Type": type }).get("Referrer-Policy")).toBe("no-referrer");
});

test("a preflight is answered as Hono's own middleware would", async () => {
  const path = "/v1/petitions/pet_1";
  const answer = answerPreflight(path);
  expect(answer.status).toBe(204);
  expect(Object.fromEntries(answer.headers)).toEqual({ ...(await sent(path, "OPTIONS")), "cache-control": "no-store" });
});

test("what an answer says of itself stands", () => {
  const own = { "Cache-Control": "public, max-age=10", "Access-Control-Allow-Origin": "https://town.example" };
  const made = standardHeaders("/v1/petitions", own);
  expect(made.get("Cache-Control")).toBe("public, max-age=10");
  expect(made.get("Access-Control-Allow-Origin")).toBe("https://town.example");
  const answer = new Headers({ "Cache-Control": "public, max-age=10" });
  completeHeaders(answer, "/docs");
  expect(answer.get("Cache-Control")).toBe("public, max-age=10");
});
