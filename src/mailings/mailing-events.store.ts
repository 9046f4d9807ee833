import { sql } from "drizzle-orm";
import { type Database, rowsOf, runOf } from "../db/database.ts";

/** What an event says of a mail of a mailing. */
export interface MailingEvent {
  /** The event's id, and the ten seconds in which the provider saw it: where it is known again. */
  readonly id: string;
  readonly moment: number;
  /** The mailing's UUID. */
  readonly mailingId: string;
  readonly what: "bounced" | "complained";
}

/**
 * Counts events of mailings' mails, each once however often it comes. To be run before the statement that notes them as
 * seen, in one transaction with it.
 */
export const countMailingEvents = (db: Database, events: readonly MailingEvent[]) =>
  runOf(
    db,
    sql`UPDATE mailings SET bounced = mailings.bounced + news.bounced, complained = mailings.complained + news.complained
    FROM (SELECT event.value ->> 'mailingId' AS mailing, sum(event.value ->> 'what' = 'bounced') AS bounced,
        sum(event.value ->> 'what' = 'complained') AS complained
      FROM json_each(${JSON.stringify(events)}) AS event
      WHERE NOT EXISTS (SELECT 1 FROM mail_events WHERE moment = event.value ->> 'moment'
        AND seen ->> ('$."' || (event.value ->> 'id') || '"') IS NOT NULL) GROUP BY 1) AS news
    WHERE mailings.id = news.mailing`,
  );

/** Mailings of which a mail may still come back: begun since a moment. Mailings are few: all are looked at. */
export const recentMailings = (db: Database, since: number) =>
  rowsOf<{ id: string; petition_no: number }>(
    db,
    sql`SELECT id, petition_no FROM mailings WHERE started_at >= ${since}`,
  );

/** A mailbox in a petition of which there is a mailing. */
export interface MailboxAsked {
  readonly index: number;
  readonly mailingId: string;
  readonly petitionNo: number;
  /** 16 hexadecimal digits. */
  readonly mailbox: string;
  /** When the provider saw the event, milliseconds since 1970. */
  readonly at: number;
}

/** Of mailboxes and mailings those that are likely to belong together: it asked, and the mailing had come to it by then. */
export const mailboxesReached = (db: Database, asked: readonly MailboxAsked[]) =>
  rowsOf<{ index: number; mailing: string; started_at: number }>(
    db,
    sql`SELECT DISTINCT asked.value ->> 'index' AS "index", mailings.id AS mailing, started_at
    FROM json_each(${JSON.stringify(asked)}) AS asked
      CROSS JOIN mailings ON mailings.id = asked.value ->> 'mailingId'
      CROSS JOIN signatures ON signatures.petition_no = asked.value ->> 'petitionNo'
        AND email_hash = unhex(asked.value ->> 'mailbox')
    WHERE started_at <= asked.value ->> 'at' AND signatures.state = 'verified' AND hold IS NULL AND updates = 1
      AND (cursor = 'end' OR cursor >= asked.value ->> 'mailbox')`,
  );

/** No more news of a petition to mailboxes that complained: `[petition, mailbox]`. */
export const stopUpdatesOf = (db: Database, mailboxes: readonly (readonly [number, string])[]) =>
  runOf(
    db,
    sql`UPDATE signatures SET updates = 0
    FROM (SELECT value ->> 0 AS no, unhex(value ->> 1) AS mailbox FROM json_each(${JSON.stringify(mailboxes)})) AS gone
    WHERE petition_no = gone.no AND email_hash = gone.mailbox AND updates = 1`,
  );
