import type { Database } from "../db/database.ts";
import { localHour } from "../lib/local-time.ts";
import { refreshRankings } from "./petitions.store.ts";

const TREND_MS = 24 * 60 * 60_000;

/** Takes the snapshot by which lists are ordered: counted signatures, and those of the last 24 hours. */
export async function rankPetitions(deps: { db: Database; clock: () => number; timeZone: string }): Promise<void> {
  const sinceHour = localHour(deps.clock() - TREND_MS, deps.timeZone);
  await deps.db.batch([refreshRankings(deps.db, sinceHour)]);
}
