import { and, desc, eq, isNull, type SQL, sql } from "drizzle-orm";
import type { Database } from "../../db/database.ts";
import { beyond, narrowedBy, pausedSince } from "../../db/petition-conditions.ts";
import { petitionNotes, petitions, petitionTallies, petitionVersions } from "../../db/schema.ts";
import { staff } from "../../db/staff-schema.ts";
import type { PetitionState } from "../petition.ts";

/** Staff's two orders: what has waited longest for a decision, or what opened or was submitted last. */
export type StaffOrder = "waiting" | "newest";

// Imported petitions have not waited from any moment that is known.
const WAITING = sql<number>`coalesce(${petitions.waitingSince}, ${petitions.createdAt})`;
const NEWEST = sql<number>`coalesce(${petitions.opensAt}, ${petitions.createdAt})`;

const columns = {
  no: petitions.no,
  id: petitions.id,
  state: petitions.state,
  version: petitions.version,
  title: petitions.title,
  locale: petitions.locale,
  areaCode: petitions.areaCode,
  departmentCode: petitions.departmentCode,
  topics: sql<string>`(SELECT json_group_array(topic_code ORDER BY topic_code) FROM petition_topics
    WHERE petition_no = ${petitions.no})`.as("topics"),
  createdAt: petitions.createdAt,
  opensAt: petitions.opensAt,
  closesAt: petitions.closesAt,
  endedAt: petitions.endedAt,
  pausedSince,
  approvedAt: petitions.approvedAt,
  waitingSince: sql<number | null>`iif(${petitions.state} = 'moderation', ${WAITING}, NULL)`.as("waits_since"),
  verified: petitionTallies.verified,
};

export interface StaffFilter {
  readonly state?: PetitionState | undefined;
  /** Only those that wait for a decision. */
  readonly waiting: boolean;
  /** A department's code; null: those of none. */
  readonly department?: string | null | undefined;
  readonly topic?: string | undefined;
  /** An FTS5 query that is already quoted. */
  readonly match?: string | undefined;
}

/** A page of petitions in every state, from `after` on: `limit` rows by keyset. */
export function listForStaff(
  db: Database,
  query: StaffFilter & {
    order: StaffOrder;
    limit: number;
    after?: readonly [value: number, no: number] | undefined;
  },
) {
  const waiting = query.order === "waiting";
  const value: SQL<number> = waiting ? WAITING : NEWEST;
  const direction = waiting ? sql`ASC` : sql`DESC`;
  return db
    .select({ ...columns, orderedBy: sql<number>`${value}`.as("ordered_by") })
    .from(petitions)
    .innerJoin(petitionTallies, eq(petitionTallies.petitionNo, petitions.no))
    .where(
      and(
        waiting ? eq(petitions.state, "moderation") : query.state && eq(petitions.state, query.state),
        query.waiting ? isNull(petitions.approvedAt) : undefined,
        query.department === undefined
          ? undefined
          : query.department === null
            ? isNull(petitions.departmentCode)
            : eq(petitions.departmentCode, query.department),
        narrowedBy(query),
        beyond(value, query.after, !waiting),
      ),
    )
    .orderBy(sql`${value} ${direction}`, sql`${petitions.no} ${direction}`)
    .limit(query.limit);
}

/** Everything of one petition's row that staff read. */
export const petitionForStaff = (db: Database, no: number) =>
  db
    .select({
      ...columns,
      background: petitions.background,
      details: petitions.details,
      wrappedSecret: petitions.secret,
      approvedThresholds: petitions.approvedThresholds,
      changesMessage: petitions.changesMessage,
      rejectionCode: petitions.rejectionCode,
      rejectionDetails: petitions.rejectionDetails,
      stoppedBy: petitions.stoppedBy,
      stopReason: petitions.stopReason,
      supportersNeeded: petitions.supportersNeeded,
      supportersMax: petitions.supportersMax,
      gateReachedAt: petitions.gateReachedAt,
      creatorEmailHash: petitions.creatorEmailHash,
      creatorPersonHash: petitions.creatorPersonHash,
    })
    .from(petitions)
    .innerJoin(petitionTallies, eq(petitionTallies.petitionNo, petitions.no))
    .where(eq(petitions.no, no));

/** The newest texts that a petition has had, the newest first. */
export const versionsOf = (db: Database, no: number, limit: number) =>
  db
    .select({
      version: petitionVersions.version,
      title: petitionVersions.title,
      background: petitionVersions.background,
      details: petitionVersions.details,
      writtenAt: petitionVersions.writtenAt,
    })
    .from(petitionVersions)
    .where(eq(petitionVersions.petitionNo, no))
    .orderBy(desc(petitionVersions.version))
    .limit(limit);

/** The newest notes to a petition, the newest first, with their authors' names. */
export const notesOf = (db: Database, no: number, limit: number) =>
  db
    .select({
      id: petitionNotes.id,
      author: petitionNotes.author,
      authorName: sql<string | null>`${staff.name}`.as("author_name"),
      sealed: petitionNotes.sealed,
      writtenAt: petitionNotes.writtenAt,
    })
    .from(petitionNotes)
    .leftJoin(staff, sql`${staff.id} = substr(${petitionNotes.author}, 5)`)
    .where(eq(petitionNotes.petitionNo, no))
    .orderBy(desc(petitionNotes.id))
    .limit(limit);

export type StaffPetitionSummaryRow = Omit<Awaited<ReturnType<typeof listForStaff>>[number], "orderedBy">;
export type StaffPetitionRow = Awaited<ReturnType<typeof petitionForStaff>>[number];
