import { sql } from "drizzle-orm";
import { type Condition, type Database, rowsOf, runOf, type Statement } from "../db/database.ts";

/** An area as its row. */
export interface Area {
  readonly code: string;
  readonly name: string;
  readonly population: number | null;
}

// Of JSON in one parameter: D1 takes 2 MB.
const ROWS_A_STATEMENT = 20_000;

const inParts = <Row>(rows: readonly Row[], statementOf: (json: string) => Statement): Statement[] =>
  Array.from({ length: Math.ceil(rows.length / ROWS_A_STATEMENT) }, (_, part) =>
    statementOf(JSON.stringify(rows.slice(part * ROWS_A_STATEMENT, (part + 1) * ROWS_A_STATEMENT))),
  );

/** Adds areas, or replaces those that have their codes, if a condition holds. */
export const writeAreas = (db: Database, rows: readonly Area[], when: Condition): Statement[] =>
  inParts(
    rows.map(({ code, name, population }) => [code, name, population]),
    (json) =>
      runOf(
        db,
        sql`INSERT INTO areas (code, name, population) SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(${json})
        WHERE ${when} ON CONFLICT DO UPDATE SET name = excluded.name, population = excluded.population`,
      ),
  );

/** How many postcodes lie in some areas, and in how many of these. */
export const postcodesIn = (db: Database, codes: readonly string[]) =>
  rowsOf<{ postcodes: number; areas: number }>(
    db,
    sql`SELECT count(*) AS postcodes, count(DISTINCT area_code) AS areas FROM postcodes
    WHERE area_code IN (SELECT value FROM json_each(${JSON.stringify(codes)}))`,
  );

/** The postcodes of each area, as a JSON array in no order: tens of thousands in few rows. */
export const postcodesByArea = (db: Database) =>
  rowsOf<{ area: string; postcodes: string }>(
    db,
    sql`SELECT area_code AS area, json_group_array(postcode) AS postcodes FROM postcodes GROUP BY area_code`,
  );

/** Says in which areas postcodes lie, if a condition holds: `[postcode, area]`. */
export const writePostcodes = (
  db: Database,
  rows: readonly (readonly [string, string])[],
  when: Condition,
): Statement[] =>
  inParts(rows, (json) =>
    runOf(
      db,
      sql`INSERT INTO postcodes (postcode, area_code) SELECT value ->> 0, value ->> 1 FROM json_each(${json})
      WHERE ${when} ON CONFLICT DO UPDATE SET area_code = excluded.area_code`,
    ),
  );

/** Takes postcodes off the list, if a condition holds. */
export const deletePostcodes = (db: Database, postcodes: readonly string[], when: Condition): Statement[] =>
  inParts(postcodes, (json) =>
    runOf(db, sql`DELETE FROM postcodes WHERE postcode IN (SELECT value FROM json_each(${json})) AND ${when}`),
  );
