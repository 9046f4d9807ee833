import { type Bytes, toBase64 } from "../../lib/bytes.ts";
import type { RootKeys } from "../../lib/root-keys.ts";

// Of the 24 to 64 bytes that Standard Webhooks asks for.
const SECRET_BYTES = 32;
const PREFIX = "whsec_";
/** The purpose under which signing keys are sealed. */
export const SECRET_PURPOSE = "webhook";

/** A new secret for an endpoint: as its owner is shown it this once, and as it is stored. */
export async function newSecret(keys: RootKeys, endpointId: string): Promise<{ secret: string; sealed: Bytes }> {
  const bytes = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  return { secret: `${PREFIX}${toBase64(bytes)}`, sealed: await keys.seal(SECRET_PURPOSE, bytes, endpointId) };
}

/** The secret that is stored for an endpoint. Throws when no key opens it: ROOT_KEY is another one. */
export async function openSecret(keys: RootKeys, endpointId: string, sealed: Bytes | number[]): Promise<string> {
  const bytes = await keys.open(SECRET_PURPOSE, Uint8Array.from(sealed), endpointId);
  if (!bytes) throw new Error("a webhook's secret can't be opened");
  return `${PREFIX}${toBase64(bytes)}`;
}
