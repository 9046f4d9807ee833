import { and, eq, gt, type SQL, sql } from "drizzle-orm";
import { type Condition, type Database, rowsOf, runOf } from "../db/database.ts";
import { holdTallies } from "../db/invalidation-schema.ts";
import { petitions, petitionTallies, signatures } from "../db/schema.ts";
import { uuidHex } from "../lib/ids.ts";
import type { SignatureKey } from "../signatures/signature.ts";
import { type HoldReason, keyParts, type Run } from "./invalidation.ts";

/** Which of some codes an area, a channel or a partner has, in this petition. */
export const knownCodes = (
  db: Database,
  no: number,
  codes: { area?: string | undefined; channel?: string | undefined; partner?: string | undefined },
) =>
  rowsOf<{ area: number; channel: number; partner: number }>(
    db,
    sql`SELECT EXISTS (SELECT 1 FROM areas WHERE code = ${codes.area ?? null}) AS area,
      ${codes.channel ?? null} = 'other' OR EXISTS (SELECT 1 FROM channels WHERE code = ${codes.channel ?? null})
        OR EXISTS (SELECT 1 FROM petition_channels, json_each(channels) AS own
          WHERE petition_no = ${no} AND own.key = ${codes.channel ?? null}) AS channel,
      EXISTS (SELECT 1 FROM channels WHERE partner = ${codes.partner ?? null}) AS partner`,
  );

/** How many of some keys, each 32 hexadecimal digits, a petition has. */
export const countKeys = (db: Database, no: number, keys: readonly string[]) =>
  rowsOf<{ n: number }>(
    db,
    sql`SELECT count(*) AS n FROM json_each(${JSON.stringify(keys.map(keyParts))}) AS key CROSS JOIN signatures
      ON petition_no = ${no} AND email_hash = unhex(key.value ->> 0) AND person_hash = key.value ->> 1`,
  );

/** Held signatures that wait for staff, by reason: exact, from the tallies. */
export const heldByReason = (db: Database, petitionNo: number) =>
  db
    .select({ hold: holdTallies.hold, pending: holdTallies.pending, verified: holdTallies.verified })
    .from(holdTallies)
    .where(and(eq(holdTallies.petitionNo, petitionNo), gt(sql`${holdTallies.pending} + ${holdTallies.verified}`, 0)));

/** What a group of held signatures has in common; `all`: nothing but the reason. */
export interface HeldGroup {
  readonly kind: "all" | "network" | "domain" | "address";
  /** Keyed hash in hexadecimal digits. */
  readonly digest: string | null;
  readonly signatures: number;
  readonly verified: number;
  readonly first_at: number;
  readonly last_at: number;
  readonly addresses: number;
  readonly asn: number | null;
  readonly country: string | null;
}

/**
 * The largest groups among the latest `limit` held signatures of a reason, and all of them as one group: at most `most` of
 * each kind, of two signatures or more. `asn` and `country` only where all of a group have the same.
 */
export const heldGroups = (db: Database, of: { petitionNo: number; hold: HoldReason; limit: number; most: number }) =>
  rowsOf<HeldGroup>(
    db,
    sql`WITH held AS MATERIALIZED (SELECT state, accepted_at, network_hash, domain_hash, address_hash, asn, country
      FROM signatures INDEXED BY signatures_held WHERE petition_no = ${of.petitionNo} AND hold = ${of.hold}
        AND (state = 'pending' OR state = 'verified') ORDER BY accepted_at DESC LIMIT ${of.limit}),
    groups AS (SELECT kind.value AS kind, CASE kind.value WHEN 'network' THEN network_hash WHEN 'domain' THEN domain_hash
        WHEN 'address' THEN address_hash END AS hash, count(*) AS signatures, sum(state = 'verified') AS verified,
        min(accepted_at) AS first_at, max(accepted_at) AS last_at, count(DISTINCT address_hash) AS addresses,
        iif(count(*) = count(asn) AND min(asn) = max(asn), max(asn), NULL) AS asn,
        iif(count(*) = count(country) AND min(country) = max(country), max(country), NULL) AS country
      FROM held CROSS JOIN json_each('["all","network","domain","address"]') AS kind GROUP BY 1, 2)
    SELECT kind, lower(hex(hash)) AS digest, signatures, verified, first_at, last_at, addresses, asn, country FROM (
      SELECT *, row_number() OVER (PARTITION BY kind ORDER BY signatures DESC, hash) AS place FROM groups
      WHERE kind = 'all' OR (hash IS NOT NULL AND signatures >= 2)) WHERE place <= ${of.most}
    ORDER BY kind, place`,
  );

/** A signature as staff decide on it, with its petition and that petition's count. */
export const signatureForReview = (db: Database, key: SignatureKey) =>
  db
    .select({
      petitionId: sql<string>`${petitions.id}`.as("petition_id"),
      department: petitions.departmentCode,
      state: sql<(typeof signatures.$inferSelect)["state"]>`${signatures.state}`.as("signature_state"),
      hold: signatures.hold,
      role: signatures.role,
      reason: signatures.invalidatedReason,
      count: petitionTallies.verified,
    })
    .from(signatures)
    .innerJoin(petitions, eq(petitions.no, signatures.petitionNo))
    .innerJoin(petitionTallies, eq(petitionTallies.petitionNo, signatures.petitionNo))
    .where(isKey(key));

const isKey = (key: SignatureKey): SQL =>
  and(
    eq(signatures.petitionNo, key.petitionNo),
    eq(signatures.emailHash, key.emailHash),
    eq(signatures.personHash, key.personHash),
  ) as SQL;

const live = (key: SignatureKey): SQL =>
  and(isKey(key), sql`(${signatures.state} = 'pending' OR ${signatures.state} = 'verified')`) as SQL;

const held = (key: SignatureKey): SQL => and(live(key), sql`${signatures.hold} IS NOT NULL`) as SQL;

const removable = (key: SignatureKey): SQL => and(live(key), sql`${signatures.role} <> 'creator'`) as SQL;

/** That a signature is held and waits, at that point of the batch. */
export const isHeld = (key: SignatureKey): Condition => sql`EXISTS (SELECT 1 FROM ${signatures} WHERE ${held(key)})`;

/** That a signature is pending or verified and not the creator's, at that point of the batch. */
export const isRemovable = (key: SignatureKey): Condition =>
  sql`EXISTS (SELECT 1 FROM ${signatures} WHERE ${removable(key)})`;

/** Lifts the hold of one signature; a verified one counts from then on. */
export const releaseOne = (db: Database, key: SignatureKey) =>
  db.update(signatures).set({ hold: null }).where(held(key));

/** Takes one signature out, in the name of a run. */
export const takeOutOne = (
  db: Database,
  key: SignatureKey,
  { run, now }: { run: Pick<Run, "id" | "reason">; now: number },
) =>
  runOf(
    db,
    sql`UPDATE signatures SET state = 'invalidated', ended_at = ${now}, invalidated_reason = ${run.reason},
      invalidation = unhex(${uuidHex(run.id)}) WHERE ${removable(key)}`,
  );
