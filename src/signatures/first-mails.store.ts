import { and, eq, sql } from "drizzle-orm";
import { type Database, runOf } from "../db/database.ts";
import { signatures } from "../db/schema.ts";
import { toHex } from "../lib/bytes.ts";
import type { SignatureKey } from "./signature.ts";

/** Notes of pending signatures that a submission came again and wrote nothing. `now`: when the job of its mail was made. */
export const noteRepeats = (db: Database, keys: readonly SignatureKey[], now: number) =>
  db
    .update(signatures)
    .set({ repeatedAt: now })
    .where(
      and(
        sql`(petition_no, email_hash, person_hash) IN (SELECT value ->> 0, unhex(value ->> 1), value ->> 2
          FROM json_each(${JSON.stringify(keys.map((key) => [key.petitionNo, toHex(key.emailHash), key.personHash]))}))`,
        eq(signatures.state, "pending"),
        sql`${signatures.repeatedAt} IS NULL`,
      ),
    );

/**
 * Counts signatures of petitions (by number) whose first verification mail has been handed over, if the statement just
 * before it in the transaction changed something.
 */
export const countMailed = (db: Database, counts: Readonly<Record<number, number>>) =>
  runOf(
    db,
    sql`UPDATE petition_tallies SET funnel_mailed = funnel_mailed + value FROM json_each(${JSON.stringify(counts)})
    WHERE petition_no = CAST(key AS INTEGER) AND changes() > 0`,
  );
