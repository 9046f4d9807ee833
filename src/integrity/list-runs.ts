import type { Staff } from "../access/staff.ts";
import type { Database } from "../db/database.ts";
import { petitionNo } from "../lib/ids.ts";
import type { RunOfPetition } from "./change-run.ts";
import { listInvalidations } from "./runs.store.ts";

/**
 * Runs that take signatures out, newest first: of one petition, or of all that the staff member sees. `last`: the UUID
 * after which the next page begins; null on the last.
 */
export async function listRuns(
  { db }: { db: Database },
  { department }: Pick<Staff, "department">,
  page: { petitionId: string | undefined; before: string | undefined; limit: number },
): Promise<{ runs: RunOfPetition[]; last: string | null }> {
  const { petitionId, before, limit } = page;
  const of = { petitionNo: petitionId === undefined ? undefined : petitionNo(petitionId), department, before };
  const [found] = await db.batch([listInvalidations(db, { ...of, limit: limit + 1 })]);
  const runs = found.slice(0, limit);
  return { runs, last: found.length > limit ? (runs.at(-1)?.id ?? null) : null };
}
