import type { Database } from "../../db/database.ts";
import { openDue } from "./decisions.store.ts";

/** Opens approved petitions whose time has come. Missed or doubled runs change nothing: the moment was set before. */
export async function openDuePetitions({ db, clock }: { db: Database; clock: () => number }): Promise<void> {
  await db.batch([openDue(db, clock())]);
}
