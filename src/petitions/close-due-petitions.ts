import type { Database } from "../db/database.ts";
import { closeDue } from "./petitions.store.ts";

/** Closes petitions whose time is over. Missed or doubled runs change nothing: the moment of closing was set before. */
export async function closeDuePetitions({ db, clock }: { db: Database; clock: () => number }): Promise<void> {
  await db.batch([closeDue(db, clock())]);
}
