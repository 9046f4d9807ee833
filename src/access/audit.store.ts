import { sql } from "drizzle-orm";
import { type Condition, type Database, runOf } from "../db/database.ts";

/** An entry of the audit log as its row. */
export interface AuditRow {
  readonly id: string;
  readonly at: number;
  readonly actor: string;
  readonly role: string | null;
  readonly act: string;
  readonly subject: string;
  /** JSON object. */
  readonly before: string | null;
  readonly after: string | null;
  readonly reason: string | null;
}

/** Writes an entry if a condition holds at that point of the transaction. */
export const insertAudit = (db: Database, row: AuditRow, when: Condition = sql`1`) =>
  runOf(
    db,
    sql`INSERT INTO audit (id, at, actor, role, act, subject, before, after, reason)
    SELECT ${row.id}, ${row.at}, ${row.actor}, ${row.role}, ${row.act}, ${row.subject}, ${row.before}, ${row.after},
      ${row.reason} WHERE ${when}`,
  );
