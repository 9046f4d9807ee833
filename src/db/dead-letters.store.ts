import { lt, sql } from "drizzle-orm";
import { type Database, runOf } from "./database.ts";
import { deadLetters } from "./mail-schema.ts";

/** Keeps messages that no consumer could handle, once each, for staff to see. Their personal data is sealed. */
export const recordDeadLetters = (
  db: Database,
  dead: { queue: string; letters: readonly { id: string; body: string }[]; now: number },
) =>
  runOf(
    db,
    sql`INSERT INTO dead_letters (id, queue, body, arrived_at)
    SELECT value ->> 'id', ${dead.queue}, value ->> 'body', ${dead.now} FROM json_each(${JSON.stringify(dead.letters)})
    WHERE true ON CONFLICT DO NOTHING`,
  );

/** Forgets dead letters from before a moment. */
export const forgetDeadLetters = (db: Database, arrivedBefore: number) =>
  db.delete(deadLetters).where(lt(deadLetters.arrivedAt, arrivedBefore));
