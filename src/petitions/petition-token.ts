import { fromHex, toHex } from "../lib/bytes.ts";
import { hexUuid, uuidHex } from "../lib/ids.ts";
import type { RootKeys } from "../lib/root-keys.ts";

const UUID_BYTES = 16;

/** What a petition's token allows: to sign as a supporter before it opens, or what its creator may do. */
export type PetitionTokenPurpose = "supporter" | "edit";

/** The token of a petition (by its UUID) for a purpose: the same each time it is asked for under one ROOT_KEY. */
export const petitionToken = (keys: RootKeys, purpose: PetitionTokenPurpose, id: string): Promise<string> =>
  keys.issueToken(purpose, fromHex(uuidHex(id)));

/** The UUID of the petition that a token is for; null for anything that is no token for this purpose. */
export async function readPetitionToken(
  keys: RootKeys,
  purpose: PetitionTokenPurpose,
  token: string,
): Promise<string | null> {
  const payload = await keys.readToken(purpose, token, UUID_BYTES);
  return payload && hexUuid(toHex(payload));
}
