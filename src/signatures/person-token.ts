import { Problem } from "../http/problems.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import { KEY_BYTES, keyBytes, readKey, type SignatureKey } from "./signature.ts";

/**
 * The token by which a person sees, corrects and erases what is held about them in a petition. It works for as long as
 * anything is held: mails are kept for years, and what it does to the data needs a button.
 */
export const personToken = (keys: RootKeys, key: SignatureKey): Promise<string> =>
  keys.issueToken("person", keyBytes(key));

/** The signature that such a token speaks of; raises `token_invalid` without asking the database. */
export async function readPersonToken(keys: RootKeys, token: string): Promise<SignatureKey> {
  const payload = await keys.readToken("person", token, KEY_BYTES);
  if (!payload) throw new Problem("token_invalid");
  return readKey(payload);
}

/** The address of the person's page about a signature, in a language. */
export const personPage = async (
  { keys, publicUrl }: { readonly keys: RootKeys; readonly publicUrl: string },
  key: SignatureKey,
  locale: string,
): Promise<string> => `${publicUrl}/d/${await personToken(keys, key)}?lang=${encodeURIComponent(locale)}`;
