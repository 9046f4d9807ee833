import type { invalidationReasons } from "../db/invalidation-schema.ts";
import type { assurances, holdReasons, mailTroubles, signatureStates } from "../db/schema.ts";
import { fromHex } from "../lib/bytes.ts";
import type { PetitionSecret } from "../petitions/petition-secret.ts";
import { type SignatureKey, type SignerData, sealContext, signatureId } from "./signature.ts";

/** In what states signatures are counted (`states` of a petition's counts): a held one is quarantined. */
export const talliedStates = ["pending", "verified", "quarantined", "invalidated", "withdrawn"] as const;

export type TalliedState = (typeof talliedStates)[number];

/** A signature as it is stored; bytes as hexadecimal digits, which D1 hands over much faster than bytes. */
export interface SignatureRow {
  readonly email_hash: string;
  readonly person_hash: number;
  readonly state: (typeof signatureStates)[number];
  readonly hold: (typeof holdReasons)[number] | null;
  readonly role: "signer" | "creator" | "supporter";
  readonly assurance: (typeof assurances)[number];
  readonly locale: string;
  readonly area: string | null;
  readonly channel: string | null;
  readonly partner: string | null;
  readonly country: string | null;
  readonly updates: 0 | 1;
  readonly accepted_at: number;
  readonly verified_at: number | null;
  readonly ended_at: number | null;
  readonly invalidated_reason: (typeof invalidationReasons)[number] | null;
  readonly mail_trouble: (typeof mailTroubles)[number] | null;
  readonly privacy_version: number | null;
  readonly eligibility_version: number | null;
  readonly sealed: string | null;
}

/**
 * What is left of the signer's data: `present`; `erased`, with the signature or with its whole petition; or `unreadable`,
 * when what is stored does not open.
 */
export const personalDataStates = ["present", "erased", "unreadable"] as const;

/** A signature as staff read it, the signer's data opened where there is any. */
export interface SignatureRecord {
  readonly id: string;
  readonly state: TalliedState;
  readonly hold: SignatureRow["hold"];
  readonly role: SignatureRow["role"];
  readonly assurance: SignatureRow["assurance"];
  readonly personal_data: (typeof personalDataStates)[number];
  readonly name: string | null;
  /** As typed. */
  readonly email: string | null;
  readonly postcode: string | null;
  readonly area: string | null;
  readonly channel: string | null;
  readonly partner: string | null;
  readonly locale: string;
  readonly country: string | null;
  readonly updates: boolean;
  readonly accepted_at: string;
  readonly verified_at: string | null;
  readonly ended_at: string | null;
  readonly invalidated_reason: SignatureRow["invalidated_reason"];
  readonly mail_trouble: SignatureRow["mail_trouble"];
  /** The versions of the notices that the person saw. */
  readonly privacy_version: number | null;
  readonly eligibility_version: number | null;
}

/** The fields of a record in the order in which a table shows them. */
export const RECORD_FIELDS = [
  "id",
  "state",
  "hold",
  "role",
  "assurance",
  "personal_data",
  "name",
  "email",
  "postcode",
  "area",
  "channel",
  "partner",
  "locale",
  "country",
  "updates",
  "accepted_at",
  "verified_at",
  "ended_at",
  "invalidated_reason",
  "mail_trouble",
  "privacy_version",
  "eligibility_version",
] as const satisfies readonly (keyof SignatureRecord)[];

/** A petition's secret, or why there is none to open anything with. */
export type Opener = PetitionSecret | "erased" | "unreadable";

/** Rows as staff read them, in step. A row that does not open is a record that says so. */
export const openRecords = (
  opener: Opener,
  petitionNo: number,
  rows: readonly SignatureRow[],
): Promise<SignatureRecord[]> => Promise.all(rows.map((row) => openRecord(opener, petitionNo, row)));

async function openRecord(opener: Opener, petitionNo: number, row: SignatureRow): Promise<SignatureRecord> {
  const key = { petitionNo, emailHash: fromHex(row.email_hash), personHash: row.person_hash };
  const opened = await openSigner(opener, key, row.sealed);
  const signer = typeof opened === "string" ? null : opened;
  return {
    id: signatureId(key),
    state: talliedState(row),
    hold: row.hold,
    role: row.role,
    assurance: row.assurance,
    personal_data: typeof opened === "string" ? opened : "present",
    name: signer?.name ?? null,
    email: signer?.email ?? null,
    postcode: signer?.postcode ?? null,
    area: row.area,
    channel: row.channel,
    partner: row.partner,
    locale: row.locale,
    country: row.country,
    updates: row.updates === 1,
    accepted_at: new Date(row.accepted_at).toISOString(),
    verified_at: row.verified_at === null ? null : new Date(row.verified_at).toISOString(),
    ended_at: row.ended_at === null ? null : new Date(row.ended_at).toISOString(),
    invalidated_reason: row.invalidated_reason,
    mail_trouble: row.mail_trouble,
    privacy_version: row.privacy_version,
    eligibility_version: row.eligibility_version,
  };
}

/** The state in which the tallies have a row: they know a hold only of what could count. */
const talliedState = ({ state, hold }: SignatureRow): TalliedState =>
  hold !== null && (state === "pending" || state === "verified") ? "quarantined" : state;

async function openSigner(
  opener: Opener,
  key: SignatureKey,
  sealed: string | null,
): Promise<SignerData | "erased" | "unreadable"> {
  if (sealed === null || opener === "erased") return "erased";
  if (opener === "unreadable") return opener;
  // What was sealed under the right key and is no JSON is as unreadable as what was not.
  const data = await opener.open(fromHex(sealed), sealContext(key)).catch(() => null);
  return isSignerData(data) ? data : "unreadable";
}

/** Whether what was opened is a signer's data. */
export const isSignerData = (data: unknown): data is SignerData =>
  typeof data === "object" &&
  data !== null &&
  typeof Reflect.get(data, "name") === "string" &&
  typeof Reflect.get(data, "email") === "string";

/** An address by which staff tell mailboxes apart and recognise a domain, and nobody can write to: `a…@example.org`. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf("@");
  const local = [...email.slice(0, Math.max(at, 0))];
  return `${local.length > 2 ? local[0] : ""}…${email.slice(at)}`;
}
