import type { Staff } from "../access/staff.ts";
import type { Database } from "../db/database.ts";
import { assurances } from "../db/schema.ts";
import type { Table } from "../http/table.ts";
import { publicId } from "../lib/ids.ts";
import type { tallyOf } from "./counts.store.ts";
import { type Bar, bars, perThousand, regroup } from "./counts.ts";
import { funnelOf } from "./funnel.ts";
import type { Labels } from "./labels.ts";
import { readTallies } from "./read-tallies.ts";
import type { Span } from "./span.ts";

/** What a petition's counted signatures are broken down by. */
export const dimensions = ["area", "channel", "partner", "assurance", "locale", "day", "hour"] as const;
export type Dimension = (typeof dimensions)[number];

const ALWAYS: Span = { from: "2000-01-01", to: "2099-12-31" };

export interface CountsQuery {
  /** The breakdowns asked for. */
  readonly by: readonly Dimension[];
  /** Limits days and hours. */
  readonly span?: Span | undefined;
}

/**
 * What the tallies say of one petition, for staff who see it: it reads a row for each bar of area, channel and hour, and
 * at most four more. Raises `not_found`. `id`: UUID.
 */
export async function petitionCounts(
  { db, clock }: { db: Database; clock: () => number },
  staff: Staff,
  { id, by, span }: CountsQuery & { id: string },
) {
  const asked = (...any: Dimension[]) => any.some((one) => by.includes(one));
  const wanted = {
    areas: asked("area"),
    channels: asked("channel", "partner"),
    hours: asked("day", "hour") ? (span ?? ALWAYS) : null,
  };
  const { tally, hours, ...rows } = await readTallies(db, staff, { id, wanted });
  const inSpan = hours.reduce((sum, { count }) => sum + count, 0);
  const all = breakdownsOf(tally, { ...rows, hours, inSpan });
  return {
    petition_id: publicId("pet", id),
    as_of: new Date(clock()).toISOString(),
    states: {
      pending: tally.pending,
      verified: tally.verified,
      quarantined: tally.quarantinedPending + tally.quarantinedVerified,
      invalidated: tally.invalidated,
      withdrawn: tally.withdrawn,
    },
    funnel: funnelOf(tally),
    ...(span && { span: { ...span, verified: inSpan } }),
    by: Object.fromEntries(dimensions.filter((one) => by.includes(one)).map((one) => [one, all[one]])) as Partial<
      typeof all
    >,
  };
}

interface Row {
  readonly key: string;
  readonly count: number;
}

interface Rows {
  readonly labels: Labels;
  readonly areas: readonly Row[];
  readonly channels: readonly Row[];
  readonly hours: readonly Row[];
  readonly inSpan: number;
}

/** Every breakdown; those whose rows were not read are of no use. */
function breakdownsOf(
  { verified, locales, ...tally }: Awaited<ReturnType<typeof tallyOf>>[number],
  { labels, areas, channels, hours, inSpan }: Rows,
) {
  const named = (row: Row, label: string | undefined) => ({ ...row, ...(label !== undefined && { label }) });
  const partners = regroup(channels, ({ key }) => labels.channels.get(key)?.partner ?? "");
  const days = regroup(hours, ({ key }) => key.slice(0, 10));
  const areaRows = areas.map((row) => named(row, labels.areas.get(row.key)?.name));
  const channelRows = channels.map((row) => named(row, labels.channels.get(row.key)?.label));
  const partnerRows = partners.filter(({ key }) => key !== "");
  return {
    area: bars(areaRows, verified).map((bar) => withPopulation(bar, labels)),
    channel: bars(channelRows, verified),
    partner: bars(partnerRows, verified),
    assurance: bars(rowsOf(Object.fromEntries(assurances.map((key) => [key, tally[key]]))), verified),
    locale: bars(rowsOf(locales), verified),
    day: bars(days, inSpan),
    hour: bars(hours, inSpan),
  };
}

/** The counts of an object by key, without those of zero. */
const rowsOf = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts).flatMap(([key, count]) => (count > 0 ? [{ key, count }] : []));

function withPopulation(bar: Bar, { areas }: Labels) {
  const population = areas.get(bar.key)?.population ?? null;
  return { ...bar, population, per_1000: perThousand(bar.count, population) };
}

type PetitionCounts = Awaited<ReturnType<typeof petitionCounts>>;

/** The same as a table: a record for each number. */
export function countsTable({ as_of, states, funnel, by }: PetitionCounts): Table {
  const { rates, seconds_to_verify, ...stages } = funnel;
  const of = (dimension: string, numbers: Readonly<Record<string, number | null>>) =>
    Object.entries(numbers).map(([key, count]) => [as_of, dimension, key, key, count, null, null]);
  const broken = Object.entries(by).flatMap(([dimension, found]) =>
    (found as readonly (Bar & { population?: number | null; per_1000?: number | null })[]).map(
      ({ key, label, count, population, per_1000 }) => [as_of, dimension, key, label, count, population, per_1000],
    ),
  );
  return {
    columns: ["as_of", "dimension", "key", "label", "count", "population", "per_1000"],
    records: [
      ...of("state", states),
      ...of("funnel", stages),
      ...of("funnel_rate", rates),
      ...of("seconds_to_verify", seconds_to_verify),
      ...broken,
    ],
  };
}
