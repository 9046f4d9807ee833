import { and, eq, isNull, sql } from "drizzle-orm";
import type { Database } from "../../db/database.ts";
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
    .select({ name: thresholds.name, signatures: thresholds.signatures, reachedAt: thresholds.reachedAt })
    .from(thresholds)
    .where(and(eq(thresholds.petitionNo, no), eq(thresholds.name, name)));

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
