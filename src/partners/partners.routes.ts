import { type Context, Hono } from "hono";
import type { Role, Staff } from "../access/staff.ts";
import { timeOrNull } from "../http/answer-fields.ts";
import { readCursor, writeCursor } from "../http/cursor.ts";
import { toCome } from "../http/moment-field.ts";
import { nextLink } from "../http/paging.ts";
import { Problem } from "../http/problems.ts";
import { parseJsonBody, parseQuery } from "../http/validation.ts";
import { parsePublicId, publicId } from "../lib/ids.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import { changePartner, partnersPage, readPartner, suspendPartner } from "./change-partner.ts";
import { createPartnerKey, type KeyRow, listPartnerKeys, rotatePartnerKey } from "./create-key.ts";
import { createPartner, type PartnerDeps } from "./create-partner.ts";
import {
  NewKeyBody,
  NewPartnerBody,
  PartnerBody,
  PartnersQuery,
  RotateKeyBody,
  SuspendBody,
} from "./partners.schema.ts";
import type { PartnerRow } from "./partners.store.ts";
import { revokePartnerKey } from "./revoke-key.ts";

export interface PartnerAdminDeps extends PartnerDeps {
  readonly keys: RootKeys;
  readonly publicUrl: string;
  /** Raises `unauthorized` and, when the role is too small, `not_found`. */
  readonly requireStaff: (headers: Headers, atLeast: Role) => Promise<Staff>;
}

/** Partners and their keys, as admins of the whole municipality manage them. */
export const partnerAdminRoutes = (depsOf: (c: Context) => PartnerAdminDeps) => {
  const asAdmin = async (c: Context) => {
    const deps = depsOf(c);
    const actor = await deps.requireStaff(c.req.raw.headers, "admin");
    // A partner's petitions may be any department's.
    if (actor.department !== null) throw new Problem("not_found");
    return { deps, actor };
  };
  const ofPath = async (c: Context) => ({ ...(await asAdmin(c)), id: idIn(c, "par", "id") });
  const suspend = (suspended: boolean) => async (c: Context) => {
    const { deps, actor, id } = await ofPath(c);
    const { reason } = await parseJsonBody(c, SuspendBody);
    return c.json(partnerAnswer(await suspendPartner(deps, actor, { id, suspended, reason })));
  };
  return new Hono()
    .get("/v1/admin/partners", async (c) => {
      const { deps } = await asAdmin(c);
      const { limit, cursor, suspended } = parseQuery(c, PartnersQuery);
      const query = `partners ${suspended ?? ""}`;
      const [after] = cursor === undefined ? [] : await readCursor<[string]>(deps.keys, query, cursor);
      const asked = { suspended: suspended && suspended === "true", after, limit };
      const { partners, more } = await partnersPage(deps, asked);
      const next = more ? await writeCursor(deps.keys, query, [partners.at(-1)?.id ?? ""]) : null;
      if (next !== null) c.header("Link", nextLink(c, deps.publicUrl, next));
      return c.json({ data: partners.map(partnerAnswer), next_cursor: next });
    })
    .post("/v1/admin/partners", async (c) => {
      const { deps, actor } = await asAdmin(c);
      const { code, ...input } = await parseJsonBody(c, NewPartnerBody);
      return c.json(partnerAnswer(await createPartner(deps, actor, { code, input })), 201);
    })
    .get("/v1/admin/partners/:id", async (c) => {
      const { deps, id } = await ofPath(c);
      return c.json(partnerAnswer(await readPartner(deps, id)));
    })
    .put("/v1/admin/partners/:id", async (c) => {
      const { deps, actor, id } = await ofPath(c);
      const input = await parseJsonBody(c, PartnerBody);
      return c.json(partnerAnswer(await changePartner(deps, actor, { id, input })));
    })
    .post("/v1/admin/partners/:id/suspend", suspend(true))
    .post("/v1/admin/partners/:id/resume", suspend(false))
    .get("/v1/admin/partners/:id/keys", async (c) => {
      const { deps, id } = await ofPath(c);
      return c.json(keyList(await listPartnerKeys(deps, id)));
    })
    .post("/v1/admin/partners/:id/keys", async (c) => {
      const { deps, actor, id } = await ofPath(c);
      const { expires_at, origins, signatures_per_minute, signatures_per_day, ...rest } = await parseJsonBody(
        c,
        NewKeyBody,
      );
      const input = {
        ...rest,
        origins: origins.length > 0 ? origins : null,
        minuteLimit: signatures_per_minute,
        dayLimit: signatures_per_day,
        expiresAt: toCome("/expires_at", expires_at, deps.clock()),
      };
      return c.json(newKeyAnswer(await createPartnerKey(deps, actor, { id, input })), 201);
    })
    .post("/v1/admin/partners/:id/keys/:key_id/rotate", async (c) => {
      const { deps, actor, id } = await ofPath(c);
      const keyId = idIn(c, "key", "key_id");
      const { overlap_hours: overlapHours, expires_at } = await parseJsonBody(c, RotateKeyBody);
      const expiresAt = expires_at === undefined ? undefined : toCome("/expires_at", expires_at, deps.clock());
      return c.json(newKeyAnswer(await rotatePartnerKey(deps, actor, { id, keyId, overlapHours, expiresAt })), 201);
    })
    .delete("/v1/admin/partners/:id/keys/:key_id", async (c) => {
      const { deps, actor, id } = await ofPath(c);
      return c.json(keyList(await revokePartnerKey(deps, actor, { id, keyId: idIn(c, "key", "key_id") })));
    });
};

function idIn(c: Context, prefix: "par" | "key", name: string): string {
  const id = parsePublicId(prefix, c.req.param(name) ?? "");
  if (!id) throw new Problem("not_found");
  return id;
}

const partnerAnswer = ({ id, createdAt, suspendedAt, ...rest }: PartnerRow) => ({
  id: publicId("par", id),
  ...rest,
  created_at: timeOrNull(createdAt),
  suspended_at: timeOrNull(suspendedAt),
});

const keyAnswer = ({
  id,
  prefix,
  label,
  test,
  scopes,
  petitions,
  origins,
  minuteLimit,
  dayLimit,
  ...times
}: KeyRow) => ({
  ...{ id: publicId("key", id), prefix, label, test, scopes },
  petitions: petitions?.map((petition) => publicId("pet", petition)) ?? null,
  origins: origins ?? [],
  signatures_per_minute: minuteLimit,
  signatures_per_day: dayLimit,
  created_at: timeOrNull(times.createdAt),
  expires_at: timeOrNull(times.expiresAt),
  last_used_at: timeOrNull(times.lastUsedAt),
});

const newKeyAnswer = ({ key, ...row }: KeyRow & { key: string }) => ({ ...keyAnswer(row), key });

const keyList = (keys: readonly KeyRow[]) => ({ data: keys.map(keyAnswer), next_cursor: null });
