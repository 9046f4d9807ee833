// What `npm run alarms` runs.
import { parseArgs } from "node:util";
import { localHour } from "../src/lib/local-time.ts";
import { type HourCurve, readHourCurve } from "./curve.ts";
import { curveIn, runCommand, UsageError, understood } from "./curve-command.ts";
import { alarmsOfHours, overAt } from "./judge-hours.ts";

const USAGE = `Usage: npm run alarms -- [--time-zone Europe/London] FILE

Lists the alarms about hours and nights that a petition would have raised, and when. FILE is CSV in UTF-8 with the first
line time,total: for example 2026-11-23T14:05:00Z,1234, in ascending order, best with a total an hour or more. A total may
fall where signatures were taken out. The petition is taken to open with the first row.

  --time-zone ZONE    where it is night: an IANA name (UTC)
  --help              this text

Alarms about networks, domains, areas, channels and addresses that nobody confirms need more than totals.
`;

const HOUR_MS = 60 * 60_000;

/** The name of a file and the time zone; null when only help is asked for. */
function readArguments(args: readonly string[]): { file: string; timeZone: string } | null {
  const options = { "time-zone": { type: "string", default: "UTC" }, help: { type: "boolean" } } as const;
  const { values, positionals } = understood(() => parseArgs({ args: [...args], allowPositionals: true, options }));
  if (values.help) return null;
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw new UsageError("Name one file.");
  const timeZone = values["time-zone"];
  understood(() => localHour(0, timeZone));
  return { file, timeZone };
}

function report({ begins, counts, spread, fallen }: HourCurve, timeZone: string): void {
  // The hour that a clock change repeats is one hour, as in the tallies.
  const hours = new Map<number, number>();
  for (const [index, count] of counts.entries()) {
    const hour = Date.parse(`${localHour(begins + index * HOUR_MS, timeZone)}:00:00Z`) / HOUR_MS;
    hours.set(hour, (hours.get(hour) ?? 0) + count);
  }
  const total = counts.reduce((sum, count) => sum + count, 0);
  console.log(`${counts.length} hours, ${total} signatures; ${spread} of the hours have no total of their own.`);
  if (fallen > 0) console.log(`${fallen} were taken out or withdrawn: a fall is no alarm.`);
  if (spread * 2 > counts.length) {
    console.log("Most hours are only the even part of a longer time: what happened within it can't be seen.");
  }
  const alarms = counts.length === 0 ? [] : alarmsOfHours(hours);
  if (alarms.length === 0) {
    console.log("No alarm.");
    return;
  }
  const text = (hour: number): string => new Date(hour * HOUR_MS).toISOString().slice(0, 13);
  console.table(
    alarms.map((alarm) => ({
      alarm: alarm.kind,
      "raised in the hour": text(alarm.raised),
      "last seen in": text(alarm.seen),
      "over from": text(overAt(alarm)),
      signatures: alarm.count,
      expected: Math.round(alarm.expected),
    })),
  );
}

await runCommand(USAGE, readArguments, async (asked) => {
  const curve = await curveIn(asked.file, readHourCurve);
  if (curve) report(curve, asked.timeZone);
  return curve !== null;
});
