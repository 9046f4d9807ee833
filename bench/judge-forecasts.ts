import { isTelling, type Reach, reachOf } from "../src/counts/forecast.ts";

/** A forecast made on one of a curve's days, and what happened then. Days count from the opening day, 0. */
export interface Judged {
  /** The day on which it was made, which was not over. */
  readonly cut: number;
  readonly threshold: number;
  /** Signatures by then. */
  readonly total: number;
  /** Null: not before the closing day. Its days count from `cut`. */
  readonly reach: Reach | null;
  /** The day on which the threshold was reached; null: not by the closing day. */
  readonly actual: number | null;
  /** Whether it came within the range, before it, or after it. */
  readonly verdict: "held" | "early" | "late";
}

// Of its signatures the day of a forecast has brought so many, as around noon.
const PART_OF_TODAY = 0.4;

/**
 * Forecasts each threshold on each of the days `cuts`, knowing only what was known then, and compares with what came.
 * `counts`: signatures of each day, the opening day first and the closing day last. Where there is too little data, or
 * the threshold is reached, no forecast is made.
 */
export function judgeForecasts(
  counts: readonly number[],
  { cuts, thresholds }: { cuts: readonly number[]; thresholds: readonly number[] },
): Judged[] {
  const totals = runningTotals(counts);
  return cuts
    .filter((cut) => cut < counts.length && isTelling({ days: counts.slice(1, cut), today: 0 }))
    .flatMap((cut) => {
      const today = Math.floor((counts[cut] as number) * PART_OF_TODAY);
      const total = (totals[cut - 1] as number) + today;
      return thresholds
        .filter((threshold) => threshold > total)
        .map((threshold) => {
          const course = { days: counts.slice(1, cut), today };
          const reach = reachOf(course, threshold - total, counts.length - 1 - cut);
          const found = totals.findIndex((each) => each >= threshold);
          const actual = found < 0 ? null : found;
          return {
            cut,
            threshold,
            total,
            reach,
            actual,
            verdict: verdictOf(reach, actual === null ? null : actual - cut),
          };
        });
    });
}

function verdictOf(reach: Reach | null, actual: number | null): Judged["verdict"] {
  if (actual === null) return reach === null || reach.latest === null ? "held" : "late";
  if (reach === null || actual < reach.earliest) return "early";
  return reach.latest !== null && actual > reach.latest ? "late" : "held";
}

/** The days on which a forecast is made: every `step` days from the first on that has a full week behind it. */
export function cutsOf(counts: readonly number[], step = 7): number[] {
  const first = 8; // the opening day is no full day
  return Array.from({ length: Math.max(0, Math.ceil((counts.length - first) / step)) }, (_, at) => first + at * step);
}

/** How good forecasts were. Shares are of all of them. */
export interface Quality {
  readonly forecasts: number;
  readonly held: number;
  readonly early: number;
  readonly late: number;
  /** Share that names a last day, and the median of how many days such a range has. */
  readonly bounded: number;
  readonly width: number;
  /** The median of how many times as long the slowest course of such a range takes as the quickest. */
  readonly spread: number;
  /** Share that says: not before the closing day. */
  readonly notBeforeClosing: number;
  /** Where a likely day was named and a day came: the median of their distance, over the days that it took. */
  readonly error: number;
}

/** Sums judged forecasts up. */
export function qualityOf(judged: readonly Judged[]): Quality {
  const share = (is: (each: Judged) => boolean) => judged.filter(is).length / judged.length;
  const ranges = judged.flatMap(({ reach }) => (reach?.latest == null ? [] : [{ ...reach, latest: reach.latest }]));
  const guesses = judged.flatMap(({ reach, actual, cut }) =>
    reach?.likely == null || actual === null ? [] : [Math.abs(reach.likely - (actual - cut)) / (actual - cut + 1)],
  );
  return {
    forecasts: judged.length,
    held: share(({ verdict }) => verdict === "held"),
    early: share(({ verdict }) => verdict === "early"),
    late: share(({ verdict }) => verdict === "late"),
    bounded: ranges.length / judged.length,
    width: median(ranges.map(({ earliest, latest }) => latest - earliest + 1)),
    spread: median(ranges.map(({ earliest, latest }) => (latest + 1) / (earliest + 1))),
    notBeforeClosing: share(({ reach }) => reach === null),
    error: median(guesses),
  };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN;

function runningTotals(counts: readonly number[]): number[] {
  let total = 0;
  return counts.map((count) => {
    total += count;
    return total;
  });
}
