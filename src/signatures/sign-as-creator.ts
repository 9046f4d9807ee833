import type { Database } from "../db/database.ts";
import type { Client } from "../http/client.ts";
import type { EmailAddress } from "../lib/email-address.ts";
import { newUuid, petitionNo, uuidHex } from "../lib/ids.ts";
import { foldPostcode } from "../lib/text.ts";
import type { SubmissionHold } from "../limits/admit.ts";
import { enqueueMail } from "../mail/enqueue-mail.ts";
import type { PetitionSecret } from "../petitions/petition-secret.ts";
import type { CreatorSignature } from "../petitions/submit-petition.ts";
import { sealSignature } from "./seal-signature.ts";
import { ANSWER_SUBMISSION, keyHex } from "./signature.ts";
import { areasOfPostcodes, recordSignatures } from "./signatures.store.ts";

/** The creator's signature of a new petition, as statements for the petition's own batch. */
export async function signAsCreator(
  db: Database,
  petition: { id: string; secret: PetitionSecret; now: number },
  creator: {
    name: string;
    email: EmailAddress;
    postcode: string | undefined;
    locale: string;
    client: Client;
    hold: SubmissionHold | null;
    seen: { readonly privacy: number; readonly eligibility: number };
  },
): Promise<CreatorSignature> {
  const row = await sealSignature(petition.secret, {
    petitionNo: petitionNo(petition.id),
    submission: uuidHex(newUuid()),
    hold: creator.hold,
    role: "creator",
    locale: creator.locale,
    areaCode: await areaOf(db, creator.postcode),
    channel: null,
    partner: null,
    updates: true,
    asn: creator.client.asn ?? null,
    country: null,
    acceptedAt: petition.now,
    privacyVersion: creator.seen.privacy,
    eligibilityVersion: creator.seen.eligibility,
    signer: { name: creator.name, email: creator.email.typed, postcode: creator.postcode },
    email: creator.email,
    address: creator.client.address?.address,
    network: creator.client.address?.network,
  });
  const jobId = newUuid();
  const job = { id: jobId, kind: ANSWER_SUBMISSION, items: [keyHex(row)], now: petition.now };
  return {
    statements: [recordSignatures(db, [row], job.now), enqueueMail(db, job)],
    emailHash: row.emailHash,
    personHash: row.personHash,
    jobId,
  };
}

async function areaOf(db: Database, postcode: string | undefined): Promise<string | null> {
  if (postcode === undefined) return null;
  const [[found]] = await db.batch([areasOfPostcodes(db, [foldPostcode(postcode)])]);
  return found?.areaCode ?? null;
}
