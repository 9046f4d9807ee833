import { and, eq, sql } from "drizzle-orm";
import { type Condition, type Database, rowsOf } from "../db/database.ts";
import { outbox } from "../db/mail-schema.ts";
import { petitionNoOf } from "../db/petition-of-item.ts";

/** A mail that could not be delivered: what it is for and why, not to whom. */
export interface ParkedMail {
  /** The job's UUID. */
  readonly id: string;
  readonly kind: string;
  /** The UUID and title of the petition that it is about, if it is about one. */
  readonly petition: string | null;
  readonly title: string | null;
  /** The mail provider's code. */
  readonly error: string | null;
  readonly attempts: number;
  /** Since when, milliseconds since 1970. */
  readonly since: number;
}

/** A page of parked mails, the newest first, that concern one department's petitions, or for null all. */
export const listParked = (
  db: Database,
  {
    department,
    after,
    limit,
  }: { department: string | null; after?: readonly [since: number, id: string] | undefined; limit: number },
) =>
  rowsOf<ParkedMail>(
    db,
    sql`SELECT outbox.id, kind, petitions.id AS petition, title, error, attempts, outbox.created_at AS since
    FROM outbox INDEXED BY outbox_parked
    ${department === null ? sql`LEFT` : sql`CROSS`} JOIN petitions ON no = ${petitionNoOf(sql`(items ->> 0)`)}
    WHERE outbox.state = 'parked' AND ${department === null ? sql`1` : sql`department_code = ${department}`}
      AND ${after === undefined ? sql`1` : sql`(outbox.created_at, outbox.id) < (${after[0]}, ${after[1]})`}
    ORDER BY outbox.created_at DESC, outbox.id DESC LIMIT ${limit}`,
  );

/** One job of mail with the petition that it is about. */
export const mailJob = (db: Database, id: string) =>
  rowsOf<{ kind: string; state: string; petition: string | null; department: string | null }>(
    db,
    sql`SELECT kind, outbox.state, petitions.id AS petition, department_code AS department
    FROM outbox LEFT JOIN petitions ON no = ${petitionNoOf(sql`(items ->> 0)`)} WHERE outbox.id = ${id}`,
  );

/** Holds while a job is parked. */
export const isParked = (id: string): Condition =>
  sql`EXISTS (SELECT 1 FROM outbox WHERE id = ${id} AND state = 'parked')`;

/** Gives a parked job all its tries again, due at once; answers with a row if it was parked. */
export const unparkJob = (db: Database, id: string, now: number) =>
  db
    .update(outbox)
    .set({ state: "waiting", attempts: 0, dueAt: now, leaseUntil: 0, error: null })
    .where(and(eq(outbox.id, id), eq(outbox.state, "parked")))
    .returning({ id: outbox.id });
