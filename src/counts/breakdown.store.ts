import { and, eq, gt, isNull, lt, or, sql } from "drizzle-orm";
import { breakdowns } from "../db/counts-schema.ts";
import { type Database, runOf } from "../db/database.ts";
import { petitionTallies } from "../db/schema.ts";
import type { Breakdown, PublicDimension } from "./breakdown.ts";

const GONE = sql<number>`${petitionTallies.withdrawn} + ${petitionTallies.invalidated} + ${petitionTallies.quarantinedVerified}`;

/**
 * Public petitions, by number from after one on, that had no breakdown taken on a day, and of which at least `batch` more
 * people count, or are gone, than when theirs was taken.
 */
export const dueForBreakdown = (
  db: Database,
  { after, day, batch, limit }: { after: number; day: string; batch: number; limit: number },
) =>
  db
    .select({
      no: petitionTallies.petitionNo,
      verified: petitionTallies.verified,
      gone: GONE.as("gone"),
      publishedVerified: sql<number | null>`${breakdowns.verified}`.as("published_verified"),
      publishedGone: sql<number | null>`${breakdowns.gone}`.as("published_gone"),
      publishedCells: sql<string | null>`${breakdowns.cells}`.as("published_cells"),
    })
    .from(petitionTallies)
    .leftJoin(breakdowns, eq(breakdowns.petitionNo, petitionTallies.petitionNo))
    .where(
      and(
        gt(petitionTallies.petitionNo, after),
        eq(petitionTallies.public, true),
        or(isNull(breakdowns.day), lt(breakdowns.day, day)),
        sql`(${petitionTallies.verified} - coalesce(${breakdowns.verified}, 0) >= ${batch}
          OR ${GONE} - coalesce(${breakdowns.gone}, 0) >= ${batch})`,
      ),
    )
    .orderBy(petitionTallies.petitionNo)
    .limit(limit);

/** Publishes a breakdown, unless one of the same day or a later one is there. */
export const putBreakdown = (
  db: Database,
  no: number,
  { day, takenAt, verified, gone, cells }: Breakdown & { day: string; takenAt: number },
) =>
  runOf(
    db,
    sql`INSERT INTO breakdowns (petition_no, day, taken_at, verified, gone, cells)
    VALUES (${no}, ${day}, ${takenAt}, ${verified}, ${gone}, ${JSON.stringify(cells)})
    ON CONFLICT DO UPDATE SET day = excluded.day, taken_at = excluded.taken_at, verified = excluded.verified,
      gone = excluded.gone, cells = excluded.cells WHERE excluded.day > breakdowns.day`,
  );

/** What is published of a petition that the public may see: its row, and the tally that says so. */
export const publishedBreakdown = (db: Database, { no, id, by }: { no: number; id: string; by: PublicDimension }) =>
  db
    .select({
      day: sql<string | null>`${breakdowns.day}`.as("day"),
      cells: sql<string | null>`${breakdowns.cells} -> ${`$.${by}`}`.as("cells"),
    })
    .from(petitionTallies)
    .leftJoin(breakdowns, eq(breakdowns.petitionNo, petitionTallies.petitionNo))
    .where(
      and(eq(petitionTallies.petitionNo, no), eq(petitionTallies.petitionId, id), eq(petitionTallies.public, true)),
    );
