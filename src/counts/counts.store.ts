import { and, asc, between, eq, sql } from "drizzle-orm";
import { countLabels } from "../db/counts-schema.ts";
import type { Database } from "../db/database.ts";
import { areaTallies, channelTallies, hourTallies, petitionTallies } from "../db/schema.ts";

/** A petition's tally by its number and UUID: one row read, however many people signed. */
export const tallyOf = (db: Database, no: number, id: string) =>
  db
    .select()
    .from(petitionTallies)
    .where(and(eq(petitionTallies.petitionNo, no), eq(petitionTallies.petitionId, id)));

// The tally says how many rows there are: a limit that is met spares the row behind the range.

/** Counted signatures by area: the first `rows` of them. */
export const byArea = (db: Database, no: number, rows: number) =>
  db
    .select({ key: areaTallies.areaCode, count: areaTallies.verified })
    .from(areaTallies)
    .where(eq(areaTallies.petitionNo, no))
    .limit(rows);

/** Counted signatures by channel: the first `rows` of them. */
export const byChannel = (db: Database, no: number, rows: number) =>
  db
    .select({ key: channelTallies.channel, count: channelTallies.verified })
    .from(channelTallies)
    .where(eq(channelTallies.petitionNo, no))
    .limit(rows);

/** Counted signatures by the municipality's hour in which they were verified, in order: the first `rows` of a span's. */
export const byHour = (db: Database, no: number, { from, to, rows }: { from: string; to: string; rows: number }) =>
  db
    .select({ key: hourTallies.hour, count: hourTallies.verified })
    .from(hourTallies)
    .where(and(eq(hourTallies.petitionNo, no), between(hourTallies.hour, from, `${to}T24`)))
    .orderBy(asc(hourTallies.hour))
    .limit(rows);

/**
 * The names of areas and of every petition's channels, if they are `wanted`, and those of its own channels, if `own` are:
 * a row read for each of the two, however many there are.
 */
export const labelsFor = (db: Database, no: number, { own, wanted }: { own: boolean; wanted: boolean }) =>
  db
    .select({
      areas: sql<string>`${countLabels.areas}`.as("areas"),
      shared: sql<string>`${countLabels.channels}`.as("shared"),
      own: (own
        ? sql<string | null>`(SELECT channels FROM petition_channels WHERE petition_no = ${no})`
        : sql<null>`NULL`
      ).as("own"),
    })
    .from(countLabels)
    .limit(wanted ? 1 : 0);
