import { and, eq, notExists, sql } from "drizzle-orm";
import type { SQLiteColumn } from "drizzle-orm/sqlite-core";
import type { Condition, Database } from "../db/database.ts";
import { holdTallies, invalidations } from "../db/invalidation-schema.ts";
import {
  codeAttempts,
  petitionChannels,
  petitions,
  petitionTallies,
  petitionTopics,
  petitionVersions,
  signatures,
} from "../db/schema.ts";

// Whoever has not verified, or is held after verifying, may still.
const NOBODY_LEFT = sql`tally.pending + tally.quarantined_pending + tally.quarantined_verified = 0`;

/** Drafts from before a moment, of which no signature is left or held: nobody verified them. */
export const abandonedDrafts = (db: Database, { before, limit }: { before: number; limit: number }) =>
  db
    .select({ no: petitions.no })
    .from(petitions)
    .innerJoin(sql`petition_tallies AS tally`, sql`tally.petition_no = ${petitions.no}`)
    .where(
      and(
        eq(petitions.state, "draft"),
        sql`coalesce(${petitions.opensAt}, ${petitions.createdAt}) < ${before}`,
        NOBODY_LEFT,
      ),
    )
    .limit(limit);

const isAbandoned = (no: number): Condition => sql`EXISTS (SELECT 1 FROM petitions AS draft
  JOIN petition_tallies AS tally ON tally.petition_no = draft.no
  WHERE draft.no = ${no} AND draft.state = 'draft' AND ${NOBODY_LEFT})`;

/**
 * Deletes a draft with everything that it can have, unless it is none any more or somebody may still verify it; answers
 * at last with its number. What refers to a petition and is not here would keep it.
 */
export const deleteDraft = (db: Database, no: number) => {
  const of = (part: { petitionNo: SQLiteColumn }) => and(eq(part.petitionNo, no), isAbandoned(no));
  const tally = db
    .select({ no: petitionTallies.petitionNo })
    .from(petitionTallies)
    .where(eq(petitionTallies.petitionNo, no));
  return [
    // What is left of its creator's signature, tries of its code, what staff have set up, its hold and its release.
    db.delete(signatures).where(of(signatures)),
    db.delete(codeAttempts).where(of(codeAttempts)),
    db.delete(petitionVersions).where(of(petitionVersions)),
    db.delete(petitionTopics).where(of(petitionTopics)),
    db.delete(petitionChannels).where(of(petitionChannels)),
    db.delete(invalidations).where(of(invalidations)),
    db.delete(holdTallies).where(of(holdTallies)),
    // The last part: by it the others know that the draft is still abandoned.
    db.delete(petitionTallies).where(of(petitionTallies)),
    db
      .delete(petitions)
      .where(and(eq(petitions.no, no), eq(petitions.state, "draft"), notExists(tally)))
      .returning({ no: petitions.no }),
  ] as const;
};
