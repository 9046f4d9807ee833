const formats = new Map<string, Intl.DateTimeFormat>();

// Whoever asks for an hour asks for it again and again, and every clock changes on a quarter of an hour of UTC.
const QUARTER_HOUR_MS = 15 * 60_000;
const latest = new Map<string, { quarter: number; hour: string }>();

/** The municipality's hour at a moment: `2026-11-23T15`. The hour that a clock change repeats is one hour. */
export function localHour(at: number, timeZone: string): string {
  const quarter = Math.floor(at / QUARTER_HOUR_MS);
  const known = latest.get(timeZone);
  if (known?.quarter === quarter) return known.hour;
  const hour = formatHour(at, timeZone);
  latest.set(timeZone, { quarter, hour });
  return hour;
}

function formatHour(at: number, timeZone: string): string {
  const parts = Object.fromEntries(
    formatFor(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}`;
}

/** The municipality's day at a moment: `2026-11-23`. */
export const localDay = (at: number, timeZone: string): string => localHour(at, timeZone).slice(0, 10);

function formatFor(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    hourCycle: "h23",
  });
  formats.set(timeZone, format);
  return format;
}

const DAY_MS = 24 * 60 * 60_000;

/** The day so many days after another, both `YYYY-MM-DD`. */
export const dayAfter = (day: string, days = 1): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

/** How many days lie from one day to a later one, both `YYYY-MM-DD`: 1 from Monday to Tuesday. */
export const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS);

const HOUR_MS = 60 * 60_000;

/** The moment at which the municipality's day `YYYY-MM-DD` is over. */
export function endOfDay(day: string, timeZone: string): number {
  // Zones are from 12 hours behind UTC to 14 ahead, and every one's midnight is on a quarter of an hour of UTC.
  let moment = Date.parse(`${day}T12:00:00Z`) - 3 * HOUR_MS;
  while (localDay(moment, timeZone) <= day) moment += QUARTER_HOUR_MS;
  return moment;
}
