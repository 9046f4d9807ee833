import { desc, gte, sql } from "drizzle-orm";
import { type Database, runOf } from "../db/database.ts";
import { mailRates } from "../db/mail-schema.ts";

/** Counts what one note of a job's progress says. To be run just after the note: it counts only if that was written. */
export const countSent = (db: Database, day: string, counts: { sent: number; suppressed: number }) =>
  runOf(
    db,
    sql`INSERT INTO mail_rates (day, sent, suppressed) SELECT ${day}, ${counts.sent}, ${counts.suppressed}
    WHERE changes() > 0
    ON CONFLICT (day) DO UPDATE SET sent = sent + excluded.sent, suppressed = suppressed + excluded.suppressed`,
  );

/** The rates of the days from one on, the newest first. */
export const ratesSince = (db: Database, day: string) =>
  db
    .select({
      day: mailRates.day,
      sent: mailRates.sent,
      delivered: mailRates.delivered,
      bounced_hard: mailRates.bouncedHard,
      bounced_soft: mailRates.bouncedSoft,
      complained: mailRates.complained,
      suppressed: mailRates.suppressed,
    })
    .from(mailRates)
    .where(gte(mailRates.day, day))
    .orderBy(desc(mailRates.day));
