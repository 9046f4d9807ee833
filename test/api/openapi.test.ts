import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { app } from "../../src/app.ts";
import { curlOf } from "../../src/http/curl.ts";
import { EXAMPLE_PETITION, type Method, type RequestExample } from "../../src/http/openapi.ts";
import type { OpenApiDocument } from "../../src/http/openapi-document.ts";
import { expectDocumentedAnswer, operation, operations } from "../support/documented.ts";
import { realise } from "../support/examples.ts";
import { coldIsolate } from "../support/isolate.ts";
import { freshEmail, linkIn, nextMail, postJson, sign, tokenOf } from "../support/resident.ts";
import { foundTown, openPetition } from "../support/town.ts";

const isolate = coldIsolate();
const document = (await (await isolate.fetch("/openapi.json")).json()) as OpenApiDocument;

beforeAll(foundTown);

const examples = operations.flatMap(({ id, method, path }) =>
  (document.paths[path]?.[method]?.["x-requests"] ?? []).map((request): [string, string, Method, RequestExample] => [
    id,
    request.summary,
    method,
    request,
  ]),
);

test("the document names every route of the Worker and no other", () => {
  const described = operations.map(({ method, path }) => ({ method, path }));
  const named = [...described, ...document["x-pages"]].map(
    ({ method, path }) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ":$1")}`,
  );
  const routes = app.routes.filter(({ method }) => method !== "ALL").map(({ method, path }) => `${method} ${path}`);
  expect(named.sort()).toEqual([...new Set(routes)].sort());
});

test("only pages and files for people and one provider's webhook are named without being described", () => {
  const undescribed = [...new Set(document["x-pages"].map(({ path }) => path))];
  expect(
    undescribed.filter((path) => !/^\/([vwupsed](\/|$)|dev\/|hooks\/resend$|style\.css$|docs$)|\/qr$/.test(path)),
  ).toEqual([]);
});

describe("an example runs, and gets the documented answer", () => {
  test.each(examples)("%s: %s", async (id, _, method, example) => {
    const { path, init } = await realise(isolate, id, example, method);
    await expectDocumentedAnswer(id, await isolate.fetch(path, init));
  });

  test("none is left out", () => {
    expect(examples.length).toBe(operations.reduce((sum, { examples: all }) => sum + all.length, 0));
    expect(new Set(examples.map(([id]) => id)).size).toBe(operations.length);
  });

  test("as a command it quotes what a shell would read", () => {
    const body = { name: "Anne O'Brien $HOME" };
    expect(curlOf("https://petitions.example", "post", { summary: "", path: "/v1/x?a=1&b=2", body })).toBe(
      `curl 'https://petitions.example/v1/x?a=1&b=2' \\\n  -H 'Content-Type: application/json' \\\n  -d '{\n  "name": "Anne O'\\''Brien $HOME"\n}'`,
    );
    expect(curlOf("http://x", "delete", { summary: "", path: "/y" })).toBe("curl -X DELETE 'http://x/y'");
  });
});

test.each(
  operations
    .filter(({ answer }) => answer.conditional)
    .map(({ id, path, query, examples: [example] }) => [
      id,
      query || /\{(?!id\})/.test(path) ? (example?.path ?? path) : path,
    ]),
)("%s is 304 for whoever holds the body", async (id, path) => {
  const { id: petition } = await openPetition();
  const at = path.replace("{id}", petition).replace(EXAMPLE_PETITION, petition);
  const held = (await isolate.fetch(at)).headers.get("ETag") ?? "";
  const answer = await isolate.fetch(at, { headers: { "If-None-Match": held } });
  expect(answer.status, id).toBe(304);
  expect(await answer.text()).toBe("");
  expect(answer.headers.get("ETag")).toBe(held);
  expect(answer.headers.get("Cache-Control")).toMatch(/^public, max-age=\d+$/);
});

describe("real answers are what their schemas say", () => {
  const read = async (id: string, path: string, headers = {}) =>
    expectDocumentedAnswer(id, await coldIsolate().fetch(path, { headers }));

  test("of a petition in every public state, with thresholds, response and rejection", async () => {
    const now = Date.now();
    for (const columns of [
      { area_code: "north", department_code: "works", details: "Six would do." },
      { state: "closed", closes_at: now - 1, ended_at: now - 1 },
      { closes_at: now - 1 },
      { state: "stopped", ended_at: now - 5 },
      { state: "rejected", rejection_code: "duplicate", rejection_details: "See the other." },
      { state: "rejected", rejection_code: "duplicate", opens_at: null, closes_at: null },
    ]) {
      const { id, no } = await openPetition(columns);
      await env.DB.batch([
        env.DB.prepare("INSERT INTO petition_topics VALUES ('parks', ?), ('roads', ?)").bind(no, no),
        env.DB.prepare(
          "INSERT INTO thresholds (petition_no, name, signatures, reached_at) VALUES (?, 'response', 1, ?), (?, 'hearing', 9, NULL)",
        ).bind(no, now, no),
        env.DB.prepare(
          "INSERT INTO responses (petition_no, summary, details, published_at) VALUES (?, 'Yes.', 'We will.', ?)",
        ).bind(no, columns.state === "closed" ? now : null),
      ]);
      const petition = await read("readPetition", `/v1/petitions/${id}`);
      expect(petition).toMatchObject({ state: columns.state ?? ("area_code" in columns ? "open" : "closed") });
      await read("countPetition", `/v1/petitions/${id}/count`);
    }
    for (const sort of ["newest", "popular", "trending", "closing"]) {
      await read("listPetitions", `/v1/petitions?sort=${sort}&limit=50`);
    }
    const page = await coldIsolate().fetch("/v1/petitions?limit=1");
    expect(page.headers.get("Link")).toContain('rel="next"');
    await expectDocumentedAnswer("listPetitions", page);
  });

  test("of tallies with every kind of bar", async () => {
    const { id } = await openPetition();
    for (const fields of [{ channel: "poster" }, { postcode: undefined, locale: "de" }]) {
      const email = freshEmail();
      await sign(isolate, id, { email, ...fields });
      const token = tokenOf(linkIn(await nextMail(email), "v"));
      await expectDocumentedAnswer("verifySignature", await postJson(isolate, "/v1/verifications", { token }));
      await expectDocumentedAnswer("verifySignature", await postJson(isolate, "/v1/verifications", { token }));
    }
    const headers = { Authorization: "Bearer fm_staff_local" };
    const { by } = (await read("tallyPetition", `/v1/admin/petitions/${id}/counts`, headers)) as {
      by: Record<string, unknown[]>;
    };
    for (const [name, bars] of Object.entries(by)) expect(bars.length, name).toBeGreaterThan(0);
  });

  test("of lists with what is not known", async () => {
    await env.DB.prepare("INSERT INTO areas VALUES ('east', 'East Ward', NULL)").run();
    await read("listAreas", "/v1/areas");
  });
});

test("the document is public, and the same for everyone who asks", async () => {
  const answer = await isolate.fetch("/openapi.json");
  expect(answer.headers.get("Access-Control-Allow-Origin")).toBe("*");
  expect(answer.headers.get("Cache-Control")).toBe("public, max-age=300");
  expect(operation("readDescription").answer.conditional).toBe(true);
  const elsewhere = await coldIsolate({ PUBLIC_URL: "https://petitions.example", MUNICIPALITY: "Elsewhere" }).fetch(
    "/openapi.json",
  );
  expect(await elsewhere.json()).toMatchObject({
    info: { title: "Petitions: Elsewhere" },
    servers: [{ url: "https://petitions.example" }],
  });
  expect(await (await isolate.fetch("/openapi.json")).json()).toEqual(document);
});
