import { and, desc, eq, gt, isNull, or, sql } from "drizzle-orm";
import { type Condition, type Database, rowsOf } from "../db/database.ts";
import { keyIsValid, keyUseIsOld } from "../db/key-conditions.ts";
import { partnerKeys, partners } from "../db/partner-schema.ts";
import type { Bytes } from "../lib/bytes.ts";

const terms = {
  scopes: partnerKeys.scopes,
  petitions: partnerKeys.petitions,
  origins: partnerKeys.origins,
  minuteLimit: partnerKeys.minuteLimit,
  dayLimit: partnerKeys.dayLimit,
  test: partnerKeys.test,
};

/** The key with a digest and whose it is, unless it has ended or the partner is suspended: two rows read. */
export const partnerByKey = (db: Database, digest: Bytes, now: number) =>
  db
    .select({
      partnerId: partners.id,
      code: partners.code,
      name: partners.name,
      keyId: sql<string>`${partnerKeys.id}`.as("key_id"),
      ...terms,
      expiresAt: partnerKeys.expiresAt,
      toNote: sql<number>`${keyUseIsOld(partnerKeys, now)}`.as("to_note"),
    })
    .from(partnerKeys)
    .innerJoin(partners, eq(partners.id, partnerKeys.partnerId))
    .where(and(eq(partnerKeys.digest, digest), isNull(partners.suspendedAt), keyIsValid(partnerKeys, now)));

/** Notes that a key was used, to the hour. */
export const notePartnerKeyUse = (db: Database, digest: Bytes, now: number) =>
  db
    .update(partnerKeys)
    .set({ lastUsedAt: now })
    .where(and(eq(partnerKeys.digest, digest), keyUseIsOld(partnerKeys, now)));

/** A partner's keys that are valid at a moment, the newest first; what they are found by is not among the columns. */
export const keysOfPartner = (db: Database, partnerId: string, now: number) =>
  db
    .select({
      id: partnerKeys.id,
      prefix: partnerKeys.prefix,
      label: partnerKeys.label,
      ...terms,
      createdAt: partnerKeys.createdAt,
      expiresAt: partnerKeys.expiresAt,
      lastUsedAt: partnerKeys.lastUsedAt,
    })
    .from(partnerKeys)
    .where(and(eq(partnerKeys.partnerId, partnerId), keyIsValid(partnerKeys, now)))
    .orderBy(desc(partnerKeys.id));

/** Adds a key if a condition holds at that point of the transaction; answers with a row if it did. */
export const insertPartnerKey = (db: Database, row: typeof partnerKeys.$inferSelect, when: Condition = sql`1`) => {
  const json = (list: readonly string[] | null) => list && JSON.stringify(list);
  return rowsOf<{ id: string }>(
    db,
    sql`INSERT INTO partner_keys (digest, id, partner_id, prefix, label, scopes, petitions, origins, minute_limit,
      day_limit, created_at, expires_at, test)
    SELECT ${row.digest}, ${row.id}, ${row.partnerId}, ${row.prefix}, ${row.label}, ${json(row.scopes)},
      ${json(row.petitions)}, ${json(row.origins)}, ${row.minuteLimit}, ${row.dayLimit}, ${row.createdAt},
      ${row.expiresAt}, ${row.test ? 1 : 0} WHERE ${when} RETURNING id`,
  );
};

/** Deletes a partner's keys that have ended. */
export const dropEndedPartnerKeys = (db: Database, partnerId: string, now: number) =>
  db.delete(partnerKeys).where(and(eq(partnerKeys.partnerId, partnerId), sql`${partnerKeys.expiresAt} <= ${now}`));

/** Lets a key end at a moment, unless it ends before. */
export const endPartnerKey = (
  db: Database,
  { id, partnerId, endAt }: { id: string; partnerId: string; endAt: number },
) =>
  db
    .update(partnerKeys)
    .set({ expiresAt: endAt })
    .where(and(isPartnerKey(partnerId, id), or(isNull(partnerKeys.expiresAt), gt(partnerKeys.expiresAt, endAt))));

/** Deletes a key. */
export const deletePartnerKey = (db: Database, partnerId: string, id: string) =>
  db.delete(partnerKeys).where(isPartnerKey(partnerId, id));

/** Holds if a partner has this key. */
export const partnerKeyThere = (partnerId: string, id: string): Condition =>
  sql`EXISTS (SELECT 1 FROM partner_keys AS it WHERE it.partner_id = ${partnerId} AND it.id = ${id})`;

/** How many of some petitions, by UUID, there are. */
export const countPetitions = (db: Database, ids: readonly string[]) =>
  rowsOf<{ n: number }>(
    db,
    sql`SELECT count(*) AS n FROM petitions WHERE id IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`,
  );

const isPartnerKey = (partnerId: string, id: string): Condition =>
  and(eq(partnerKeys.partnerId, partnerId), eq(partnerKeys.id, id)) as Condition;
