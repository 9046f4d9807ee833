import { Problem } from "../../http/problems.ts";
import { publicId } from "../../lib/ids.ts";
import type { RootKeys } from "../../lib/root-keys.ts";
import { type EraseDeps, eraseSignature } from "../../signatures/erase-signature.ts";
import { readPersonToken } from "../../signatures/person-token.ts";
import { petitionIdOf } from "./person.store.ts";

/**
 * Erases what is held about the person of a token (see `eraseSignature`); repeating it is the same success. Raises
 * `token_invalid`, and `signature_gone` when the petition is gone too.
 * @returns the petition's public id
 */
export async function erasePerson(deps: EraseDeps & { readonly keys: RootKeys }, token: string): Promise<string> {
  const key = await readPersonToken(deps.keys, token);
  const [[petition]] = await deps.db.batch([petitionIdOf(deps.db, key.petitionNo)]);
  if (!petition) throw new Problem("signature_gone");
  await eraseSignature(deps, key, petition.id);
  return publicId("pet", petition.id);
}
