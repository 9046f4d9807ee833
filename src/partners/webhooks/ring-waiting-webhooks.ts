import type { Database } from "../../db/database.ts";
import { waitingEndpoints } from "./turns.store.ts";

// Messages that a queue takes at once; what is left is rung for a minute later.
const MOST = 100;

/**
 * Rings for every endpoint for which something is due and that nobody works on: events ring for nobody themselves, so that
 * a busy hour costs an endpoint one message a minute. Gives how many.
 */
export async function ringWaitingWebhooks(deps: {
  readonly db: Database;
  readonly clock: () => number;
  readonly ringWebhooks: (endpointIds: readonly string[]) => Promise<void>;
}): Promise<number> {
  const [endpoints] = await deps.db.batch([waitingEndpoints(deps.db, { now: deps.clock(), limit: MOST })]);
  if (endpoints.length > 0) await deps.ringWebhooks(endpoints.map(({ id }) => id));
  return endpoints.length;
}
