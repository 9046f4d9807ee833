import { and, desc, eq, lt, sql } from "drizzle-orm";
import { type Condition, type Database, rowsOf, runOf } from "../db/database.ts";
import { reconciliations, recounts, tallyDifferences } from "../db/integrity-schema.ts";
import { petitions, petitionTallies, thresholds } from "../db/schema.ts";
import type { Bytes } from "../lib/bytes.ts";
import { type Difference, TALLIES, type Tally } from "./tallies.ts";

// Above every mailbox: their hashes have eight bytes.
const END = sql.raw("x'ffffffffffffffffff'");

/** Whether a recount has passed all rows. */
export const isAtEnd = (passed: Bytes): boolean => passed.length === 9;

/** Begins to recount the petition that has waited longest, unless one is being recounted. */
export const beginRecount = (db: Database, now: number) =>
  runOf(
    db,
    sql`INSERT INTO recounts (petition_no, begun_at) SELECT petition_no, ${now} FROM reconciliations
    WHERE due_at <= ${now} AND NOT EXISTS (SELECT 1 FROM recounts) ORDER BY due_at LIMIT 1`,
  );

/** The recount that is on its way. */
export const currentRecount = (db: Database) =>
  db
    .select({
      petitionNo: recounts.petitionNo,
      begunAt: recounts.begunAt,
      pass: recounts.pass,
      passed: recounts.passed,
      difference: recounts.difference,
    })
    .from(recounts)
    .limit(1);

// The columns of a row that tallies depend on, by which `recount_moves` tells what moved.
const COLUMNS = sql.raw(
  "state, hold, assurance, locale, area_code, channel, verified_hour, invalidated_reason, verify_step",
);
const CELLS = sql.raw(TALLIES.map(({ name, key }) => `'${name}:' || ${key}`).join(", "));

/**
 * Counts the next `size` rows into a recount, and what has moved since among those before: four statements of one
 * transaction, so that a row is either passed, and then told of by its moves, or still ahead.
 */
export const countSlice = (db: Database, petitionNo: number, size: number) =>
  [
    runOf(
      db,
      sql`UPDATE recounts SET upto = coalesce((SELECT email_hash FROM signatures
        WHERE petition_no = recounts.petition_no AND email_hash > recounts.passed
        ORDER BY email_hash LIMIT 1 OFFSET ${size - 1}), ${END}) WHERE petition_no = ${petitionNo}`,
    ),
    runOf(
      db,
      sql`UPDATE recounts SET passed = upto, cells = (SELECT json_group_object(cell, n) FROM (
        SELECT cell, sum(n) AS n FROM (
          SELECT key AS cell, value AS n FROM json_each(recounts.cells)
          UNION ALL
          SELECT cell.value, step FROM (
            SELECT 1 AS step, ${COLUMNS} FROM signatures WHERE petition_no = recounts.petition_no
              AND email_hash > recounts.passed AND email_hash <= recounts.upto
            UNION ALL
            SELECT step, ${COLUMNS} FROM recount_moves WHERE petition_no = recounts.petition_no
          ), json_each(json_array(${CELLS})) AS cell WHERE cell.value IS NOT NULL
        ) GROUP BY cell HAVING sum(n) <> 0)) WHERE petition_no = ${petitionNo}`,
    ),
    runOf(db, sql`DELETE FROM recount_moves WHERE petition_no = ${petitionNo}`),
    db
      .select({ passed: recounts.passed, cells: recounts.cells })
      .from(recounts)
      .where(eq(recounts.petitionNo, petitionNo)),
  ] as const;

/** The cells of all tallies of a petition, a statement a tally. */
export const talliedCells = (db: Database, petitionNo: number) =>
  TALLIES.map((tally) => rowsOf<{ cell: string; n: number }>(db, cellsOf(tally, petitionNo)));

function cellsOf({ name, kept }: Tally, petitionNo: number) {
  const prefix = `${name}:`;
  if ("table" in kept) {
    return sql`SELECT ${prefix} || ${sql.raw(kept.key)} AS cell, ${sql.raw(kept.count)} AS n FROM ${sql.raw(kept.table)}
      WHERE petition_no = ${petitionNo}`;
  }
  const source =
    "json" in kept ? kept.json : `json_object(${kept.columns.map((column) => `'${column}', ${column}`).join(", ")})`;
  return sql`SELECT ${prefix} || key AS cell, CAST(value AS INTEGER) AS n
    FROM petition_tallies, json_each(${sql.raw(source)}) WHERE petition_no = ${petitionNo}`;
}

const rowsIn = (table: string) =>
  sql<number>`(SELECT count(*) FROM ${sql.raw(table)} AS rows_of WHERE rows_of.petition_no = ${petitions.no})`.as(
    table,
  );

/** What the row of tallies says beside counts, and the petition from which it follows. */
export const tallyFacts = (db: Database, petitionNo: number) =>
  db
    .select({
      id: petitions.id,
      state: petitions.state,
      supportersNeeded: petitions.supportersNeeded,
      tallyId: petitionTallies.petitionId,
      public: petitionTallies.public,
      gate: petitionTallies.gate,
      nextThreshold: petitionTallies.nextThreshold,
      department: petitions.departmentCode,
      tallyDepartment: sql<string | null>`${petitionTallies.departmentCode}`.as("tally_department"),
      begun: petitionTallies.begun,
      areas: petitionTallies.areas,
      channels: petitionTallies.channels,
      hours: petitionTallies.hours,
      areaRows: rowsIn("area_tallies"),
      channelRows: rowsIn("channel_tallies"),
      hourRows: rowsIn("hour_tallies"),
      lowestOpen: sql<number | null>`(SELECT min(${thresholds.signatures}) FROM ${thresholds}
        WHERE ${thresholds.petitionNo} = ${petitions.no} AND ${thresholds.reachedAt} IS NULL)`.as("lowest_open"),
    })
    .from(petitions)
    .leftJoin(petitionTallies, eq(petitionTallies.petitionNo, petitions.no))
    .where(eq(petitions.no, petitionNo));

/** A pass of a recount: what a run has seen of it. Whoever concludes it must be the first to. */
export interface Pass {
  readonly petitionNo: number;
  readonly begunAt: number;
  readonly pass: number;
}

const isPass = ({ petitionNo, begunAt, pass }: Pass): Condition =>
  sql`EXISTS (SELECT 1 FROM recounts WHERE petition_no = ${petitionNo} AND begun_at = ${begunAt} AND pass = ${pass})`;

/** Begins the next pass, which is to find the same difference. */
export const passAgain = (db: Database, pass: Pass, difference: Difference) =>
  runOf(
    db,
    sql`UPDATE recounts SET pass = pass + 1, passed = x'', upto = x'', cells = '{}', difference = ${JSON.stringify(difference)}
    WHERE petition_no = ${pass.petitionNo} AND ${isPass(pass)}`,
  );

/** Records a difference. */
export const insertDifference = (
  db: Database,
  pass: Pass,
  row: { id: string; foundAt: number; outcome: "repaired" | "unsettled"; cells: Difference },
) =>
  runOf(
    db,
    sql`INSERT INTO tally_differences (id, petition_no, found_at, outcome, cells)
    SELECT ${row.id}, ${pass.petitionNo}, ${row.foundAt}, ${row.outcome}, ${JSON.stringify(row.cells)}
    WHERE ${isPass(pass)}`,
  );

/**
 * Adds to each cell what it lacks, and sets what follows from the petition. Sums, not values: what moves meanwhile stays
 * counted. Thresholds follow by their triggers.
 */
export function repairTallies(db: Database, pass: Pass, { correction, now }: { correction: string; now: number }) {
  const { petitionNo } = pass;
  const when = isPass(pass);
  const plus = (cell: string) => sql`coalesce(${correction} ->> ${`$."${cell}"`}, 0)`;
  const columns = TALLIES.flatMap(({ name, kept }) =>
    "columns" in kept
      ? kept.columns.map((column) => sql`${sql.raw(column)} = ${sql.raw(column)} + ${plus(`${name}:${column}`)}`)
      : [],
  );
  const objects = TALLIES.flatMap(({ name, kept }) =>
    "json" in kept ? [sql`${sql.raw(kept.json)} = ${mergedObject(kept.json, `${name}:`, correction)}`] : [],
  );
  return [
    runOf(
      db,
      sql`INSERT INTO petition_tallies (petition_no, petition_id, public) SELECT no, id, 0 FROM petitions
      WHERE no = ${petitionNo} AND ${when} ON CONFLICT DO NOTHING`,
    ),
    ...TALLIES.flatMap((tally) =>
      "table" in tally.kept ? addToTable(db, tally, { petitionNo, correction, when }) : [],
    ),
    runOf(
      db,
      sql`UPDATE petition_tallies SET petition_id = petitions.id,
        public = petitions.state IN ('open', 'closed', 'rejected', 'stopped'),
        gate = iif(petitions.state = 'gathering', petitions.supporters_needed + 1, NULL),
        department_code = petitions.department_code,
        areas = (SELECT count(*) FROM area_tallies AS t WHERE t.petition_no = ${petitionNo}),
        channels = (SELECT count(*) FROM channel_tallies AS t WHERE t.petition_no = ${petitionNo}),
        hours = (SELECT count(*) FROM hour_tallies AS t WHERE t.petition_no = ${petitionNo}),
        begun = max(begun, verified + ${plus("state:verified")}),
        next_threshold = (SELECT min(signatures) FROM thresholds
          WHERE thresholds.petition_no = ${petitionNo} AND reached_at IS NULL),
        ${sql.join([...columns, ...objects], sql`, `)}
      FROM petitions WHERE petitions.no = ${petitionNo} AND petition_tallies.petition_no = ${petitionNo} AND ${when}`,
    ),
    // A threshold that the triggers passed over while the row told them wrongly.
    runOf(
      db,
      sql`UPDATE thresholds SET reached_at = ${now} WHERE petition_no = ${petitionNo} AND reached_at IS NULL
      AND signatures <= (SELECT verified FROM petition_tallies WHERE petition_no = ${petitionNo}) AND ${when}`,
    ),
  ];
}

const mergedObject = (column: string, prefix: string, correction: string) =>
  sql`(SELECT json_group_object(key, n) FROM (SELECT key, sum(n) AS n FROM (
    SELECT key, CAST(value AS INTEGER) AS n FROM json_each(petition_tallies.${sql.raw(column)})
    UNION ALL
    SELECT substr(key, ${prefix.length + 1}), value FROM json_each(${correction}) WHERE substr(key, 1, ${prefix.length}) = ${prefix}
  ) GROUP BY key HAVING sum(n) <> 0))`;

function addToTable(
  db: Database,
  { name, kept }: Tally,
  { petitionNo, correction, when }: { petitionNo: number; correction: string; when: Condition },
) {
  if (!("table" in kept)) return [];
  const prefix = `${name}:`;
  const [table, key, count] = [sql.raw(kept.table), sql.raw(kept.key), sql.raw(kept.count)];
  const ours = sql`SELECT substr(key, ${prefix.length + 1}) AS cell_key, value AS lacks FROM json_each(${correction})
    WHERE substr(key, 1, ${prefix.length}) = ${prefix}`;
  const columns = sql.raw([kept.count, ...(kept.others ?? [])].join(", "));
  const zeros = sql.raw(["0", ...(kept.others ?? []).map(() => "0")].join(", "));
  return [
    runOf(
      db,
      sql`INSERT INTO ${table} (petition_no, ${key}, ${columns}) SELECT ${petitionNo}, cell_key, ${zeros} FROM (${ours})
      WHERE ${when} ON CONFLICT DO NOTHING`,
    ),
    runOf(
      db,
      sql`UPDATE ${table} SET ${count} = ${count} + lacks FROM (${ours})
      WHERE petition_no = ${petitionNo} AND ${key} = cell_key AND ${when}`,
    ),
  ];
}

/** Notes that a petition is reconciled, and when it is recounted next; `repairedAt`: null leaves it as it is. */
export const noteReconciled = (
  db: Database,
  pass: Pass,
  { now, dueAt, outcome }: { now: number; dueAt: number; outcome: "equal" | "repaired" | "unsettled" },
) =>
  db
    .update(reconciliations)
    .set({
      dueAt,
      ...(outcome === "unsettled" ? {} : { reconciledAt: now }),
      ...(outcome === "repaired" ? { repairedAt: now } : {}),
    })
    .where(and(eq(reconciliations.petitionNo, pass.petitionNo), isPass(pass)));

/** Ends a recount; the last statement of its batch, because the others ask whether it is still there. */
export const endRecount = (db: Database, pass: Pass) => [
  runOf(db, sql`DELETE FROM recount_moves WHERE petition_no = ${pass.petitionNo} AND ${isPass(pass)}`),
  runOf(db, sql`DELETE FROM recounts WHERE petition_no = ${pass.petitionNo} AND ${isPass(pass)}`),
];

/** Differences that have been found, the newest first: those of one petition, or of all that a department sees. */
export const listDifferences = (
  db: Database,
  {
    no,
    department,
    after,
    limit,
  }: {
    no: number | undefined;
    department: string | null;
    after: string | undefined;
    limit: number;
  },
) =>
  db
    .select({
      id: tallyDifferences.id,
      petitionId: sql<string>`${petitions.id}`.as("petition_id"),
      title: petitions.title,
      foundAt: tallyDifferences.foundAt,
      outcome: tallyDifferences.outcome,
      cells: tallyDifferences.cells,
    })
    .from(tallyDifferences)
    .innerJoin(petitions, eq(petitions.no, tallyDifferences.petitionNo))
    .where(
      and(
        no === undefined ? undefined : eq(tallyDifferences.petitionNo, no),
        department === null ? undefined : eq(petitions.departmentCode, department),
        after === undefined ? undefined : lt(tallyDifferences.id, after),
      ),
    )
    .orderBy(desc(tallyDifferences.id))
    .limit(limit);
