import { sql } from "drizzle-orm";
import { type Database, rowsOf, runOf } from "../db/database.ts";

/** Recipients that one statement takes: two hashes each are D1's 100 bound parameters. */
export const LOOKED_UP = 50;

/**
 * Since when some recipients (by one or two hashes each) want no news of any petition: one row with two columns a
 * recipient, by the index, for the first and the second hash. One that is not there costs no row read.
 */
export function unsubscribedSince(db: Database, recipients: readonly (readonly string[])[]) {
  const since = (hash: string) => sql`(SELECT since FROM unsubscribed_addresses WHERE hash = ${hash})`;
  const columns = recipients.flatMap((hashes, index) =>
    hashes.map((hash, nth) => sql`${since(hash)} AS ${sql.identifier(`${index}:${nth}`)}`),
  );
  return rowsOf<Record<string, number | null>>(db, sql`SELECT ${sql.join(columns, sql`, `)}`);
}

/** Moves entries from hashes under the previous ROOT_KEY to those under the current one; of two the later moment stays. */
export const rekeyUnsubscribed = (db: Database, moves: readonly { from: string; to: string }[]) =>
  runOf(
    db,
    sql`INSERT INTO unsubscribed_addresses (hash, since)
    SELECT move.value ->> 'to', since FROM json_each(${JSON.stringify(moves)}) AS move
      CROSS JOIN unsubscribed_addresses ON hash = move.value ->> 'from' WHERE true
    ON CONFLICT (hash) DO UPDATE SET since = max(since, excluded.since)`,
  );

/** Forgets entries by their hashes. */
export const dropUnsubscribed = (db: Database, hashes: readonly string[]) =>
  runOf(
    db,
    sql`DELETE FROM unsubscribed_addresses WHERE hash IN (SELECT value FROM json_each(${JSON.stringify(hashes)}))`,
  );

/** No news of any petition to an address from now on; what it asks for later it gets. */
export const insertUnsubscribed = (db: Database, hash: string, now: number) =>
  runOf(
    db,
    sql`INSERT INTO unsubscribed_addresses (hash, since) VALUES (${hash}, ${now})
    ON CONFLICT (hash) DO UPDATE SET since = excluded.since WHERE since < excluded.since`,
  );

/** No more news of one petition to a mailbox: to all who sign with it. `mailbox`: 16 hexadecimal digits. */
export const stopUpdates = (db: Database, petitionNo: number, mailbox: string) =>
  runOf(
    db,
    sql`UPDATE signatures SET updates = 0
    WHERE petition_no = ${petitionNo} AND email_hash = unhex(${mailbox}) AND updates = 1`,
  );

/** Counts somebody who unsubscribed by a mail of a mailing, if the statement just before changed something. */
export const countUnsubscribed = (db: Database, mailingId: string) =>
  runOf(db, sql`UPDATE mailings SET unsubscribed = unsubscribed + 1 WHERE id = ${mailingId} AND changes() > 0`);
