import { recordAct } from "../access/audit.ts";
import type { Staff } from "../access/staff.ts";
import { DatabaseFailure } from "../db/database.ts";
import { timeOrNull } from "../http/answer-fields.ts";
import { Problem } from "../http/problems.ts";
import { flawed } from "../http/validation.ts";
import { newUuid, publicId } from "../lib/ids.ts";
import { readPartner } from "./change-partner.ts";
import type { PartnerDeps } from "./create-partner.ts";
import type { KeyTerms } from "./partner.ts";
import { newPartnerKey } from "./partner-key.ts";
import {
  countPetitions,
  dropEndedPartnerKeys,
  endPartnerKey,
  insertPartnerKey,
  keysOfPartner,
  partnerKeyThere,
} from "./partner-keys.store.ts";

const HOUR_MS = 60 * 60_000;

/** A key of a partner as staff read it. */
export type KeyRow = Awaited<ReturnType<typeof keysOfPartner>>[number];

/** What staff say of a new key. */
export interface KeyInput extends KeyTerms {
  /** What it is for. */
  readonly label: string;
  /** Milliseconds since 1970; null: it doesn't end by itself. */
  readonly expiresAt: number | null;
}

/** A partner's valid keys, the newest first. Raises `not_found`. */
export async function listPartnerKeys(deps: PartnerDeps, id: string): Promise<KeyRow[]> {
  await readPartner(deps, id);
  const [keys] = await deps.db.batch([keysOfPartner(deps.db, id, deps.clock())]);
  return keys;
}

/**
 * Gives a partner a key, which works at once and is shown this once. Raises `not_found`, `keys_full`, and
 * `invalid_request` when a petition is none, or a key with origins is to do more than sign.
 */
export async function createPartnerKey(
  deps: PartnerDeps,
  actor: Staff,
  { id, input }: { id: string; input: KeyInput },
): Promise<KeyRow & { key: string }> {
  const { db } = deps;
  if (input.origins !== null && input.scopes.some((scope) => scope !== "signatures:write")) {
    throw flawed("/scopes", "browser_key");
  }
  await readPartner(deps, id);
  if (input.petitions !== null) {
    const [[found]] = await db.batch([countPetitions(db, input.petitions)]);
    if (found?.n !== input.petitions.length) throw flawed("/petitions", "unknown_value");
  }
  return addKey(deps, actor, { act: "partner.create_key", id, input });
}

/**
 * Replaces a key by a new one with the same terms, which works at once and is shown this once. The old one goes on
 * working for `overlapHours`, 0 ends it within five seconds. Raises `not_found`, `keys_full`, and `invalid_request` when the old
 * one has an end and `expiresAt` is not said: a key for some time must not become one for all time unnoticed.
 * @param expiresAt when the new key ends, milliseconds since 1970; null: it doesn't by itself
 */
export async function rotatePartnerKey(
  deps: PartnerDeps,
  actor: Staff,
  {
    id,
    keyId,
    overlapHours,
    expiresAt,
  }: { id: string; keyId: string; overlapHours: number; expiresAt: number | null | undefined },
): Promise<KeyRow & { key: string }> {
  const { key: old } = await findKey(deps, id, keyId);
  const { label, scopes, petitions, origins, minuteLimit, dayLimit, test } = old;
  if (expiresAt === undefined && old.expiresAt !== null) throw flawed("/expires_at", "missing");
  const input = { label, scopes, petitions, origins, minuteLimit, dayLimit, test, expiresAt: expiresAt ?? null };
  const replaces = { keyId, endAt: deps.clock() + overlapHours * HOUR_MS };
  return addKey(deps, actor, { act: "partner.rotate_key", id, input, replaces });
}

/** One of a partner's valid keys, and all of them. Raises `not_found`. */
export async function findKey(deps: PartnerDeps, id: string, keyId: string): Promise<{ key: KeyRow; keys: KeyRow[] }> {
  const keys = await listPartnerKeys(deps, id);
  const key = keys.find((one) => one.id === keyId);
  if (!key) throw new Problem("not_found");
  return { key, keys };
}

/** What is written for a new key, whether or not it replaces another. */
async function addKey(
  { db, clock }: PartnerDeps,
  actor: Staff,
  what: { act: string; id: string; input: KeyInput; replaces?: { keyId: string; endAt: number } },
): Promise<KeyRow & { key: string }> {
  const { id: partnerId, input, replaces } = what;
  const now = clock();
  const { key, digest, prefix } = await newPartnerKey(input.test);
  const { scopes, petitions, origins, ...rest } = input;
  const copied = { scopes: [...scopes], petitions: petitions && [...petitions], origins: origins && [...origins] };
  const row = { id: newUuid(), prefix, ...rest, ...copied, createdAt: now, lastUsedAt: null };
  const act = {
    actor,
    act: what.act,
    subject: publicId("par", partnerId),
    before: replaces && { key: publicId("key", replaces.keyId) },
    after: { ...keyInAudit(row), ...(replaces && { old_key_ends_at: timeOrNull(replaces.endAt) }) },
    at: now,
  };
  const when = replaces && partnerKeyThere(partnerId, replaces.keyId);
  const [, , added] = await db
    .batch([
      dropEndedPartnerKeys(db, partnerId, now),
      recordAct(db, act, when),
      insertPartnerKey(db, { ...row, digest, partnerId }, when),
      ...(replaces ? [endPartnerKey(db, { id: replaces.keyId, partnerId, endAt: replaces.endAt })] : []),
    ])
    .catch((error: unknown) => {
      if (error instanceof DatabaseFailure && error.refused) throw new Problem("keys_full");
      throw error;
    });
  // Somebody revoked the key that was to be replaced meanwhile.
  if (added.length === 0) throw new Problem("not_found");
  return { ...row, key };
}

/** What the audit log says of a key. */
const keyInAudit = (row: Pick<KeyRow, "id" | "prefix" | "label" | "expiresAt"> & KeyTerms) => ({
  key: publicId("key", row.id),
  prefix: row.prefix,
  label: row.label,
  ...(row.test && { test: true }),
  scopes: row.scopes,
  petitions: row.petitions?.map((id) => publicId("pet", id)) ?? null,
  origins: row.origins,
  signatures_per_minute: row.minuteLimit,
  signatures_per_day: row.dayLimit,
  expires_at: timeOrNull(row.expiresAt),
});
