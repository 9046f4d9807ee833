import fc from "fast-check";
import { expect, test } from "vitest";
import { funnelOf, timeToVerify } from "../../src/counts/funnel.ts";

/** The step of a time in seconds, as migrations/0012_counts.sql has it. */
const stepOf = (seconds: number): number => Math.trunc(4 * Math.log2(Math.max(seconds, 1)));

const stepsOf = (times: readonly number[]) => {
  const steps: Record<string, number> = {};
  for (const time of times) steps[stepOf(time)] = (steps[stepOf(time)] ?? 0) + 1;
  return steps;
};

test("a quantile is at most 9.1 % from the true one, or half a second where times are short", () => {
  const time = fc.double({ min: 1, max: 90 * 86_400, noNaN: true });
  fc.assert(
    fc.property(fc.array(time, { minLength: 1 }), fc.constantFrom(0.5, 0.95, 1), (times, share) => {
      const sorted = [...times].sort((a, b) => a - b);
      const truth = sorted[Math.ceil(share * sorted.length) - 1] as number;
      const answer = timeToVerify(stepsOf(times), share) as number;
      expect(Math.abs(answer - truth)).toBeLessThanOrEqual(truth * (2 ** (1 / 8) - 1) + 0.5);
    }),
  );
});

test("half are as quick as the median, and 95 of 100 as the 95th percentile: from both sides of the edge", () => {
  const slow = 100_000;
  const p95 = (slowOnes: number) =>
    timeToVerify(stepsOf([...Array(100 - slowOnes).fill(60), ...Array(slowOnes).fill(slow)]), 0.95);
  expect(p95(5)).toBeLessThan(100);
  expect(p95(6)).toBeGreaterThan(90_000);
  const median = (slowOnes: number) =>
    timeToVerify(stepsOf([...Array(10 - slowOnes).fill(60), ...Array(slowOnes).fill(slow)]), 0.5);
  expect(median(5)).toBeLessThan(100);
  expect(median(6)).toBeGreaterThan(90_000);
});

test("steps that nobody is in any more count for nothing", () => {
  expect(timeToVerify({}, 0.5)).toBeNull();
  expect(timeToVerify({ "12": 0, "40": 0 }, 0.5)).toBeNull();
  expect(timeToVerify({ "12": 0, "40": 1 }, 0.5)).toBe(timeToVerify({ "40": 7 }, 0.95));
});

test("rates are shares of the stage before, and null where there is nothing to have a share of", () => {
  const tally = { funnelSubmitted: 8, funnelMailed: 6, funnelVerified: 3, verifySteps: {} };
  expect(funnelOf(tally).rates).toEqual({ mailed: 0.75, verified: 0.5, overall: 0.375 });
  expect(funnelOf({ ...tally, funnelSubmitted: 0, funnelMailed: 0, funnelVerified: 0 })).toEqual({
    ...{ submitted: 0, mailed: 0, verified: 0 },
    rates: { mailed: null, verified: null, overall: null },
    seconds_to_verify: { median: null, p95: null },
  });
});
