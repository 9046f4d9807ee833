import { newUuid, publicId } from "../lib/ids.ts";
import { recordAct } from "./audit.ts";
import { requireMember } from "./change-staff.ts";
import type { StaffDeps } from "./create-staff.ts";
import { activeMember } from "./staff.store.ts";
import type { Staff } from "./staff.ts";
import { newStaffKey } from "./staff-key.ts";
import { dropEndedKeys, endOtherKeys, insertKey, keysOf } from "./staff-keys.store.ts";

// Enough for the machines of one person and a change of all of them; each is a way in.
const MOST_KEYS = 5;

const HOUR_MS = 60 * 60_000;

/** A key of a member, as people tell keys apart. */
export type StaffKey = Awaited<ReturnType<typeof keysOf>>[number];

/** A member's valid keys, the newest first. Raises `not_found` when the actor may not manage them. */
export async function listKeys(deps: StaffDeps, actor: Staff, id: string): Promise<StaffKey[]> {
  await requireMember(deps, actor, id);
  const [keys] = await deps.db.batch([keysOf(deps.db, id, deps.clock())]);
  return keys;
}

/**
 * Gives a member a new key, which works at once and is shown this once. The others go on working for `overlapHours`,
 * 0 ends them at once; beyond five keys the oldest end at once. Raises `not_found`.
 * @param expiresAt when the new key ends, milliseconds since 1970; null: it doesn't by itself
 */
export async function rotateKeys(
  deps: StaffDeps,
  actor: Staff,
  { id, overlapHours, expiresAt }: { id: string; overlapHours: number; expiresAt: number | null },
): Promise<StaffKey & { key: string }> {
  const { db, clock } = deps;
  await requireMember(deps, actor, id);
  const now = clock();
  const { key, digest, prefix } = await newStaffKey();
  const keyId = newUuid();
  const endAt = now + overlapHours * HOUR_MS;
  const after = {
    key: publicId("key", keyId),
    prefix,
    expires_at: expiresAt === null ? null : new Date(expiresAt).toISOString(),
    other_keys_end_at: new Date(endAt).toISOString(),
  };
  const act = { actor, act: "staff.rotate_keys", subject: publicId("stf", id), after, at: now };
  await db.batch([
    recordAct(db, act, activeMember(id)),
    insertKey(db, { digest, id: keyId, staffId: id, prefix, createdAt: now, expiresAt }),
    endOtherKeys(db, { staffId: id, but: keyId, endAt }),
    dropEndedKeys(db, { staffId: id, now, most: MOST_KEYS }),
  ]);
  return { id: keyId, prefix, createdAt: now, expiresAt, lastUsedAt: null, key };
}
