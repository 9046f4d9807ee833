import { and, desc, eq, gt, isNull, or, sql } from "drizzle-orm";
import { type Condition, type Database, runOf } from "../db/database.ts";
import { keyIsValid, keyUseIsOld } from "../db/key-conditions.ts";
import { staff, staffKeys } from "../db/staff-schema.ts";
import type { Bytes } from "../lib/bytes.ts";

const validAt = (now: number) => keyIsValid(staffKeys, now);

const useIsOld = (now: number) => keyUseIsOld(staffKeys, now);

/**
 * The staff member whose key has a digest, if both are valid at a moment, and whether this use is to be noted: two rows
 * read.
 */
export const staffByKey = (db: Database, digest: Bytes, now: number) =>
  db
    .select({
      ...{ id: staff.id, name: staff.name, role: staff.role, department: staff.departmentCode },
      toNote: sql<number>`${useIsOld(now)}`.as("to_note"),
    })
    .from(staffKeys)
    .innerJoin(staff, eq(staff.id, staffKeys.staffId))
    .where(and(eq(staffKeys.digest, digest), isNull(staff.revokedAt), validAt(now)));

/** Notes that a key was used, to the hour. */
export const noteKeyUse = (db: Database, digest: Bytes, now: number) =>
  db
    .update(staffKeys)
    .set({ lastUsedAt: now })
    .where(and(eq(staffKeys.digest, digest), useIsOld(now)));

/** One row if a key of an admin of the whole municipality is valid at a moment, else none. */
export const anyAdminKey = (db: Database, now: number) =>
  db
    .select({ found: sql<number>`1`.as("found") })
    .from(staff)
    .innerJoin(staffKeys, eq(staffKeys.staffId, staff.id))
    .where(and(eq(staff.role, "admin"), isNull(staff.departmentCode), isNull(staff.revokedAt), validAt(now)))
    .limit(1);

/** A member's keys that are valid at a moment, the newest first; what they are found by is not among the columns. */
export const keysOf = (db: Database, staffId: string, now: number) =>
  db
    .select({
      id: staffKeys.id,
      prefix: staffKeys.prefix,
      createdAt: staffKeys.createdAt,
      expiresAt: staffKeys.expiresAt,
      lastUsedAt: staffKeys.lastUsedAt,
    })
    .from(staffKeys)
    .where(and(eq(staffKeys.staffId, staffId), validAt(now)))
    .orderBy(desc(staffKeys.id));

/** Adds a key. */
export const insertKey = (db: Database, row: typeof staffKeys.$inferInsert) => db.insert(staffKeys).values(row);

/** Lets a member's other keys end at a moment, unless they end before. */
export const endOtherKeys = (db: Database, { staffId, but, endAt }: { staffId: string; but: string; endAt: number }) =>
  db
    .update(staffKeys)
    .set({ expiresAt: endAt })
    .where(
      and(
        eq(staffKeys.staffId, staffId),
        sql`${staffKeys.id} <> ${but}`,
        or(isNull(staffKeys.expiresAt), gt(staffKeys.expiresAt, endAt)),
      ),
    );

/** Deletes a member's keys that have ended, and the oldest beyond `most`. */
export const dropEndedKeys = (db: Database, { staffId, now, most }: { staffId: string; now: number; most: number }) =>
  runOf(
    db,
    sql`DELETE FROM staff_keys WHERE staff_id = ${staffId} AND (expires_at <= ${now} OR id NOT IN (
      SELECT id FROM staff_keys WHERE staff_id = ${staffId} ORDER BY id DESC LIMIT ${most}))`,
  );

/** Deletes all of a member's keys if a condition holds. */
export const deleteKeysOf = (db: Database, staffId: string, when: Condition) =>
  db.delete(staffKeys).where(and(eq(staffKeys.staffId, staffId), when));

/** Deletes one key if a condition holds; answers with a row if it did. */
export const deleteKey = (db: Database, staffId: string, id: string, when: Condition) =>
  db
    .delete(staffKeys)
    .where(and(eq(staffKeys.staffId, staffId), eq(staffKeys.id, id), when))
    .returning({ id: staffKeys.id });

/** Holds if a member has a valid key beside one. */
export const anotherKey = (staffId: string, but: string, now: number): Condition => sql`EXISTS (
  SELECT 1 FROM staff_keys AS beside WHERE beside.staff_id = ${staffId} AND beside.id <> ${but}
    AND (beside.expires_at IS NULL OR beside.expires_at > ${now}))`;

/** Holds if a member has this key. */
export const keyThere = (staffId: string, id: string): Condition =>
  sql`EXISTS (SELECT 1 FROM staff_keys AS it WHERE it.staff_id = ${staffId} AND it.id = ${id})`;
