import { and, eq, gt, isNull, lt, or, sql } from "drizzle-orm";
import type { Database } from "../db/database.ts";
import { staff, staffKeys } from "../db/staff-schema.ts";
import type { Bytes } from "../lib/bytes.ts";

// Noting each use would make every read a write.
const LAST_USE_STEP_MS = 60 * 60_000;

/** The staff member whose key has a digest, if both are valid at a moment. */
export const staffByKey = (db: Database, digest: Bytes, now: number) =>
  db
    .select({ id: staff.id, name: staff.name, role: staff.role, department: staff.departmentCode })
    .from(staffKeys)
    .innerJoin(staff, eq(staff.id, staffKeys.staffId))
    .where(
      and(
        eq(staffKeys.digest, digest),
        isNull(staff.revokedAt),
        or(isNull(staffKeys.expiresAt), gt(staffKeys.expiresAt, now)),
      ),
    );

/** Notes that a key was used, to the hour. */
export const noteKeyUse = (db: Database, digest: Bytes, now: number) =>
  db
    .update(staffKeys)
    .set({ lastUsedAt: now })
    .where(
      and(
        eq(staffKeys.digest, digest),
        or(isNull(staffKeys.lastUsedAt), lt(staffKeys.lastUsedAt, now - LAST_USE_STEP_MS)),
      ),
    );

/** One row if an admin's key is valid at a moment, else none. */
export const anyAdminKey = (db: Database, now: number) =>
  db
    .select({ found: sql<number>`1`.as("found") })
    .from(staff)
    .innerJoin(staffKeys, eq(staffKeys.staffId, staff.id))
    .where(
      and(
        eq(staff.role, "admin"),
        isNull(staff.revokedAt),
        or(isNull(staffKeys.expiresAt), gt(staffKeys.expiresAt, now)),
      ),
    )
    .limit(1);
