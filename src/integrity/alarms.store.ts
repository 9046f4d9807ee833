import { and, desc, eq, isNotNull, isNull, lt, sql } from "drizzle-orm";
import type { Condition, Database } from "../db/database.ts";
import { alarms } from "../db/integrity-schema.ts";
import { petitions } from "../db/schema.ts";

const COLUMNS = {
  id: alarms.id,
  petitionId: sql<string>`${petitions.id}`.as("petition_id"),
  title: petitions.title,
  department: petitions.departmentCode,
  kind: alarms.kind,
  key: alarms.key,
  raisedAt: alarms.raisedAt,
  seenAt: alarms.seenAt,
  endedAt: alarms.endedAt,
  evidence: alarms.evidence,
  acknowledgedAt: alarms.acknowledgedAt,
  acknowledgedBy: alarms.acknowledgedBy,
  note: alarms.note,
};

/** Alarms, the newest first: of one petition, or of all that a department sees. */
export const listAlarms = (
  db: Database,
  query: {
    no: number | undefined;
    department: string | null;
    state: "open" | "past" | undefined;
    after: string | undefined;
    limit: number;
  },
) =>
  db
    .select(COLUMNS)
    .from(alarms)
    .innerJoin(petitions, eq(petitions.no, alarms.petitionNo))
    .where(
      and(
        query.no === undefined ? undefined : eq(alarms.petitionNo, query.no),
        query.department === null ? undefined : eq(petitions.departmentCode, query.department),
        query.state === undefined
          ? undefined
          : query.state === "open"
            ? isNull(alarms.endedAt)
            : isNotNull(alarms.endedAt),
        query.after === undefined ? undefined : lt(alarms.id, query.after),
      ),
    )
    .orderBy(desc(alarms.id))
    .limit(query.limit);

/** One alarm with its petition. */
export const alarmById = (db: Database, id: string) =>
  db.select(COLUMNS).from(alarms).innerJoin(petitions, eq(petitions.no, alarms.petitionNo)).where(eq(alarms.id, id));

/** Whether nobody has acknowledged an alarm yet. */
export const isUnacknowledged = (id: string): Condition =>
  sql`EXISTS (SELECT 1 FROM alarms WHERE id = ${id} AND acknowledged_at IS NULL)`;

/** Notes who has looked at an alarm, unless somebody has before. */
export const acknowledge = (db: Database, id: string, by: { at: number; actor: string; note: string }) =>
  db
    .update(alarms)
    .set({ acknowledgedAt: by.at, acknowledgedBy: by.actor, note: by.note })
    .where(and(eq(alarms.id, id), isNull(alarms.acknowledgedAt)));
