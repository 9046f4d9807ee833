import { type Context, Hono } from "hono";
import type { Role, Staff } from "../../access/staff.ts";
import { requireIfMatch, versionTag } from "../../http/if-match.ts";
import { Problem } from "../../http/problems.ts";
import { type StaffRequestDeps, staffAndPetition } from "../../http/staff-request.ts";
import { parseJsonBody } from "../../http/validation.ts";
import { petitionNo, publicId } from "../../lib/ids.ts";
import type { DecisionDeps } from "../../petitions/moderation/decide.ts";
import { erasePetition } from "./erase-petition.ts";
import { holdData, releaseData } from "./hold-data.ts";
import { retentionOf } from "./holds.store.ts";
import { EraseBody, RetentionHoldBody } from "./retention.schema.ts";
import { eraseMoment, type RetentionPolicy } from "./retention.ts";

export interface RetentionRouteDeps extends StaffRequestDeps<Staff, Role>, DecisionDeps {
  readonly timeZone: string;
  readonly retention: RetentionPolicy;
}

/** How long a petition's personal data stays: reading it, holding it longer, and erasing it at once. */
export const retentionRoutes = (depsOf: (c: Context) => RetentionRouteDeps) =>
  new Hono()
    .get("/v1/admin/petitions/:id/retention", async (c) => {
      const deps = depsOf(c);
      const { id } = await staffAndPetition(c, deps, "viewer");
      return sendRetention(c, deps, id);
    })
    .put("/v1/admin/petitions/:id/retention-hold", async (c) => {
      const deps = depsOf(c);
      const { staff, id } = await staffAndPetition(c, deps, "admin");
      const tags = requireIfMatch(c);
      await holdData(deps, staff, { id, tags }, await parseJsonBody(c, RetentionHoldBody));
      return sendRetention(c, deps, id);
    })
    .delete("/v1/admin/petitions/:id/retention-hold", async (c) => {
      const deps = depsOf(c);
      const { staff, id } = await staffAndPetition(c, deps, "admin");
      await releaseData(deps, staff, { id, tags: requireIfMatch(c) });
      return sendRetention(c, deps, id);
    })
    .post("/v1/admin/petitions/:id/erase", async (c) => {
      const deps = depsOf(c);
      const { staff, id } = await staffAndPetition(c, deps, "admin");
      const tags = requireIfMatch(c);
      await erasePetition(deps, staff, { id, tags }, await parseJsonBody(c, EraseBody));
      return sendRetention(c, deps, id);
    });

async function sendRetention(c: Context, { db, clock, retention }: RetentionRouteDeps, id: string): Promise<Response> {
  const [[row]] = await db.batch([retentionOf(db, petitionNo(id))]);
  if (row?.id !== id) throw new Problem("not_found");
  const isHeld = row.until !== null && row.until > clock();
  const answer = {
    petition_id: publicId("pet", id),
    version: row.version,
    over_since: time(row.overSince),
    erase_at: row.overSince === null ? null : time(eraseMoment(row.overSince, retention)),
    hold: isHeld ? { reason: row.reason, until: time(row.until), by: row.heldBy, since: time(row.heldAt) } : null,
    erasing_since: time(row.erasingSince),
    erased_at: time(row.erasedAt),
    erased_signatures: row.erased,
    trouble: row.failures === 0 ? null : { failures: row.failures, since: time(row.failedAt), error: row.error },
  };
  return c.json(answer, 200, { ETag: versionTag(row.version) });
}

const time = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
