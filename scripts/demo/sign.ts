import { v7 } from "uuid";
import { toHex } from "../../src/lib/bytes.ts";
import { parseEmailAddress } from "../../src/lib/email-address.ts";
import { uuidHex } from "../../src/lib/ids.ts";
import { localHour } from "../../src/lib/local-time.ts";
import { parseNetworkAddress } from "../../src/lib/network-address.ts";
import type { PetitionSecret } from "../../src/petitions/petition-secret.ts";
import { sealSignature } from "../../src/signatures/seal-signature.ts";
import type { NewSignature } from "../../src/signatures/signatures.store.ts";
import { channels, TIME_ZONE } from "./brackwater.ts";
import type { DemoPetition } from "./petitions.ts";
import type { Random } from "./random.ts";
import type { Resident } from "./residents.ts";
import { DAY, HOUR, MINUTE, momentBetween, type Timeline } from "./timeline.ts";

/** A signature of the demo, as its row is to be. */
export interface DemoSignature extends Omit<NewSignature, "role" | "sealed"> {
  readonly role: "creator" | "supporter" | "signer";
  readonly state: "pending" | "verified" | "withdrawn";
  readonly sealed: NewSignature["sealed"] | null;
  readonly verifiedAt: number | null;
  readonly endedAt: number | null;
}

/** What is decided of a signature before it is sealed. */
type Plan = Pick<DemoSignature, "role" | "state" | "hold" | "acceptedAt" | "verifiedAt" | "endedAt">;

interface Signing {
  readonly petition: DemoPetition;
  readonly petitionNo: number;
  readonly secret: PetitionSecret;
  readonly timeline: Timeline;
  readonly residents: readonly Resident[];
  readonly random: Random;
  readonly now: number;
}

const SUPPORTERS = 5;
const HELD_ADDRESS = "203.0.113.77"; // those who are held came from one address: too many at once

/** Everybody who signed a demo petition, in the order in which they were counted; the creator is the first. */
export async function signaturesOf(signing: Signing): Promise<DemoSignature[]> {
  const { petition, random, residents } = signing;
  const plans = plansOf(signing);
  // Residents who write in the petition's language sign it before others do.
  const foreign = petition.locale === "en" ? 0 : 1;
  const signers = random
    .shuffled(residents)
    .sort((a, b) => foreign * (Number(b.locale === petition.locale) - Number(a.locale === petition.locale)));
  return Promise.all(plans.map((plan, index) => sign(signing, plan, signers[index] as Resident)));
}

function plansOf({ petition, timeline, random, now }: Signing): Plan[] {
  const { createdAt, opensAt, closesAt, endedAt } = timeline;
  const first = Array.from({ length: SUPPORTERS + 1 }, () => momentBetween(random, createdAt, createdAt + 2 * DAY));
  first.sort((a, b) => a - b);
  const end = Math.min(endedAt ?? closesAt ?? now, now - 2 * MINUTE);
  const lately = petition.lately ?? 0;
  const someTime = (from: number, count = 0, to = end) =>
    Array.from({ length: count }, () => momentBetween(random, Math.max(from, opensAt ?? createdAt), to));
  const later = [
    ...someTime(0, petition.verified - lately - first.length, lately > 0 ? end - DAY : end),
    ...someTime(end - DAY + HOUR, lately),
  ];
  const verified = (at: number, role: Plan["role"], hold: Plan["hold"] = null): Plan => {
    const verifiedAt = Math.min(at + Math.ceil(random.next() ** 4 * 8 * HOUR) + MINUTE, now);
    return { role, state: "verified", hold, acceptedAt: at, verifiedAt, endedAt: null };
  };
  const waiting = (at: number, hold: Plan["hold"] = null): Plan => {
    return { role: "signer", state: "pending", hold, acceptedAt: at, verifiedAt: null, endedAt: null };
  };
  const held = someTime(end - 3 * DAY, petition.held);
  const plans: Plan[] = [
    ...first.map((at, index) => verified(at, index === 0 ? "creator" : "supporter")),
    ...later.map((at) => verified(at, "signer")),
    ...someTime(now - 4 * DAY, petition.pending).map((at) => waiting(at)),
    ...held.map((at, index) => (index % 2 === 0 ? verified(at, "signer", "rate") : waiting(at, "rate"))),
    ...someTime(0, petition.withdrawn, end - DAY).map((at) => withdrawn(at, end)),
  ];
  const [creator, ...others] = plans as [Plan, ...Plan[]];
  return [creator, ...others.sort((a, b) => (a.verifiedAt ?? a.acceptedAt) - (b.verifiedAt ?? b.acceptedAt))];
}

const withdrawn = (at: number, end: number): Plan => {
  const endedAt = Math.min(at + 20 * HOUR, end);
  return { role: "signer", state: "withdrawn", hold: null, acceptedAt: at, verifiedAt: null, endedAt };
};

async function sign(signing: Signing, plan: Plan, resident: Resident): Promise<DemoSignature> {
  const { petition, petitionNo, secret, random } = signing;
  const address = parseNetworkAddress(plan.hold === null ? resident.address : HELD_ADDRESS);
  const { name, postcode } = resident;
  const email = parseEmailAddress(resident.email);
  if (!email) throw new TypeError("a resident of the demo has no e-mail address");
  const row = await sealSignature(secret, {
    petitionNo,
    submission: uuidHex(v7({ msecs: plan.acceptedAt })),
    hold: plan.hold,
    role: plan.role === "creator" ? "creator" : "signer",
    locale: plan.role === "creator" ? petition.locale : resident.locale,
    areaCode: resident.area ?? null,
    channel: plan.role === "creator" || random.chance(0.3) ? null : random.pick(Object.keys(channels)),
    partner: null,
    updates: plan.role === "creator" || random.chance(0.4),
    asn: resident.asn,
    country: null,
    acceptedAt: plan.acceptedAt,
    privacyVersion: 1,
    eligibilityVersion: 1,
    signer: { name, email: resident.email, postcode },
    email,
    address: address?.address,
    network: address?.network,
  });
  return { ...row, ...plan, sealed: plan.state === "withdrawn" ? null : row.sealed };
}

const hex = (bytes: Uint8Array | null) => bytes && toHex(bytes);

/** Rows as the one parameter of `INSERT_SIGNATURES`. */
export const signatureParameter = (signatures: readonly DemoSignature[]): string =>
  JSON.stringify(
    signatures.map((row) => ({
      ...row,
      emailHash: hex(row.emailHash),
      postcodeHash: hex(row.postcodeHash),
      addressHash: hex(row.addressHash),
      networkHash: hex(row.networkHash),
      domainHash: hex(row.domainHash),
      sealed: hex(row.sealed),
      verifiedHour: row.verifiedAt === null ? null : localHour(row.verifiedAt, TIME_ZONE),
    })),
  );

/** Writes the rows as they are; the triggers make the tallies of them. */
export const INSERT_SIGNATURES = `
  INSERT INTO signatures (petition_no, email_hash, person_hash, submission, state, hold, role, locale, area_code,
    channel, updates, postcode_hash, address_hash, network_hash, domain_hash, asn, country, sealed,
    accepted_at, verified_at, verified_hour, ended_at)
  SELECT value ->> 'petitionNo', unhex(value ->> 'emailHash'), value ->> 'personHash', unhex(value ->> 'submission'),
    value ->> 'state', value ->> 'hold', value ->> 'role', value ->> 'locale', value ->> 'areaCode',
    value ->> 'channel', value ->> 'updates', unhex(value ->> 'postcodeHash'), unhex(value ->> 'addressHash'),
    unhex(value ->> 'networkHash'), unhex(value ->> 'domainHash'), value ->> 'asn', value ->> 'country',
    unhex(value ->> 'sealed'), value ->> 'acceptedAt', value ->> 'verifiedAt', value ->> 'verifiedHour',
    value ->> 'endedAt'
  FROM json_each(?)`;
