import type { Bytes } from "../../lib/bytes.ts";
import type { PetitionState } from "../petition.ts";
import type { PetitionDirectory } from "../petition-directory.ts";
import type { PetitionSecret } from "../petition-secret.ts";
import { illegalState } from "./decision.ts";

// What staff write may name people: it is sealed under the petition's secret, and goes when that goes.

/** Whose a sealed message to a petition's creator is. */
export const changesContext = (petitionId: string): string => `changes:${petitionId}`;

/** Whose a sealed note is. */
export const noteContext = (noteId: string): string => `note:${noteId}`;

/** The secret under which to seal; `illegal_state` once the petition's personal data is erased: nothing is added then. */
export async function requireSecret(
  petitions: PetitionDirectory,
  petition: { readonly id: string; readonly state: PetitionState; readonly wrappedSecret: Bytes | null },
): Promise<PetitionSecret> {
  const secret = await petitions.secret(petition);
  if (!secret) throw illegalState(petition.state);
  return secret;
}

/** A text that was sealed; null when there is none or its key is gone. */
export async function openText(
  secret: PetitionSecret | null,
  sealed: Bytes | null,
  context: string,
): Promise<string | null> {
  const text = sealed && (await secret?.open(sealed, context));
  return typeof text === "string" ? text : null;
}
