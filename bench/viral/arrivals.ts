import type { Random } from "../../scripts/demo/random.ts";
import type { HourCurve } from "../curve.ts";

/** When people come: seconds since the curve begins, in order. */
export interface Arrivals {
  readonly at: readonly number[];
  /** Seconds from the curve's beginning to its end. */
  readonly lasts: number;
}

const HOUR_SECONDS = 3_600;

// A day of which one hour brings a seventh of all: quiet, the morning's news, and the evening's, which everybody sees.
const VIRAL_DAY = [2, 1, 1, 1, 1, 2, 6, 14, 18, 14, 12, 14, 20, 16, 12, 12, 16, 24, 40, 78, 92, 64, 36, 18];

/** A day on which a petition is on the news, generated. */
export const viralDay = (): Pick<HourCurve, "counts"> => ({ counts: VIRAL_DAY });

/** People by a curve's hours: as many as asked for, or as many as the curve has; within an hour they come at random. */
export function arrivalsOf({ counts }: Pick<HourCurve, "counts">, random: Random, people?: number): Arrivals {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const wanted = people ?? total;
  const at: number[] = [];
  let before = 0;
  for (const [hour, count] of counts.entries()) {
    // What is left of a share goes to the hours after it: together they are as many as wanted.
    const until = total === 0 ? 0 : Math.round(((before + count) / total) * wanted);
    const since = total === 0 ? 0 : Math.round((before / total) * wanted);
    before += count;
    const moments = Array.from({ length: until - since }, () => (hour + random.next()) * HOUR_SECONDS);
    at.push(...moments.sort((a, b) => a - b));
  }
  return { at, lasts: counts.length * HOUR_SECONDS };
}
