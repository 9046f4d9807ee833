import { inArray, type SQL, sql } from "drizzle-orm";
import { type Condition, type Database, runOf } from "../db/database.ts";
import { referenceLists } from "../db/schema.ts";

/** The name of a list. */
export type ListName = (typeof referenceLists.name.enumValues)[number];

/** Versions and retired codes of lists, in any order. */
export const listStates = (db: Database, ...names: ListName[]) =>
  db
    .select()
    .from(referenceLists)
    .where(names.length > 0 ? inArray(referenceLists.name, names) : undefined);

/** That lists are as they were read: by their names and versions; and whatever else must hold. */
export const areVersions = (
  versions: Readonly<Partial<Record<ListName, number>>>,
  ...also: readonly Condition[]
): Condition =>
  sql.join(
    [
      ...Object.entries(versions).map(
        ([name, version]): SQL =>
          sql`EXISTS (SELECT 1 FROM reference_lists WHERE name = ${name} AND version = ${version})`,
      ),
      ...also,
    ],
    sql` AND `,
  );

/** Moves a list on, with the codes that are retired then. It goes last in a change: until then its conditions hold. */
export const moveList = (
  db: Database,
  { name, retired }: { name: ListName; retired: Readonly<Record<string, number>> },
  when: Condition,
) =>
  runOf(
    db,
    sql`UPDATE reference_lists SET version = version + 1, retired = ${JSON.stringify(retired)}
    WHERE name = ${name} AND ${when}`,
  );
