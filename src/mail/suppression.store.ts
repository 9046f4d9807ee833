import { sql } from "drizzle-orm";
import { type Database, rowsOf, runOf } from "../db/database.ts";

/** An address that gets no mail from now on. `hash`: under the current key. */
export interface Suppression {
  readonly hash: string;
  readonly reason: "bounced_hard" | "complained";
  /** Milliseconds since 1970, by the provider. */
  readonly since: number;
}

/** Recipients that one statement of `suppressedAmong` takes: two hashes each are D1's 100 bound parameters. */
export const LOOKED_UP = 50;

/**
 * Which of some recipients' hashes (one or two each) are suppressed: one row, with a column for each recipient by its
 * index that holds 1 for the first hash, 2 for the second. An address that is not there costs nothing: D1 bills each
 * entry of an IN list, and of json_each, as a row read, but not a key that is looked up and missing.
 */
export function suppressedAmong(db: Database, recipients: readonly (readonly string[])[]) {
  const found = (hash: string) => sql`EXISTS (SELECT 1 FROM suppressed_addresses WHERE hash = ${hash})`;
  const columns = recipients.map(([first = "", second], index) => {
    const column = second === undefined ? found(first) : sql`${found(first)} + 2 * ${found(second)}`;
    return sql`${column} AS ${sql.identifier(String(index))}`;
  });
  return rowsOf<Record<string, number>>(db, sql`SELECT ${sql.join(columns, sql`, `)}`);
}

/** Suppresses addresses. In any order, and however often: a complaint outweighs a bounce, and the first time stays. */
export const suppressAddresses = (db: Database, suppressions: readonly Suppression[]) =>
  runOf(
    db,
    sql`INSERT INTO suppressed_addresses (hash, reason, since)
    SELECT value ->> 'hash', value ->> 'reason', value ->> 'since' FROM json_each(${JSON.stringify(suppressions)})
    WHERE true ON CONFLICT (hash) DO UPDATE SET reason = excluded.reason, since = excluded.since
    WHERE (excluded.reason = 'complained' AND reason = 'bounced_hard')
      OR (excluded.reason = reason AND excluded.since < since)`,
  );

/** Moves suppressions from hashes under the previous key to those under the current one. */
export const rekeySuppressions = (db: Database, moves: readonly { from: string; to: string }[]) =>
  runOf(
    db,
    sql`UPDATE OR REPLACE suppressed_addresses SET hash = move.to_hash
    FROM (SELECT value ->> 'from' AS from_hash, value ->> 'to' AS to_hash FROM json_each(${JSON.stringify(moves)})) AS move
    WHERE hash = move.from_hash`,
  );
