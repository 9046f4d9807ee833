import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readHourCurve } from "../../bench/curve.ts";
import { Flaws } from "../../scripts/import/flaws.ts";
import { drawScenario, type ScenarioName } from "../support/scenarios.ts";
import { runNode } from "./command.ts";

const folder = mkdtempSync(join(tmpdir(), "folkmoot-alarms-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** `npm run alarms -- …args`, where `curve.csv` has a content. */
function alarms(content: string, ...args: string[]) {
  writeFileSync(join(folder, "curve.csv"), content);
  return runNode(["bench/alarms.ts", ...args, "curve.csv"], { INIT_CWD: folder });
}

const MIDNIGHT = Date.parse("2026-01-05T00:00:00Z");

/** A course of a scenario as totals at the beginning of each hour. */
function csvOf(name: ScenarioName): string {
  let total = 0;
  const rows = drawScenario(name, 3).map(({ hour, verified }) => {
    const row = `${new Date(MIDNIGHT + hour * 3_600_000).toISOString()},${total}`;
    total += verified;
    return row;
  });
  return `time,total\n${rows.join("\n")}\n`;
}

describe("the alarms that a real petition would have raised", () => {
  test("are listed, each with when and with its numbers", async () => {
    const { code, stdout } = await alarms(csvOf("night bot"));
    expect(code).toBe(0);
    expect(stdout).toContain("575 hours");
    // The sixteenth day's bot comes in the second night, at two.
    expect(stdout).toMatch(/surge.*2026-01-21T02.*2026-01-21T04.*2026-01-21T11/);
    expect(stdout.match(/surge|night/g)).toEqual(["surge"]);
  });

  test("are none where there was only a newspaper", async () => {
    expect((await alarms(csvOf("viral by a newspaper"))).stdout).toContain("No alarm.");
  });

  test("are those of the night where the petition is", async () => {
    const slow = csvOf("slow drip");
    expect((await alarms(slow)).stdout).toContain("night");
    // In Tokyo it is day when nobody signs in this town, and its nights are always busy.
    expect((await alarms(slow, "--time-zone", "Asia/Tokyo")).stdout).toContain("No alarm.");
  });
});

test("hours without a total of their own get an even part, and are told", async () => {
  const flaws = new Flaws();
  expect(
    readHourCurve("time,total\n2026-01-05T10:30:00Z,100\n2026-01-05T13:30:00Z,130\n2026-01-05T14:00:00Z,131\n", flaws),
  ).toEqual({
    begins: Date.parse("2026-01-05T10:00:00Z"),
    counts: [5, 10, 10, 6],
    spread: 2,
    fallen: 0,
  });
  expect((await alarms("time,total\n2026-01-05,1\n2026-01-09,99\n")).stdout).toContain("only the even part");
});

test("a total that falls, because staff took signatures out, hides no alarm and raises none", async () => {
  const flaws = new Flaws();
  const totals = ["10:00:00Z,100", "11:00:00Z,130", "12:00:00Z,20", "13:00:00Z,25", "14:00:00Z,24"];
  const text = `time,total\n${totals.map((row) => `2026-01-05T${row}\n`).join("")}`;
  expect(readHourCurve(text, flaws)).toMatchObject({ counts: [30, 0, 5, 0], spread: 0, fallen: 111 });
  // All of the bot's go at noon of the day after.
  const [header, ...rows] = csvOf("night bot").trimEnd().split("\n");
  const fallen = rows.map((row) => {
    const [time = "", total] = row.split(",");
    return `${time},${time < "2026-01-22T12" ? total : Number(total) - 300}`;
  });
  const { stdout } = await alarms(`${header}\n${fallen.join("\n")}\n`);
  expect(stdout).toContain("were taken out or withdrawn");
  expect(stdout).toMatch(/surge.*2026-01-21T02.*2026-01-21T04.*2026-01-21T11/);
  expect(stdout.match(/surge|night/g)).toEqual(["surge"]);
});

test.each([
  ["a file that is no such CSV", "date,n\n", [], 1, 'line 1: must be "time,total"'],
  ["a time that goes back", "time,total\n2026-01-06,9\n2026-01-05,9\n", [], 1, "is not after the one before"],
  ["a time zone that is none", "time,total\n2026-01-05,9\n", ["--time-zone", "Mars/Olympus"], 2, "Usage"],
  ["two files", "time,total\n2026-01-05,9\n", ["other.csv"], 2, "Name one file."],
])("%s is refused", async (_, content, args, code, says) => {
  const done = await alarms(content, ...args);
  expect(done.code).toBe(code);
  expect(done.stderr).toContain(says);
});
