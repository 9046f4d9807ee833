import type { Database } from "../db/database.ts";
import { type AdmitDeps, admitSigner, type Sender, type SubmissionHold } from "../limits/admit.ts";
import type { PetitionDirectory } from "../petitions/petition-directory.ts";

export interface AdmitSigningDeps extends AdmitDeps {
  readonly db: Database;
  readonly petitions: PetitionDirectory;
}

/**
 * Counts a signature of a petition, and says why it is to be held, if it is; raises `rate_limited`. What is to be read of
 * limits and lists and of the petition comes in one call of the database.
 */
export async function admitSigning(
  deps: AdmitSigningDeps,
  sender: Sender,
  petitionId: string,
): Promise<SubmissionHold | null> {
  const [hold] = await Promise.all([
    admitSigner(deps, sender, petitionId),
    deps.petitions.gate(deps.db, petitionId, false),
  ]);
  return hold;
}
