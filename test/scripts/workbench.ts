import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readD1Migrations } from "@cloudflare/vitest-plugin";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { afterAll } from "vitest";
import { localTarget } from "../../scripts/import/local-target.ts";
import type { ImportSettings } from "../../scripts/import/plan.ts";
import { checkFiles, writeFiles } from "../../scripts/import/run-import.ts";
import type { Target } from "../../scripts/import/target.ts";
import { LOCAL_ROOT_KEY, readRootKeys } from "../../src/config.ts";

export const NOW = Date.parse("2026-11-23T09:00:00Z");
export const CLOSES = Date.parse("2027-05-24T00:00:00Z");

/** What the command is told unless a test says otherwise. */
export const settings: ImportSettings = {
  source: "oldtown.example",
  sourceUrl: "https://oldtown.example/p/{id}",
  asOf: null,
  now: NOW,
  opening: async () => ({
    keys: readRootKeys({ ROOT_KEY: LOCAL_ROOT_KEY }, true),
    locale: "en",
    closesAt: CLOSES,
    thresholds: [
      { name: "response", signatures: 1 },
      { name: "hearing", signatures: 50 },
    ],
    thresholdsBy: "option",
  }),
};

/** A petition as another system gives it; `fields` override. */
export const petition = (source_id: number, fields: Record<string, unknown> = {}) => ({
  source_id,
  title: `A lamp for pier ${source_id}`,
  background: "After dark nobody sees where the pier ends.",
  details: "",
  state: "open",
  signature_count: 1_200 + source_id,
  created_at: "2025-03-01T10:00:00.000Z",
  moderation_threshold_reached_at: null,
  opened_at: "2025-03-09T10:00:00.000Z",
  closed_at: null,
  response_threshold_reached_at: "2025-04-02T08:30:00.000Z",
  government_response_at: null,
  debate_threshold_reached_at: null,
  response: null,
  ...fields,
});

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => void rmSync(folder, { recursive: true, force: true })));

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "folkmoot-test-"));
  folders.push(folder);
  return folder;
}

/** A folder for files, gone when the test file is done. */
export function workbench() {
  const folder = newFolder();

  /** Writes a file, a value that is neither text nor bytes as JSON; gives its name and path. */
  const file = (name: string, content: unknown) => {
    const path = join(folder, name);
    const raw = typeof content === "string" || content instanceof Uint8Array;
    writeFileSync(path, raw ? content : JSON.stringify(content));
    return { name, path };
  };

  /** Checks one file and gives what is complained of. */
  async function complaints(name: string, content: unknown, more: Partial<ImportSettings> = {}): Promise<string[]> {
    const said: string[] = [];
    const report = { say: () => undefined, complain: (line: string) => said.push(line) };
    await checkFiles([file(name, content)], { ...settings, ...more }, report);
    return said;
  }

  return { folder, file, complaints };
}

// Databases of one Miniflare: each test takes one that nobody has used.
const DATABASES = Array.from({ length: 32 }, (_, index) => `DB${index}`);
const unused = [...DATABASES];
let miniflare: Miniflare | undefined;
afterAll(() => miniflare?.dispose());

/** A migrated, empty D1 database, and what imports do to it. */
export async function townDatabase() {
  miniflare ??= new Miniflare(
    convertV4MiniflareOptions({ modules: true, script: "export default {};", d1Databases: DATABASES }),
  );
  const d1 = (await miniflare.getD1Database(unused.pop() ?? "none is left")) as D1Database;
  const migrations = await readD1Migrations("./migrations");
  await d1.batch(migrations.flatMap(({ queries }) => queries.map((sql) => d1.prepare(sql))));
  const target = localTarget(d1);
  const { file } = workbench();

  /** Imports files, by name; gives what was said and complained of, and how many were written. */
  async function importAll(
    contents: Record<string, unknown>,
    { to = target, ...more }: Partial<ImportSettings> & { to?: Target } = {},
  ): Promise<{ said: string[]; complained: string[]; written: number }> {
    const [said, complained]: [string[], string[]] = [[], []];
    const report = { say: (line: string) => said.push(line), complain: (line: string) => complained.push(line) };
    const all = { ...settings, ...more };
    const files = Object.entries(contents).map(([name, content]) => file(name, content));
    const ready = await checkFiles(files, all, report);
    const written = await writeFiles(ready, { target: to, settings: all, report });
    return { said, complained, written };
  }

  const rows = async (sql: string): Promise<Record<string, unknown>[]> =>
    (await target.read([sql]))[0] as Record<string, unknown>[];
  return { importAll, rows, target };
}

/** All rows of every table that an import may write: what must not change when nothing may. */
export async function everything(rows: (sql: string) => unknown): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const sql of TABLES) found.push(await rows(sql));
  return found;
}

const TABLES = [
  "SELECT * FROM areas",
  "SELECT * FROM postcodes",
  "SELECT no, id, version, title, background, details, closes_at, hex(secret) FROM petitions",
  "SELECT * FROM petition_versions",
  "SELECT * FROM thresholds",
  "SELECT * FROM petition_tallies",
  "SELECT source, source_id, petition_no, as_of, as_of_basis, signatures, thresholds, response_summary, areas_as_of FROM imported_facts",
  "SELECT * FROM imported_area_counts",
];
