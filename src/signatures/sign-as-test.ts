import { Problem } from "../http/problems.ts";
import { petitionNo, uuidHex } from "../lib/ids.ts";
import { admitEach } from "../limits/admit.ts";
import type { Use } from "../limits/limiter.ts";
import type { KeyHolder } from "../partners/key-book.ts";
import { keySubject, signatureUses } from "../partners/require-partner.ts";
import { acceptedVia, type PartnerSigningDeps, type SentSignature } from "./sign-through-partner.ts";
import type { SubmissionStamp } from "./submit-signature.ts";
import { testContext } from "./test-submission.ts";
import { type NewTest, recordTests } from "./test-submissions.store.ts";

/** What a test key sends, once it has passed the petition's gate. */
export interface SentTest extends SentSignature {
  readonly petitionId: string;
  readonly acceptLanguage: string | undefined;
  readonly supporter: boolean;
  readonly stamp: SubmissionStamp;
}

/** Counts tests under the key's limits and the partner's of tests, and nobody else's; says which are `rate_limited`. */
export function admitTests(deps: PartnerSigningDeps, { partner, key }: KeyHolder, count: number) {
  const own: Use = { policy: "partner_tests", scope: "", subject: { name: `partner-tests:${partner.id}` } };
  const uses = [...signatureUses(key), own];
  return admitEach(
    deps,
    keySubject(key),
    Array.from({ length: count }, () => uses),
  );
}

/** Keeps tests, at most 100, for a day; nothing else knows of them. Repeatable. Raises `not_found`. */
export async function keepTests(deps: PartnerSigningDeps, holder: KeyHolder, sent: readonly SentTest[]): Promise<void> {
  if (sent.length === 0) return;
  const rows = await Promise.all(sent.map((one) => sealTest(deps, holder, one)));
  await deps.db.batch([recordTests(deps.db, rows)]);
}

async function sealTest(deps: PartnerSigningDeps, holder: KeyHolder, sent: SentTest): Promise<NewTest> {
  const { supporter, stamp, petitionId, input, client, acceptLanguage } = sent;
  const facts = await deps.petitions.facts(deps.db, petitionNo(petitionId));
  const secret = facts && (await deps.petitions.secret(facts));
  if (!facts || !secret) throw new Problem("not_found");
  const { locale, via } = acceptedVia(deps, holder, { petitionId, input, client, acceptLanguage, hold: null });
  const submission = uuidHex(stamp.id);
  const signer = { name: input.name, email: input.email.typed, postcode: input.postcode };
  const data = { ...signer, reference: via?.reference, consent: via?.consent === true };
  return {
    submission,
    petitionNo: facts.no,
    partner: holder.partner.code,
    emailHash: await secret.emailHash(input.email.canonical),
    supporter,
    locale,
    sealed: await secret.seal(data, testContext(submission)),
    acceptedAt: stamp.acceptedAt,
  };
}
