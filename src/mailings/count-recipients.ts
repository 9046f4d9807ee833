import type { Database } from "../db/database.ts";
import { beingCounted, countSlice } from "./mailings.store.ts";

// Signatures that one transaction goes through: some hundredths of a second.
const SLICE = 10_000;
// What somebody may wait for; the job counts the rest.
const SLICES_AT_ONCE = 5;
const SLICES_A_RUN = 50;
const DRAFTS_A_RUN = 5;

/** Counts the first of those whom a draft would go to: all of them, but for a very large petition. */
export const countAtOnce = (db: Database, draft: { id: string; petitionNo: number }): Promise<void> =>
  count(db, { ...draft, from: "" }, SLICES_AT_ONCE);

/** Goes on counting for drafts of very large petitions. May be missed, run twice, or two at once. */
export async function countRecipients({ db }: { db: Database }): Promise<void> {
  const [drafts] = await db.batch([beingCounted(db, DRAFTS_A_RUN)]);
  for (const { id, petition_no: petitionNo, counted_to: from } of drafts) {
    await count(db, { id, petitionNo, from }, SLICES_A_RUN);
  }
}

async function count(
  db: Database,
  { id, petitionNo, from }: { id: string; petitionNo: number; from: string },
  slices: number,
): Promise<void> {
  let at: string | null | undefined = from;
  for (let done = 0; at !== null && at !== undefined && done < slices; done++) {
    const [rows]: [{ counted_to: string | null }[]] = await db.batch([
      countSlice(db, { id, petitionNo, from: at, limit: SLICE }),
    ]);
    at = rows[0]?.counted_to;
  }
}
