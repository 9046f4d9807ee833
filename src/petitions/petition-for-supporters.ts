import type { Database } from "../db/database.ts";
import { Problem } from "../http/problems.ts";
import { petitionNo } from "../lib/ids.ts";
import { acceptsSignatureAt, isPublicState, stateAt, takesSupporters } from "./petition.ts";
import { petitionForSupporter } from "./petitions.store.ts";

/** A petition as whoever has its supporter link sees it. */
export interface PetitionForSupporters {
  readonly title: string;
  readonly background: string;
  readonly details: string;
  readonly locale: string;
  /**
   * `gathering`: supporters may sign; `waiting`: they still may while the municipality looks at it; `full`: they have
   * taken every place; `open`: everybody may sign; `paused`: whoever may, can't for now.
   */
  readonly stage: "gathering" | "waiting" | "full" | "open" | "ended" | "paused";
}

/** A petition by its UUID, read anew. Raises `not_found` while it is a draft, when it is hidden, and when there is none. */
export async function readForSupporters(
  { db, clock }: { db: Database; clock: () => number },
  id: string,
): Promise<PetitionForSupporters> {
  const [[row]] = await db.batch([petitionForSupporter(db, petitionNo(id))]);
  if (row?.id !== id) throw new Problem("not_found");
  const { title, background, details, locale } = row;
  const now = clock();
  if (takesSupporters(row.state)) {
    const stage = row.state === "gathering" ? "gathering" : "waiting";
    const signable = row.pausedSince === null ? stage : "paused";
    return { title, background, details, locale, stage: (row.placesLeft ?? 0) > 0 ? signable : "full" };
  }
  if (!isPublicState(row.state)) throw new Problem("not_found");
  const open = acceptsSignatureAt({ ...row, state: stateAt(row, now) }, now);
  return { title, background, details, locale, stage: !open ? "ended" : row.pausedSince === null ? "open" : "paused" };
}
