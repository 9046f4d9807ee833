import { and, eq, isNull, sql } from "drizzle-orm";
import { type Condition, type Database, rowsOf } from "../../db/database.ts";
import { pausedSince } from "../../db/petition-conditions.ts";
import { petitions, rejectionReasons, thresholds } from "../../db/schema.ts";
import { staff } from "../../db/staff-schema.ts";

/** What mails about a petition's way say of it. */
export const petitionNews = (db: Database, no: number) =>
  db
    .select({
      no: petitions.no,
      id: petitions.id,
      state: petitions.state,
      title: petitions.title,
      departmentCode: petitions.departmentCode,
      opensAt: petitions.opensAt,
      closesAt: petitions.closesAt,
      endedAt: petitions.endedAt,
      pausedSince,
      approvedAt: petitions.approvedAt,
      wrappedSecret: petitions.secret,
      changesMessage: petitions.changesMessage,
      rejectionDetails: petitions.rejectionDetails,
      reasonNames: rejectionReasons.names,
      stoppedBy: petitions.stoppedBy,
      stopReason: petitions.stopReason,
      supportersNeeded: petitions.supportersNeeded,
      supporters: sql<number | null>`(SELECT places.supporters FROM supporter_places AS places
        WHERE places.petition_no = ${petitions.no})`.as("supporters"),
      creatorEmailHash: petitions.creatorEmailHash,
      creatorPersonHash: petitions.creatorPersonHash,
    })
    .from(petitions)
    .leftJoin(rejectionReasons, eq(rejectionReasons.code, petitions.rejectionCode))
    .where(eq(petitions.no, no));

/** One of a petition's thresholds, by its name. */
export const thresholdNamed = (db: Database, no: number, name: "response" | "hearing") =>
  db
    .select({
      name: thresholds.name,
      signatures: thresholds.signatures,
      reachedAt: thresholds.reachedAt,
      actedAt: thresholds.actedAt,
    })
    .from(thresholds)
    .where(and(eq(thresholds.petitionNo, no), eq(thresholds.name, name)));

/** A threshold that a petition has reached. */
interface Reached {
  readonly no: number;
  readonly name: "response" | "hearing";
}

/** Since when a threshold must have been reached, and staff not been told, for them to be told now. */
interface Overdue {
  readonly reachedBefore: number;
  readonly toldBefore: number;
}

const isOverdue = ({ reachedBefore, toldBefore }: Overdue): Condition =>
  sql`reached_at IS NOT NULL AND acted_at IS NULL AND reached_at <= ${reachedBefore}
    AND (overdue_mailed_at IS NULL OR overdue_mailed_at <= ${toldBefore})
    AND EXISTS (SELECT 1 FROM petitions WHERE no = petition_no AND (state = 'open' OR state = 'closed' OR state = 'stopped'))`;

/** Thresholds of petitions that are shown for which staff are to be told that what they owe is overdue. */
export const overdueThresholds = (db: Database, overdue: Overdue, limit: number) =>
  rowsOf<Reached>(
    db,
    sql`SELECT petition_no AS no, name FROM thresholds WHERE ${isOverdue(overdue)} ORDER BY reached_at LIMIT ${limit}`,
  );

/**
 * The mail to those who look after the petition, if it is still to be told: the moderators and admins of its department,
 * or where it has nobody those of all departments. Nothing when there is nobody at all. Answers with the job's id.
 */
export const insertOverdueMail = (
  db: Database,
  { no, name }: Reached,
  { job, overdue }: { job: { id: string; kind: string; now: number }; overdue: Overdue },
) =>
  rowsOf<{ id: string }>(
    db,
    sql`INSERT INTO outbox (id, kind, items, remaining, due_at, created_at)
    SELECT ${job.id}, ${job.kind}, list, list, ${job.now}, ${job.now} FROM (
      SELECT json_group_array(printf('%08x:%s:%s', ${no}, ${name}, member.id)) AS list FROM staff AS member
      WHERE ${isToBeTold("member")} AND member.department_code IS (SELECT iif(EXISTS (SELECT 1 FROM staff AS own
        WHERE ${isToBeTold("own")} AND own.department_code = petitions.department_code), petitions.department_code, NULL)
        FROM petitions WHERE petitions.no = ${no})
    ) WHERE json_array_length(list) > 0
      AND EXISTS (SELECT 1 FROM thresholds WHERE petition_no = ${no} AND name = ${name} AND ${isOverdue(overdue)})
    RETURNING id`,
  );

const isToBeTold = (table: "member" | "own"): Condition =>
  sql.raw(`${table}.role <> 'viewer' AND ${table}.email IS NOT NULL AND ${table}.revoked_at IS NULL`);

/** Notes that staff have been told, if they have been by a job. */
export const markOverdueMailed = (
  db: Database,
  { no, name }: Reached,
  { jobId, now }: { jobId: string; now: number },
) =>
  db
    .update(thresholds)
    .set({ overdueMailedAt: now })
    .where(
      and(
        eq(thresholds.petitionNo, no),
        eq(thresholds.name, name),
        sql`EXISTS (SELECT 1 FROM outbox WHERE id = ${jobId})`,
      ),
    );

/** Where a member of staff who still has access reads mail; by their UUID. */
export const staffForMail = (db: Database, id: string) =>
  db
    .select({
      name: staff.name,
      email: staff.email,
      locale: staff.locale,
      department: staff.departmentCode,
    })
    .from(staff)
    .where(and(eq(staff.id, id), isNull(staff.revokedAt)));

export type PetitionNewsRow = Awaited<ReturnType<typeof petitionNews>>[number];
