import { localHour } from "../../src/lib/local-time.ts";
import { TIME_ZONE } from "./brackwater.ts";
import type { DemoPetition } from "./petitions.ts";
import type { Random } from "./random.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const RUN_MONTHS = 6;
const MODERATION_DAYS = 6;

/** The dates of a petition, in milliseconds since 1970. */
export interface Timeline {
  readonly createdAt: number;
  readonly opensAt: number | null;
  readonly closesAt: number | null;
  readonly endedAt: number | null;
}

/** When a demo petition was submitted, opened and ended, seen from `now`. */
export function timelineOf({ runs, state, stoppedAgo }: DemoPetition, now: number): Timeline {
  if ("submittedAgo" in runs) {
    return { createdAt: now - runs.submittedAgo * DAY, opensAt: null, closesAt: null, endedAt: null };
  }
  const lastDay = "lastDayIn" in runs ? now + runs.lastDayIn * DAY : addMonths(now - runs.openedAgo * DAY, RUN_MONTHS);
  const opensAt = "lastDayIn" in runs ? addMonths(lastDay, -RUN_MONTHS) : now - runs.openedAgo * DAY;
  const closesAt = endOfLocalDay(lastDay);
  const stoppedAt = stoppedAgo === undefined ? null : now - stoppedAgo * DAY;
  const endedAt = state === "closed" ? closesAt : stoppedAt;
  return { createdAt: opensAt - MODERATION_DAYS * DAY, opensAt, closesAt, endedAt };
}

/** A moment between two others, earlier rather than later, and seldom at night. */
export function momentBetween(random: Random, from: number, to: number): number {
  const draw = () => Math.floor(from + (to - from) * random.next() ** 1.4);
  let moment = draw();
  for (let tries = 0; tries < 4 && isNight(moment); tries++) moment = draw();
  return moment;
}

/** The same time of day some calendar months on, or back; in a shorter month its last day. */
function addMonths(at: number, months: number): number {
  const date = new Date(at);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const daysInMonth = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return date.setUTCDate(Math.min(day, daysInMonth));
}

/** The municipality's next midnight: petitions close at the end of their last day. */
function endOfLocalDay(at: number): number {
  const localDay = (moment: number) => localHour(moment, TIME_ZONE).slice(0, 10);
  // Every zone's midnight is on a quarter of an hour of UTC.
  let moment = at - (at % (15 * MINUTE));
  while (localDay(moment) === localDay(at)) moment += 15 * MINUTE;
  return moment;
}

function isNight(at: number): boolean {
  const hour = Number(localHour(at, TIME_ZONE).slice(11));
  return hour < 7 || hour > 22;
}
