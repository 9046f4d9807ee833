import type { Client } from "../http/client.ts";
import { negotiateLocale } from "../i18n/catalogue.ts";
import { parseNetworkAddress } from "../lib/network-address.ts";
import type { NoticeBook } from "../notices/notice-book.ts";
import type { KeyHolder } from "../partners/key-book.ts";
import { signatureUses } from "../partners/require-partner.ts";
import { type AdmitSigningDeps, admitSigning } from "./admit-signing.ts";
import type { BrowserSubmission } from "./signatures.schema.ts";
import { type SubmitDeps, submitSignature } from "./submit-signature.ts";

export interface PartnerSigningDeps extends SubmitDeps, AdmitSigningDeps {
  readonly notices: NoticeBook;
  readonly locales: readonly string[];
}

/** Somebody whose address is told: their network is not known. `address`: an IP address. */
export const clientAt = (address: string): Client => ({ address: parseNetworkAddress(address), asn: undefined });

/**
 * Accepts a signature that a partner sends for somebody, as `submitSignature` does, and counts it under the key's own
 * limits besides. Raises `rate_limited`, `invalid_request` for notices that there are not, and what `submitSignature`
 * raises.
 * @param sent.client the person who signs, not the partner's server
 */
export async function signThroughPartner(
  deps: PartnerSigningDeps,
  { partner, key }: KeyHolder,
  sent: { petitionId: string; input: BrowserSubmission; client: Client; acceptLanguage: string | undefined },
): Promise<{ submission_id: string; status: "pending" }> {
  const { petitionId, input, client, acceptLanguage } = sent;
  const [hold] = await Promise.all([
    admitSigning(deps, { client, email: input.email, also: signatureUses(key) }, petitionId),
    deps.notices.requireKnown(deps.db, input.notices),
  ]);
  const locale = negotiateLocale({ requested: input.locale, acceptLanguage, offered: deps.locales });
  const via = { partner: partner.code, reference: input.reference, consent: input.consent === true };
  return submitSignature(deps, { petitionId, locale, input, client, hold, via });
}
