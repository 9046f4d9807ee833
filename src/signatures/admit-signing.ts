import type { Database } from "../db/database.ts";
import { Problem } from "../http/problems.ts";
import { type AdmitDeps, admitSigner, type Sender, type SubmissionHold } from "../limits/admit.ts";
import { pausedProblem, type SwitchDeps } from "../limits/refuse-paused.ts";
import type { PetitionDirectory } from "../petitions/petition-directory.ts";

export interface AdmitSigningDeps extends AdmitDeps, SwitchDeps {
  readonly db: Database;
  readonly petitions: PetitionDirectory;
}

/** Counts a signature of a petition, and says why it is to be held, if it is. Raises `rate_limited`, and as `requireUnpaused`. */
export async function admitSigning(
  deps: AdmitSigningDeps,
  sender: Sender,
  petitionId: string,
): Promise<SubmissionHold | null> {
  await requireUnpaused(deps, petitionId);
  return admitSigner(deps, sender, petitionId);
}

/**
 * Raises `signing_paused` while signing is paused, or `petition_not_open` where waiting is no use. What is to be read of
 * limits, lists and switches and of the petition comes in one call of the database.
 */
export async function requireUnpaused(deps: AdmitSigningDeps, petitionId: string): Promise<void> {
  const [{ signing_paused }, gate] = await Promise.all([
    deps.switches(),
    deps.petitions.gate(deps.db, petitionId, false),
  ]);
  // Before the limits: who tries again and again meanwhile must not be held for it afterwards.
  if (signing_paused !== null)
    throw gate === "not_open" ? new Problem("petition_not_open") : pausedProblem("signing_paused");
}
