import { dayAfter, endOfDay, localDay } from "../lib/local-time.ts";

/** A number of verified signatures that obliges the municipality to something. */
export interface Threshold {
  readonly name: "response" | "hearing";
  readonly signatures: number;
}

/** The most that a threshold may be. */
export const MAX_SIGNATURES = 100_000_000;

/** The most calendar months that a petition may be open. */
export const MOST_MONTHS = 60;

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
  return endOfDay(new Date(noon).toISOString().slice(0, 10), timeZone);
}

const isDay = (text: string): boolean => text.length === 10;

/** The moment that staff name by a day (when it begins) or a time. */
export const opensOn = (text: string, timeZone: string): number =>
  isDay(text) ? endOfDay(dayAfter(text, -1), timeZone) : Date.parse(text);

/** The end of the municipality's day that staff name, or in which the time lies that they name. */
export const closesOn = (text: string, timeZone: string): number =>
  endOfDay(isDay(text) ? text : localDay(Date.parse(text) - 1, timeZone), timeZone);
