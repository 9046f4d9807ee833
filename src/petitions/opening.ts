import { localDay } from "../lib/local-time.ts";

/** A number of verified signatures that obliges the municipality to something. */
export interface Threshold {
  readonly name: "response" | "hearing";
  readonly signatures: number;
}

const MAX_SIGNATURES = 100_000_000;
const QUARTER_HOUR_MS = 15 * 60_000;
const HOUR_MS = 60 * 60_000;

/** Reads `response=100,hearing=1000`, or `none`; null when it is neither, or names one twice. */
export function parseThresholds(text: string): Threshold[] | null {
  if (text.trim() === "none") return [];
  const found: Threshold[] = [];
  for (const part of text.split(",")) {
    const [, name, digits] = /^\s*(response|hearing)\s*=\s*([1-9]\d{0,8})\s*$/.exec(part) ?? [];
    const signatures = Number(digits);
    if (!name || signatures > MAX_SIGNATURES || found.some((other) => other.name === name)) return null;
    found.push({ name: name as Threshold["name"], signatures });
  }
  return found;
}

/**
 * When a petition closes that opens at a moment: at the end of the municipality's day some calendar months later, or of
 * that month's last day where it has no such day (31 August and 6 months: the end of February). Milliseconds since 1970.
 */
export function closingMoment(opensAt: number, months: number, timeZone: string): number {
  const [year, month, day] = localDay(opensAt, timeZone).split("-").map(Number) as [number, number, number];
  const daysInMonth = new Date(Date.UTC(year, month - 1 + months + 1, 0)).getUTCDate();
  const noon = Date.UTC(year, month - 1 + months, Math.min(day, daysInMonth), 12);
  const lastDay = new Date(noon).toISOString().slice(0, 10);
  // Zones are from 12 hours behind UTC to 14 ahead, and every one's midnight is on a quarter of an hour of UTC.
  let moment = noon - 3 * HOUR_MS;
  while (localDay(moment, timeZone) <= lastDay) moment += QUARTER_HOUR_MS;
  return moment;
}
