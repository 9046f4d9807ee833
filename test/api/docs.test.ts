import { describe, expect, test } from "vitest";
import type { OpenApiDocument } from "../../src/http/openapi-document.ts";
import { problemCatalogue } from "../../src/http/problems.ts";
import { describeApi } from "../../src/openapi.ts";
import { coldIsolate } from "../support/isolate.ts";

const isolate = coldIsolate();
const answer = await isolate.fetch("/docs");
const page = await answer.text();
const document = (await (await isolate.fetch("/openapi.json")).json()) as OpenApiDocument;

const attributes = (name: string) =>
  [...page.matchAll(new RegExp(` ${name}="([^"]*)"`, "g"))].map(([, value]) => value ?? "");
const ids = attributes("id");
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
);

/** A text as it stands in HTML. */
const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;").replaceAll("'", "&#39;");
/** The page from an anchor on, to the next of its kind. */
const from = (id: string) => page.slice(page.indexOf(`id="${id}"`)).split("<article")[0] ?? "";

describe("/openapi.json", () => {
  test.each([
    ["http://localhost:8787", "Town of Brackwater"],
    ["https://petitions.example", `Saint-Mère "du $& <Lac>" \\ {{public_url}}`],
  ])("is the description of the routes, for %s of %s", async (PUBLIC_URL, MUNICIPALITY) => {
    const found = await coldIsolate({ PUBLIC_URL, MUNICIPALITY }).fetch("/openapi.json");
    const described = describeApi({ municipality: MUNICIPALITY, publicUrl: PUBLIC_URL });
    const same = (await found.text()) === JSON.stringify(described);
    expect(same).toBe(true); // a difference of 400 KB is no message
    expect(found.headers.get("Access-Control-Allow-Origin")).toBe("*");
    expect(found.headers.get("Cache-Control")).toBe("public, max-age=300");
  });

  test.each([
    ["fails", () => Promise.reject(new Error("Network connection lost"))],
    ["is missing", async () => new Response("", { status: 404 })],
  ])("is unavailable while its file %s, and no longer", async (_, fetch) => {
    const STATIC: { fetch: () => Promise<Response> } = { fetch };
    const shaky = coldIsolate({ STATIC, CONTACT: `${_.length}@brackwater.example` });
    for (const path of ["/openapi.json", "/docs"]) {
      const refused = await shaky.fetch(path);
      expect(refused.status).toBe(503);
      expect(refused.headers.get("Retry-After")).toBe("10");
      expect(await refused.json()).toMatchObject({ code: "unavailable" });
    }
    STATIC.fetch = async () => new Response(JSON.stringify(document));
    expect((await shaky.fetch("/openapi.json")).status).toBe(200);
  });
});

describe("/docs", () => {
  test("is a page of its own, in English, which caches keep", () => {
    expect(answer.status).toBe(200);
    expect(answer.headers.get("Content-Type")).toBe("text/html; charset=utf-8");
    expect(answer.headers.get("Cache-Control")).toBe("public, max-age=300");
    expect(page).toMatch(/^<!doctype html><html lang="en" dir="ltr">/);
  });

  test("is in English whatever the municipality speaks", async () => {
    const elsewhere = await (await coldIsolate({ LOCALES: "de,en" }).fetch("/docs")).text();
    expect(elsewhere).toContain('<html lang="en"');
    expect(elsewhere).toContain("Skip to the content");
  });

  test("is 304 for whoever holds it", async () => {
    const headers = { "If-None-Match": answer.headers.get("ETag") ?? "" };
    expect((await isolate.fetch("/docs", { headers })).status).toBe(304);
  });

  test("shows every operation: its address, parameters, examples, answers and problems", () => {
    expect(operations.length).toBeGreaterThan(10);
    for (const { operationId, method, path, summary, parameters, responses, ...operation } of operations) {
      const section = from(operationId);
      expect(section, operationId).toContain(escaped(summary));
      expect(section).toContain(`${method.toUpperCase()} ${path}`);
      for (const { name } of parameters) expect(section, operationId).toContain(`<code>${name}</code>`);
      for (const example of operation["x-requests"]) {
        expect(section).toContain(`http://localhost:8787${escaped(example.path)}`);
        const { body } = example;
        const sent = typeof body === "string" ? body : JSON.stringify(body, null, 2);
        if (body) expect(section).toContain(escaped(sent.replaceAll("'", "'\\''")));
      }
      for (const [status, { content }] of Object.entries(responses)) {
        if (status < "400") expect(section).toContain(`Answer ${status}`);
        for (const code of Object.keys(content?.["application/problem+json"]?.examples ?? {})) {
          expect(section, operationId).toContain(`href="#problem-${code}"`);
        }
      }
    }
  });

  test("shows a body's fields with their constraints, fields within fields included", () => {
    const section = from("submitPetition");
    expect(section).toMatch(/<code>title<\/code><span class="quiet">required<\/span>.*?string, 1 to 100 characters\./);
    expect(section).toMatch(/<code>creator\.email<\/code><span class="quiet">required<\/span>.*?e-mail address/);
    expect(section).toMatch(
      /<code>topics<\/code><span class="quiet">optional<\/span>.*?list of strings, to 5 entries\./,
    );
    expect(from("listPetitions")).toContain("<code>data[].signature_count</code>");
    expect(from("listPetitions")).toMatch(/<code>limit<\/code>.*?integer, 1 to 50, default <code>20<\/code>\./);
    expect(from("verifySignature")).toMatch(/form 1.*<code>token<\/code>.*form 2.*<code>code<\/code>/s);
  });

  test("describes every problem under an anchor", () => {
    for (const [code, { title }] of Object.entries(problemCatalogue)) {
      expect(ids).toContain(`problem-${code}`);
      expect(page).toContain(escaped(title));
    }
  });

  test("has no anchor twice, and no link to one that is not there", () => {
    expect(new Set(ids).size).toBe(ids.length);
    const targets = attributes("href").filter((href) => href.startsWith("#"));
    expect(targets.length).toBeGreaterThan(operations.length);
    for (const target of [...targets.map((href) => href.slice(1)), ...attributes("aria-labelledby")]) {
      expect(ids, target).toContain(target);
    }
  });

  test("asks nothing of another host, and needs no script", () => {
    expect(page).not.toMatch(/<(script|img|iframe|object|embed|style|form|base)\b/i);
    expect(page).not.toMatch(/ (on\w+|style|src|srcset)=/i);
    const links = [...page.matchAll(/<link\b[^>]*>/g)].map(([link]) => link);
    expect(links).toEqual(['<link rel="stylesheet" href="/style.css"/>']);
    const elsewhere = attributes("href").filter((href) => !/^(#|\/[^/]|mailto:)/.test(href));
    expect(elsewhere).toEqual(["https://brackwater.example/privacy"]);
  });

  test("has headings in order, and every table its caption", () => {
    const levels = [...page.matchAll(/<h(\d)/g)].map(([, level]) => Number(level));
    expect(levels.filter((level) => level === 1).length).toBe(1);
    for (const [index, level] of levels.entries()) expect(level).toBeLessThanOrEqual((levels[index - 1] ?? 0) + 1);
    expect(page.match(/<table><caption>[^<]+<\/caption>/g)?.length).toBe(page.match(/<table/g)?.length);
    const captions = [...page.matchAll(/<caption>([^<]+)</g)].map(([, caption]) => caption);
    expect(new Set(captions).size).toBe(captions.length);
  });
});
