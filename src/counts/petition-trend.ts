import { type Staff, seesDepartment } from "../access/staff.ts";
import type { Database } from "../db/database.ts";
import { Problem } from "../http/problems.ts";
import type { Table } from "../http/table.ts";
import { petitionNo, publicId } from "../lib/ids.ts";
import { dayAfter, daysBetween } from "../lib/local-time.ts";
import { FORECAST_METHOD, isTelling, reachOf } from "./forecast.ts";
import { hoursFrom, thresholdsOf, trendFacts } from "./trend.store.ts";
import { type TrendDay, type TrendSpan, trendDays, trendSpan } from "./trend.ts";

/** Why no day is expected. */
export type NoForecastReason = "already_reached" | "not_open" | "too_little_data" | "not_before_closing";

interface Known {
  readonly verified: number;
  readonly days: readonly TrendDay[];
  readonly span: TrendSpan | null;
}

/**
 * A petition's days since it opened, and when each threshold is expected, for staff who see it. Raises `not_found`. `id`: UUID. It
 * reads the tallies of its hours, and therefore answers with them: one row each.
 */
export async function petitionTrend(
  { db, clock, timeZone }: { db: Database; clock: () => number; timeZone: string },
  staff: Staff,
  id: string,
) {
  const [no, now] = [petitionNo(id), clock()];
  const [[petition], thresholds] = await db.batch([trendFacts(db, no, id), thresholdsOf(db, no)]);
  if (!petition || !seesDepartment(staff, petition.department)) throw new Problem("not_found");
  const span = trendSpan(petition, now, timeZone);
  const days = span ? trendDays((await db.batch([hoursFrom(db, no, span.from)]))[0], span) : [];
  const known = { verified: petition.verified, days, span };
  return {
    petition_id: publicId("pet", id),
    as_of: new Date(now).toISOString(),
    time_zone: timeZone,
    verified: petition.verified,
    closes_at: petition.closesAt === null ? null : new Date(petition.closesAt).toISOString(),
    days: days.map(({ mean7d, partial, ...day }) => ({ ...day, mean_7d: mean7d, ...(partial && { partial }) })),
    thresholds: thresholds
      .toSorted((a, b) => a.signatures - b.signatures)
      .map(({ name, signatures, reachedAt }) => ({
        name,
        signatures,
        reached_at: reachedAt === null ? null : new Date(reachedAt).toISOString(),
        ...forecastOf({ signatures, reached: reachedAt !== null }, known),
      })),
    method: FORECAST_METHOD,
  };
}

/** The same as a table: a record for each day, then one for each threshold. */
export function trendTable({ as_of, days, thresholds }: Awaited<ReturnType<typeof petitionTrend>>): Table {
  return {
    columns: [
      ...["as_of", "kind", "key", "count", "mean_7d", "partial"],
      ...["reached_at", "earliest", "likely", "latest", "reason"],
    ],
    records: [
      ...days.map(({ day, count, mean_7d, partial }) => [as_of, "day", day, count, mean_7d, partial, ...Array(5)]),
      ...thresholds.map(({ name, signatures, reached_at, forecast, reason }) => [
        ...[as_of, "threshold", name, signatures, null, null, reached_at],
        ...[forecast?.earliest, forecast?.likely, forecast?.latest, reason],
      ]),
    ],
  };
}

/** The days between which a threshold is expected, or the reason why none is named. */
function forecastOf(
  { signatures, reached }: { signatures: number; reached: boolean },
  { verified, days, span }: Known,
) {
  const none = (reason: NoForecastReason) => ({ forecast: null, reason });
  if (reached) return none("already_reached");
  if (!span?.closing) return none("not_open");
  // The opening day began before the petition did, and today is not over.
  const course = { days: days.slice(1, -1).map(({ count }) => count), today: days.at(-1)?.count ?? 0 };
  if (!isTelling(course)) return none("too_little_data");
  const reach = reachOf(course, signatures - verified, daysBetween(span.today, span.closing));
  if (!reach) return none("not_before_closing");
  const day = (ahead: number | null): string | null => (ahead === null ? null : dayAfter(span.today, ahead));
  return {
    forecast: { earliest: dayAfter(span.today, reach.earliest), likely: day(reach.likely), latest: day(reach.latest) },
    reason: null,
  };
}
