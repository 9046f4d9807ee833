import type { Database } from "../../db/database.ts";
import { type Delivery, listDeliveries, oldestDelivery } from "./deliveries.store.ts";
import type { Endpoint } from "./endpoints.store.ts";

// Rows that one page looks through for those in a state; where they are rare, pages are short.
const LOOKED_THROUGH = 1_000;

/**
 * A page of an endpoint's deliveries, the newest first.
 * @param asked.before the sequence that the page before ended with; undefined for the first
 * @returns the page, and where the next one begins; null when there is none
 */
export async function listDeliveriesOf(
  { db }: { readonly db: Database },
  { id, lastSequence }: Pick<Endpoint, "id" | "lastSequence">,
  {
    state,
    before = lastSequence + 1,
    limit,
  }: { state?: Delivery["state"] | undefined; before?: number | undefined; limit: number },
): Promise<{ deliveries: Delivery[]; nextBefore: number | null }> {
  const [rows, [oldest]] = await db.batch([
    listDeliveries(db, id, { before, span: LOOKED_THROUGH, state, limit: limit + 1 }),
    oldestDelivery(db, id),
  ]);
  const deliveries = rows.slice(0, limit);
  const full = rows.length > limit;
  const nextBefore = full ? (deliveries.at(-1)?.sequence ?? 0) : before - LOOKED_THROUGH;
  const more = full || (oldest !== undefined && oldest.sequence < nextBefore);
  return { deliveries, nextBefore: more ? nextBefore : null };
}
