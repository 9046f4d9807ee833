import { and, desc, eq, lt, or, type SQL, sql } from "drizzle-orm";
import { type Condition, type Database, runOf } from "../db/database.ts";
import { invalidations } from "../db/invalidation-schema.ts";
import { petitions } from "../db/schema.ts";
import type { Conditions, Run } from "./invalidation.ts";

/** A run as it is begun. */
export type NewRun = Pick<
  Run,
  "id" | "petitionNo" | "act" | "reason" | "conditions" | "state" | "actor" | "createdAt"
> & {
  readonly changed?: number;
};

/** Begins a run; or, with a condition of a single act, notes it if the condition holds at that point of the batch. */
export const insertRun = (db: Database, run: NewRun, when: Condition = sql`1`) =>
  runOf(
    db,
    sql`INSERT INTO invalidations (id, petition_no, act, reason, conditions, state, changed, creator, actor, created_at,
      touched_at, ended_at)
    SELECT ${run.id}, ${run.petitionNo}, ${run.act}, ${run.reason}, ${JSON.stringify(run.conditions)}, ${run.state},
      ${run.changed ?? 0}, 0, ${run.actor}, ${run.createdAt}, ${run.createdAt}, ${run.state === "done" ? run.createdAt : null}
    WHERE ${when}`,
  );

const columns = {
  id: invalidations.id,
  petitionNo: invalidations.petitionNo,
  act: invalidations.act,
  reason: invalidations.reason,
  conditions: sql<Conditions>`${invalidations.conditions}`.mapWith(invalidations.conditions).as("conditions"),
  state: invalidations.state,
  cursor: invalidations.cursor,
  changed: invalidations.changed,
  restored: invalidations.restored,
  withdrawn: invalidations.withdrawn,
  creator: invalidations.creator,
  actor: invalidations.actor,
  createdAt: invalidations.createdAt,
  endedAt: invalidations.endedAt,
};

/** A run by its UUID. */
export const runById = (db: Database, id: string) =>
  db.select(columns).from(invalidations).where(eq(invalidations.id, id));

const withPetition = {
  ...columns,
  petitionId: sql<string>`${petitions.id}`.as("petition_id"),
  department: petitions.departmentCode,
};

/** A run with the petition that it is of. */
export const runWithPetition = (db: Database, id: string, act: Run["act"]) =>
  db
    .select(withPetition)
    .from(invalidations)
    .innerJoin(petitions, eq(petitions.no, invalidations.petitionNo))
    .where(and(eq(invalidations.id, id), eq(invalidations.act, act)));

/** Runs that take signatures out, newest first, after the one with the id `before`; of one petition or department. */
export const listInvalidations = (
  db: Database,
  of: { petitionNo?: number | undefined; department: string | null; before?: string | undefined; limit: number },
) =>
  db
    .select(withPetition)
    .from(invalidations)
    .innerJoin(petitions, eq(petitions.no, invalidations.petitionNo))
    .where(
      and(
        eq(invalidations.act, "invalidate"),
        of.petitionNo === undefined ? undefined : eq(invalidations.petitionNo, of.petitionNo),
        of.department === null ? undefined : eq(petitions.departmentCode, of.department),
        of.before === undefined ? undefined : lt(invalidations.id, of.before),
      ),
    )
    .orderBy(desc(invalidations.id))
    .limit(of.limit);

/** That a run is in one of some states, at that point of the batch. */
export const runIsIn = (id: string, states: readonly Run["state"][]): Condition =>
  sql`EXISTS (SELECT 1 FROM ${invalidations} WHERE ${isIn(id, states)})`;

/** Ends a running run where it stands. */
export const cancelRun = (db: Database, id: string, now: number) =>
  db
    .update(invalidations)
    .set({ state: "cancelled", touchedAt: now, endedAt: now })
    .where(isIn(id, ["running"]));

/** Turns a run round: from the beginning, giving back what it has taken out. */
export const turnRound = (db: Database, id: string, { from, now }: { from: readonly Run["state"][]; now: number }) =>
  db.update(invalidations).set({ state: "undoing", cursor: "[]", touchedAt: now, endedAt: null }).where(isIn(id, from));

/** Runs under way on which nothing has been done since a moment. */
export const forgottenRuns = (db: Database, { before, limit }: { before: number; limit: number }) =>
  db
    .select({ id: invalidations.id })
    .from(invalidations)
    .where(
      and(
        or(eq(invalidations.state, "running"), eq(invalidations.state, "undoing")),
        lt(invalidations.touchedAt, before),
      ),
    )
    .limit(limit);

const isIn = (id: string, states: readonly Run["state"][]): SQL =>
  and(eq(invalidations.id, id), or(...states.map((state) => eq(invalidations.state, state)))) as SQL;
