import { describe, expect, test } from "vitest";
import { cutsOf, type Judged, judgeForecasts, qualityOf } from "../../bench/judge-forecasts.ts";
import { CURVE_DAYS, drawCurve, SHAPES, type Shape } from "../support/curves.ts";

/*
 * Ten generated curves of half a year, twelve draws of each, forecast once a week at noon for nine thresholds, from 30 %
 * of what the petition gets to 130 %: 17,422 forecasts. The range, which is to hold four days in five, holds 87 %; 10 %
 * come before it, 3 % after. What holds for each curve is asserted below. The weak spots: a wave that has not begun is
 * foreseen by nothing (second wave; growing; newsletters), and a steady exponential decline is taken for one that slows
 * down (fading). The constants in forecast.ts were found with other curves, of random shape, of which it holds 83 %.
 */

const DRAWS = Array.from({ length: 12 }, (_, draw) => draw + 1);
const PARTS = [0.3, 0.45, 0.6, 0.75, 0.85, 0.95, 1, 1.1, 1.3];
const shapes = Object.keys(SHAPES) as Shape[];

const totalOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

/** A forecast, judged, with the curve that it was made of. */
type Case = Judged & { readonly counts: readonly number[] };

/** The forecasts of all draws of a shape. `parts`: thresholds as parts of what the petition gets in the end. */
const judge = (shape: Shape, { parts = PARTS, step = 7 } = {}): Case[] =>
  DRAWS.flatMap((draw) => {
    const counts = drawCurve(shape, draw);
    const thresholds = parts.map((part) => Math.ceil(part * totalOf(counts)));
    return judgeForecasts(counts, { cuts: cutsOf(counts, step), thresholds }).map((judged) => ({ ...judged, counts }));
  });

const all = new Map(shapes.map((shape) => [shape, judge(shape)]));
const every = [...all.values()].flat();

test("a forecast is judged by what came: held, early or late", () => {
  const ten = Array<number>(30).fill(10);
  const verdict = (...then: number[]) =>
    judgeForecasts([...ten, ...then, ...Array<number>(60).fill(0)], { cuts: [30], thresholds: [350] })[0];
  expect(verdict(...ten.slice(0, 5))).toMatchObject({ cut: 30, total: 304, actual: 34, verdict: "held" });
  expect(verdict(10, 300)).toMatchObject({ actual: 31, verdict: "early" });
  expect(verdict(10, ...Array<number>(20).fill(0), 300)).toMatchObject({ actual: 51, verdict: "late" });
  expect(verdict(10)).toMatchObject({ actual: null, verdict: "late" });
  const far = judgeForecasts([...ten, ...ten], { cuts: [30], thresholds: [5000] });
  expect(far).toMatchObject([{ reach: null, actual: null, verdict: "held" }]);
  expect(judgeForecasts([...ten, ...ten], { cuts: [30], thresholds: [304] })).toEqual([]);
});

describe("the range holds the day", () => {
  test("in more than the four cases of five that it is meant to hold", () => {
    const { forecasts, held, early, late } = qualityOf(every);
    expect(forecasts).toBeGreaterThan(17_000);
    expect(held).toBeGreaterThan(0.85);
    expect(early).toBeLessThan(0.12);
    expect(late).toBeLessThan(0.04);
  });

  test.each<[Shape, number]>([
    ["steady", 0.96],
    ["weekly rhythm", 0.96],
    ["viral", 0.95],
    ["viral, then a rhythm", 0.85],
    ["stalled", 0.89],
    ["fading", 0.74],
    ["second wave", 0.56],
    ["small town", 0.96],
    ["growing", 0.76],
    ["newsletters each four weeks", 0.81],
  ])("of a petition that is %s in %d of them", (shape, least) => {
    expect(qualityOf(all.get(shape) ?? []).held).toBeGreaterThan(least);
  });

  test.each([
    [8, 15, 0.84],
    [15, 30, 0.74],
    [30, 60, 0.75],
    [60, 90, 0.89],
    [90, 130, 0.92],
    [130, CURVE_DAYS, 0.93],
  ])("of a petition that is %d to %d days old in %d of them", (from, to, least) => {
    expect(qualityOf(every.filter(({ cut }) => cut >= from && cut < to)).held).toBeGreaterThan(least);
  });

  test("of a second wave from its third day on, though nothing foresaw it", () => {
    const daily = judge("second wave", { step: 3 });
    const part = (from: number, to: number) => qualityOf(daily.filter(({ cut }) => cut >= from && cut < to)).held;
    expect(part(8, 70)).toBeLessThan(0.5);
    expect(part(72, 100)).toBeGreaterThan(0.8);
  });
});

describe("the range is of use", () => {
  test("its slowest course takes at the median twice as long as its quickest", () => {
    expect(qualityOf(every).spread).toBeLessThanOrEqual(2);
    expect(qualityOf(all.get("weekly rhythm") ?? []).spread).toBeLessThan(1.8);
  });

  test("half-way through a steady petition it is a matter of days", () => {
    const judged = judge("weekly rhythm", { parts: [0.55, 0.6] }).filter(({ cut }) => cut >= 80 && cut <= 92);
    const { bounded, width, held } = qualityOf(judged);
    expect(judged.length).toBeGreaterThan(20);
    expect(bounded).toBe(1);
    expect(width).toBeLessThan(10);
    expect(held).toBeGreaterThan(0.85);
  });

  test("its likely day is nearer than if last week's pace were carried on", () => {
    const asLastWeek = ({ counts, cut, threshold, total }: Case) =>
      Math.ceil(((threshold - total) * 7) / Math.max(1, totalOf(counts.slice(cut - 7, cut))));
    const errors = (cases: readonly Case[]) =>
      cases.flatMap((each) => {
        if (each.actual === null) return [];
        const took = each.actual - each.cut;
        const never = each.counts.length - each.cut;
        const off = (day: number) => Math.abs(Math.log((Math.min(day, never) + 1) / (took + 1)));
        return [{ ours: off(each.reach?.likely ?? never), theirs: off(asLastWeek(each)) }];
      });
    const ratio = (cases: readonly Case[]) => {
      const found = errors(cases);
      return found.reduce((sum, { ours }) => sum + ours, 0) / found.reduce((sum, { theirs }) => sum + theirs, 0);
    };
    expect(ratio(every)).toBeLessThan(0.9);
    expect(ratio([...(all.get("viral") ?? []), ...(all.get("viral, then a rhythm") ?? [])])).toBeLessThan(0.55);
  });
});

describe("no forecast is made", () => {
  test("in the first week", () => {
    for (const shape of shapes) {
      const counts = drawCurve(shape, 1);
      expect(judgeForecasts(counts, { cuts: [0, 1, 2, 3, 4, 5, 6, 7], thresholds: [1_000_000] })).toEqual([]);
      expect(cutsOf(counts)[0]).toBe(8);
    }
  });

  test("of a last day for three times what a petition gets, or hardly ever", () => {
    const judged = shapes.flatMap((shape) => judge(shape, { parts: [3] }));
    const part = (is: (each: Judged) => boolean) => judged.filter(is).length / judged.length;
    expect(part(({ reach }) => reach !== null && reach.latest !== null)).toBeLessThan(0.001);
    expect(part(({ reach }) => reach !== null && reach.likely !== null)).toBeLessThan(0.02);
    expect(part(({ reach }) => reach === null)).toBeGreaterThan(0.9);
  });

  test("of a last day for a petition that stalled three weeks ago, beyond the handful that may come, and hardly of a likely one", () => {
    const judged = judge("stalled", { parts: [1.1, 1.3], step: 3 }).filter(({ cut }) => cut >= 25 + 21);
    expect(judged.filter(({ reach }) => reach !== null && reach.latest !== null)).toEqual([]);
    expect(judged.filter(({ reach }) => reach !== null && reach.likely !== null).length).toBeLessThan(
      0.005 * judged.length,
    );
  });
});
