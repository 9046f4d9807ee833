import type { partnerScopes } from "../db/partner-schema.ts";

/** What a partner's key may do. */
export type PartnerScope = (typeof partnerScopes)[number];

/** A partner organisation, as far as a request with its key concerns it. */
export interface Partner {
  /** A UUID. */
  readonly id: string;
  /** What signatures and channels name it by. */
  readonly code: string;
  readonly name: string;
}

/** What a key may do, and where. */
export interface KeyTerms {
  readonly scopes: readonly PartnerScope[];
  /** UUIDs of the petitions that it is for; null: every petition. */
  readonly petitions: readonly string[] | null;
  /** Origins of the pages that may use it, a browser key then; null for a server's key. */
  readonly origins: readonly string[] | null;
  /** Signatures a minute and a day; null: as the policy says. */
  readonly minuteLimit: number | null;
  readonly dayLimit: number | null;
  /** It counts nothing, and sees nothing but what was sent with keys like it. */
  readonly test: boolean;
}

/** A key whose holder sends a request. */
export interface PartnerKey extends KeyTerms {
  /** A UUID. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number | null;
}

/** Whether a key is for a petition, by its UUID. */
export const isForPetition = ({ petitions }: Pick<KeyTerms, "petitions">, id: string): boolean =>
  petitions === null || petitions.includes(id);

/**
 * Whether a text is an origin as browsers send it (RFC 6454, 7): `https`, or `http` on the developer's own computer, and
 * nothing behind the host and a port that is not the usual one.
 */
export function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.origin !== text) return false;
  return url.protocol === "https:" || (url.protocol === "http:" && ["localhost", "127.0.0.1"].includes(url.hostname));
}
