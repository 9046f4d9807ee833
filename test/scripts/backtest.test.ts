import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { readCurve } from "../../bench/curve.ts";
import { Flaws } from "../../scripts/import/flaws.ts";
import { dayAfter } from "../../src/lib/local-time.ts";
import { drawCurve } from "../support/curves.ts";
import { runNode } from "./command.ts";

const folder = mkdtempSync(join(tmpdir(), "folkmoot-backtest-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** `npm run backtest -- …args`, where `curve.csv` has a content. */
function backtest(content: string | Buffer, ...args: string[]) {
  writeFileSync(join(folder, "curve.csv"), content);
  return runNode(["bench/backtest.ts", ...args, "curve.csv"], { INIT_CWD: folder });
}

const read = (text: string) => {
  const flaws = new Flaws();
  const curve = readCurve(text, flaws);
  expect(flaws.lines("")).toEqual([]);
  return curve;
};

const totalOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

/** Totals at the beginning of each day, and of the day after the last. */
function csvOf(counts: readonly number[]): string {
  const totals = [0, ...counts.map((_, day) => totalOf(counts.slice(0, day + 1)))];
  return `time,total\n${totals.map((total, day) => `${dayAfter("2026-01-05", day)},${total}`).join("\n")}\n`;
}

describe("a curve", () => {
  test("is its counts by day, whatever line ends and quotes it has", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 1, maxLength: 60 }), fc.boolean(), (counts, odd) => {
        const text = csvOf(counts);
        const curve = read(odd ? text.replaceAll("\n", "\r\n").replace(/(\d+)\r/g, '"$1"\r') : text);
        expect(curve).toEqual({ firstDay: "2026-01-05", counts, before: 0, spread: 0 });
      }),
    );
  });

  test("spreads what came between two totals evenly, loses nothing, and says for how many days", () => {
    const curve = read("time,total\n2026-01-05T18:00:00Z,100\n2026-01-08T06:00:00Z,160\n2026-01-09 00:00:00,163\n");
    expect(curve).toEqual({ firstDay: "2026-01-05", counts: [6, 24, 24, 9], before: 100, spread: 2 });
  });

  test("has the times of other zones in UTC, and takes those without a zone for UTC", () => {
    expect(read("time,total\n2026-01-05T23:30:00-02:00,5\n2026-01-07T00:00,9\n2026-01-08,9\n")).toEqual({
      firstDay: "2026-01-06",
      counts: [4, 0],
      before: 5,
      spread: 0,
    });
  });
});

describe("a file is refused, with the place and without what stands there,", () => {
  const row = (text: string) => `time,total\n2026-01-05,10\n${text}\n2026-01-09,99\n`;
  test.each<[string, string | Buffer, string]>([
    ["that is empty", "", "is empty"],
    ["that is blank", "\ufeff\n\n", "is empty"],
    ["without rows", "time,total\n", "has no records below its first line"],
    ["with another header", "date,signatures\n2026-01-05,1\n", 'line 1: must be "time,total"'],
    ["with the columns the other way round", "total,time\n1,2026-01-05\n", 'line 1: must be "time,total"'],
    ["with one column more", "time,total,title\n2026-01-05,1,x\n", 'line 1: must be "time,total"'],
    ["with another separator", "time;total\n2026-01-05;1\n", 'line 1: must be "time,total"'],
    ["whose rows are out of order", row("2026-01-04,20"), "record 2 (line 3), time: is not after the one before"],
    ["with one time twice", row("2026-01-05,20"), "record 2 (line 3), time: is not after the one before"],
    ["whose total falls", row("2026-01-06,9"), "record 2 (line 3), total: is less than the one before"],
    [
      "with a day that is none",
      row("2026-02-30,20"),
      "record 2 (line 3), time: is not a day (2026-11-23) or a time (2026-11-23T14:05:00Z)",
    ],
    [
      "with an hour that is none",
      row("2026-01-06T25:00:00Z,20"),
      "record 2 (line 3), time: is not a day (2026-11-23) or a time (2026-11-23T14:05:00Z)",
    ],
    [
      "with seconds since 1970",
      row("1767657600,20"),
      "record 2 (line 3), time: is not a day (2026-11-23) or a time (2026-11-23T14:05:00Z)",
    ],
    [
      "with a negative total",
      row("2026-01-06,-1"),
      "record 2 (line 3), total: is not a whole number of up to ten digits",
    ],
    [
      "with half a signature",
      row("2026-01-06,20.5"),
      "record 2 (line 3), total: is not a whole number of up to ten digits",
    ],
    [
      "with a thousands separator",
      row('2026-01-06,"1,200"'),
      "record 2 (line 3), total: is not a whole number of up to ten digits",
    ],
    ["with a formula", row("2026-01-06,=1+19"), "record 2 (line 3), total: is not a whole number of up to ten digits"],
    [
      "with a total beyond all people",
      row("2026-01-06,99999999999"),
      "record 2 (line 3), total: is not a whole number of up to ten digits",
    ],
    ["with a field too few", row("2026-01-06"), "record 2 (line 3): has not the 2 fields that the first line names"],
    [
      "with an open quote",
      'time,total\n"2026-01-05,1\n',
      "line 2: is not CSV from here on: a quote is opened and never closed",
    ],
    ["that spans ages", "time,total\n1026-01-05,1\n2026-01-05,2\n", "spans more than 3660 days"],
    [
      "in UTF-16",
      Buffer.from("time,total\n2026-01-05,1\n", "utf16le"),
      "is UTF-16, or no text at all: save the file as UTF-8",
    ],
  ])("%s", async (_, content, says) => {
    const { code, stdout, stderr } = await backtest(content);
    expect(stderr).toBe(`curve.csv: ${says}\n`);
    expect(stdout).toBe("");
    expect(code).toBe(1);
  });

  test("that is not there", async () => {
    const { code, stderr } = await runNode(["bench/backtest.ts", "nowhere.csv"], { INIT_CWD: folder });
    expect({ code, stderr }).toEqual({ code: 1, stderr: "nowhere.csv: can't be found\n" });
  });
});

describe("the command", () => {
  /** The cells of the tables that were printed. */
  const cells = (stdout: string): string[][] =>
    [...stdout.matchAll(/^│(.+)│$/gm)].map(([, line]) => (line as string).split("│").map((cell) => cell.trim()));

  test("prints what was forecast, what came, hit or miss, and the coverage", async () => {
    const counts = drawCurve("weekly rhythm", 1);
    const { code, stdout, stderr } = await backtest(csvOf(counts), "--thresholds", "2000,5000,90000");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const rows = cells(stdout).filter(([index]) => /^\d+$/.test(index ?? ""));
    const forecasts = rows.slice(0, -1);
    const reached = counts.findIndex((_, day) => totalOf(counts.slice(0, day + 1)) >= 5000);
    const at5000 = forecasts.filter(([, , , threshold]) => threshold === "5000");
    expect(at5000.length).toBeGreaterThan(10);
    expect(new Set(at5000.map((row) => row[7]))).toEqual(new Set([`'${dayAfter("2026-01-05", reached)}'`]));
    expect(new Set(forecasts.filter(([, , , threshold]) => threshold === "90000").map((row) => row[7]))).toEqual(
      new Set(["'-'"]),
    );
    const hits = forecasts.filter((row) => row[8] === "'hit'").length;
    expect(forecasts.every((row) => /^'(hit|miss, came (early|late))'$/.test(row[8] ?? ""))).toBe(true);
    expect(rows.at(-1)?.slice(1, 3)).toEqual([
      `${forecasts.length}`,
      `'${Math.round((100 * hits) / forecasts.length)} %'`,
    ]);
  });

  test("counts what came before the first row towards the thresholds", async () => {
    const late = csvOf([0, ...Array<number>(40).fill(10)]).replace(
      /,(\d+)$/gm,
      (_, total) => `,${Number(total) + 900}`,
    );
    const { stdout } = await backtest(late, "--thresholds", "900,1200");
    const rows = cells(stdout).filter(([, day]) => day?.startsWith("'2026"));
    expect(new Set(rows.map(([, , , threshold]) => threshold))).toEqual(new Set(["1200"]));
    expect(new Set(rows.map((row) => row[7]))).toEqual(new Set(["'2026-02-04'"]));
    expect(Number(rows[0]?.[2])).toBeGreaterThan(900);
  });

  test("makes no forecast of a curve that is too short", async () => {
    const { code, stdout } = await backtest(csvOf(Array<number>(8).fill(20)));
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/\nNo forecast: there is too little data/),
    });
    expect((await backtest(csvOf(Array<number>(9).fill(20)))).stdout).toContain("coverage");
  });

  test("says how it is used when it is not understood", async () => {
    for (const args of [["--thresholds", "100,x"], ["--thresholds", "0"], ["--colour"], ["another.csv"]]) {
      const { code, stderr } = await backtest("", ...args);
      expect(code, args.join(" ")).toBe(2);
      expect(stderr).toContain("Usage: npm run backtest");
    }
    expect(await runNode(["bench/backtest.ts"])).toMatchObject({ code: 2 });
    expect(await runNode(["bench/backtest.ts", "--help"])).toMatchObject({ code: 0, stderr: "" });
  });
});
