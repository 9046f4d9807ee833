import { and, asc, between, eq, sql } from "drizzle-orm";
import { countLabels } from "../db/counts-schema.ts";
import type { Database } from "../db/database.ts";
import { areaTallies, channelTallies, hourTallies, petitionChannels, petitionTallies } from "../db/schema.ts";

/** A petition's tally by its number and UUID: one row read, however many people signed. */
export const tallyOf = (db: Database, no: number, id: string) =>
  db
    .select()
    .from(petitionTallies)
    .where(and(eq(petitionTallies.petitionNo, no), eq(petitionTallies.petitionId, id)));

// A statement of a batch that is not wanted reads nothing.
const ifWanted = (wanted: boolean) => (wanted ? undefined : sql`0`);

/** Counted signatures by area: a row read for each. */
export const byArea = (db: Database, no: number, wanted = true) =>
  db
    .select({ key: areaTallies.areaCode, count: areaTallies.verified })
    .from(areaTallies)
    .where(and(eq(areaTallies.petitionNo, no), ifWanted(wanted)));

/** Counted signatures by channel: a row read for each. */
export const byChannel = (db: Database, no: number, wanted = true) =>
  db
    .select({ key: channelTallies.channel, count: channelTallies.verified })
    .from(channelTallies)
    .where(and(eq(channelTallies.petitionNo, no), ifWanted(wanted)));

/** Counted signatures by the municipality's hour in which they were verified, in order: a row read for each. */
export const byHour = (db: Database, no: number, { from, to }: { from: string; to: string }, wanted = true) =>
  db
    .select({ key: hourTallies.hour, count: hourTallies.verified })
    .from(hourTallies)
    .where(and(eq(hourTallies.petitionNo, no), between(hourTallies.hour, from, `${to}T24`), ifWanted(wanted)))
    .orderBy(asc(hourTallies.hour));

/** The names of areas and channels, and of a petition's own channels: two rows read, however many there are. */
export const labelsFor = (db: Database, no: number, wanted = true) =>
  db
    .select({
      areas: sql<string>`${countLabels.areas}`.as("areas"),
      shared: sql<string>`${countLabels.channels}`.as("shared"),
      own: sql<string | null>`${petitionChannels.channels}`.as("own"),
    })
    .from(countLabels)
    .leftJoin(petitionChannels, eq(petitionChannels.petitionNo, no))
    .where(ifWanted(wanted));
