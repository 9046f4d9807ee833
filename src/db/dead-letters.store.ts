import { sql } from "drizzle-orm";
import { type Database, runOf } from "./database.ts";

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
