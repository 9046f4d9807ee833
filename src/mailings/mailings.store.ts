import { and, desc, eq, lt, or, type SQL, sql } from "drizzle-orm";
import { type Condition, type Database, rowsOf, runOf } from "../db/database.ts";
import { mailings } from "../db/mailing-schema.ts";
import { petitions } from "../db/schema.ts";
import { ASKED_FOR_NEWS } from "../db/signature-conditions.ts";
import { staff } from "../db/staff-schema.ts";
import type { Mailing, MailingTexts } from "./mailing.ts";

const withPetition = {
  mailing: mailings,
  petitionId: sql<string>`${petitions.id}`.as("petition_id"),
  petitionTitle: sql<string>`${petitions.title}`.as("petition_title"),
  petitionState: sql<(typeof petitions.$inferSelect)["state"]>`${petitions.state}`.as("petition_state"),
  department: sql<string | null>`${petitions.departmentCode}`.as("department"),
  answer: sql<string | null>`(SELECT summary FROM response_versions
    WHERE response_versions.petition_no = ${mailings.petitionNo} AND version = 1)`.as("answer"),
};

/** A mailing with its petition, by its UUID. */
export const mailingById = (db: Database, id: string) =>
  db
    .select(withPetition)
    .from(mailings)
    .innerJoin(petitions, eq(petitions.no, mailings.petitionNo))
    .where(eq(mailings.id, id));

/** Mailings, newest first, after the one with the id `before`; of one petition, department or state. */
export const listOfMailings = (
  db: Database,
  of: {
    petitionNo?: number | undefined;
    state?: Mailing["state"] | undefined;
    department: string | null;
    before?: string | undefined;
    limit: number;
  },
) =>
  db
    .select(withPetition)
    .from(mailings)
    .innerJoin(petitions, eq(petitions.no, mailings.petitionNo))
    .where(
      and(
        of.petitionNo === undefined ? undefined : eq(mailings.petitionNo, of.petitionNo),
        of.state === undefined ? undefined : eq(mailings.state, of.state),
        of.department === null ? undefined : eq(petitions.departmentCode, of.department),
        of.before === undefined ? undefined : lt(mailings.id, of.before),
      ),
    )
    .orderBy(desc(mailings.id))
    .limit(of.limit);

/** A petition as far as writing to its signers needs it. */
export const petitionToMail = (db: Database, no: number) =>
  db.select({ id: petitions.id, state: petitions.state }).from(petitions).where(eq(petitions.no, no));

/** Holds while signers of a petition may be written to. */
export const mayBeMailed = (no: number): Condition =>
  sql`EXISTS (SELECT 1 FROM petitions WHERE no = ${no} AND (state = 'open' OR state = 'closed' OR state = 'stopped'))`;

/** Writes a draft if a condition holds; those who would get it are still to be counted. */
export const insertDraft = (
  db: Database,
  draft: { id: string; petitionNo: number; texts: MailingTexts; actor: string; now: number },
  when: Condition,
) =>
  runOf(
    db,
    sql`INSERT INTO mailings (id, petition_no, kind, texts, state, counted_to, actor, created_at, due_at)
    SELECT ${draft.id}, ${draft.petitionNo}, 'message', ${JSON.stringify(draft.texts)}, 'draft', '', ${draft.actor},
      ${draft.now}, ${draft.now} WHERE ${when}`,
  );

/** That a mailing is in one of some states, in the version that was read if that is named. */
export const mailingIsIn = (id: string, states: readonly Mailing["state"][], version?: number): Condition =>
  sql`EXISTS (SELECT 1 FROM ${mailings} WHERE ${isIn(id, states, version)})`;

/** Replaces a draft's texts, and has those who would get it counted anew. */
export const writeTexts = (db: Database, id: string, version: number, texts: MailingTexts) =>
  db
    .update(mailings)
    .set({ texts, countedTo: "", expected: 0, version: sql`${mailings.version} + 1` })
    .where(isIn(id, ["draft"], version));

/**
 * That a draft stands as it was read, that its petition's signers may be written to, and that no other mailing of the
 * petition is under way or about to be.
 */
export const mayGoOut = ({ id, version, petitionNo }: Mailing, now: number): Condition =>
  sql`${mailingIsIn(id, ["draft"], version)} AND ${mayBeMailed(petitionNo)}
    AND NOT EXISTS (SELECT 1 FROM mailings WHERE petition_no = ${petitionNo}
      AND (state = 'running' OR state = 'parked' OR state = 'waiting' AND due_at <= ${now}))`;

/** Lets a draft go out if a condition holds. */
export const confirmDraft = (db: Database, id: string, now: number, when: Condition) =>
  db
    .update(mailings)
    .set({ state: "waiting", dueAt: now, version: sql`${mailings.version} + 1` })
    .where(and(eq(mailings.id, id), when));

/** Ends a mailing where it stands. */
export const cancelMailing = (
  db: Database,
  id: string,
  { from, now }: { from: readonly Mailing["state"][]; now: number },
) =>
  db
    .update(mailings)
    .set({
      state: "cancelled",
      endedBecause: "cancelled",
      endedAt: now,
      countedTo: null,
      version: sql`${mailings.version} + 1`,
    })
    .where(isIn(id, from));

/** Lets a parked mailing go on, with all its tries. */
export const resumeMailing = (db: Database, id: string, now: number) =>
  db
    .update(mailings)
    .set({ state: "running", dueAt: now, error: null, version: sql`${mailings.version} + 1` })
    .where(isIn(id, ["parked"]));

/**
 * Counts the next `limit` signatures' mailboxes that asked for news, whole mailboxes only; the last slice makes a new
 * version. Whoever counts the same slice second changes nothing.
 */
export function countSlice(
  db: Database,
  { id, petitionNo, from, limit }: { id: string; petitionNo: number; from: string; limit: number },
) {
  const begins = sql`petition_no = ${petitionNo} AND email_hash > unhex(${from})`;
  const edge = sql`(SELECT email_hash FROM signatures WHERE ${begins} ORDER BY email_hash LIMIT 1 OFFSET ${limit - 1})`;
  return rowsOf<{ counted_to: string | null }>(
    db,
    sql`UPDATE mailings SET expected = expected + slice.asked, counted_to = iif(slice.edge IS NULL, NULL, lower(hex(slice.edge))),
      version = version + (slice.edge IS NULL)
    FROM (SELECT count(DISTINCT iif(${ASKED_FOR_NEWS}, email_hash, NULL)) AS asked, ${edge} AS edge FROM signatures
      WHERE ${begins} AND email_hash <= coalesce(${edge}, x'ffffffffffffffff')) AS slice
    WHERE id = ${id} AND counted_to = ${from} RETURNING counted_to`,
  );
}

/** Drafts whose recipients are being counted. */
export const beingCounted = (db: Database, limit: number) =>
  rowsOf<{ id: string; petition_no: number; counted_to: string }>(
    db,
    sql`SELECT id, petition_no, counted_to FROM mailings WHERE counted_to IS NOT NULL ORDER BY id LIMIT ${limit}`,
  );

/** A staff member who may be sent a test. */
export const staffToMail = (db: Database, id: string) =>
  db
    .select({ name: staff.name, email: staff.email })
    .from(staff)
    .where(and(eq(staff.id, id), sql`${staff.revokedAt} IS NULL`));

function isIn(id: string, states: readonly Mailing["state"][], version?: number): SQL {
  const state = or(...states.map((one) => eq(mailings.state, one)));
  return and(eq(mailings.id, id), state, version === undefined ? undefined : eq(mailings.version, version)) as SQL;
}
