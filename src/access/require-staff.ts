import { type Config, LOCAL_STAFF_KEY } from "../config.ts";
import type { Database } from "../db/database.ts";
import { Problem } from "../http/problems.ts";
import { publicId } from "../lib/ids.ts";
import { anyAdminKey, noteKeyUse, staffByKey } from "./staff.store.ts";
import { type Role, requireRole, type Staff } from "./staff.ts";
import { sameText, staffKeyDigest } from "./staff-key.ts";

export interface RequireStaffDeps {
  readonly db: Database;
  readonly clock: () => number;
  readonly config: Config;
}

/**
 * The staff member whose key a request carries, when their role is at least `atLeast`. Read anew for each request, so a
 * revocation holds at once. Raises `unauthorized` without a key or with one that is not valid, `not_found` when the role
 * is too small.
 */
export async function requireStaff(deps: RequireStaffDeps, headers: Headers, atLeast: Role): Promise<Staff> {
  const key = /^Bearer ([\x21-\x7e]{1,200})$/i.exec(headers.get("Authorization") ?? "")?.[1];
  const staff = key === undefined ? null : await staffOfKey(deps, key);
  if (!staff) throw new Problem("unauthorized", { headers: { "WWW-Authenticate": "Bearer" } });
  return requireRole(staff, atLeast);
}

async function staffOfKey({ db, clock, config }: RequireStaffDeps, key: string): Promise<Staff | null> {
  const admin = { role: "admin", department: null } as const;
  if (config.local && (await sameText(key, LOCAL_STAFF_KEY))) return { ...admin, id: "local", name: "Local mode" };
  const now = clock();
  if (config.staffBootstrapKey !== undefined && (await sameText(key, config.staffBootstrapKey))) {
    const [admins] = await db.batch([anyAdminKey(db, now)]);
    return admins.length > 0 ? null : { ...admin, id: "bootstrap", name: "STAFF_BOOTSTRAP_KEY" };
  }
  const digest = await staffKeyDigest(key);
  if (!digest) return null;
  const [[found]] = await db.batch([staffByKey(db, digest, now), noteKeyUse(db, digest, now)]);
  return found ? { ...found, id: publicId("stf", found.id) } : null;
}
