import { and, eq, isNotNull, isNull, sql } from "drizzle-orm";
import { type Database, runOf } from "../db/database.ts";
import { alarms, tallyDifferences } from "../db/integrity-schema.ts";
import { petitions } from "../db/schema.ts";
import { staff } from "../db/staff-schema.ts";

/**
 * Puts mails into the outbox, one for each moderator and admin who sees the petition, about a row of `source` that the
 * batch has written before; none when it has not. An item is the petition's number, the row's id and the staff member's.
 */
export const mailModerators = (
  db: Database,
  { kind, about, source }: { kind: string; about: string; source: "tally_differences" | "alarms" },
) =>
  runOf(
    db,
    sql`INSERT INTO petition_mails SELECT ${kind}, json_group_array(printf('%08x:%s:%s', found.petition_no, found.id, staff.id))
    FROM ${sql.raw(source)} AS found JOIN petitions ON petitions.no = found.petition_no JOIN staff
    WHERE found.id = ${about} AND staff.role <> 'viewer' AND staff.email IS NOT NULL AND staff.revoked_at IS NULL
      AND (staff.department_code IS NULL OR staff.department_code = petitions.department_code)`,
  );

/** A staff member as the recipient of a mail, unless their access has ended. */
export const recipient = (db: Database, id: string) =>
  db
    .select({ name: staff.name, email: staff.email, locale: staff.locale })
    .from(staff)
    .where(and(eq(staff.id, id), isNotNull(staff.email), isNull(staff.revokedAt)));

/** A difference, and the petition it was found in. */
export const differenceForMail = (db: Database, id: string) =>
  db
    .select({
      petitionId: petitions.id,
      title: petitions.title,
      outcome: tallyDifferences.outcome,
      cells: tallyDifferences.cells,
    })
    .from(tallyDifferences)
    .innerJoin(petitions, eq(petitions.no, tallyDifferences.petitionNo))
    .where(eq(tallyDifferences.id, id));

/** An alarm, and its petition. */
export const alarmForMail = (db: Database, id: string) =>
  db
    .select({ petitionId: petitions.id, title: petitions.title, kind: alarms.kind, evidence: alarms.evidence })
    .from(alarms)
    .innerJoin(petitions, eq(petitions.no, alarms.petitionNo))
    .where(eq(alarms.id, id));
