import type { petitionStates } from "../db/schema.ts";
import { dayAfter, localDay } from "../lib/local-time.ts";

/** What a trend needs to know of a petition's time; milliseconds since 1970. */
export interface TrendTimes {
  readonly state: (typeof petitionStates)[number];
  readonly opensAt: number | null;
  readonly closesAt: number | null;
  readonly endedAt: number | null;
  /** Since when signing is paused, and nothing closes; null while it is not. */
  readonly pausedSince: number | null;
}

/** The municipality's days (`2026-11-23`) between which a petition collects signatures. */
export interface TrendSpan {
  /** The day on which it opened. */
  readonly from: string;
  readonly today: string;
  /** The day on which it ended; null while it has not. */
  readonly end: string | null;
  /** The last day on which it can be signed; null when it can't be signed now. */
  readonly closing: string | null;
}

/** Signatures that were verified in one of the municipality's hours, and count now. */
export interface HourCount {
  /** `2026-11-23T15`. */
  readonly key: string;
  readonly count: number;
}

/** One of the municipality's days. */
export interface TrendDay {
  /** `2026-11-23`. */
  readonly day: string;
  readonly count: number;
  /** Signatures a day in this day and the six before it; null before there are seven, and for a day that is not over. */
  readonly mean7d: number | null;
  /** Whether the day is not over: its count is what it has brought so far. */
  readonly partial: boolean;
  /** Hours in which somebody has signed, 0 to 23, in order. */
  readonly hours: readonly { readonly hour: number; readonly count: number }[];
}

const WEEK = 7;

/** The days of a petition at a moment; null while it has not opened. */
export function trendSpan(
  { state, opensAt, closesAt, endedAt, pausedSince }: TrendTimes,
  now: number,
  timeZone: string,
) {
  if (opensAt === null || opensAt > now) return null;
  const lastDay = (moment: number): string => localDay(moment - 1, timeZone);
  const isOpen = state === "open" && closesAt !== null && Math.min(now, pausedSince ?? now) < closesAt;
  const over = isOpen ? null : (endedAt ?? (closesAt !== null && closesAt <= now ? closesAt : null));
  return {
    from: localDay(opensAt, timeZone),
    today: localDay(now, timeZone),
    end: over === null ? null : lastDay(over),
    // What is over by its date, and has not closed because signing is paused, can be signed again today at the earliest.
    closing: isOpen ? lastDay(Math.max(closesAt, now + 1)) : null,
  } satisfies TrendSpan;
}

/**
 * A petition's days from the one on which it opened, days without signatures among them: through today, or once it has
 * ended through its last day, or the day of grace if somebody verified on it. `hours`: in order; what comes before the
 * opening day is left out.
 */
export function trendDays(
  hours: readonly HourCount[],
  { from, today, end }: Pick<TrendSpan, "from" | "today" | "end">,
): TrendDay[] {
  const byDay = Map.groupBy(hours, ({ key }) => key.slice(0, 10));
  const lastSigned = hours.at(-1)?.key.slice(0, 10) ?? from;
  const over = end !== null && lastSigned > end ? lastSigned : end;
  const days: TrendDay[] = [];
  for (let day = from; day <= (over ?? today); day = dayAfter(day)) {
    const here = byDay.get(day) ?? [];
    const count = here.reduce((sum, hour) => sum + hour.count, 0);
    const partial = end === null && day === today;
    const week = [...days.slice(1 - WEEK), { count }];
    days.push({
      day,
      count,
      mean7d: partial || week.length < WEEK ? null : hundredths(week.reduce((sum, each) => sum + each.count, 0) / WEEK),
      partial,
      hours: here.map(({ key, count: signed }) => ({ hour: Number(key.slice(11)), count: signed })),
    });
  }
  return days;
}

const hundredths = (value: number): number => Math.round(value * 100) / 100;
