import type { Database } from "../db/database.ts";
import type { PetitionState } from "./petition.ts";
import { rankedByLikeness } from "./petitions.store.ts";
import { likeQuery } from "./search-text.ts";

// What is this much less alike than the best one shares a common word with the title, and no more.
const CLOSE_ENOUGH = 0.3;

/**
 * The statement that finds petitions like a text (a title, as a rule), the most alike first: a row each, and few more are
 * read. `exceptNo`: the petition that the text is of. Undefined when no word of the text says anything. Its rows go
 * through `closeEnough`.
 */
export function similarTo(
  db: Database,
  query: { text: string; states: readonly PetitionState[]; exceptNo?: number; now: number; limit: number },
) {
  const match = likeQuery(query.text);
  return match === undefined ? undefined : rankedByLikeness(db, { exceptNo: undefined, ...query, match });
}

/** Of rows that `similarTo` found, those that are about as much alike as the first one. */
export function closeEnough<Row extends { readonly score: number }>(rows: readonly Row[]): Row[] {
  const best = rows[0]?.score ?? 0;
  return rows.filter(({ score }) => score <= best * CLOSE_ENOUGH);
}
