const formats = new Map<string, Intl.DateTimeFormat>();

/** The municipality's hour at a moment: `2026-11-23T15`. The hour that a clock change repeats is one hour. */
export function localHour(at: number, timeZone: string): string {
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
