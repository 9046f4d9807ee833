import { recordAct } from "../access/audit.ts";
import type { Staff } from "../access/staff.ts";
import { publicId } from "../lib/ids.ts";
import { findKey, type KeyRow } from "./create-key.ts";
import type { PartnerDeps } from "./create-partner.ts";
import { deletePartnerKey, keysOfPartner, partnerKeyThere } from "./partner-keys.store.ts";

/**
 * Ends one of a partner's keys; gives those that are left. Isolates know of it within five seconds. Raises `not_found`
 * when there is no such key.
 */
export async function revokePartnerKey(
  deps: PartnerDeps,
  actor: Staff,
  { id, keyId }: { id: string; keyId: string },
): Promise<KeyRow[]> {
  const { db, clock } = deps;
  const { key } = await findKey(deps, id, keyId);
  const now = clock();
  const act = {
    actor,
    act: "partner.revoke_key",
    subject: publicId("par", id),
    before: { key: publicId("key", keyId), prefix: key.prefix, label: key.label },
    at: now,
  };
  const [, , left] = await db.batch([
    recordAct(db, act, partnerKeyThere(id, keyId)),
    deletePartnerKey(db, id, keyId),
    keysOfPartner(db, id, now),
  ]);
  return left;
}
