import { and, eq, gt, isNull, or, sql } from "drizzle-orm";
import type { Condition, Database } from "../db/database.ts";
import { departments } from "../db/schema.ts";
import { staff } from "../db/staff-schema.ts";
import type { Role } from "./staff.ts";

/** A member of staff as the row says it. */
export type StaffRow = typeof staff.$inferSelect;

/** The member with a UUID. */
export const staffById = (db: Database, id: string) => db.select().from(staff).where(eq(staff.id, id));

/** The member with a canonical e-mail address, unless their access has ended. */
export const staffByEmail = (db: Database, email: string) =>
  db
    .select({ id: staff.id, name: staff.name, role: staff.role, department: staff.departmentCode })
    .from(staff)
    .where(and(eq(staff.email, email), isNull(staff.revokedAt)));

/** A row if there is a department with this code that is not retired. */
export const departmentByCode = (db: Database, code: string) =>
  db
    .select({ code: departments.code })
    .from(departments)
    .where(
      sql`${departments.code} = ${code} AND NOT EXISTS (SELECT 1 FROM reference_lists, json_each(retired) AS gone
        WHERE name = 'departments' AND gone.key = ${code})`,
    );

/** Whose entry has a canonical e-mail address. */
export const holderOf = (db: Database, email: string) =>
  db.select({ id: staff.id }).from(staff).where(eq(staff.email, email));

/** Members in the order in which they were added, from `after` on. */
export const listStaff = (
  db: Database,
  query: {
    department?: string | undefined;
    role?: Role | undefined;
    revoked: boolean;
    after?: string | undefined;
    limit: number;
  },
) =>
  db
    .select()
    .from(staff)
    .where(
      and(
        query.department === undefined ? undefined : eq(staff.departmentCode, query.department),
        query.role === undefined ? undefined : eq(staff.role, query.role),
        query.revoked ? undefined : isNull(staff.revokedAt),
        query.after === undefined ? undefined : gt(staff.id, query.after),
      ),
    )
    .orderBy(staff.id)
    .limit(query.limit);

/** Adds a member. */
export const insertStaff = (db: Database, row: typeof staff.$inferInsert) => db.insert(staff).values(row);

/** Changes a member if a condition holds; answers with a row if it did. */
export const updateStaff = (db: Database, id: string, set: Partial<StaffRow>, when: Condition) =>
  db
    .update(staff)
    .set(set)
    .where(and(eq(staff.id, id), isNull(staff.revokedAt), when))
    .returning({ id: staff.id });

/** Sets what a member chooses for themselves. */
export const updateOwn = (
  db: Database,
  id: string,
  { locale, reminders }: { locale: string | null; reminders: boolean },
) =>
  db
    .update(staff)
    .set({ locale, reminders })
    .where(and(eq(staff.id, id), isNull(staff.revokedAt)));

/** Whoever counts as an admin of the whole municipality that can get in. */
export interface AdminRule {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Whether an e-mail address is enough to get in. */
  readonly singleSignOn: boolean;
}

/** Holds if somebody else than a member is an admin of the whole municipality and can get in. */
const anotherAdmin = (id: string, { now, singleSignOn }: AdminRule): Condition => sql`EXISTS (
  SELECT 1 FROM staff AS other WHERE other.id <> ${id} AND other.role = 'admin' AND other.department_code IS NULL
    AND other.revoked_at IS NULL AND (EXISTS (SELECT 1 FROM staff_keys WHERE staff_keys.staff_id = other.id
      AND (staff_keys.expires_at IS NULL OR staff_keys.expires_at > ${now}))
    OR ${singleSignOn ? 1 : 0} AND other.email IS NOT NULL))`;

/** Holds if a member is no admin of the whole municipality, or not the last one that can get in. */
export const notLastAdmin = (id: string, rule: AdminRule): Condition => sql`(NOT EXISTS (
  SELECT 1 FROM staff AS one WHERE one.id = ${id} AND one.role = 'admin' AND one.department_code IS NULL)
  OR ${anotherAdmin(id, rule)})`;

/** Holds if a member's access has not ended. */
export const activeMember = (id: string): Condition =>
  sql`EXISTS (SELECT 1 FROM staff AS one WHERE one.id = ${id} AND one.revoked_at IS NULL)`;

/** Holds if a member has an e-mail address, by which single sign-on finds them. */
export const emailLetsIn = (id: string): Condition =>
  sql`EXISTS (SELECT 1 FROM staff AS one WHERE one.id = ${id} AND one.email IS NOT NULL)`;

/** Holds if all of these hold. */
export const allHold = (...conditions: readonly (Condition | undefined)[]): Condition =>
  and(...conditions) as Condition;

/** Holds if one of these holds. */
export const anyHolds = (...conditions: readonly (Condition | undefined)[]): Condition =>
  or(...conditions) as Condition;
