import { dayAfter, localDay } from "../lib/local-time.ts";
import { closesOn } from "./opening.ts";

const DAY_MS = 24 * 60 * 60_000;

/** A petition's deadline, and what it has grown by already beyond what pauses took; milliseconds. */
export interface Deadline {
  readonly closesAt: number;
  readonly pauseCredit: number;
}

/**
 * The deadline of a petition that could not be signed from one moment (before its deadline) until another: later by whole
 * days of the municipality, so that it stays at the end of one, and by no less than the time that was lost. What a day
 * gives beyond that is kept as credit, and the next pause uses it up first: two pauses of an hour add one day, not two. It
 * is always later than the end of the pause. Milliseconds since 1970.
 */
export function grownDeadline(
  { closesAt, pauseCredit }: Deadline,
  { from, until }: { readonly from: number; readonly until: number },
  timeZone: string,
): Deadline {
  const lost = until - from;
  if (lost <= 0) return { closesAt, pauseCredit };
  // No day of a time zone has more than 25 hours: what surely isn't enough need not be tried.
  let days = Math.max(0, Math.floor((lost - pauseCredit) / (DAY_MS + DAY_MS / 24)));
  for (;;) {
    const grown = days === 0 ? closesAt : closesOn(dayAfter(localDay(closesAt - 1, timeZone), days), timeZone);
    const credit = pauseCredit + (grown - closesAt) - lost;
    if (credit >= 0 && grown > until) return { closesAt: grown, pauseCredit: credit };
    days++;
  }
}
