import type { Database, Statement } from "../db/database.ts";
import * as store from "./first-mails.store.ts";
import { parseKeyHex } from "./signature.ts";

/**
 * The statement that counts, in the funnels of their petitions, signatures whose first verification mail has been handed
 * over to the mail provider; it does nothing unless the statement just before it in the transaction changed something.
 * `items`: as in the jobs of mail.
 */
export function countMailed(db: Database, items: readonly string[]): Statement {
  const counts: Record<number, number> = {};
  for (const item of items) {
    const { petitionNo } = parseKeyHex(item);
    counts[petitionNo] = (counts[petitionNo] ?? 0) + 1;
  }
  return store.countMailed(db, counts);
}
