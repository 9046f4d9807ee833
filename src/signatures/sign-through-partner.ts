import type { Client } from "../http/client.ts";
import { negotiateLocale } from "../i18n/catalogue.ts";
import { parseNetworkAddress } from "../lib/network-address.ts";
import type { Sender, SubmissionHold } from "../limits/admit.ts";
import type { NoticeBook } from "../notices/notice-book.ts";
import type { KeyHolder } from "../partners/key-book.ts";
import { signatureUses } from "../partners/require-partner.ts";
import { type AdmitSigningDeps, admitSigning } from "./admit-signing.ts";
import type { BrowserSubmission } from "./signatures.schema.ts";
import { type Accepted, type SubmissionStamp, type SubmitDeps, submitSignature } from "./submit-signature.ts";

export interface PartnerSigningDeps extends SubmitDeps, AdmitSigningDeps {
  readonly notices: NoticeBook;
  readonly locales: readonly string[];
}

/** Somebody whose address is told: their network is not known. `address`: an IP address. */
export const clientAt = (address: string): Client => ({ address: parseNetworkAddress(address), asn: undefined });

/** A signature that a partner sends for somebody. */
export interface SentSignature {
  readonly input: BrowserSubmission;
  /** The person who signs, not the partner's server. */
  readonly client: Client;
}

/** What limits count it by: the person, and the key's own figures besides. */
export const senderOf = ({ input, client }: SentSignature, { key }: KeyHolder): Sender => ({
  client,
  email: input.email,
  also: signatureUses(key),
});

/** What is accepted of it, unless its hold says otherwise. */
export function acceptedVia(
  { locales }: Pick<PartnerSigningDeps, "locales">,
  { partner }: KeyHolder,
  sent: SentSignature & { petitionId: string; acceptLanguage: string | undefined; hold: SubmissionHold | null },
): Accepted {
  const { input, acceptLanguage, ...rest } = sent;
  const locale = negotiateLocale({ requested: input.locale, acceptLanguage, offered: locales });
  const via = { partner: partner.code, reference: input.reference, consent: input.consent === true };
  return { ...rest, input, locale, via };
}

/**
 * Accepts a signature that a partner sends for somebody, as `submitSignature` does, and counts it under the key's own
 * limits besides. Raises `rate_limited`, `invalid_request` for notices that there are not, and what `submitSignature`
 * raises.
 * @param stamp of a request with an idempotency key
 */
export async function signThroughPartner(
  deps: PartnerSigningDeps,
  holder: KeyHolder,
  sent: SentSignature & { petitionId: string; acceptLanguage: string | undefined; stamp?: SubmissionStamp },
): Promise<{ submission_id: string; status: "pending" }> {
  const { stamp, ...signature } = sent;
  const [hold] = await Promise.all([
    admitSigning(deps, senderOf(signature, holder), signature.petitionId),
    deps.notices.requireKnown(deps.db, signature.input.notices),
  ]);
  return submitSignature(deps, acceptedVia(deps, holder, { ...signature, hold }), stamp);
}
