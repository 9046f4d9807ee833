import { type Config, LOCAL_STAFF_KEY } from "../config.ts";
import type { Database } from "../db/database.ts";
import { Problem } from "../http/problems.ts";
import { publicId } from "../lib/ids.ts";
import { log } from "../lib/log.ts";
import { type AccessAssertions, KeySetUnreachable } from "./access-assertion.ts";
import { bearerKey, sameText } from "./key-form.ts";
import { staffByEmail } from "./staff.store.ts";
import { type Role, requireRole, type Staff } from "./staff.ts";
import { staffKeyDigest } from "./staff-key.ts";
import { anyAdminKey, noteKeyUse, staffByKey } from "./staff-keys.store.ts";

export interface RequireStaffDeps {
  readonly db: Database;
  readonly clock: () => number;
  readonly config: Config;
  /** Undefined without single sign-on. */
  readonly assertions: AccessAssertions | undefined;
}

const RETRY_AFTER_SECONDS = 10;
// Access's tokens are some 1,000 characters.
const MAX_ASSERTION = 8_192;

/**
 * The staff member who sends a request, when their role is at least `atLeast`: by the key in `Authorization`, or without
 * that header by Cloudflare Access's assertion. A key that is not valid is not made good by an assertion: who sends one
 * means to act as its owner. Read anew for each request, so a revocation holds at once. Raises `unauthorized` for whom
 * neither lets in, `unavailable` when an assertion can't be checked, `not_found` when the role is too small.
 */
export async function requireStaff(deps: RequireStaffDeps, headers: Headers, atLeast: Role): Promise<Staff> {
  const staff = headers.has("Authorization") ? await byKey(deps, headers) : await byAssertion(deps, headers);
  if (!staff) throw new Problem("unauthorized", { headers: { "WWW-Authenticate": "Bearer" } });
  return requireRole(staff, atLeast);
}

async function byKey({ db, clock, config }: RequireStaffDeps, headers: Headers): Promise<Staff | null> {
  const key = bearerKey(headers);
  if (key === null) return null;
  const admin = { role: "admin", department: null } as const;
  if (config.local && (await sameText(key, LOCAL_STAFF_KEY))) return { ...admin, id: "local", name: "Local mode" };
  const now = clock();
  if (config.staffBootstrapKey !== undefined && (await sameText(key, config.staffBootstrapKey))) {
    const [admins] = await db.batch([anyAdminKey(db, now)]);
    return admins.length > 0 ? null : { ...admin, id: "bootstrap", name: "STAFF_BOOTSTRAP_KEY" };
  }
  const digest = await staffKeyDigest(key);
  if (!digest) return null;
  const [[found]] = await db.batch([staffByKey(db, digest, now)]);
  if (!found) return null;
  const { id, name, role, department, toNote } = found;
  if (toNote) await db.batch([noteKeyUse(db, digest, now)]);
  return { id: publicId("stf", id), name, role, department };
}

/**
 * A browser sends Access's cookie by itself, so another site's page could act in a person's name: what has an `Origin`
 * that is not ours is refused (browsers name it with everything but plain reading).
 */
async function byAssertion({ db, config, assertions }: RequireStaffDeps, headers: Headers): Promise<Staff | null> {
  const token = headers.get("Cf-Access-Jwt-Assertion");
  if (!assertions || token === null || token.length > MAX_ASSERTION) return null;
  const origin = headers.get("Origin");
  if (origin !== null && origin !== config.publicUrl) return null;
  const email = await assertions.emailOf(token).catch((error: unknown) => {
    if (!(error instanceof KeySetUnreachable)) throw error;
    log("sign_on_unavailable", {});
    throw new Problem("unavailable", { headers: { "Retry-After": String(RETRY_AFTER_SECONDS) } });
  });
  if (email === null) return null;
  const [[found]] = await db.batch([staffByEmail(db, email)]);
  return found ? { ...found, id: publicId("stf", found.id) } : null;
}
