import { eq, sql } from "drizzle-orm";
import { type Database, runOf } from "../../db/database.ts";
import { partners } from "../../db/partner-schema.ts";
import { channels, petitionChannels } from "../../db/schema.ts";

/** A petition's own channels as the JSON of their row. */
export const ownChannelsOf = (db: Database, petitionNo: number) =>
  db
    .select({ channels: sql<string>`${petitionChannels.channels}`.as("own_channels") })
    .from(petitionChannels)
    .where(eq(petitionChannels.petitionNo, petitionNo));

/** The channels of every petition, by code. */
export const sharedChannels = (db: Database) => db.select().from(channels).orderBy(channels.code);

/** A row if there is a partner with this code. */
export const partnerByCode = (db: Database, code: string) =>
  db.select({ code: partners.code }).from(partners).where(eq(partners.code, code));

/** Registers a channel of every petition, or changes the one that has its code: whose it is stays. */
export const putSharedChannel = (
  db: Database,
  row: { code: string; label: string; owner: string; retiredAt: number | null; partner: string | null },
) =>
  db
    .insert(channels)
    .values(row)
    .onConflictDoUpdate({
      target: channels.code,
      set: { label: row.label, owner: row.owner, retiredAt: row.retiredAt },
    });

/** Registers one of a petition's own channels, or changes it. */
export const putOwnChannel = (
  db: Database,
  petitionNo: number,
  { code, ...rest }: { code: string; label: string; owner: string; retired_at: number | null },
) =>
  runOf(
    db,
    sql`INSERT INTO petition_channels (petition_no, channels)
    VALUES (${petitionNo}, json_object(${code}, json(${JSON.stringify(rest)})))
    ON CONFLICT DO UPDATE SET channels = json_set(channels, ${`$."${code}"`}, json(${JSON.stringify(rest)}))`,
  );
