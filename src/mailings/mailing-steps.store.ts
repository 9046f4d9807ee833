import { and, eq, type SQL, sql } from "drizzle-orm";
import { type Database, rowsOf, runOf } from "../db/database.ts";
import { mailings, mailingTurn } from "../db/mailing-schema.ts";
import { ASKED_FOR_NEWS } from "../db/signature-conditions.ts";
import { fromHex } from "../lib/bytes.ts";
import { AHEAD_MS, END, type Part } from "./mailing.ts";

// Read with the turn itself, so that the switch holds from the next part on and not only once an isolate has heard of it.
const PAUSED = sql`EXISTS (SELECT 1 FROM settings WHERE name = 'switches' AND value ->> 'mailings_paused' IS NOT NULL)`;

const hasLease = (lease: number): SQL => sql`EXISTS (SELECT 1 FROM mailing_turn WHERE lease_until = ${lease})`;

/**
 * Takes the turn until `lease` when something is due, no other mail waits, and mailings are not paused; answers with a row
 * then.
 */
export const takeTurn = (db: Database, { now, lease }: { now: number; lease: number }) =>
  db
    .update(mailingTurn)
    .set({ leaseUntil: lease })
    .where(sql`lease_until <= ${now} AND due_at < ${now + AHEAD_MS} AND NOT ${PAUSED}
      AND EXISTS (SELECT 1 FROM mailings WHERE (state = 'waiting' OR state = 'running') AND due_at <= ${now})
      AND NOT EXISTS (SELECT 1 FROM outbox WHERE state = 'waiting' AND due_at <= ${now})`)
    .returning({ dueAt: mailingTurn.dueAt });

/** Begins mailings whose time has come: of one petition one after the other, the oldest first. */
export const beginMailings = (db: Database, { now, lease }: { now: number; lease: number }) =>
  runOf(
    db,
    sql`UPDATE mailings AS mailing SET state = 'running', started_at = coalesce(started_at, ${now}),
      signatures = coalesce((SELECT signatures FROM thresholds
        WHERE mailing.kind = 'threshold' AND petition_no = mailing.petition_no AND name = mailing.about),
        (SELECT verified FROM petition_tallies WHERE petition_no = mailing.petition_no))
    WHERE state = 'waiting' AND due_at <= ${now} AND ${hasLease(lease)} AND NOT EXISTS (SELECT 1 FROM mailings AS other
      WHERE other.petition_no = mailing.petition_no
        AND (other.state = 'running' OR other.state = 'waiting' AND other.due_at <= ${now} AND other.id < mailing.id))`,
  );

/** The mailing whose turn it is, with what its mails say: of those that are due the one that has waited longest. */
export const nextMailing = (db: Database, { now, lease }: { now: number; lease: number }) =>
  db
    .select({
      mailing: mailings,
      answer: sql<string | null>`(SELECT summary FROM response_versions
        WHERE response_versions.petition_no = ${mailings.petitionNo} AND version = 1)`.as("answer"),
    })
    .from(mailings)
    .where(and(eq(mailings.state, "running"), sql`${mailings.dueAt} <= ${now}`, hasLease(lease)))
    .orderBy(mailings.touchedAt, mailings.id)
    .limit(1);

/** A signature that a mail is written to. */
export interface Recipient {
  /** Its key without the petition, in 24 hexadecimal digits. */
  readonly item: string;
  readonly locale: string;
  readonly sealed: string;
  /** When the person asked for news. */
  readonly accepted_at: number;
}

// Rows that one step looks through for people who asked, whether or not it finds any.
const LOOKED_THROUGH = 2_000;

interface Place {
  readonly petitionNo: number;
  /** As `mailings.cursor`. */
  readonly cursor: string;
}

const ITEM = sql`lower(hex(email_hash)) || printf('%08x', person_hash)`;

const after = ({ petitionNo, cursor }: Place): SQL => sql`petition_no = ${petitionNo}
  AND (email_hash, person_hash) > (unhex(${cursor.slice(0, 16)}), ${cursor === "" ? -1 : Number.parseInt(cursor.slice(16), 16)})`;

/**
 * The next people who asked for news, at most `limit`, in the order of their keys; reads no further than the last of them,
 * and at most `LOOKED_THROUGH` rows. `until`: who verified later has not been waiting for this.
 */
export const nextRecipients = (db: Database, place: Place, { limit, until }: { limit: number; until: number }) =>
  rowsOf<Recipient>(
    db,
    sql`SELECT ${ITEM} AS item, locale, hex(sealed) AS sealed, accepted_at
    FROM (SELECT * FROM signatures WHERE ${after(place)} ORDER BY email_hash, person_hash LIMIT ${LOOKED_THROUGH})
    WHERE ${ASKED_FOR_NEWS} AND sealed IS NOT NULL AND verified_at <= ${until} LIMIT ${limit}`,
  );

/** Where `LOOKED_THROUGH` rows end; nothing when the petition ends before. */
export const placeBehind = (db: Database, place: Place) =>
  rowsOf<{ item: string }>(
    db,
    sql`SELECT ${ITEM} AS item FROM signatures WHERE ${after(place)}
    ORDER BY email_hash, person_hash LIMIT 1 OFFSET ${LOOKED_THROUGH - 1}`,
  );

/** Of some people those who still want to be told: who withdrew, was taken out or unsubscribed meanwhile is missing. */
export const recipientsAmong = (db: Database, petitionNo: number, items: readonly string[]) => {
  const keys = items.map((item) => [item.slice(0, 16), Number.parseInt(item.slice(16), 16)]);
  return rowsOf<Recipient>(
    db,
    sql`SELECT ${ITEM} AS item, locale, hex(sealed) AS sealed, accepted_at
    FROM json_each(${JSON.stringify(keys)}) AS key CROSS JOIN signatures ON petition_no = ${petitionNo}
      AND email_hash = unhex(key.value ->> 0) AND person_hash = key.value ->> 1
    WHERE ${ASKED_FOR_NEWS} AND sealed IS NOT NULL`,
  );
};

/** What a step adds to a mailing's numbers. */
export interface Added {
  readonly recipients: number;
  readonly sent: number;
  readonly failed: number;
  readonly skipped: number;
}

const added = ({ recipients, sent, failed, skipped }: Added) => ({
  recipients: sql`${mailings.recipients} + ${recipients}`,
  sent: sql`${mailings.sent} + ${sent}`,
  failed: sql`${mailings.failed} + ${failed}`,
  skipped: sql`${mailings.skipped} + ${skipped}`,
});

/** Notes that a call is about to be made; changes nothing when the turn is another's or the mailing no longer runs. */
export const noteCall = (
  db: Database,
  { id, lease }: { id: string; lease: number },
  call: Added & { cursor: string; parts: readonly Part[] },
) =>
  db
    .update(mailings)
    .set({ ...added(call), cursor: call.cursor, parts: call.parts })
    .where(and(eq(mailings.id, id), eq(mailings.state, "running"), hasLease(lease)));

/**
 * Notes what has become of a step, and ends a mailing that has nothing left. Also on one that was ended meanwhile: what was
 * sent was sent. Changes nothing when the turn is another's.
 */
export function noteStep(
  db: Database,
  { id, lease }: { id: string; lease: number },
  step: Added & {
    readonly cursor: string;
    readonly parts: readonly Part[];
    readonly now: number;
    /** When it is to have its next turn at the earliest. */
    readonly dueAt: number;
    /** Set when nothing gets through any more: staff are to see it. */
    readonly parked: string | null;
  },
) {
  const over = step.cursor === END && step.parts.length === 0;
  const state = over ? "done" : step.parked === null ? "running" : "parked";
  return runOf(
    db,
    sql`UPDATE mailings SET recipients = recipients + ${step.recipients}, sent = sent + ${step.sent},
      failed = failed + ${step.failed}, skipped = skipped + ${step.skipped}, cursor = ${step.cursor},
      parts = ${JSON.stringify(step.parts)}, touched_at = ${step.now}, due_at = ${step.dueAt},
      sent_at = iif(${step.sent} > 0, ${step.now}, sent_at),
      ended_at = iif(state = 'running' AND ${over ? 1 : 0}, ${step.now}, ended_at),
      ended_because = iif(state = 'running' AND ${over ? 1 : 0} AND recipients + ${step.recipients} = 0, 'nobody_asked', ended_because),
      error = iif(state = 'running', ${step.parked}, error), state = iif(state = 'running', ${state}, state)
    WHERE id = ${id} AND ${hasLease(lease)}`,
  );
}

/** Gives the turn up; `dueAt`: when the next one may have it. */
export const giveTurnUp = (db: Database, lease: number, dueAt: number) =>
  db.update(mailingTurn).set({ leaseUntil: 0, dueAt }).where(eq(mailingTurn.leaseUntil, lease));

/** The sealed bytes of a recipient. */
export const sealedOf = ({ sealed }: Recipient) => fromHex(sealed);
