import { eq, sql } from "drizzle-orm";
import { type Condition, type Database, rowsOf, runOf } from "../db/database.ts";
import { settings } from "../db/schema.ts";

/** A setting as its row; `updatedAt` is its version too: it grows with every change. */
export const setting = (db: Database, name: string) => db.select().from(settings).where(eq(settings.name, name));

/**
 * The settings of some names, in any order. `known`: the version by name that the caller has; the value of one that has
 * not changed since is null, so that a long list travels once.
 */
export const settingsSince = (db: Database, known: Readonly<Record<string, number>>) =>
  rowsOf<{ name: string; value: string | null; version: number }>(
    db,
    sql`SELECT s.name AS name, iif(s.updated_at = k.value, NULL, s.value) AS value, s.updated_at AS version
    FROM json_each(${JSON.stringify(known)}) AS k JOIN settings AS s ON s.name = k.key`,
  );

/** That a setting is as it was read: its version, 0 when there was none. */
export const isVersion = (name: string, version: number): Condition =>
  sql`coalesce((SELECT updated_at FROM settings WHERE name = ${name}), 0) = ${version}`;

export const bothHold = (one: Condition, other: Condition): Condition => sql`(${one}) AND (${other})`;

/** Writes a setting if a condition holds. */
export const putSetting = (db: Database, to: { name: string; value: string; updatedAt: number }, when: Condition) =>
  runOf(
    db,
    sql`INSERT INTO settings (name, value, updated_at)
    SELECT ${to.name}, ${to.value}, ${to.updatedAt} WHERE ${when}
    ON CONFLICT DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`,
  );

/** Replaces a setting's value by the same in another form; nothing when it has changed meanwhile. */
export const replaceValue = (db: Database, { name, from, to }: { name: string; from: string; to: string }) =>
  runOf(db, sql`UPDATE settings SET value = ${to} WHERE name = ${name} AND value = ${from}`);
