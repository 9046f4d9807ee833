import type { Database } from "../db/database.ts";
import { countSent } from "./mail-rates.store.ts";

/**
 * The statement that counts mails of a day of the municipality, sent or kept from a suppressed address. To be run just
 * after the note of them: it counts only if that changed something.
 */
export const countMails = (db: Database, day: string, counts: { sent: number; suppressed: number }) =>
  countSent(db, day, counts);
