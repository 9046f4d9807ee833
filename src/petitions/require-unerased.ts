import type { Database } from "../db/database.ts";
import { Problem } from "../http/problems.ts";
import { hasSecret } from "./petitions.store.ts";

/** Raises `petition_erased` for a petition, by its number, whose personal data is erased. */
export async function requireUnerased(db: Database, no: number): Promise<void> {
  const [[petition]] = await db.batch([hasSecret(db, no)]);
  if (petition && !petition.secret) throw new Problem("petition_erased");
}
