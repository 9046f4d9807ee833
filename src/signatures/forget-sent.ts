import type { Database } from "../db/database.ts";
import { uuidAt, uuidHex } from "../lib/ids.ts";
import { forgetUnverified, noteForgotten, partnersToForget, sliceOf } from "./partner-submissions.store.ts";

const DAY_MS = 24 * 60 * 60_000;
// By then a partner has read that it was not verified.
const READ_DAYS = 16;
const HOUR_MS = 60 * 60_000;
const SLICE = 500;
const BUDGET_MS = 10_000;

/**
 * Erases references of submissions that partners sent and nobody verified, 16 days after nobody can any more, in slices;
 * each row is looked at once, and what time does not allow is the next run's. Gives how many were looked at.
 * @param deps.unverifiedDays days after which an unverified signature is deleted
 */
export async function forgetSent(deps: { db: Database; clock: () => number; unverifiedDays: number }): Promise<number> {
  const { db, clock } = deps;
  const begun = clock();
  const before = begun - (deps.unverifiedDays + READ_DAYS) * DAY_MS;
  let looked = 0;
  const [partners] = await db.batch([partnersToForget(db, before - HOUR_MS)]);
  for (const { code: partner, since } of partners) {
    const to = uuidHex(uuidAt(before));
    for (let from = uuidHex(uuidAt(since)); clock() - begun < BUDGET_MS; ) {
      const [[slice]] = await db.batch([sliceOf(db, { partner, from, to, limit: SLICE })]);
      if (!slice?.last) {
        await db.batch([noteForgotten(db, partner, before)]);
        break;
      }
      const { n, last } = slice;
      const reached = n < SLICE ? before : Number.parseInt(last.slice(0, 12), 16);
      await db.batch([forgetUnverified(db, { partner, from, to: last }), noteForgotten(db, partner, reached)]);
      looked += n;
      if (n < SLICE) break;
      from = nextAfter(last);
    }
  }
  return looked;
}

/** The id that follows: 32 hexadecimal digits. */
const nextAfter = (id: string): string => (BigInt(`0x${id}`) + 1n).toString(16).padStart(32, "0");
