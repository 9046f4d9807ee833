import { createRemoteJWKSet } from "jose/jwks/remote";
import { type JWTVerifyGetKey, jwtVerify } from "jose/jwt/verify";
import { parseEmailAddress } from "../lib/email-address.ts";

// A key that rotated away is refused after this at the latest, and a key set that can't be reached is done without for as
// long: Access keeps the previous key valid for 7 days after a rotation.
const KEY_SET_MS = 5 * 60_000;
// A key id that is not in the set has it read again, but no more often than this: made-up ids must not become requests.
const KEY_SET_AGAIN_MS = 10_000;
// What a person waits for at most.
const TIMEOUT_MS = 3_000;

// The errors by which the key set says that it has no key for a token; every other one means that it could not be read.
const NO_KEY = new Set(["ERR_JWKS_NO_MATCHING_KEY", "ERR_JWKS_MULTIPLE_MATCHING_KEYS", "ERR_JOSE_NOT_SUPPORTED"]);

/** The team's key set can't be read, so nothing can be said of a token. */
export class KeySetUnreachable extends Error {
  constructor() {
    super("the key set of single sign-on can't be read");
    this.name = "KeySetUnreachable";
  }
}

/**
 * Verifies application tokens of Cloudflare Access, as they come in `Cf-Access-Jwt-Assertion`.
 * Source: developers.cloudflare.com/cloudflare-one, "Validate JWTs", "Application token".
 */
export class AccessAssertions {
  readonly #issuer: string;
  readonly #audience: string;
  readonly #keySet: ReturnType<typeof createRemoteJWKSet>;
  readonly #clock: () => number;

  /** `teamDomain`: the team's host name; `audience`: the application's tag. */
  constructor({ teamDomain, audience }: { teamDomain: string; audience: string }, clock: () => number) {
    this.#issuer = `https://${teamDomain}`;
    this.#audience = audience;
    this.#keySet = createRemoteJWKSet(new URL(`${this.#issuer}/cdn-cgi/access/certs`), {
      cacheMaxAge: KEY_SET_MS,
      cooldownDuration: KEY_SET_AGAIN_MS,
      timeoutDuration: TIMEOUT_MS,
    });
    this.#clock = clock;
  }

  /**
   * The canonical e-mail address of the person for whom Access issued a token; null for a token that is not valid, or is
   * a program's and names no person. Throws a `KeySetUnreachable` when that can't be decided.
   */
  async emailOf(token: string): Promise<string | null> {
    const keyFor: JWTVerifyGetKey = (header, input) =>
      this.#keySet(header, input).catch((error: unknown) => {
        throw NO_KEY.has(codeOf(error)) ? error : new KeySetUnreachable();
      });
    try {
      const { payload } = await jwtVerify(token, keyFor, {
        algorithms: ["RS256"], // the only one that Access signs with
        issuer: this.#issuer,
        audience: this.#audience,
        requiredClaims: ["exp", "iat", "email"],
        currentDate: new Date(this.#clock()),
      });
      return typeof payload.email === "string" ? (parseEmailAddress(payload.email)?.canonical ?? null) : null;
    } catch (error) {
      if (error instanceof KeySetUnreachable) throw error;
      return null;
    }
  }
}

const codeOf = (error: unknown): string => String(error instanceof Error ? Reflect.get(error, "code") : "");
