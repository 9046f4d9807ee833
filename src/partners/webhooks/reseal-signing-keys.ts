import type { Database } from "../../db/database.ts";
import { log } from "../../lib/log.ts";
import type { RootKeys } from "../../lib/root-keys.ts";
import { replaceSealed, sealedKeys } from "./endpoints.store.ts";
import { SECRET_PURPOSE } from "./signing-secret.ts";

const AT_ONCE = 50;

/**
 * While ROOT_KEY is being rotated (`rotating`), seals endpoints' secrets under the current key. Repeatable, and a secret
 * that its owner changes meanwhile is left alone: it is sealed under the current key already.
 */
export async function resealSigningKeys(deps: { db: Database; keys: RootKeys; rotating: boolean }): Promise<void> {
  if (!deps.rotating) return;
  const { db, keys } = deps;
  for (let after = ""; ; ) {
    const [endpoints] = await db.batch([sealedKeys(db, { after, limit: AT_ONCE })]);
    for (const endpoint of endpoints) {
      for (const column of ["signingKey", "previousKey"] as const) {
        const from = endpoint[column];
        if (!from) continue;
        const to = await keys.reseal(SECRET_PURPOSE, from, endpoint.id);
        if (!to) log("webhook_secret_unreadable", { column });
        else if (to !== from) await db.batch([replaceSealed(db, endpoint.id, { column, from, to })]);
      }
    }
    const last = endpoints.at(-1);
    if (!last) return;
    after = last.id;
  }
}
