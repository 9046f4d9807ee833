import type { Database } from "../db/database.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import { readUnsubscribeToken } from "./unsubscribe-token.ts";
import { countUnsubscribed, insertUnsubscribed, stopUpdates } from "./unsubscribed.store.ts";

/** What somebody wants no more news of: the petition that they signed, or any petition of the municipality. */
export type UnsubscribeScope = "petition" | "all";

export interface UnsubscribeDeps {
  readonly db: Database;
  readonly keys: RootKeys;
  readonly clock: () => number;
}

/**
 * Ends the news to a mailbox, by the token of a mail's link. Repeating it changes nothing, and nobody learns whether there
 * was anything to change. Raises `token_invalid`.
 */
export async function unsubscribe(
  { db, keys, clock }: UnsubscribeDeps,
  token: string,
  scope: UnsubscribeScope,
): Promise<{ status: "unsubscribed"; scope: UnsubscribeScope }> {
  const { petitionNo, mailbox, mailingId, addressHash } = await readUnsubscribeToken(keys, token);
  const all = scope === "all" ? [insertUnsubscribed(db, addressHash, clock())] : [];
  await db.batch([stopUpdates(db, petitionNo, mailbox), countUnsubscribed(db, mailingId), ...all]);
  return { status: "unsubscribed", scope };
}
