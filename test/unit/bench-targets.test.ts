import { expect, test } from "vitest";
import { judged, middle } from "../../bench/report.ts";
import { besideTargets } from "../../bench/targets.ts";

const measured = (perSecond: number) => ({ perSecond, median: 1, p99: 1 });
const count = (signatures: number, toRoute: number) => ({
  ...{ operation: "count", signatures, layout: "spread" as const, toRoute, toStatement: 1 },
  ...{ ours: measured(toRoute), route: measured(1), statement: measured(1) },
  rows: { cold: { read: 1, written: 0 }, warm: { read: 0, written: 0 }, statement: { read: 1, written: 0 } },
});

test("a target holds at its limit, and not beyond it, whichever side it bounds", () => {
  expect(judged("x", "at least", 0.9, 0.9).holds).toBe(true);
  expect(judged("x", "at least", 0.9, 0.899).holds).toBe(false);
  expect(judged("x", "at most", 7.5, 7.5).holds).toBe(true);
  expect(judged("x", "at most", 7.5, 7.501).holds).toBe(false);
  expect(judged("x", "at least", 0.9, Number.NaN).holds).toBe(false);
});

test("a ratio is judged at the largest size, and against itself at the smallest", () => {
  const targets = besideTargets([count(1_000, 0.8), count(1_000_000, 0.6)], []);
  expect(targets.map(({ limit, measured: figure, holds }) => [limit, figure, holds])).toEqual([
    [0.9, 0.6, false],
    [0.9, 0.75, false],
  ]);
});

test("what was not measured has no target", () => {
  expect(besideTargets([], [])).toEqual([]);
  expect(besideTargets([count(1_000, 0.95)], []).map(({ holds }) => holds)).toEqual([true]);
});

test("the middle of an odd number of rounds is the middle one", () => {
  expect(middle([3, 1, 2])).toBe(2);
  expect(middle([])).toBeNaN();
});
