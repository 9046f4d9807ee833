import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { productionConfig, WRANGLER_FILE } from "../../scripts/deployment/municipality.ts";
import { wranglerAt } from "../../scripts/deployment/wrangler.ts";
import { withLocalTarget } from "../../scripts/import/local-target.ts";
import { readOpening } from "../../scripts/import/opening.ts";
import { remoteTarget, sqlFile } from "../../scripts/import/remote-target.ts";
import { checkFiles, writeFiles } from "../../scripts/import/run-import.ts";
import type { Target } from "../../scripts/import/target.ts";
import { LOCAL_ROOT_KEY } from "../../src/config.ts";
import { toBase64 } from "../../src/lib/bytes.ts";
import { startCloudflareApi } from "./cloudflare-api.ts";
import { runNode } from "./command.ts";
import { everything, NOW, petition, settings, townDatabase, workbench } from "./workbench.ts";

// Whatever a splitter of statements could trip over.
const NASTY = `It's; "so" -- no /* comment */ BEGIN; END; CASE \\ \u202f 😀`;
const ROOT_KEY = toBase64(new Uint8Array(32).fill(7));

const { file, folder } = workbench();

// A project's folder after a deploy, as far as the import looks at it.
const root = mkdtempSync(join(folder, "root-"));
writeFileSync(join(root, "wrangler.toml"), readFileSync("wrangler.toml"));
const municipality = {
  name: "oldtown",
  vars: { TIME_ZONE: "Europe/Berlin", LOCALES: "de,en", THRESHOLDS: "hearing=7" },
};
const deployed = productionConfig(root, municipality, { jurisdiction: "eu", databaseId: randomUUID() });
writeFileSync(join(root, WRANGLER_FILE), JSON.stringify(deployed));

let cloudflare: Awaited<ReturnType<typeof startCloudflareApi>>;
beforeEach(async () => {
  cloudflare?.close();
  cloudflare = await startCloudflareApi();
});
afterAll(() => cloudflare.close());

/** Imports files by `--remote` and the options given, from that folder and with this ROOT_KEY. */
async function importRemotely(files: Record<string, unknown>, { ROOT_KEY }: { ROOT_KEY?: string }) {
  const [said, complained]: [string[], string[]] = [[], []];
  const report = { say: (line: string) => said.push(line), complain: (line: string) => complained.push(line) };
  const opening = () => readOpening({ remote: true, policy: {} }, { root, env: { ROOT_KEY }, now: NOW });
  const all = { ...settings, opening };
  const ready = await checkFiles(
    Object.entries(files).map(([name, content]) => file(name, content)),
    all,
    report,
  );
  const wrangler = wranglerAt(resolve("node_modules/.bin/wrangler"), { cwd: root, env: cloudflare.env });
  const written = await writeFiles(ready, { target: remoteTarget(root, wrangler), settings: all, report });
  return { said, complained, written };
}

const petitions = {
  "petitions.json": [petition(7, { title: NASTY, background: `${NASTY}\n;\n${NASTY}` }), petition(8)],
};
const counts = { "7.json": [{ area: NASTY, code: "P1", signature_count: 12 }] };
const areas = { "areas.csv": `code,name,population\nHAR,"${NASTY.replaceAll('"', '""')}",4900\n` };

describe("the deployed database", () => {
  test("gets each file as one import, by the municipality's settings, and nothing when nothing has changed", async () => {
    const first = await importRemotely({ ...counts, ...petitions, ...areas }, { ROOT_KEY });
    expect(first.complained).toEqual([]);
    expect(first.written).toBe(3);
    expect(cloudflare.imports).toHaveLength(3);
    expect(cloudflare.rows("SELECT name FROM areas")).toEqual([{ name: NASTY }]);
    expect(cloudflare.rows("SELECT title, locale FROM petitions WHERE title LIKE 'It%'")).toEqual([
      { title: NASTY, locale: "de" },
    ]);
    expect(cloudflare.rows("SELECT DISTINCT name, signatures FROM thresholds")).toEqual([
      { name: "hearing", signatures: 7 },
    ]);
    expect(cloudflare.rows("SELECT name, signatures FROM imported_area_counts")).toEqual([
      { name: NASTY, signatures: 12 },
    ]);
    const before = await everything(cloudflare.rows);
    const second = await importRemotely(petitions, {});
    expect(second.said).toEqual(["petitions.json: 2 petitions: 2 unchanged"]);
    expect(cloudflare.imports).toHaveLength(3);
    expect(await everything(cloudflare.rows)).toEqual(before);
  }, 120_000);

  test("keeps what it was when a statement fails, and the operator reads why", async () => {
    cloudflare.run(
      "CREATE TRIGGER refuse BEFORE INSERT ON imported_facts BEGIN SELECT RAISE(ABORT, 'no facts today'); END",
    );
    const before = await everything(cloudflare.rows);
    const { complained, written } = await importRemotely(petitions, { ROOT_KEY });
    expect(written).toBe(0);
    expect(complained[0]).toMatch(/^petitions\.json: wrangler says:\n.*no facts today/s);
    expect(complained[1]).toBe("petitions.json: nothing of it was imported");
    expect(cloudflare.imports).toHaveLength(1);
    expect(await everything(cloudflare.rows)).toEqual(before);
    expect(complained.join()).not.toContain(ROOT_KEY);
  });

  test("needs its own key for new petitions: none, a malformed or the published one is refused", async () => {
    const reason = (key?: string) =>
      readOpening({ remote: true, policy: {} }, { root, env: { ROOT_KEY: key }, now: NOW }).then(() => "none", String);
    expect(await reason()).toContain("ROOT_KEY is missing");
    expect(await reason("c2hvcnQ=")).toContain("ROOT_KEY is not 32 bytes in base64");
    expect(await reason(LOCAL_ROOT_KEY)).toContain("ROOT_KEY is the published key of local mode");
    expect(await reason(ROOT_KEY)).toBe("none");
  });

  test("is there only after a deploy", () => {
    const wrangler = wranglerAt("none", { cwd: folder });
    expect(() => remoteTarget(folder, wrangler)).toThrow("wrangler.production.json is not there: deploy first");
  });
});

describe("the file of statements, through wrangler's own splitter", () => {
  test("writes the same rows, and none of them when its last statement fails", async () => {
    const { importAll, target } = await townDatabase();
    const statements: string[] = [];
    const recording: Target = { ...target, write: async (all) => void statements.push(...all) };
    await importAll(
      { "areas.csv": `code,name\nA1,"${NASTY.replaceAll('"', '""')}"\n`, "p.json": [petition(7, { title: NASTY })] },
      { to: recording },
    );
    const stateDir = join(folder, "state");
    await withLocalTarget(stateDir, async () => undefined); // the schema
    const rows = (sql: string) => withLocalTarget(stateDir, async (local) => (await local.read([sql]))[0]);
    const execute = (all: readonly string[]) => {
      const path = join(folder, "statements.sql");
      writeFileSync(path, sqlFile(all));
      const command = ["d1", "execute", "DB", "--local", "--persist-to", stateDir, "--yes", "--file", path];
      return runNode(["node_modules/.bin/wrangler", ...command]);
    };
    const failed = await execute([...statements, "INSERT INTO postcodes VALUES ('X1', 'not an area')"]);
    expect(failed.code).not.toBe(0);
    expect(await rows("SELECT code FROM areas UNION ALL SELECT id FROM petitions")).toEqual([]);
    const done = await execute(statements);
    expect(done.code, done.stderr).toBe(0);
    expect(await rows("SELECT name FROM areas")).toEqual([{ name: NASTY }]);
    expect(await rows("SELECT title FROM petitions")).toEqual([{ title: NASTY }]);
  });
});
