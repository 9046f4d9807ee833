import { and, eq, gt, lte, sql } from "drizzle-orm";
import { type Condition, type Database, runOf } from "../../db/database.ts";
import { closingClockAt, pausedSince } from "../../db/petition-conditions.ts";
import { petitionNotes, petitions, rejectionReasons } from "../../db/schema.ts";
import type { Bytes } from "../../lib/bytes.ts";
import type { PetitionState } from "../petition.ts";

/** A petition as it stood when somebody decided on it. */
export interface Seen {
  readonly no: number;
  readonly state: PetitionState;
  readonly version: number;
}

/** What a decision writes into the petition's row. */
export type PetitionChange = Partial<
  Pick<
    typeof petitions.$inferInsert,
    | "state"
    | "opensAt"
    | "closesAt"
    | "endedAt"
    | "departmentCode"
    | "approvedAt"
    | "approvedThresholds"
    | "changesMessage"
    | "rejectionCode"
    | "rejectionDetails"
    | "stoppedBy"
    | "stopReason"
    | "pauseCredit"
    | "reopenedAt"
  >
>;

/** What the rules of decisions need of a petition. */
export const petitionToDecide = (db: Database, no: number) =>
  db
    .select({
      no: petitions.no,
      id: petitions.id,
      state: petitions.state,
      version: petitions.version,
      departmentCode: petitions.departmentCode,
      opensAt: petitions.opensAt,
      closesAt: petitions.closesAt,
      endedAt: petitions.endedAt,
      pausedSince,
      approvedAt: petitions.approvedAt,
      approvedThresholds: petitions.approvedThresholds,
      rejectionCode: petitions.rejectionCode,
      wrappedSecret: petitions.secret,
    })
    .from(petitions)
    .where(eq(petitions.no, no));

/** Closes one petition if its time is over, as the minute's job would. */
export const closeIfDue = (db: Database, no: number, now: number) =>
  db
    .update(petitions)
    .set({ state: "closed", endedAt: sql`${petitions.closesAt}` })
    .where(and(eq(petitions.no, no), eq(petitions.state, "open"), lte(petitions.closesAt, closingClockAt(now))));

/** Whether a petition stands as somebody saw it, and what else must hold. */
export const standsAs = ({ no, state, version }: Seen, given: Condition = sql`1`): Condition =>
  sql`EXISTS (SELECT 1 FROM petitions WHERE no = ${no} AND state = ${state} AND version = ${version}) AND ${given}`;

/** Whether a petition is in another state than one. */
export const isNotIn = (no: number, state: PetitionState): Condition =>
  sql`EXISTS (SELECT 1 FROM petitions WHERE no = ${no} AND state <> ${state})`;

/** Writes a decision on a petition if a condition holds; answers with the new version, or with nothing. */
export const writeDecision = (db: Database, { no }: Seen, change: PetitionChange, when: Condition) =>
  db
    .update(petitions)
    .set({ ...change, version: sql`${petitions.version} + 1` })
    .where(and(eq(petitions.no, no), when))
    .returning({ version: petitions.version });

/** Writes a note of staff if a condition holds at that point of the transaction. */
export const insertNote = (
  db: Database,
  note: { no: number; id: string; author: string; sealed: Bytes; writtenAt: number },
  when: Condition,
) =>
  runOf(
    db,
    sql`INSERT INTO ${petitionNotes} (petition_no, id, author, sealed, written_at)
    SELECT ${note.no}, ${note.id}, ${note.author}, ${note.sealed}, ${note.writtenAt} WHERE ${when}`,
  );

/** Opens every approved petition whose time has come. */
export const openDue = (db: Database, now: number) =>
  db
    .update(petitions)
    .set({ state: "open" })
    .where(and(eq(petitions.state, "moderation"), gt(petitions.approvedAt, 0), lte(petitions.opensAt, now)));

const notRetired = (code: string): Condition =>
  sql`NOT EXISTS (SELECT 1 FROM reference_lists, json_each(retired) AS gone
    WHERE name = 'rejection_reasons' AND gone.key = ${code})`;

/** A reason for not accepting a petition, by its code, unless it is retired. */
export const reasonByCode = (db: Database, code: string) =>
  db
    .select()
    .from(rejectionReasons)
    .where(and(eq(rejectionReasons.code, code), notRetired(code)));

/** Whether a reason is as it was read. */
export const isReason = ({ code, hidden }: { code: string; hidden: boolean }): Condition =>
  sql`EXISTS (SELECT 1 FROM rejection_reasons WHERE code = ${code} AND hidden = ${Number(hidden)}) AND ${notRetired(code)}`;

/** The reasons that may be shown, by code; retired ones too, because rejected petitions have them. */
export const shownReasons = (db: Database) =>
  db.select().from(rejectionReasons).where(eq(rejectionReasons.hidden, false)).orderBy(rejectionReasons.code);

export type PetitionToDecide = Awaited<ReturnType<typeof petitionToDecide>>[number];
