import { and, eq, sql } from "drizzle-orm";
import { type Database, rowsOf, runOf } from "../db/database.ts";
import { integrityReports, reconciliations } from "../db/integrity-schema.ts";
import { petitionTallies } from "../db/schema.ts";

/** Public petitions whose report is not of a day, with what their tallies say now and what was published last. */
export const dueReports = (db: Database, { day, limit }: { day: string; limit: number }) =>
  rowsOf<{ petitionNo: number; exact: string; taken: string | null; cells: string | null }>(
    db,
    sql`SELECT t.petition_no AS petitionNo, r.taken AS taken, r.cells AS cells, json_patch(json_object(
        'assurance:email', t.email, 'assurance:register', t.register, 'assurance:paper', t.paper, 'assurance:eid', t.eid,
        'held:any', t.quarantined_pending + t.quarantined_verified),
      (SELECT json_group_object('invalidated:' || reason, invalidated) FROM invalidation_tallies AS i
        WHERE i.petition_no = t.petition_no)) AS exact
    FROM petition_tallies AS t LEFT JOIN integrity_reports AS r ON r.petition_no = t.petition_no
    WHERE t.public = 1 AND (r.day IS NULL OR r.day < ${day}) LIMIT ${limit}`,
  );

/** Publishes reports; one of the same day stays as it is. */
export const putReports = (
  db: Database,
  reports: readonly { petitionNo: number; taken: object; cells: object }[],
  { day, now }: { day: string; now: number },
) =>
  runOf(
    db,
    sql`INSERT INTO integrity_reports (petition_no, day, taken_at, taken, cells)
    SELECT value ->> 'petitionNo', ${day}, ${now}, value -> 'taken', value -> 'cells'
    FROM json_each(${JSON.stringify(reports)}) WHERE true
    ON CONFLICT DO UPDATE SET day = excluded.day, taken_at = excluded.taken_at, taken = excluded.taken, cells = excluded.cells
    WHERE integrity_reports.day < excluded.day`,
  );

/** A petition's published report, and when it was last reconciled: three rows read. */
export const reportOf = (db: Database, no: number, id: string) =>
  db
    .select({
      public: petitionTallies.public,
      takenAt: integrityReports.takenAt,
      cells: integrityReports.cells,
      reconciledAt: reconciliations.reconciledAt,
      repairedAt: reconciliations.repairedAt,
    })
    .from(petitionTallies)
    .leftJoin(integrityReports, eq(integrityReports.petitionNo, petitionTallies.petitionNo))
    .leftJoin(reconciliations, eq(reconciliations.petitionNo, petitionTallies.petitionNo))
    .where(and(eq(petitionTallies.petitionNo, no), eq(petitionTallies.petitionId, id)));
