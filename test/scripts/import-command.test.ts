import { existsSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readOptions } from "../../scripts/import/options.ts";
import { withLocalDatabase } from "../../scripts/local-database.ts";
import { runImportCommand } from "./command.ts";
import { petition, workbench } from "./workbench.ts";

const { file, folder } = workbench();
const stateDir = join(folder, "state");
const rows = (sql: string) => withLocalDatabase(stateDir, async (d1) => (await d1.prepare(sql).all()).results);
const run = (...args: string[]) => runImportCommand(["--persist-to", stateDir, ...args]);

describe("exit codes", () => {
  test("0: everything is imported, into a database that is made for it", async () => {
    const areas = file("areas.csv", "code,name\nHAR,Harbour\n");
    const petitions = file("petitions.json", [petition(1)]);
    const { code, stdout, stderr } = await run(petitions.path, areas.path, "--source", "oldtown.example");
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toContain(`${areas.path}: 1 areas: 1 new`);
    // The settings of wrangler.toml: no thresholds of its own, so the defaults; English; six months in London.
    expect(stdout).toContain("thresholds: response at 100, hearing at 1,000 (the municipality's default");
    expect(await rows("SELECT locale, closes_at - opens_at > 180 * 86400000 AS long FROM petitions")).toEqual([
      { locale: "en", long: 1 },
    ]);
  });

  test("1: a file is refused, the others are imported", async () => {
    const good = file("good.csv", "code,name\nOLD,Old Town\n");
    const bad = file("bad.csv", "code,name\nOLD\n");
    const { code, stdout, stderr } = await run(bad.path, good.path);
    expect(code).toBe(1);
    expect(stdout).toBe(`${good.path}: 1 areas: 1 new\n`);
    expect(stderr).toBe(
      `${bad.path}: record 1 (line 2): has not the 2 fields that the first line names\n${bad.path}: nothing of it was imported\n`,
    );
  });

  test("2: the command is not understood, and says how it goes", async () => {
    const { code, stderr } = await run("--nonsense", "x.json");
    expect(code).toBe(2);
    expect(stderr).toContain("Unknown option '--nonsense'");
    expect(stderr).toContain("Usage: npm run import");
  });
});

test.each([
  [[], "Name at least one file."],
  [["--remote", "--persist-to", "x", "x.json"], "--persist-to is for the local database."],
  [["--as-of", "2019-02-30", "x.json"], "--as-of must be a day"],
  [["--as-of", "2026-11-24", "x.json"], "--as-of must be a day"],
  [["--thresholds", "response=0", "x.json"], "--thresholds must be of the form"],
  [["--source", "", "x.json"], "--source must be a name"],
  [["--source-url", "https://oldtown.example/", "x.json"], "--source-url must be a web address with {id}"],
  [["--source-url", "javascript:{id}", "x.json"], "--source-url must be a web address with {id}"],
])("%j is not understood", (args, says) => {
  expect(() => readOptions(args, "2026-11-23")).toThrow(says);
});

test("the source is Parliament's unless another one is named, which has no address unless it is told", () => {
  expect(readOptions(["x.json"], "2026-11-23")).toMatchObject({
    source: "petition.parliament.uk",
    sourceUrl: "https://petition.parliament.uk/petitions/{id}",
    asOf: null,
  });
  const named = readOptions(["--source", " Old Town ", "--as-of", "2026-11-23", "x.json"], "2026-11-23");
  expect(named).toMatchObject({ source: "Old Town", sourceUrl: null, asOf: "2026-11-23" });
});

test("options say thresholds, months, language and time zone; a malformed one is refused with nothing written", async () => {
  const { path } = file("2.json", [petition(2)]);
  const bad = await run(path, "--months", "0", "--time-zone", "Mars/Olympus");
  expect(bad.code).toBe(1);
  expect(bad.stderr).toContain("TIME_ZONE is not an IANA time zone; DURATION_MONTHS is not from 1 to 60");
  const good = await run(
    path,
    "--months",
    "1",
    "--locale",
    "de",
    "--thresholds",
    "none",
    "--time-zone",
    "Europe/Berlin",
  );
  expect(good.stdout).toContain("thresholds: none (as --thresholds says)");
  expect(await rows("SELECT closes_at - opens_at < 32 * 86400000 AS short FROM petitions WHERE locale = 'de'")).toEqual(
    [{ short: 1 }],
  );
});

test("a name is taken from where the operator stands, and told as it was given", async () => {
  file("here.csv", "code,name\nHERE,Here\n");
  const { stdout } = await runImportCommand(["--persist-to", stateDir, "here.csv"], { INIT_CWD: folder });
  expect(stdout).toBe("here.csv: 1 areas: 1 new\n");
});

test("a file of 100 MB is refused before the database is opened", async () => {
  const { path } = file("huge.csv", "code,name\n");
  truncateSync(path, 100 * 1024 * 1024);
  const state = `${folder}/untouched`;
  const { code, stderr } = await runImportCommand(["--persist-to", state, path]);
  expect(code).toBe(1);
  expect(stderr).toContain("is too large: 16 MB at most, this is 100.0 MB. Split it");
  expect(existsSync(state)).toBe(false);
});
