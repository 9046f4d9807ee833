import * as v from "valibot";
import { because } from "../../src/http/validation.ts";
import { hasForbiddenCharacters, textLength, tidy } from "../../src/lib/text.ts";

const MAX_COUNT = 10_000_000_000; // more signatures than people: a slip

/** A number of signatures. */
export const countField = v.pipe(
  v.number(),
  v.integer(because("wrong_type")),
  v.check((count) => count >= 0 && count <= MAX_COUNT, because("out_of_range")),
);

/** What the source calls a petition: a number or a short word. */
export const sourceIdField = v.pipe(
  v.union([v.number(), v.string()]),
  v.transform(String),
  v.regex(/^[A-Za-z0-9][\w-]{0,63}$/, because("wrong_type")),
);

/** A calendar day, `YYYY-MM-DD`, not after `today`. */
export const dayField = (today: string) =>
  v.pipe(
    v.string(),
    v.check(isDay, "is not a day of the form 2026-11-23"),
    v.check((day) => day <= today, "lies in the future"),
  );

/** A time in UTC (ISO 8601), not after `now` (milliseconds since 1970). */
export const timeField = (now: number) =>
  v.pipe(
    v.string(),
    v.check(isTime, "is not a time of the form 2026-11-23T09:30:00Z"),
    v.check((time) => Date.parse(time) <= now, "lies in the future"),
  );

/** Any text with the line ends of Unix. */
export const unixText = v.pipe(
  v.string(),
  v.transform((text) => text.replaceAll("\r\n", "\n")),
);

/** Text to `max` characters, tidied like every other; blank is as good as absent. */
export const optionalText = (max: number) =>
  v.pipe(
    unixText,
    v.check((text) => !hasForbiddenCharacters(text), because("forbidden_characters")),
    v.transform(tidy),
    v.check((text) => textLength(text) <= max, because("too_long")),
  );

/** Whether a text is a day of the calendar, `YYYY-MM-DD`. */
export const isDay = (text: string): boolean => /^\d{4}-\d\d-\d\d$/.test(text) && isCalendarDay(text);

const isTime = (text: string): boolean =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/.test(text) &&
  isCalendarDay(text.slice(0, 10)) &&
  !Number.isNaN(Date.parse(text));

/** The engine takes 30 February for 2 March. */
function isCalendarDay(day: string): boolean {
  const at = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day);
}
