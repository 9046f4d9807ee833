// What `npm run backtest` runs.
import { parseArgs } from "node:util";
import { dayAfter } from "../src/lib/local-time.ts";
import { type Curve, readCurve } from "./curve.ts";
import { curveIn, runCommand, UsageError, understood } from "./curve-command.ts";
import { cutsOf, type Judged, judgeForecasts, qualityOf } from "./judge-forecasts.ts";

const USAGE = `Usage: npm run backtest -- [--thresholds 500,1000] FILE

Forecasts a petition's thresholds as they would have been forecast week by week, and compares with what came. FILE is
CSV in UTF-8 with the first line time,total: for example 2026-11-23,1204 or 2026-11-23T14:05:00Z,1234, in ascending
order. The petition is taken to open with the first row and to close with the last full day.

  --thresholds LIST   numbers of signatures (a half, three quarters and nine tenths of the last total, and one and a
                      quarter of it, which is never reached)
  --help              this text
`;

const PARTS = [0.5, 0.75, 0.9, 1.25];

/** The name of a file and the thresholds; null when only help is asked for. */
function readArguments(args: readonly string[]): { file: string; thresholds: number[] | null } | null {
  const options = { thresholds: { type: "string" }, help: { type: "boolean" } } as const;
  const { values, positionals } = understood(() => parseArgs({ args: [...args], allowPositionals: true, options }));
  if (values.help) return null;
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw new UsageError("Name one file.");
  if (values.thresholds === undefined) return { file, thresholds: null };
  if (!/^[1-9]\d{0,9}(,[1-9]\d{0,9})*$/.test(values.thresholds)) {
    throw new UsageError("--thresholds must be numbers and commas: 500,1000.");
  }
  return { file, thresholds: values.thresholds.split(",").map(Number) };
}

function report(curve: Curve, asked: readonly number[] | null): void {
  const { firstDay, counts, before, spread } = curve;
  const gained = counts.reduce((sum, count) => sum + count, 0);
  const thresholds = asked ?? [...new Set(PARTS.map((part) => Math.ceil(before + part * gained)))];
  // What came before the curve is on no day of it.
  const judged = judgeForecasts(counts, {
    cuts: cutsOf(counts),
    thresholds: thresholds.map((threshold) => threshold - before),
  });
  const day = (ahead: number | null | undefined): string => (ahead == null ? "-" : dayAfter(firstDay, ahead));
  console.log(
    `${counts.length} days from ${firstDay} on, ${before + gained} signatures by their end; ${spread} of the days have no total of their own.`,
  );
  if (judged.length === 0) {
    console.log("No forecast: there is too little data, or every threshold is reached by then.");
    return;
  }
  console.table(judged.map((each) => row(each, { day, before })));
  console.table(quality(judged));
  console.log("-: not before the closing day. A range is meant to hold four days in five.");
}

const row = (
  { cut, threshold, total, reach, actual, verdict }: Judged,
  { day, before }: { day: (ahead: number | null | undefined) => string; before: number },
) => ({
  "cut day": day(cut),
  total: total + before,
  threshold: threshold + before,
  earliest: day(reach && cut + reach.earliest),
  likely: day(reach?.likely == null ? null : cut + reach.likely),
  latest: day(reach?.latest == null ? null : cut + reach.latest),
  actual: day(actual),
  range: verdict === "held" ? "hit" : `miss, came ${verdict}`,
});

function quality(judged: readonly Judged[]) {
  const { forecasts, held, early, late, width } = qualityOf(judged);
  const percent = (part: number): string => `${Math.round(part * 100)} %`;
  return [
    {
      forecasts,
      coverage: percent(held),
      "came early": percent(early),
      "came late": percent(late),
      "days in a range (median)": Number.isNaN(width) ? "-" : width,
    },
  ];
}

await runCommand(USAGE, readArguments, async (asked) => {
  const curve = await curveIn(asked.file, readCurve);
  if (curve) report(curve, asked.thresholds);
  return curve !== null;
});
