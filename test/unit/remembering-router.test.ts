import { Hono } from "hono";
import { expect, test } from "vitest";
import { RememberingRouter } from "../../src/http/remembering-router.ts";

const routes = <App extends Hono>(app: App) =>
  app
    .use(async (c, next) => {
      await next();
      c.header("X-Seen", c.req.method);
    })
    .get("/v1/petitions/similar", (c) => c.text("similar"))
    .get("/v1/petitions/:id", (c) => c.text(`one ${c.req.param("id")}`))
    .put("/v1/petitions/:id", (c) => c.text(`put ${c.req.param("id")}`))
    .get("/v1/petitions/:id/count", (c) => c.text(`count ${c.req.param("id")}`))
    .get("/v/:token", (c) => c.text(`page ${c.req.param("token")}`));

test("a path that was asked for before is answered as the first time, and as by Hono's own router", async () => {
  const remembering = routes(new Hono({ router: new RememberingRouter() }));
  const usual = routes(new Hono());
  const asked = ["/v1/petitions/similar", "/v1/petitions/a", "/v1/petitions/b", "/v1/petitions/a/count", "/v/x", "/no"];
  for (const path of [...asked, ...asked, ...asked]) {
    for (const method of ["GET", "PUT", "HEAD", "DELETE"]) {
      const [ours, theirs] = await Promise.all([remembering, usual].map((app) => app.request(path, { method })));
      expect([ours?.status, await ours?.text(), ours?.headers.get("X-Seen")], `${method} ${path}`).toEqual([
        theirs?.status,
        await theirs?.text(),
        theirs?.headers.get("X-Seen"),
      ]);
    }
  }
});

test("a route that is added later is found under a path that was asked for before", () => {
  const router = new RememberingRouter<string>();
  router.add("GET", "/v1/a", "first");
  expect(router.match("GET", "/v1/b")[0]).toEqual([]);
  router.add("GET", "/v1/b", "second");
  expect(router.match("GET", "/v1/b")[0].map(([handler]) => handler)).toEqual(["second"]);
});
