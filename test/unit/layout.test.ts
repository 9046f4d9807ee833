import { describe, expect, test } from "vitest";

declare global {
  interface ImportMeta {
    /** Vite's: the texts of all files that match. */
    glob(pattern: string, options: { eager: true; query: "?raw"; import: "default" }): Record<string, string>;
  }
}

/** Texts of source files by their path below src/. */
type Sources = Record<string, string>;

const files = import.meta.glob("../../src/**/*", { eager: true, query: "?raw", import: "default" });
const src: Sources = Object.fromEntries(
  Object.entries(files).map(([path, text]) => [path.replace("../../src/", ""), text]),
);

/**
 * The folders of design.md's "Layout", from top to bottom: a folder imports from itself and from those below it.
 * Two things differ from that page: mails are counted by limits (mail/deliver-mail.ts), and limits know nothing of mail;
 * and staff change what areas/ holds, so it stands above access/. mailings/ are letters to those who signed; notices/ is
 * what they are told before, which petitions and partners ask for too. client/ runs elsewhere, and stands by itself.
 */
const FOLDERS =
  "overview integrity privacy mailings signatures petitions counts areas notices partners access mail limits http i18n db lib client".split(
    " ",
  );
const SHARED = new Set(["http", "i18n", "db", "lib"]);
const ADAPTERS = new Set([
  "limits/durable-limiter.ts",
  "mail/capture-sender.ts",
  "mail/cloudflare-sender.ts",
  "partners/idempotency/durable-claims.ts",
]);
const BINDING_TYPES =
  /\b(D1\w+|Queue(?=<)|DurableObject(Namespace|Stub|State)|SendEmail|KVNamespace|R2Bucket|Fetcher|ExecutionContext)\b/;
const MAX_LINES = 320;

interface Import {
  readonly from: string;
  /** A path below src/, or a package. */
  readonly to: string;
  readonly relative: boolean;
  readonly typeOnly: boolean;
}

const folderOf = (path: string): string => (path.includes("/") ? (path.split("/")[0] as string) : "");
const isStore = (path: string): boolean => /\.store\.ts$/.test(path);
const isRoutes = (path: string): boolean => /\.routes\.tsx?$/.test(path);
const isSchema = (path: string): boolean => /\.schema\.ts$/.test(path);
const isCode = (path: string): boolean => /\.tsx?$/.test(path);
const knowsPlatform = (path: string): boolean =>
  ["index.ts", "bindings.ts", "deps.ts", "isolate.ts"].includes(path) || folderOf(path) === "db" || ADAPTERS.has(path);
const readsClock = (path: string): boolean =>
  ["app.ts", "queues.ts", "isolate.ts"].includes(path) || ADAPTERS.has(path);
const withoutComments = (text: string): string => text.replace(/^\s*(\/\/|\/?\*).*$/gm, "");

function importsOf(sources: Sources): Import[] {
  const statement = /^\s*(import|export)(\s+type)?\s(?:[^;'"]*?\sfrom\s)?\s*"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)/gm;
  return Object.entries(sources).flatMap(([from, text]) =>
    [...withoutComments(text).matchAll(statement)].map((match) => {
      const name = match[3] ?? match[4] ?? "";
      const relative = name.startsWith(".");
      const to = relative ? new URL(name, `file:///${from}`).pathname.slice(1) : name;
      return { from, to, relative, typeOnly: match[2] !== undefined };
    }),
  );
}

/** Imports that are wrong, as `from → to`. */
const refused = (sources: Sources, isWrong: (found: Import) => boolean): string[] =>
  importsOf(sources)
    .filter(isWrong)
    .map(({ from, to }) => `${from} → ${to}`);

/** Lines that a pattern finds, as `path: text`. */
const lines = (sources: Sources, pattern: RegExp, isExempt: (path: string) => boolean): string[] =>
  Object.entries(sources)
    .filter(([path]) => !isExempt(path))
    .flatMap(([path, text]) =>
      withoutComments(text)
        .split("\n")
        .filter((line) => pattern.test(line))
        .map((line) => `${path}: ${line.trim()}`),
    );

interface Rule {
  readonly says: string;
  readonly breaches: (sources: Sources) => string[];
  /** Sources that break it, each alone. */
  readonly offenders: readonly Sources[];
}

const importRule = (says: string, isWrong: (found: Import) => boolean, ...offenders: Sources[]): Rule => ({
  says,
  breaches: (sources) => refused(sources, isWrong),
  offenders,
});

const pathRule = (says: string, isWrong: (path: string) => boolean, ...offenders: Sources[]): Rule => ({
  says,
  breaches: (sources) => Object.keys(sources).filter(isWrong),
  offenders,
});

const rules: readonly Rule[] = [
  pathRule("every folder has its place in the order", (path) => !["", ...FOLDERS].includes(folderOf(path)), {
    "voting/vote.ts": "",
  }),
  importRule(
    "a folder imports only from itself and from folders below it",
    ({ from, to, relative }) => {
      const [above, below] = [FOLDERS.indexOf(folderOf(from)), FOLDERS.indexOf(folderOf(to))];
      return relative && above >= 0 && below >= 0 && below < above;
    },
    { "petitions/x.ts": 'import { y } from "../signatures/signature.ts";' },
    { "lib/x.ts": 'import type {\n  Y,\n} from "../db/schema.ts";' },
    { "db/x.ts": 'const y = await import("../i18n/en.ts");' },
    { "limits/x.ts": 'export { y } from "../mail/sender.ts";' },
    { "http/x.ts": 'import "../limits/admit.ts";' },
  ),
  importRule(
    "nothing in a folder imports what puts the parts together; config.ts only access/ does",
    ({ from, to, relative }) => {
      if (!relative || folderOf(to) !== "") return false;
      if (to === "config.ts") return !["isolate.ts", "app.ts"].includes(from) && folderOf(from) !== "access";
      return folderOf(from) !== "";
    },
    { "mail/x.ts": 'import { Config } from "../config.ts";' },
    { "crons.ts": 'import { Config } from "./config.ts";' },
    { "petitions/x.ts": 'import type { Deps } from "../deps.ts";' },
  ),
  importRule(
    "what others run, client/, imports nothing from outside, no package either, and nothing here imports it",
    ({ from, to, relative }) =>
      folderOf(from) === "client" ? !relative || folderOf(to) !== "client" : relative && folderOf(to) === "client",
    { "client/x.ts": 'import type { Problem } from "../http/problems.ts";' },
    { "client/x.ts": 'import * as v from "valibot";' },
    { "mail/x.ts": 'import { createClient } from "../client/client.ts";' },
  ),
  importRule(
    "a feature imports no other feature's store, schema or routes",
    ({ from, to, relative }) => {
      const [importer, owner] = [folderOf(from), folderOf(to)];
      const foreign = relative && importer !== "" && importer !== owner && !SHARED.has(owner);
      return foreign && (isStore(to) || isSchema(to) || isRoutes(to));
    },
    { "signatures/x.ts": 'import { insertJob } from "../mail/outbox.store.ts";' },
    { "signatures/x.ts": 'import type { P } from "../petitions/petitions.schema.ts";' },
    { "signatures/x.ts": 'import type { P } from "../petitions/petitions.routes.ts";' },
  ),
  importRule(
    "routes are imported by app.ts and by routes of their feature; deps.ts has only their types",
    ({ from, to, relative, typeOnly }) => {
      if (!relative || !isRoutes(to) || from === "app.ts") return false;
      if (from === "deps.ts") return !typeOnly;
      return !(isRoutes(from) && folderOf(from) === folderOf(to));
    },
    { "petitions/submit.ts": 'import { petitionRoutes } from "./petitions.routes.ts";' },
    { "deps.ts": 'import { petitionRoutes } from "./petitions/petitions.routes.ts";' },
  ),
  importRule(
    "the Worker carries no description of the API: it is a file beside it, and only descriptions import descriptions",
    ({ from, to, relative, typeOnly }) =>
      relative && !typeOnly && /openapi(-document)?\.ts$/.test(to) && !/openapi(-document)?\.ts$/.test(from),
    { "app.ts": 'import { describeApi } from "./openapi.ts";' },
    { "http/docs.routes.tsx": 'import { openApiDocument } from "./openapi-document.ts";' },
    { "counts/counts.routes.ts": 'import { countsApi } from "./counts.openapi.ts";' },
  ),
  {
    says: "a store imports rules, db and lib: no verb, no schema, no http, no other store",
    breaches: (sources) => {
      const verbs = new Set(refused(sources, ({ to }) => isStore(to)).map((found) => found.split(" ")[0]));
      return refused(sources, ({ from, to, relative }) => {
        const wrong = verbs.has(to) || isStore(to) || isSchema(to) || ["http", "i18n"].includes(folderOf(to));
        return isStore(from) && relative && wrong;
      });
    },
    offenders: [
      { "a/a.store.ts": 'import { x } from "./do-it.ts";', "a/do-it.ts": 'import { y } from "./a.store.ts";' },
      { "a/a.store.ts": 'import { Problem } from "../http/problems.ts";' },
      { "a/a.store.ts": 'import { y } from "./b.store.ts";' },
    ],
  },
  importRule(
    "hono stands only in app.ts, http/, routes and templates",
    ({ from, to }) => {
      const allowed = from === "app.ts" || folderOf(from) === "http" || isRoutes(from) || from.endsWith(".tsx");
      return /^hono(\/|$)/.test(to) && !allowed;
    },
    { "mail/x.ts": 'import type { Context } from "hono";' },
    { "deps.ts": 'import { raw } from "hono/html";' },
  ),
  importRule(
    "drizzle-orm stands only in db/ and stores",
    ({ from, to }) => /^drizzle-orm(\/|$)/.test(to) && folderOf(from) !== "db" && !isStore(from),
    { "petitions/x.ts": 'import type { BatchItem } from "drizzle-orm/batch";' },
    { "petitions/x.routes.ts": 'import { sql } from "drizzle-orm";' },
  ),
  importRule(
    "cloudflare:workers stands only in index, deps, db and adapters",
    ({ from, to }) => to.startsWith("cloudflare:") && !knowsPlatform(from),
    { "mail/deliver-mail.ts": 'import { env } from "cloudflare:workers";' },
  ),
  {
    says: "bindings' types stand only in index, bindings, deps, isolate, db and adapters",
    breaches: (sources) => lines(sources, BINDING_TYPES, knowsPlatform),
    offenders: [
      { "mail/x.ts": "function f(d1: D1Database) {}" },
      { "mail/x.ts": "type N = DurableObjectNamespace<X>;" },
      { "mail/x.ts": "type Q = Queue<X>;" },
    ],
  },
  {
    says: "the clock is read by entries, the composition root and adapters; rules and verbs are given one",
    breaches: (sources) => lines(sources, /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.env\b/, readsClock),
    offenders: [{ "limits/x.ts": "const now = Date.now();" }, { "petitions/x.ts": "const now = new Date();" }],
  },
  importRule(
    "every import carries its extension",
    ({ to, relative }) => relative && !isCode(to),
    { "lib/x.ts": 'import { y } from "./y";' },
    { "lib/x.ts": 'import { y } from "./y.js";' },
  ),
  pathRule("index.ts is only the Worker's", (path) => /\/index\.tsx?$/.test(path), { "mail/index.ts": "" }),
  {
    says: "there are no barrels under other names either",
    breaches: (sources) => lines(sources, /^\s*export\s[^=;]*\bfrom\s+"/, (path) => path === "index.ts"),
    offenders: [{ "mail/all.ts": 'export * from "./sender.ts";' }],
  },
  pathRule(
    "no folder or file is a drawer for what has no name",
    (path) => /(^|\/)(utils?|helpers?|types|constants|common|misc)(\/|\.tsx?$)/.test(path),
    { "lib/utils/x.ts": "" },
    { "mail/types.ts": "" },
    { "helpers/x.ts": "" },
  ),
  {
    says: `no file is longer than ${MAX_LINES} lines`,
    breaches: (sources) =>
      Object.keys(sources).filter((path) => (sources[path] ?? "").trimEnd().split("\n").length > MAX_LINES),
    offenders: [{ "lib/x.ts": "x\n".repeat(MAX_LINES + 1) }],
  },
  {
    says: "only lib/log.ts writes to the console",
    breaches: (sources) => lines(sources, /\bconsole\s*[.[]/, (path) => path === "lib/log.ts"),
    offenders: [{ "app.ts": 'console.log("x");' }, { "mail/x.ts": '  console["error"](e);' }],
  },
];

describe.each(rules)("$says", ({ breaches, offenders }) => {
  test("in src/", () => expect(breaches(src)).toEqual([]));

  test("and the rule sees who breaks it", () => {
    for (const sources of offenders) expect(breaches(sources).length, JSON.stringify(sources)).toBeGreaterThan(0);
  });
});

test("all of src/ is looked at, and its imports are found", () => {
  expect(Object.keys(src).length).toBeGreaterThan(50);
  const written = Object.values(src).flatMap((text) => withoutComments(text).match(/\bfrom "[^"]+";$/gm) ?? []);
  expect(importsOf(src).length).toBeGreaterThanOrEqual(written.length);
  expect(importsOf(src)).toContainEqual({ from: "index.ts", to: "app.ts", relative: true, typeOnly: false });
});

test("a file that keeps every rule breaks none", () => {
  const sources: Sources = {
    "petitions/petition.ts": 'import type { petitionStates } from "../db/schema.ts";\n// console.log("no")\n',
    "petitions/petitions.store.ts": 'import { sql } from "drizzle-orm";\nimport { x } from "./petition.ts";\n',
    "petitions/petitions.routes.ts": 'import { Hono } from "hono";\nimport { x } from "./petitions.store.ts";\n',
    "db/schema.ts": "export const petitionStates = [];\n",
  };
  expect(rules.flatMap(({ breaches }) => breaches(sources))).toEqual([]);
});
