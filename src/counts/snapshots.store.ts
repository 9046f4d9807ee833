import { and, asc, eq, gt, or, sql } from "drizzle-orm";
import { countSnapshots, petitionSnapshots } from "../db/counts-schema.ts";
import { type Database, rowsOf, runOf } from "../db/database.ts";

/** A department, area and topic; blank: all of them. */
export interface Slice {
  readonly department: string;
  readonly area: string;
  readonly topic: string;
}

const MOVES = sql`2 * tally.begun - tally.verified`;
const TOPICS = sql`(SELECT json_group_array(topic_code ORDER BY topic_code) FROM petition_topics WHERE petition_no = p.no)`;

/** Takes the snapshots of petitions that have changed since theirs was taken; of days those from one on. */
export const refreshPetitionSnapshots = (db: Database, fromDay: string) =>
  runOf(
    db,
    sql`INSERT INTO petition_snapshots (petition_no, moves, petition_id, title, state, department_code, area_code, topics,
      verified, days, areas)
    SELECT p.no, ${MOVES}, p.id, p.title, p.state, p.department_code, p.area_code, ${TOPICS}, tally.verified,
      (SELECT json_group_object(day, n) FROM (SELECT substr(hour, 1, 10) AS day, sum(verified) AS n FROM hour_tallies
        WHERE petition_no = p.no AND hour >= ${fromDay} GROUP BY 1 HAVING sum(verified) > 0 ORDER BY 1)),
      (SELECT json_group_object(area_code, verified) FROM area_tallies WHERE petition_no = p.no AND verified > 0)
    FROM petitions AS p JOIN petition_tallies AS tally ON tally.petition_no = p.no
    LEFT JOIN petition_snapshots AS old ON old.petition_no = p.no
    WHERE p.state <> 'draft' AND (old.moves IS NOT ${MOVES} OR old.verified <> tally.verified OR old.title <> p.title
      OR old.state <> p.state OR old.department_code IS NOT p.department_code OR old.area_code IS NOT p.area_code
      OR old.topics <> ${TOPICS})
    ON CONFLICT DO UPDATE SET moves = excluded.moves, title = excluded.title, state = excluded.state,
      department_code = excluded.department_code, area_code = excluded.area_code, topics = excluded.topics,
      verified = excluded.verified, days = excluded.days, areas = excluded.areas`,
  );

/** Lets the next run take a petition's snapshot anew, whether or not it seems to have changed. */
export const distrustSnapshot = (db: Database, petitionNo: number) =>
  db.update(petitionSnapshots).set({ moves: -1 }).where(eq(petitionSnapshots.petitionNo, petitionNo));

/** Snapshots of petitions by number, from after one on. */
export const petitionSnapshotsAfter = (db: Database, { after, limit }: { after: number; limit: number }) =>
  db
    .select()
    .from(petitionSnapshots)
    .where(gt(petitionSnapshots.petitionNo, after))
    .orderBy(asc(petitionSnapshots.petitionNo))
    .limit(limit);

/** A petition's snapshot by its number: a row read. One statement each: a list to look up would be billed, too. */
export const petitionSnapshot = (db: Database, petitionNo: number) =>
  db.select().from(petitionSnapshots).where(eq(petitionSnapshots.petitionNo, petitionNo));

/** Puts the sums of slices; those that are the same stay as they are, but for the one of everything. */
export const putCountSnapshots = (
  db: Database,
  slices: readonly (Slice & { petitions: number[]; verified: number; days: object; areas: object })[],
  takenAt: number,
) =>
  runOf(
    db,
    sql`INSERT INTO count_snapshots (department_code, area_code, topic_code, taken_at, petitions, verified, days, areas)
    SELECT value ->> 'department', value ->> 'area', value ->> 'topic', ${takenAt}, value -> 'petitions',
      value ->> 'verified', value -> 'days', value -> 'areas' FROM json_each(${JSON.stringify(slices)}) WHERE true
    ON CONFLICT DO UPDATE SET taken_at = excluded.taken_at, petitions = excluded.petitions, verified = excluded.verified,
      days = excluded.days, areas = excluded.areas
    WHERE petitions <> excluded.petitions OR verified <> excluded.verified OR days <> excluded.days
      OR areas <> excluded.areas OR department_code || area_code || topic_code = ''`,
  );

/** Deletes the sums of slices that no petition is in any more. */
export const dropCountSnapshots = (db: Database, kept: readonly Slice[]) =>
  runOf(
    db,
    sql`DELETE FROM count_snapshots WHERE json_array(department_code, area_code, topic_code) NOT IN (
      SELECT json(value) FROM json_each(${JSON.stringify(kept.map(({ department, area, topic }) => [department, area, topic]))}))`,
  );

const isSlice = ({ department, area, topic }: Slice) =>
  and(
    eq(countSnapshots.departmentCode, department),
    eq(countSnapshots.areaCode, area),
    eq(countSnapshots.topicCode, topic),
  );

const ALL: Slice = { department: "", area: "", topic: "" };

/** The sums of a slice, and those of everything, by which it is known when they were taken: at most two rows. */
export const countSnapshotOf = (db: Database, slice: Slice) =>
  db
    .select()
    .from(countSnapshots)
    .where(or(isSlice(slice), isSlice(ALL)))
    .limit(slice.department + slice.area + slice.topic === "" ? 1 : 2);

/** Which of the codes of a slice the municipality does not know. */
export const unknownCodes = (db: Database, { department, area, topic }: Slice) =>
  rowsOf<{ department: number; area: number; topic: number }>(
    db,
    sql`SELECT ${department} <> '' AND NOT EXISTS (SELECT 1 FROM departments WHERE code = ${department}) AS department,
      ${area} <> '' AND NOT EXISTS (SELECT 1 FROM areas WHERE code = ${area}) AS area,
      ${topic} <> '' AND NOT EXISTS (SELECT 1 FROM topics WHERE code = ${topic}) AS topic`,
  );
