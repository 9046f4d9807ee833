import { type Context, Hono } from "hono";
import { timeOrNull } from "../http/answer-fields.ts";
import { readCursor, writeCursor } from "../http/cursor.ts";
import { toCome } from "../http/moment-field.ts";
import { nextLink } from "../http/paging.ts";
import { Problem } from "../http/problems.ts";
import { parseJsonBody, parseQuery } from "../http/validation.ts";
import { parsePublicId, publicId } from "../lib/ids.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import { type ChangeStaffDeps, changeOwnSettings, changeStaff } from "./change-staff.ts";
import { createStaff } from "./create-staff.ts";
import { readStaff, staffPage } from "./read-staff.ts";
import { revokeKey } from "./revoke-key.ts";
import { revokeStaff } from "./revoke-staff.ts";
import { listKeys, rotateKeys, type StaffKey } from "./rotate-keys.ts";
import { NewStaffBody, OwnSettingsBody, RevokeBody, RotateBody, StaffBody, StaffQuery } from "./staff.schema.ts";
import type { StaffRow } from "./staff.store.ts";
import { memberId, type Role, type Staff } from "./staff.ts";

export interface StaffRouteDeps extends ChangeStaffDeps {
  readonly keys: RootKeys;
  readonly publicUrl: string;
  /** Raises `unauthorized` and, when the role is too small, `not_found`. */
  readonly requireStaff: (headers: Headers, atLeast: Role) => Promise<Staff>;
}

/** Staff, their keys, and one's own entry. */
export const staffRoutes = (depsOf: (c: Context) => StaffRouteDeps) => {
  const asAdmin = async (c: Context) => {
    const deps = depsOf(c);
    return { deps, actor: await deps.requireStaff(c.req.raw.headers, "admin") };
  };
  /** Who manages whose entry: an admin the path's, and everybody their own. */
  const ofPath = async (c: Context) => {
    const { deps, actor } = await asAdmin(c);
    return { deps, actor, id: idIn(c, "stf", "id") };
  };
  const ofOwn = async (c: Context) => {
    const deps = depsOf(c);
    const actor = await deps.requireStaff(c.req.raw.headers, "viewer");
    return { deps, actor, id: memberId(actor) };
  };
  return new Hono()
    .get("/v1/admin/staff", async (c) => {
      const { deps, actor } = await asAdmin(c);
      const { limit, cursor, ...filter } = parseQuery(c, StaffQuery);
      const query = `staff ${JSON.stringify([actor.department, filter])}`;
      const [after] = cursor === undefined ? [] : await readCursor<[string]>(deps.keys, query, cursor);
      const { members, more } = await staffPage(deps, actor, {
        ...filter,
        revoked: filter.revoked === "true",
        after,
        limit,
      });
      const next = more ? await writeCursor(deps.keys, query, [members.at(-1)?.id ?? ""]) : null;
      if (next !== null) c.header("Link", nextLink(c, deps.publicUrl, next));
      return c.json({ data: members.map(staffAnswer), next_cursor: next });
    })
    .post("/v1/admin/staff", async (c) => {
      const { deps, actor } = await asAdmin(c);
      const { key_expires_at, ...input } = await parseJsonBody(c, NewStaffBody);
      const expiresAt = toCome("/key_expires_at", key_expires_at, deps.clock());
      const { member, key } = await createStaff(deps, actor, { input, expiresAt });
      return c.json({ ...staffAnswer(member), key }, 201);
    })
    .get("/v1/admin/staff/:id", async (c) => {
      const { deps, actor, id } = await ofPath(c);
      return c.json(staffAnswer(await readStaff(deps, actor, id)));
    })
    .put("/v1/admin/staff/:id", async (c) => {
      const { deps, actor, id } = await ofPath(c);
      const input = await parseJsonBody(c, StaffBody);
      return c.json(staffAnswer(await changeStaff(deps, actor, { id, input })));
    })
    .post("/v1/admin/staff/:id/revoke", async (c) => {
      const { deps, actor, id } = await ofPath(c);
      const { reason } = await parseJsonBody(c, RevokeBody);
      return c.json(staffAnswer(await revokeStaff(deps, actor, { id, reason })));
    })
    .get("/v1/admin/me", async (c) => {
      const { deps, actor, id } = await ofOwn(c);
      if (id !== null) return c.json(ownAnswer(await readStaff(deps, actor, id)));
      const { name, role, department } = actor;
      return c.json({ id: actor.id, name, email: null, role, department, locale: null, reminders: false });
    })
    .put("/v1/admin/me", async (c) => {
      const { deps, actor } = await ofOwn(c);
      const input = await parseJsonBody(c, OwnSettingsBody);
      return c.json(ownAnswer(await changeOwnSettings(deps, actor, input)));
    })
    .route("/v1/admin/staff/:id/keys", keyRoutes(ofPath))
    .route("/v1/admin/me/keys", keyRoutes(ofOwn));
};

type Managed = (c: Context) => Promise<{ deps: StaffRouteDeps; actor: Staff; id: string | null }>;

/** One member's keys. */
const keyRoutes = (managed: Managed) =>
  new Hono()
    .get("/", async (c) => {
      const { deps, actor, id } = await managed(c);
      return c.json(keyList(id === null ? [] : await listKeys(deps, actor, id)));
    })
    .post("/rotate", async (c) => {
      const { deps, actor, id } = await managed(c);
      const { overlap_hours: overlapHours, expires_at } = await parseJsonBody(c, RotateBody);
      const expiresAt = toCome("/expires_at", expires_at, deps.clock());
      if (id === null) throw new Problem("not_found");
      const { key, ...rest } = await rotateKeys(deps, actor, { id, overlapHours, expiresAt });
      return c.json({ ...keyAnswer(rest), key }, 201);
    })
    .delete("/:key_id", async (c) => {
      const { deps, actor, id } = await managed(c);
      const keyId = idIn(c, "key", "key_id");
      if (id === null) throw new Problem("not_found");
      return c.json(keyList(await revokeKey(deps, actor, { id, keyId })));
    });

function idIn(c: Context, prefix: "stf" | "key", name: string): string {
  const id = parsePublicId(prefix, c.req.param(name) ?? "");
  if (!id) throw new Problem("not_found");
  return id;
}

const staffAnswer = ({ id, departmentCode, createdAt, revokedAt, ...rest }: StaffRow) => ({
  id: publicId("stf", id),
  ...rest,
  department: departmentCode,
  created_at: timeOrNull(createdAt),
  revoked_at: timeOrNull(revokedAt),
});

function ownAnswer(row: StaffRow) {
  const { created_at: _, revoked_at: __, ...own } = staffAnswer(row);
  return own;
}

const keyAnswer = ({ id, prefix, createdAt, expiresAt, lastUsedAt }: StaffKey) => ({
  id: publicId("key", id),
  prefix,
  created_at: timeOrNull(createdAt),
  expires_at: timeOrNull(expiresAt),
  last_used_at: timeOrNull(lastUsedAt),
});

const keyList = (keys: readonly StaffKey[]) => ({ data: keys.map(keyAnswer), next_cursor: null });
