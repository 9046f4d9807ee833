import { SignJWT } from "jose/jwt/sign";
import { exportJWK } from "jose/key/export";
import { generateKeyPair } from "jose/key/generate/keypair";
import { vi } from "vitest";

/** What a deployed Worker with single sign-on has among its settings. */
export const ACCESS_TEAM_DOMAIN = "brackwater.cloudflareaccess.com";
export const ACCESS_AUDIENCE = "a1".repeat(32);
const ISSUER = `https://${ACCESS_TEAM_DOMAIN}`;

interface Pair {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly jwk: Record<string, unknown>;
}

/** A signing key as Access has them: RSA, with an id. */
export async function signingKey(kid = crypto.randomUUID()): Promise<Pair> {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: "RS256", use: "sig" } };
}

/** An application token as Access issues it; `claims` and `header` override, and `undefined` leaves one out. */
export function assertionFor(
  email: string,
  { kid, privateKey }: Pair,
  { claims = {}, header = {} }: { claims?: Record<string, unknown>; header?: Record<string, unknown> } = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const whole = {
    ...{ iss: ISSUER, aud: [ACCESS_AUDIENCE], email, iat: now, nbf: now, exp: now + 3600 },
    ...{ type: "app", sub: crypto.randomUUID(), ...claims },
  };
  return new SignJWT(JSON.parse(JSON.stringify(whole)))
    .setProtectedHeader({ alg: "RS256", kid, typ: "JWT", ...header })
    .sign(privateKey);
}

/** The team's key set in place of the network. `answer` decides what it says; the addresses that were asked for are kept. */
export function standInForAccess(answer: () => Promise<Response> | Response) {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (url: string) => {
    asked.push(url);
    return answer();
  });
  return asked;
}

/** A key set's answer. */
export const keySet = (...pairs: readonly Pair[]): Response => Response.json({ keys: pairs.map(({ jwk }) => jwk) });
