import { type Context, Hono } from "hono";
import type { Role, Staff } from "../access/staff.ts";
import { readCursor, writeCursor } from "../http/cursor.ts";
import { Problem } from "../http/problems.ts";
import { type StaffRequestDeps, staffAndPetition } from "../http/staff-request.ts";
import { parseJsonBody, parseQuery } from "../http/validation.ts";
import { parsePublicId } from "../lib/ids.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import { cancel, findRun, undo } from "./change-run.ts";
import { invalidateSignature, releaseSignature } from "./decide-signature.ts";
import { type DryRunDeps, dryRun } from "./dry-run.ts";
import { InvalidateOne, InvalidationQuery, NewInvalidation, NewRelease } from "./invalidation.schema.ts";
import { listRuns } from "./list-runs.ts";
import type { RunDeps } from "./proceed-run.ts";
import { type ConditionDeps, readConditions } from "./read-conditions.ts";
import { reviewHolds } from "./review-holds.ts";
import { invalidationView, releaseView } from "./run-view.ts";
import { startRun } from "./start-run.ts";

export interface InvalidationRouteDeps extends StaffRequestDeps<Staff, Role>, RunDeps, DryRunDeps, ConditionDeps {
  readonly keys: RootKeys;
  readonly publicUrl: string;
}

/** Reviewing what is held, and taking signatures out. */
export const invalidationRoutes = (depsOf: (c: Context) => InvalidationRouteDeps) =>
  new Hono()
    .get("/v1/admin/petitions/:id/holds", async (c) => {
      const deps = depsOf(c);
      const { id } = await staffAndPetition(c, deps, "viewer");
      return c.json(await reviewHolds(deps, id));
    })
    .post("/v1/admin/petitions/:id/holds/release", async (c) => {
      const deps = depsOf(c);
      const { staff, id } = await staffAndPetition(c, deps, "moderator");
      const { where } = await parseJsonBody(c, NewRelease);
      const read = await readConditions(deps, id, where);
      const conditions = read.hold === undefined && read.ids === undefined ? { ...read, hold: "any" as const } : read;
      return c.json(releaseView(await startRun(deps, staff, { petitionId: id, conditions, reason: null }), id), 202);
    })
    .get("/v1/admin/releases/:id", async (c) => {
      const deps = depsOf(c);
      const staff = await deps.requireStaff(c.req.raw.headers, "viewer");
      const run = await findRun(deps, staff, { act: "release", id: c.req.param("id") });
      return c.json(releaseView(run, run.petitionId));
    })
    .post("/v1/admin/releases/:id/cancel", async (c) => {
      const { deps, staff, id } = await staffAndAct(c, depsOf(c));
      const run = await cancel(deps, staff, { act: "release", id });
      return c.json(releaseView(run, run.petitionId));
    })
    .post("/v1/admin/signatures/:id/release", async (c) => {
      const { deps, staff, id } = await staffAndAct(c, depsOf(c));
      return c.json(await releaseSignature(deps, staff, id));
    })
    .post("/v1/admin/signatures/:id/invalidate", async (c) => {
      const deps = depsOf(c);
      const staff = await deps.requireStaff(c.req.raw.headers, "moderator");
      const { reason } = await parseJsonBody(c, InvalidateOne);
      return c.json(await invalidateSignature(deps, staff, { id: c.req.param("id"), reason }));
    })
    .post("/v1/admin/invalidations", async (c) => {
      const deps = depsOf(c);
      const staff = await deps.requireStaff(c.req.raw.headers, "moderator");
      const { where, reason, dry_run } = await parseJsonBody(c, NewInvalidation);
      const { petition, ...written } = where;
      const petitionId = parsePublicId("pet", petition) ?? "";
      await deps.requirePetition(staff, petitionId);
      const conditions = await readConditions(deps, petitionId, written);
      if (dry_run) return c.json(await dryRun(deps, petitionId, conditions));
      if (reason === undefined) throw missingReason();
      return c.json(invalidationView(await startRun(deps, staff, { petitionId, conditions, reason }), petitionId), 202);
    })
    .get("/v1/admin/invalidations", async (c) => {
      const deps = depsOf(c);
      const staff = await deps.requireStaff(c.req.raw.headers, "viewer");
      const { petition, limit, cursor } = parseQuery(c, InvalidationQuery);
      const petitionId = petition === undefined ? undefined : (parsePublicId("pet", petition) ?? "");
      if (petitionId !== undefined) await deps.requirePetition(staff, petitionId);
      const query = `invalidations:${petitionId ?? ""}:${staff.department ?? ""}`;
      const [before] = cursor === undefined ? [] : await readCursor<[string]>(deps.keys, query, cursor);
      const { runs, last } = await listRuns(deps, staff, { petitionId, before, limit });
      const next = last === null ? null : await writeCursor(deps.keys, query, [last]);
      if (next !== null) {
        const page = new URLSearchParams({ ...(petition && { petition }), limit: String(limit), cursor: next });
        c.header("Link", `<${deps.publicUrl}/v1/admin/invalidations?${page}>; rel="next"`);
      }
      return c.json({ data: runs.map((run) => invalidationView(run, run.petitionId)), next_cursor: next });
    })
    .get("/v1/admin/invalidations/:id", async (c) => {
      const deps = depsOf(c);
      const staff = await deps.requireStaff(c.req.raw.headers, "viewer");
      const run = await findRun(deps, staff, { act: "invalidate", id: c.req.param("id") });
      return c.json(invalidationView(run, run.petitionId));
    })
    .post("/v1/admin/invalidations/:id/cancel", async (c) => {
      const { deps, staff, id } = await staffAndAct(c, depsOf(c));
      const run = await cancel(deps, staff, { act: "invalidate", id });
      return c.json(invalidationView(run, run.petitionId));
    })
    .post("/v1/admin/invalidations/:id/undo", async (c) => {
      const { deps, staff, id } = await staffAndAct(c, depsOf(c));
      const run = await undo(deps, staff, id);
      return c.json(invalidationView(run, run.petitionId), 202);
    });

/** Who asks for an act that has no more to say than what it is on. */
async function staffAndAct(c: Context, deps: InvalidationRouteDeps) {
  const staff = await deps.requireStaff(c.req.raw.headers, "moderator");
  return { deps, staff, id: c.req.param("id") ?? "" };
}

const missingReason = () =>
  new Problem("invalid_request", { errors: [{ pointer: "/reason", code: "missing", detail: "is required" }] });
