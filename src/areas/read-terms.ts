import type { Database } from "../db/database.ts";
import { listStates } from "./list-versions.store.ts";
import type { Term, TermList } from "./term.ts";
import { termRows } from "./terms.store.ts";

/** A list as it is now, not as an isolate remembers it: its entries by code, its version, and since when which are retired. */
export async function readTerms(
  db: Database,
  list: TermList,
): Promise<{ terms: Term[]; version: number; retired: Readonly<Record<string, number>> }> {
  const [rows, [state]] = await db.batch([termRows(db, list), listStates(db, list)]);
  const retired = state?.retired ?? {};
  const terms = rows.map((row) => ({ ...row, retired: Object.hasOwn(retired, row.code) }));
  return { terms, version: state?.version ?? 0, retired };
}
