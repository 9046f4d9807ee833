import { and, eq } from "drizzle-orm";
import type { Database } from "../db/database.ts";
import { areas, areaTallies, channels, channelTallies, hourTallies, petitionTallies } from "../db/schema.ts";

/** A petition's tally by its number and UUID: one row read, however many people signed. */
export const tallyOf = (db: Database, no: number, id: string) =>
  db
    .select()
    .from(petitionTallies)
    .where(and(eq(petitionTallies.petitionNo, no), eq(petitionTallies.petitionId, id)));

/** Counted signatures by area, with names. */
export const byArea = (db: Database, no: number) =>
  db
    .select({ key: areaTallies.areaCode, label: areas.name, count: areaTallies.verified })
    .from(areaTallies)
    .leftJoin(areas, eq(areas.code, areaTallies.areaCode))
    .where(eq(areaTallies.petitionNo, no));

/** Counted signatures by channel, with labels and the partner that owns the channel. */
export const byChannel = (db: Database, no: number) =>
  db
    .select({
      key: channelTallies.channel,
      label: channels.label,
      partner: channels.partner,
      count: channelTallies.verified,
    })
    .from(channelTallies)
    .leftJoin(channels, eq(channels.code, channelTallies.channel))
    .where(eq(channelTallies.petitionNo, no));

/** Counted signatures by the municipality's hour in which they were verified. */
export const byHour = (db: Database, no: number) =>
  db
    .select({ key: hourTallies.hour, count: hourTallies.verified })
    .from(hourTallies)
    .where(eq(hourTallies.petitionNo, no));
