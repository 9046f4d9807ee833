import { type Config, LOCAL_STAFF_KEY } from "../config.ts";
import { Problem } from "../http/problems.ts";
import { sameBytes, utf8 } from "../lib/bytes.ts";

/** A municipal user, as far as a request proves it. */
export interface Staff {
  readonly role: "viewer" | "moderator" | "admin";
}

/** The staff member whose key a request carries; raises `unauthorized` without a key, or with one that is not valid. */
export async function requireStaff(config: Config, authorization: string | undefined): Promise<Staff> {
  const key = /^Bearer ([\x21-\x7e]{1,200})$/i.exec(authorization ?? "")?.[1];
  const known = [config.local ? LOCAL_STAFF_KEY : undefined, config.staffBootstrapKey];
  for (const candidate of known) {
    if (key !== undefined && candidate !== undefined && (await sameText(key, candidate))) return { role: "admin" };
  }
  throw new Problem("unauthorized", { headers: { "WWW-Authenticate": "Bearer" } });
}

/** Compares digests, so that the time taken says nothing about the text or its length. */
async function sameText(a: string, b: string): Promise<boolean> {
  const [left, right] = await Promise.all([a, b].map((text) => crypto.subtle.digest("SHA-256", utf8(text))));
  return sameBytes(new Uint8Array(left as ArrayBuffer), new Uint8Array(right as ArrayBuffer));
}
