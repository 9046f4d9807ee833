import { type Context, Hono } from "hono";
import type * as v from "valibot";
import type { Role, Staff } from "../../access/staff.ts";
import { type PublicBody, publicBody, sendPublic } from "../../http/caching.ts";
import { requireIfMatch, versionTag } from "../../http/if-match.ts";
import { type StaffRequestDeps, staffAndPetition } from "../../http/staff-request.ts";
import { parseJsonBody, parseQuery } from "../../http/validation.ts";
import type { FreshCache } from "../../lib/fresh-cache.ts";
import { type ApproveDeps, approvePetition } from "./approve-petition.ts";
import { assignPetition } from "./assign-petition.ts";
import type { DecidedOn } from "./decide.ts";
import { shownReasons } from "./decisions.store.ts";
import { extendPetition } from "./extend-petition.ts";
import { listPetitionsForStaff } from "./list-for-staff.ts";
import {
  ApproveBody,
  AssignBody,
  ExtendBody,
  NO_DEPARTMENT,
  NoteBody,
  RejectBody,
  ReopenBody,
  RequestChangesBody,
  StaffPetitionQuery,
  StopBody,
} from "./moderation.schema.ts";
import { notePetition } from "./note-petition.ts";
import { type ReadForStaffDeps, readForStaff } from "./read-for-staff.ts";
import { rejectPetition } from "./reject-petition.ts";
import { reopenPetition } from "./reopen-petition.ts";
import { type RequestChangesDeps, requestChanges } from "./request-changes.ts";
import { stopPetition } from "./stop-petition.ts";

export interface ModerationRouteDeps
  extends StaffRequestDeps<Staff, Role>,
    ReadForStaffDeps,
    ApproveDeps,
    RequestChangesDeps {
  readonly answers: FreshCache<PublicBody>;
}

type Verb<Input> = (deps: ModerationRouteDeps, staff: Staff, on: DecidedOn, input: Input) => Promise<void>;

/** What staff read of petitions in every state, and what they decide about them. */
export const moderationRoutes = (depsOf: (c: Context) => ModerationRouteDeps) => {
  /** 401, 404, 428, 400, then what the verb raises: 412 before 409. The answer is the petition as it then is. */
  const decision =
    <Schema extends v.GenericSchema>(atLeast: Role, body: Schema, verb: Verb<v.InferOutput<Schema>>) =>
    async (c: Context) => {
      const deps = depsOf(c);
      const { staff, id } = await staffAndPetition(c, deps, atLeast);
      const tags = requireIfMatch(c);
      await verb(deps, staff, { id, tags }, await parseJsonBody(c, body));
      return sendPetition(c, deps, staff, id);
    };

  return new Hono()
    .get("/v1/admin/petitions", async (c) => {
      const deps = depsOf(c);
      const staff = await deps.requireStaff(c.req.raw.headers, "viewer");
      const { waiting, department, ...query } = parseQuery(c, StaffPetitionQuery);
      const asked = {
        ...query,
        waiting: waiting === "true",
        department: department === NO_DEPARTMENT ? null : department,
      };
      return c.json(await listPetitionsForStaff(deps, staff, asked));
    })
    .get("/v1/admin/petitions/:id", async (c) => {
      const deps = depsOf(c);
      const { staff, id } = await staffAndPetition(c, deps, "viewer");
      return sendPetition(c, deps, staff, id);
    })
    .post("/v1/admin/petitions/:id/approve", decision("moderator", ApproveBody, approvePetition))
    .post("/v1/admin/petitions/:id/request-changes", decision("moderator", RequestChangesBody, requestChanges))
    .post("/v1/admin/petitions/:id/reject", decision("moderator", RejectBody, rejectPetition))
    .post("/v1/admin/petitions/:id/reopen", decision("admin", ReopenBody, reopenPetition))
    .post("/v1/admin/petitions/:id/stop", decision("moderator", StopBody, stopPetition))
    .post("/v1/admin/petitions/:id/extend", decision("moderator", ExtendBody, extendPetition))
    .post("/v1/admin/petitions/:id/assign", decision("moderator", AssignBody, assignPetition))
    .post("/v1/admin/petitions/:id/notes", async (c) => {
      const deps = depsOf(c);
      const { staff, id } = await staffAndPetition(c, deps, "moderator");
      await notePetition(deps, staff, id, await parseJsonBody(c, NoteBody));
      return sendPetition(c, deps, staff, id);
    })
    .get("/v1/rejection-reasons", async (c) => {
      const deps = depsOf(c);
      return sendPublic(c, await deps.answers.get("rejection-reasons", () => renderReasons(deps)));
    });
};

async function sendPetition(c: Context, deps: ModerationRouteDeps, staff: Staff, id: string): Promise<Response> {
  const petition = await readForStaff(deps, staff, id);
  return c.json(petition, 200, { ETag: versionTag(petition.version) });
}

async function renderReasons({ db }: ModerationRouteDeps): Promise<PublicBody> {
  const [reasons] = await db.batch([shownReasons(db)]);
  return publicBody({ data: reasons.map(({ code, names }) => ({ code, names })), next_cursor: null });
}
