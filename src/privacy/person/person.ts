import type { signatures } from "../../db/schema.ts";
import { toHex } from "../../lib/bytes.ts";
import { hexUuid, publicId } from "../../lib/ids.ts";
import type { PetitionFacts } from "../../petitions/petition-directory.ts";
import { type SignatureKey, type SignerData, signatureId } from "../../signatures/signature.ts";
import { eraseMoment, type RetentionPolicy } from "../retention/retention.ts";

type Row = typeof signatures.$inferSelect;

/**
 * Where a person reads what each column holds of them: a field of `PersonSignature`. `null`: they don't. What staff have
 * noted against abuse would tell whoever abuses; the municipality answers for it by hand. A new column does not compile
 * until it stands here.
 */
export const TOLD_AS = {
  petitionNo: "id",
  emailHash: "digests",
  personHash: "digests",
  submission: "submission_id",
  state: "state",
  hold: null,
  role: "role",
  assurance: "assurance",
  locale: "locale",
  areaCode: "area",
  channel: "channel",
  partner: "partner",
  updates: "updates",
  postcodeHash: "digests",
  addressHash: "digests",
  networkHash: "digests",
  domainHash: "digests",
  asn: "network_operator",
  country: "country",
  sealed: "name",
  acceptedAt: "submitted_at",
  verifiedAt: "verified_at",
  verifiedHour: "verified_hour",
  endedAt: null,
  mailTrouble: "mail_trouble",
  mailTroubleAt: "mail_trouble_at",
  repeatedAt: "repeated_at",
  invalidatedReason: null,
  invalidation: null,
  privacyVersion: "privacy_version",
  eligibilityVersion: "eligibility_version",
  otherNames: "corrected_names",
} as const satisfies Record<keyof Row, keyof PersonSignature | null>;

/** Values that are held only as keyed digests, which nobody can read back. */
export const digestNames = ["email", "person", "postcode", "address", "network", "domain"] as const;

/** What is held about a person in one petition, as they read it. Times are ISO 8601 in UTC. */
export interface PersonSignature {
  readonly id: string;
  readonly submission_id: string;
  readonly name: string;
  /** As typed. */
  readonly email: string;
  readonly postcode: string | null;
  /** `verified` also where staff hold it or have taken it out. */
  readonly state: "pending" | "verified";
  readonly role: Row["role"];
  readonly assurance: Row["assurance"];
  readonly locale: string;
  readonly country: string | null;
  readonly area: string | null;
  readonly channel: string | null;
  readonly partner: string | null;
  /** The partner's own id of the submission. */
  readonly partner_reference: string | null;
  /** The version of the text by which the person agreed that the partner gets name and address; null: they didn't. */
  readonly partner_consent: number | null;
  readonly updates: boolean;
  readonly submitted_at: string;
  readonly repeated_at: string | null;
  readonly verified_at: string | null;
  /** The municipality's hour of that, by which signatures are counted. */
  readonly verified_hour: string | null;
  readonly privacy_version: number | null;
  readonly eligibility_version: number | null;
  /** How many names the person corrected theirs to; each is held as a digest. */
  readonly corrected_names: number;
  /** The number of the network operator over whom they signed. */
  readonly network_operator: number | null;
  readonly mail_trouble: Row["mailTrouble"];
  readonly mail_trouble_at: string | null;
  readonly digests: readonly (typeof digestNames)[number][];
  /** When it will be erased at the latest; null while that depends on the petition's end. */
  readonly kept_until: string | null;
}

/** What is held about a person in one petition; `signature` is null when nothing is. */
export interface PersonData {
  readonly petition_id: string;
  /** Null when the petition may not be shown. */
  readonly petition_title: string | null;
  readonly signature: PersonSignature | null;
}

/** A signature as its person reads it. Whether it is held, or was taken out, makes no difference. */
export function personSignature(
  row: Row,
  signer: SignerData,
  { keptUntil, reference, consent }: { keptUntil: number | null; reference: string | null; consent: number | null },
): PersonSignature {
  const key: SignatureKey = row;
  return {
    id: signatureId(key),
    submission_id: publicId("sub", hexUuid(toHex(row.submission))),
    name: signer.name,
    email: signer.email,
    postcode: signer.postcode ?? null,
    state: row.verifiedAt === null ? "pending" : "verified",
    role: row.role,
    assurance: row.assurance,
    locale: row.locale,
    country: row.country,
    area: row.areaCode,
    channel: row.channel,
    partner: row.partner,
    partner_reference: reference,
    partner_consent: consent,
    updates: row.updates,
    submitted_at: new Date(row.acceptedAt).toISOString(),
    repeated_at: time(row.repeatedAt),
    verified_at: time(row.verifiedAt),
    verified_hour: row.verifiedHour,
    privacy_version: row.privacyVersion,
    eligibility_version: row.eligibilityVersion,
    corrected_names: row.otherNames === null ? 0 : row.otherNames.split(" ").length,
    network_operator: row.asn,
    mail_trouble: row.mailTrouble,
    mail_trouble_at: time(row.mailTroubleAt),
    digests: digestNames.filter((name) => name === "email" || name === "person" || row[`${name}Hash`] !== null),
    kept_until: time(keptUntil),
  };
}

const time = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

const DAY_MS = 24 * 60 * 60_000;

/** When a signature is erased at the latest, in milliseconds since 1970; null while the petition has no end. */
export function keptUntil(
  row: Pick<Row, "verifiedAt" | "acceptedAt">,
  petition: Pick<PetitionFacts, "endedAt" | "closesAt">,
  retention: RetentionPolicy,
): number | null {
  if (row.verifiedAt === null) return row.acceptedAt + retention.unverifiedDays * DAY_MS;
  const over = petition.endedAt ?? petition.closesAt;
  return over === null ? null : eraseMoment(over, retention);
}
