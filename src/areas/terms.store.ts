import { sql } from "drizzle-orm";
import { type Condition, type Database, rowsOf, runOf } from "../db/database.ts";
import { departments, rejectionReasons, topics } from "../db/schema.ts";
import type { Term, TermList } from "./term.ts";

const tables = { departments, topics, rejection_reasons: rejectionReasons };

/** The entries of a list, by code. */
export const termRows = (db: Database, list: TermList) =>
  list === "rejection_reasons"
    ? db.select().from(rejectionReasons).orderBy(rejectionReasons.code)
    : db.select().from(tables[list]).orderBy(tables[list].code);

/** Adds an entry to a list, or replaces the one that has its code, if a condition holds. */
export const writeTerm = (db: Database, list: TermList, term: Term, when: Condition) => {
  const names = JSON.stringify(term.names);
  return runOf(
    db,
    list === "rejection_reasons"
      ? sql`INSERT INTO rejection_reasons (code, hidden, names) SELECT ${term.code}, ${Number(term.hidden)}, ${names} WHERE ${when}
        ON CONFLICT DO UPDATE SET names = excluded.names, hidden = excluded.hidden`
      : sql`INSERT INTO ${tables[list]} (code, names) SELECT ${term.code}, ${names} WHERE ${when}
        ON CONFLICT DO UPDATE SET names = excluded.names`,
  );
};

/** Deletes an entry if a condition holds. */
export const deleteTerm = (db: Database, list: TermList, code: string, when: Condition) =>
  runOf(db, sql`DELETE FROM ${tables[list]} WHERE code = ${code} AND ${when}`);

/** What a code is used by. */
export interface Uses {
  readonly petitions: number;
  /** Members of staff, those who have left among them. */
  readonly staff: number;
  /** Decisions in the audit log. */
  readonly decisions: number;
}

const petitionsWith = (list: TermList, code: string) =>
  ({
    departments: sql`SELECT count(*) FROM petitions WHERE department_code = ${code}`,
    topics: sql`SELECT count(*) FROM petition_topics WHERE topic_code = ${code}`,
    rejection_reasons: sql`SELECT count(*) FROM petitions WHERE rejection_code = ${code}`,
  })[list];

const staffWith = (list: TermList, code: string) =>
  list === "departments" ? sql`SELECT count(*) FROM staff WHERE department_code = ${code}` : sql`SELECT 0`;

// Reads the whole log: deleting a reason is rare.
const decisionsWith = (list: TermList, code: string) =>
  list === "rejection_reasons"
    ? sql`SELECT count(*) FROM audit WHERE reason = ${code} AND (act = 'petition.reject' OR act = 'petition.hide')`
    : sql`SELECT 0`;

/** What a code of a list is used by. */
export const usesOf = (db: Database, list: TermList, code: string) =>
  rowsOf<Uses>(
    db,
    sql`SELECT (${petitionsWith(list, code)}) AS petitions, (${staffWith(list, code)}) AS staff,
      (${decisionsWith(list, code)}) AS decisions`,
  );

/** That nothing uses a code of a list, and nothing ever has. */
export const isUnused = (list: TermList, code: string): Condition =>
  sql`(${petitionsWith(list, code)}) + (${staffWith(list, code)}) + (${decisionsWith(list, code)}) = 0`;

/** That no petition has a code now. */
export const hasNoPetition = (list: TermList, code: string): Condition => sql`(${petitionsWith(list, code)}) = 0`;
