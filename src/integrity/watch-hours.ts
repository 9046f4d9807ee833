import type { Database } from "../db/database.ts";
import { localHour } from "../lib/local-time.ts";
import { alarmEvidence } from "./alarm.ts";
import { HOUR_LEAST, type Hours, NIGHT_HOURS, NIGHT_LEAST, PAST_DAYS, unusualHours } from "./anomaly.ts";
import { busyHours, recentAlarms, talliedHours, watchedPetitionsOf } from "./watch.store.ts";
import type { PetitionFinding } from "./watch-petitions.ts";

const HOUR_MS = 60 * 60_000;

/**
 * Unusual hours of petitions, by their hourly tallies: the current hour as far as it has gone, and the one before as it has
 * become. Petitions without enough signatures in them to be unusual cost a few rows each, the others their last 15 days.
 */
export async function findUnusualHours(
  { db, timeZone }: { db: Database; timeZone: string },
  now: number,
): Promise<PetitionFinding[]> {
  const current = hourNumber(localHour(now, timeZone));
  const midnight = current - (current % 24);
  const night = current % 24 <= NIGHT_HOURS;
  const span = { from: hourText(night ? midnight : current - 1), to: hourText(current) };
  const [busy] = await db.batch([busyHours(db, { ...span, least: Math.min(HOUR_LEAST, NIGHT_LEAST) })]);
  const nos = busy.map(({ petitionNo }) => petitionNo);
  if (nos.length === 0) return [];
  const [hours, petitions, alarms] = await db.batch([
    talliedHours(db, nos, hourText(midnight - 24 * (PAST_DAYS + 1))),
    watchedPetitionsOf(db, nos),
    recentAlarms(db, nos, now - PAST_DAYS * 24 * HOUR_MS),
  ]);
  const start = startOfHour(now, timeZone);
  const toMoment = (hour: number): number => start + (hour - current) * HOUR_MS;
  return petitions.flatMap(({ petitionNo, opensAt }) => {
    const own = <Row extends { petitionNo: number }>(rows: readonly Row[]) =>
      rows.filter((row) => row.petitionNo === petitionNo);
    const tallied = new Map(own(hours).map(({ hour, verified }) => [hourNumber(hour), verified]));
    const known: Hours = new Map(
      own(alarms).flatMap(({ evidence }) =>
        Object.entries(evidence.hours ?? {}).map(([hour, [, expected]]): [number, number] => [Number(hour), expected]),
      ),
    );
    const opened = opensAt === null ? current : hourNumber(localHour(opensAt, timeZone));
    return [current - 1, current].flatMap((at) =>
      unusualHours(tallied, at, { opened, unusual: known }).map((finding) => ({
        petitionNo,
        finding,
        evidence: {
          ...alarmEvidence(finding, toMoment),
          ...(finding.kind === "surge" ? { hours: { [at]: [finding.count, finding.expected] as const } } : {}),
        },
      })),
    );
  });
}

/** A local hour, `2026-11-23T15`, as a number that counts on from day to day. */
const hourNumber = (hour: string): number => Date.parse(`${hour}:00:00Z`) / HOUR_MS;

const hourText = (hour: number): string => new Date(hour * HOUR_MS).toISOString().slice(0, 13);

/** When the local hour of a moment began: not all time zones begin theirs with UTC's. */
function startOfHour(now: number, timeZone: string): number {
  const hour = localHour(now, timeZone);
  let start = now - (now % 60_000);
  while (localHour(start - 60_000, timeZone) === hour && now - start < HOUR_MS) start -= 60_000;
  return start;
}
