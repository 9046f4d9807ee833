import type { Database } from "../db/database.ts";
import { Problem, type ProblemError } from "../http/problems.ts";
import { toHex } from "../lib/bytes.ts";
import { parseEmailAddress } from "../lib/email-address.ts";
import { parsePublicId, petitionNo, uuidHex } from "../lib/ids.ts";
import { parseNetworkAddress } from "../lib/network-address.ts";
import type { PetitionDirectory } from "../petitions/petition-directory.ts";
import type { PetitionSecret } from "../petitions/petition-secret.ts";
import { countKeys, knownCodes } from "./holds.store.ts";
import { type Conditions, type HoldReason, parseDigest } from "./invalidation.ts";

export interface ConditionDeps {
  readonly db: Database;
  readonly petitions: PetitionDirectory;
}

/** Conditions as staff write them: addresses, networks, domains and mailboxes in clear or as digests that they were shown. */
export interface WrittenConditions {
  readonly ids?: readonly string[] | undefined;
  readonly address?: string | undefined;
  readonly network?: string | undefined;
  readonly domain?: string | undefined;
  readonly email?: string | undefined;
  readonly area?: string | undefined;
  readonly channel?: string | undefined;
  readonly partner?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly hold?: HoldReason | "any" | undefined;
}

const flaw = (pointer: string, code: string, detail: string): ProblemError => ({ pointer, code, detail });

const refuse = (...errors: ProblemError[]): never => {
  throw new Problem("invalid_request", { errors });
};

/** The address that is compared: an IPv4 address, or the /64 of an IPv6 one. */
const addressOf = (text: string): string | null =>
  parseNetworkAddress(/^(.+:.*)\/64$/.exec(text)?.[1] ?? text)?.address ?? null;

/** The network that is compared: an IPv4 /24 or an IPv6 /48, written so or as an address within it. */
function networkOf(text: string): string | null {
  const [, address = text, bits] = /^(.+)\/(\d+)$/.exec(text) ?? [];
  const network = parseNetworkAddress(address)?.network ?? null;
  return bits === undefined || network?.endsWith(`/${bits}`) ? network : null;
}

/** The domain that is compared: that of an address at it. */
const domainOf = (text: string): string | null => parseEmailAddress(`x@${text.replace(/^@/, "")}`)?.domain ?? null;

/**
 * Staff's conditions as they are stored: what could be a person's is hashed with the petition's secret and not kept.
 * Raises `invalid_request` for no condition at all, unknown codes, signatures of another petition, and an inverted span.
 * @param petitionId the petition's UUID
 */
export async function readConditions(
  { db, petitions }: ConditionDeps,
  petitionId: string,
  written: WrittenConditions,
): Promise<Conditions> {
  const { ids, address, network, domain, email, from, to, area, channel, partner, hold } = written;
  const no = petitionNo(petitionId);
  const span = { ...(from && { from: Date.parse(from) }), ...(to && { to: Date.parse(to) }) };
  if (span.from !== undefined && span.to !== undefined && span.from >= span.to) {
    refuse(flaw("/where/to", "out_of_range", "must be later than `from`"));
  }
  await refuseUnknown(db, no, { area, channel, partner });
  const secret = async () => {
    const facts = await petitions.facts(db, no);
    const found = facts && (await petitions.secret(facts));
    return found ?? refuse(flaw("/where", "erased", "the petition's personal data is erased"));
  };
  const hashes = {
    ...(await hashed("address", address, secret, addressOf)),
    ...(await hashed("network", network, secret, networkOf)),
    ...(await hashed("domain", domain, secret, domainOf)),
    ...(await hashed("email", email, secret, (text) => parseEmailAddress(text)?.canonical ?? null)),
  };
  const codes = {
    ...(area && { area }),
    ...(channel && { channel }),
    ...(partner && { partner }),
    ...(hold && { hold }),
  };
  const conditions = { ...(ids && { ids: await keysOf(db, no, ids) }), ...hashes, ...codes, ...span };
  if (Object.keys(conditions).length === 0) {
    refuse(flaw("/where", "missing", "needs at least one condition beside the petition"));
  }
  return conditions;
}

type Hashed = "address" | "network" | "domain" | "email";

async function hashed(
  name: Hashed,
  text: string | undefined,
  secret: () => Promise<PetitionSecret>,
  normal: (text: string) => string | null,
): Promise<Partial<Record<Hashed, string>>> {
  if (text === undefined) return {};
  const shown = parseDigest(text);
  if (shown) return { [name]: shown };
  const value = normal(text);
  if (value === null)
    return refuse(flaw(`/where/${name}`, "wrong_type", "is not of the type or form that is expected"));
  const petition = await secret();
  const hash = name === "email" ? await petition.emailHash(value) : await petition.lookupHash(name, value);
  return hash ? { [name]: toHex(hash) } : {};
}

async function keysOf(db: Database, no: number, ids: readonly string[]): Promise<string[]> {
  const unknown = flaw("/where/ids", "unknown_code", "has a signature that is not the petition's");
  const keys = ids.map((id) => uuidHex(parsePublicId("sig", id) ?? ""));
  const prefix = no.toString(16).padStart(8, "0");
  if (keys.some((key) => !key.startsWith(prefix) || key.length !== 32)) {
    refuse(unknown);
  }
  const distinct = [...new Set(keys)];
  const [[found]] = await db.batch([countKeys(db, no, distinct)]);
  if (found?.n !== distinct.length) refuse(unknown);
  return distinct;
}

async function refuseUnknown(
  db: Database,
  no: number,
  codes: { area?: string | undefined; channel?: string | undefined; partner?: string | undefined },
): Promise<void> {
  if (Object.values(codes).every((code) => code === undefined)) return;
  const [[known]] = await db.batch([knownCodes(db, no, codes)]);
  const unknown = (["area", "channel", "partner"] as const).filter(
    (name) => codes[name] !== undefined && !known?.[name],
  );
  if (unknown.length > 0) refuse(...unknown.map((name) => flaw(`/where/${name}`, "unknown_code", "is not known")));
}
