import type { Database } from "../../db/database.ts";
import { waitingEndpoints } from "./turns.store.ts";

// Messages that a queue takes at once; what is left is rung for a minute later.
const MOST = 100;

/** Rings for every endpoint for which something is due and that nobody works on; only a partner's, by its code. */
export async function ringWaitingWebhooks(
  deps: {
    readonly db: Database;
    readonly clock: () => number;
    readonly ringWebhooks: (endpointIds: readonly string[]) => Promise<void>;
  },
  partner: string | null = null,
): Promise<void> {
  const { db, clock, ringWebhooks } = deps;
  const [endpoints] = await db.batch([waitingEndpoints(db, { partner, now: clock(), limit: MOST })]);
  if (endpoints.length > 0) await ringWebhooks(endpoints.map(({ id }) => id));
}
