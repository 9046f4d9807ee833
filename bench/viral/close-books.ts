import { checkTallies } from "../seed.ts";
import type { BenchPetition } from "../town.ts";
import type { Crowd } from "./crowd.ts";
import { balance, type Ledger, type LedgerRow } from "./ledger.ts";
import type { Counted, StagedWorker } from "./staged-worker.ts";
import { KILLS } from "./trouble.ts";

/** The ledger of a replay that has come to rest, and what else must be true then. */
export async function closeBooks(
  worker: StagedWorker,
  crowd: Crowd,
  petition: BenchPetition,
): Promise<Ledger & { counted: Counted }> {
  await crowd.polls();
  const counted = await worker.counted();
  const deaths = counted.deaths + counted.turns_lost + KILLS.length;
  const ledger = balance({ ...crowd.facts(), rows: await rowsOf(worker.db, petition.no), deaths });
  return { ...ledger, counted, wrong: [...ledger.wrong, ...(await wrongCounts(worker, petition, crowd))] };
}

async function wrongCounts({ db, url }: StagedWorker, petition: BenchPetition, { met }: Crowd): Promise<string[]> {
  const wrong: string[] = [];
  await checkTallies(db).catch(() => wrong.push("a tally differs from a recount"));
  const letters = await db.prepare("SELECT count(*) AS n FROM dead_letters").first<number>("n");
  if (letters !== 0) wrong.push(`${letters} messages ended as dead letters`);
  if (met.refused > 0) wrong.push(`${met.refused} submissions were not accepted`);
  if (met.falls > 0) wrong.push(`readers saw the count fall ${met.falls} times`);
  const answer = await fetch(`${url}/v1/petitions/${petition.id}/count`);
  const { verified } = (await answer.json()) as { verified: number };
  const tally = await db
    .prepare("SELECT verified FROM petition_tallies WHERE petition_no = ?")
    .bind(petition.no)
    .first<number>("verified");
  if (verified !== tally) wrong.push(`the public count says ${verified}, the tally ${tally}`);
  return wrong;
}

async function rowsOf(db: D1Database, no: number): Promise<LedgerRow[]> {
  const { results } = await db
    .prepare(
      `SELECT lower(hex(submission)) AS submission, state, hold, verified_at IS NOT NULL AS verified
       FROM signatures WHERE petition_no = ?`,
    )
    .bind(no)
    .all<Omit<LedgerRow, "verified"> & { verified: number }>();
  return results.map((row) => ({ ...row, verified: row.verified === 1 }));
}
