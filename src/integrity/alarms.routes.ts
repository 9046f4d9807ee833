import { type Context, Hono } from "hono";
import type { Role, Staff } from "../access/staff.ts";
import type { Database } from "../db/database.ts";
import { readCursor, writeCursor } from "../http/cursor.ts";
import { Problem } from "../http/problems.ts";
import type { StaffRequestDeps } from "../http/staff-request.ts";
import { parseJsonBody, parseQuery } from "../http/validation.ts";
import { parsePublicId, petitionNo, publicId } from "../lib/ids.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import { acknowledgeAlarm } from "./acknowledge-alarm.ts";
import { suggestedFilter } from "./alarm.ts";
import { AcknowledgeAlarm, AlarmQuery } from "./alarms.schema.ts";
import { listAlarms } from "./alarms.store.ts";
import { digestOf } from "./invalidation.ts";

export interface AlarmRouteDeps extends StaffRequestDeps<Staff, Role> {
  readonly db: Database;
  readonly keys: RootKeys;
  readonly clock: () => number;
}

/** What was unusual, and who has looked at it. */
export const alarmRoutes = (depsOf: (c: Context) => AlarmRouteDeps) =>
  new Hono()
    .get("/v1/admin/alerts", async (c) => {
      const deps = depsOf(c);
      const staff = await deps.requireStaff(c.req.raw.headers, "viewer");
      const { petition, state, limit, cursor } = parseQuery(c, AlarmQuery);
      const uuid = petition === undefined ? null : parsePublicId("pet", petition);
      if (uuid !== null) await deps.requirePetition(staff, uuid);
      const bound = `alerts:${uuid}:${state}`;
      const after = cursor === undefined ? undefined : (await readCursor<[string]>(deps.keys, bound, cursor))[0];
      const no = uuid === null ? undefined : petitionNo(uuid);
      const [rows] = await deps.db.batch([
        listAlarms(deps.db, { no, state, department: staff.department, after, limit: limit + 1 }),
      ]);
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      const next = last && rows.length > limit ? await writeCursor(deps.keys, bound, [last.id]) : null;
      return c.json({ data: page.map(alarmAnswer), next_cursor: next });
    })
    .post("/v1/admin/alerts/:id/acknowledge", async (c) => {
      const deps = depsOf(c);
      const staff = await deps.requireStaff(c.req.raw.headers, "moderator");
      const id = parsePublicId("alarm", c.req.param("id"));
      if (!id) throw new Problem("not_found");
      const { note } = await parseJsonBody(c, AcknowledgeAlarm);
      return c.json(alarmAnswer(await acknowledgeAlarm(deps, staff, { id, note })));
    });

const timeOf = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

function alarmAnswer(row: Awaited<ReturnType<typeof listAlarms>>[number]) {
  const petition = publicId("pet", row.petitionId);
  const { count, expected, of, from, to } = row.evidence;
  const isDigest = row.kind === "network" || row.kind === "domain";
  return {
    id: publicId("alarm", row.id),
    petition_id: petition,
    title: row.title,
    kind: row.kind,
    key: row.key === "" ? null : isDigest ? digestOf(row.key) : row.key,
    state: row.endedAt === null ? "open" : "past",
    raised_at: timeOf(row.raisedAt),
    seen_at: timeOf(row.seenAt),
    ended_at: timeOf(row.endedAt),
    evidence: { count, expected, of, from: timeOf(from), to: timeOf(to) },
    where: suggestedFilter(row, petition),
    acknowledged_at: timeOf(row.acknowledgedAt),
    acknowledged_by: row.acknowledgedBy,
    note: row.note,
  };
}
