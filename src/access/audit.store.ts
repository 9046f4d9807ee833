import { type SQL, sql } from "drizzle-orm";
import { type Condition, type Database, rowsOf, runOf } from "../db/database.ts";

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

/** Which entries are asked for; what is left out asks for all. */
export interface AuditFilter {
  /** `stf_…`, `key_…`, or `local`, `bootstrap`, `creator`. */
  readonly actor?: string | undefined;
  /** The public id of what something was done to. */
  readonly subject?: string | undefined;
  readonly act?: string | undefined;
  /** From this moment on, and before that one; milliseconds since 1970. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** An entry as it is read, with the actor's name if it is a member of staff. */
export interface AuditEntry extends AuditRow {
  readonly actor_name: string | null;
}

// An entry's id is made a moment after its `at`: how much later it is looked for in the order of ids.
const ID_LATER_MS = 60 * 60_000;

/** Entries, the newest first, of those before the entry `before`. */
export function auditEntries(
  db: Database,
  { actor, subject, act, from, to }: AuditFilter,
  { before, limit }: { before?: string | undefined; limit: number },
) {
  const terms: [unknown, SQL][] = [
    [actor, sql`audit.actor = ${actor}`],
    [subject, sql`audit.subject = ${subject}`],
    [act, sql`audit.act = ${act}`],
    [from, sql`audit.at >= ${from} AND audit.id >= ${idsFrom(from ?? 0)}`],
    [to, sql`audit.at < ${to} AND audit.id < ${idsFrom((to ?? 0) + ID_LATER_MS)}`],
    [before, sql`audit.id < ${before}`],
  ];
  const asked = [sql`1`, ...terms.filter(([value]) => value !== undefined).map(([, term]) => term)];
  return rowsOf<AuditEntry>(
    db,
    sql`SELECT audit.id, at, actor, staff.name AS actor_name, audit.role, act, subject, before, after, reason
    FROM audit LEFT JOIN staff ON staff.id = substr(actor, 5)
    WHERE ${sql.join(asked, sql` AND `)} ORDER BY audit.id DESC LIMIT ${limit}`,
  );
}

/** How the ids of a moment, and of all later ones, begin at the least: a UUIDv7 begins with its milliseconds. */
function idsFrom(at: number): string {
  const hex = Math.max(at, 0).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}
