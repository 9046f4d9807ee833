import { eq, sql } from "drizzle-orm";
import { type Condition, type Database, runOf } from "../../db/database.ts";
import { retention, retentionHolds } from "../../db/retention-schema.ts";
import { petitions } from "../../db/schema.ts";

/** A hold as it is laid. Times in milliseconds since 1970. */
export interface NewHold {
  readonly reason: string;
  readonly until: number;
  /** As in the audit log. */
  readonly heldBy: string;
  readonly heldAt: number;
}

/** Lays a hold on a petition's data, in the place of the one that is there. */
export const layHold = (db: Database, no: number, hold: NewHold, when: Condition) =>
  runOf(
    db,
    sql`INSERT INTO retention_holds (petition_no, reason, until, held_by, held_at)
    SELECT ${no}, ${hold.reason}, ${hold.until}, ${hold.heldBy}, ${hold.heldAt} WHERE ${when}
    ON CONFLICT (petition_no) DO UPDATE SET reason = excluded.reason, until = excluded.until, held_by = excluded.held_by,
      held_at = excluded.held_at`,
  );

/** Takes a hold away. */
export const liftHold = (db: Database, no: number, when: Condition) =>
  runOf(db, sql`DELETE FROM retention_holds WHERE petition_no = ${no} AND ${when}`);

/** Everything about how long a petition's data stays. */
export const retentionOf = (db: Database, no: number) =>
  db
    .select({
      id: petitions.id,
      version: petitions.version,
      title: petitions.title,
      overSince: retention.overSince,
      erasingSince: retention.erasingSince,
      erasedAt: retention.erasedAt,
      erased: retention.erased,
      failures: retention.failures,
      failedAt: retention.failedAt,
      error: retention.error,
      reason: retentionHolds.reason,
      until: retentionHolds.until,
      heldBy: retentionHolds.heldBy,
      heldAt: retentionHolds.heldAt,
    })
    .from(petitions)
    .innerJoin(retention, eq(retention.petitionNo, petitions.no))
    .leftJoin(retentionHolds, eq(retentionHolds.petitionNo, petitions.no))
    .where(eq(petitions.no, no));
