import { and, asc, eq, gte } from "drizzle-orm";
import type { Database } from "../db/database.ts";
import { pausedSince } from "../db/petition-conditions.ts";
import { hourTallies, petitions, petitionTallies, thresholds } from "../db/schema.ts";

/** A petition's times, and its number of counted signatures, by its number and UUID: two rows read. */
export const trendFacts = (db: Database, no: number, id: string) =>
  db
    .select({
      state: petitions.state,
      opensAt: petitions.opensAt,
      closesAt: petitions.closesAt,
      pausedSince,
      endedAt: petitions.endedAt,
      department: petitions.departmentCode,
      verified: petitionTallies.verified,
    })
    .from(petitions)
    .innerJoin(petitionTallies, eq(petitionTallies.petitionNo, petitions.no))
    .where(and(eq(petitions.no, no), eq(petitions.id, id)));

// A petition has at most one of each name. A limit that is met spares the row behind the range; sorting would cost two.
const THRESHOLDS = 2;

/** The petition's thresholds, in no order. */
export const thresholdsOf = (db: Database, no: number) =>
  db
    .select({ name: thresholds.name, signatures: thresholds.signatures, reachedAt: thresholds.reachedAt })
    .from(thresholds)
    .where(eq(thresholds.petitionNo, no))
    .limit(THRESHOLDS);

/** Counted signatures by the municipality's hour in which they were verified, in order, from a day (`2026-11-23`) on. */
export const hoursFrom = (db: Database, no: number, day: string) =>
  db
    .select({ key: hourTallies.hour, count: hourTallies.verified })
    .from(hourTallies)
    .where(and(eq(hourTallies.petitionNo, no), gte(hourTallies.hour, day)))
    .orderBy(asc(hourTallies.hour));
