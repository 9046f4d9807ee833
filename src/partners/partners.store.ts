import { and, eq, gt, isNotNull, isNull, sql } from "drizzle-orm";
import { type Condition, type Database, rowsOf } from "../db/database.ts";
import { partners } from "../db/partner-schema.ts";

const shown = {
  id: partners.id,
  code: partners.code,
  name: partners.name,
  email: partners.email,
  locale: partners.locale,
  website: partners.website,
  createdAt: partners.createdAt,
  suspendedAt: partners.suspendedAt,
};

/** A partner as staff read it. */
export type PartnerRow = Omit<typeof partners.$inferSelect, "forgottenBefore">;

/** The partner with a UUID. */
export const partnerById = (db: Database, id: string) => db.select(shown).from(partners).where(eq(partners.id, id));

/** Partners in the order in which they were added, from `after` on. */
export const listPartners = (
  db: Database,
  query: { suspended?: boolean | undefined; after?: string | undefined; limit: number },
) =>
  db
    .select(shown)
    .from(partners)
    .where(
      and(
        query.suspended === undefined
          ? undefined
          : query.suspended
            ? isNotNull(partners.suspendedAt)
            : isNull(partners.suspendedAt),
        query.after === undefined ? undefined : gt(partners.id, query.after),
      ),
    )
    .orderBy(partners.id)
    .limit(query.limit);

/** Whether a code is somebody's: a partner's, a channel's, or one of a petition's own channels. */
export const codeTaken = (db: Database, code: string) =>
  rowsOf<{ taken: number }>(
    db,
    sql`SELECT ${code} = 'other' OR EXISTS (SELECT 1 FROM channels WHERE code = ${code})
      OR EXISTS (SELECT 1 FROM petition_channels, json_each(channels) AS own WHERE own.key = ${code}) AS taken`,
  );

/** Adds a partner; a trigger gives it a channel with its code. */
export const insertPartner = (db: Database, row: PartnerRow) => db.insert(partners).values(row);

/** Changes what staff say of a partner. */
export const updatePartner = (
  db: Database,
  id: string,
  set: Pick<PartnerRow, "name" | "email" | "locale" | "website">,
) => db.update(partners).set(set).where(eq(partners.id, id));

/** Suspends a partner from a moment on, or with null no longer, if a condition holds. */
export const setSuspended = (db: Database, id: string, at: number | null, when: Condition) =>
  db
    .update(partners)
    .set({ suspendedAt: at })
    .where(and(eq(partners.id, id), when));

/** Holds if a partner is there and is suspended, or is not. */
export const isSuspended = (id: string, suspended: boolean): Condition =>
  sql`EXISTS (SELECT 1 FROM partners AS one WHERE one.id = ${id} AND (one.suspended_at IS NOT NULL) = ${suspended ? 1 : 0})`;
