import { and, eq, isNotNull, isNull, ne } from "drizzle-orm";
import type { Database } from "../db/database.ts";
import { staff, staffReminders } from "../db/staff-schema.ts";

/** A row if the staff of a day have been reminded. */
export const remindersOf = (db: Database, day: string) =>
  db.select().from(staffReminders).where(eq(staffReminders.day, day));

/** Notes that a day's staff have been reminded; refused when they have been. */
export const insertReminders = (db: Database, day: string, now: number) =>
  db.insert(staffReminders).values({ day, remindedAt: now });

/** Moderators and admins who have an address and want to be reminded. */
export const remindable = (db: Database) =>
  db
    .select({
      id: staff.id,
      name: staff.name,
      email: staff.email,
      role: staff.role,
      department: staff.departmentCode,
      locale: staff.locale,
    })
    .from(staff)
    .where(and(ne(staff.role, "viewer"), eq(staff.reminders, true), isNotNull(staff.email), isNull(staff.revokedAt)));
