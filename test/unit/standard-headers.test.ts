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

test.each(PATHS)("an answer of %s has the headers that Hono's own middleware would set", async (path) => {
  const headers = await sent(path, "GET");
  expect(Object.keys(headers).length).toBeGreaterThan(12);
  expect(Object.fromEntries(standardHeaders(path, {}))).toEqual(headers);
  const completed = new Headers();
  completeHeaders(completed, path);
  expect(Object.fromEntries(completed)).toEqual(headers);
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
