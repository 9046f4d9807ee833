import { and, eq, inArray, isNotNull, isNull, lt, or, sql } from "drizzle-orm";
import { type Database, keptStatement, rowsOf, runOf } from "../db/database.ts";
import { codeAttempts, postcodes, signatures } from "../db/schema.ts";
import { countMoves, isKey, isMailbox, mayLeave, NOTHING_PERSONAL } from "../db/signature-conditions.ts";
import { type Bytes, toHex } from "../lib/bytes.ts";
import type { SubmissionHold } from "../limits/admit.ts";
import { CODE_ATTEMPTS, CONFIRM_WITHDRAWAL, type SignatureKey } from "./signature.ts";

/** A signature as it is recorded. */
export interface NewSignature extends SignatureKey {
  /** The submission's UUID as 32 hexadecimal digits. */
  readonly submission: string;
  readonly hold: SubmissionHold | null;
  readonly role: "signer" | "creator" | "supporter";
  readonly locale: string;
  readonly areaCode: string | null;
  readonly channel: string | null;
  /** The code of the partner who sent it. */
  readonly partner: string | null;
  readonly updates: boolean;
  readonly postcodeHash: Bytes | null;
  readonly addressHash: Bytes | null;
  readonly networkHash: Bytes | null;
  readonly domainHash: Bytes | null;
  readonly asn: number | null;
  readonly country: string | null;
  readonly sealed: Bytes;
  readonly acceptedAt: number;
  /** The versions that the person saw; null when nobody can say. */
  readonly privacyVersion: number | null;
  readonly eligibilityVersion: number | null;
}

/**
 * Records signatures in one statement. The database decides by its one-person rules what becomes of each: a new row,
 * a pending or withdrawn row renewed, or nothing. Answers with the keys of those that were written. `now`: when the job
 * of their mail is made.
 */
export function recordSignatures(db: Database, rows: readonly NewSignature[], now: number) {
  const hex = (bytes: Bytes | null) => bytes && toHex(bytes);
  const json = rows.map((row) => [
    row.petitionNo,
    hex(row.emailHash),
    row.personHash,
    row.submission,
    row.hold,
    row.role,
    row.locale,
    row.areaCode,
    row.channel,
    row.updates ? 1 : 0,
    hex(row.postcodeHash),
    hex(row.addressHash),
    hex(row.networkHash),
    hex(row.domainHash),
    row.asn,
    row.country,
    hex(row.sealed),
    row.acceptedAt,
    row.privacyVersion,
    row.eligibilityVersion,
    row.partner,
  ]);
  // An invalidated row takes the data, so that nothing looks different, and stays invalidated; one that was verified
  // takes no more than a verified one does.
  // A renewed row keeps its hold: only staff lift one, and a stranger's flood must not lay one on somebody else's row.
  return rowsOf<{ petition_no: number; email_hash: string; person_hash: number }>(
    db,
    sql`
    INSERT INTO signatures (petition_no, email_hash, person_hash, submission, state, hold, role, locale, area_code,
      channel, updates, postcode_hash, address_hash, network_hash, domain_hash, asn, country, sealed, accepted_at,
      privacy_version, eligibility_version, partner)
    SELECT value ->> 0, unhex(value ->> 1), value ->> 2, unhex(value ->> 3), 'pending', value ->> 4, value ->> 5,
      value ->> 6, value ->> 7, value ->> 8, value ->> 9, unhex(value ->> 10), unhex(value ->> 11),
      unhex(value ->> 12), unhex(value ->> 13), value ->> 14, value ->> 15, unhex(value ->> 16), value ->> 17,
      value ->> 18, value ->> 19, value ->> 20
    FROM json_each(${JSON.stringify(json)}) WHERE true
    ON CONFLICT DO UPDATE SET submission = excluded.submission,
      state = iif(state = 'invalidated', state, 'pending'),
      ended_at = iif(state = 'invalidated', ended_at, NULL), locale = excluded.locale, area_code = excluded.area_code,
      channel = excluded.channel, partner = excluded.partner, updates = excluded.updates, postcode_hash = excluded.postcode_hash,
      address_hash = excluded.address_hash, network_hash = excluded.network_hash, domain_hash = excluded.domain_hash,
      asn = excluded.asn, country = excluded.country, sealed = excluded.sealed, accepted_at = excluded.accepted_at,
      privacy_version = excluded.privacy_version, eligibility_version = excluded.eligibility_version,
      repeated_at = iif(state = 'withdrawn', NULL, coalesce(repeated_at, ${now}))
      WHERE verified_at IS NULL
    RETURNING petition_no, lower(hex(email_hash)) AS email_hash, person_hash`,
  );
}

/** The areas of folded postcodes, those that are known. */
export const areasOfPostcodes = (db: Database, folded: readonly string[]) =>
  db
    .select()
    .from(postcodes)
    .where(sql`${postcodes.postcode} IN (SELECT value FROM json_each(${JSON.stringify(folded)}))`);

/** When the submission that last wrote a row was accepted, if the row is there. */
export const lastAcceptedAt = (db: Database, key: SignatureKey) =>
  db.select({ acceptedAt: signatures.acceptedAt }).from(signatures).where(isKey(key));

/**
 * Verifies a pending signature while the count may still move; triggers move the tallies in the same transaction. Within
 * `fastMs` of its mail, or of its submission, it is held as one that no person has verified, unless it is held already.
 * Answers with its role and the partner who sent it, or with nothing when it stays as it was: also when supporters have
 * taken every place. Times in milliseconds since 1970.
 */
export const verifyPending = (db: Database, key: SignatureKey, verification: Verification) =>
  verifyStatements[verification.fastMs > 0 ? "holding" : "plain"](db, { ...key, ...verification });

type VerifiedRow = { role: NewSignature["role"]; partner: string | null };
const VERIFY_VALUES = ["petitionNo", "emailHash", "personHash", "now", "hour", "mailedAt", "fastMs"] as const;

const verifyStatement = (set: (verification: Verification) => object) =>
  keptStatement<VerifiedRow>()<SignatureKey & Verification>(VERIFY_VALUES, (db, values) =>
    db
      .update(signatures)
      .set({ state: "verified", ...set(values) })
      .where(and(isKey(values), eq(signatures.state, "pending"), countMoves(values.now)))
      .returning({ role: signatures.role, partner: signatures.partner }),
  );

const verifyStatements = {
  plain: verifyStatement(verifiedAt),
  holding: verifyStatement((verification) => ({ ...verifiedAt(verification), hold: heldIfFast(verification) })),
};

type Verification = { readonly now: number; readonly hour: string; readonly mailedAt: number; readonly fastMs: number };

function verifiedAt({ now, hour }: Verification) {
  return { verifiedAt: now, verifiedHour: hour };
}

function heldIfFast({ now, mailedAt, fastMs }: Verification) {
  const isFast = sql`${now} < max(${signatures.acceptedAt}, ${mailedAt}) + ${fastMs}`;
  return sql`coalesce(${signatures.hold}, iif(${isFast}, 'fast', NULL))`;
}

/** Withdraws a signature that is pending or verified, and erases its personal data, unless the count is final. */
export function withdrawLive(db: Database, key: SignatureKey, now: number) {
  return db
    .update(signatures)
    .set({ ...NOTHING_PERSONAL, state: "withdrawn", endedAt: now, verifiedAt: null, verifiedHour: null })
    .where(and(isKey(key), inArray(signatures.state, ["pending", "verified"]), mayLeave(now)));
}

/**
 * Notes that the person of an invalidated signature has verified it: it stays invalidated, and if staff give it back it
 * counts, as its person was told, or is held as `verifyPending` would have.
 */
export const noteVerification = (db: Database, key: SignatureKey, verification: Verification) =>
  db
    .update(signatures)
    .set({ ...verifiedAt(verification), ...(verification.fastMs > 0 && { hold: heldIfFast(verification) }) })
    .where(
      and(
        isKey(key),
        eq(signatures.state, "invalidated"),
        isNull(signatures.verifiedAt),
        isNotNull(signatures.sealed),
        countMoves(verification.now),
      ),
    );

/**
 * Erases the personal data of an invalidated signature whose person withdraws it: it stays invalidated. That it was
 * verified is forgotten with it: whoever signs again verifies again.
 */
export function eraseInvalidated(db: Database, key: SignatureKey, now: number) {
  return db
    .update(signatures)
    .set({ ...NOTHING_PERSONAL, verifiedAt: null, verifiedHour: null })
    .where(
      and(
        isKey(key),
        eq(signatures.state, "invalidated"),
        or(isNotNull(signatures.sealed), isNotNull(signatures.verifiedAt)),
        mayLeave(now),
      ),
    );
}

/** The mail that confirms a withdrawal, with the data it needs; to be run just before `withdrawLive`. */
export const insertWithdrawalMail = (db: Database, key: SignatureKey, job: { id: string; item: string; now: number }) =>
  runOf(
    db,
    sql`INSERT INTO outbox (id, kind, items, remaining, sealed, due_at, created_at)
    SELECT ${job.id}, ${CONFIRM_WITHDRAWAL}, json_array(${job.item}), json_array(${job.item}), ${signatures.sealed},
      ${job.now}, ${job.now}
    FROM ${signatures} WHERE ${isKey(key)} AND ${signatures.verifiedAt} IS NOT NULL AND ${signatures.sealed} IS NOT NULL
      AND ${signatures.state} IN ('verified', 'invalidated')
      AND ${mayLeave(job.now)}`,
  );

const countStatement = keptStatement<{ petitionId: string; verified: number }>()<{ petitionNo: number }>(
  ["petitionNo"],
  (_, { petitionNo }) => sql`SELECT petition_id AS petitionId, verified FROM petition_tallies
    WHERE petition_no = ${petitionNo}`,
);

/** A petition's public id and its count: one row read. */
export const countOf = (db: Database, petitionNo: number) => countStatement(db, { petitionNo });

/**
 * The state of what is there under a key, whether its data or all of its petition's is erased, and whether its petition takes
 * supporters: read only for a supporter.
 */
export const signatureState = (db: Database, key: SignatureKey) =>
  db
    .select({
      state: signatures.state,
      role: signatures.role,
      // Who erased their data once the count was final still counts.
      erased: sql<number>`${signatures.sealed} IS NULL AND ${signatures.verifiedAt} IS NULL`.as("erased"),
      petitionErased: sql<number>`EXISTS (SELECT 1 FROM petitions WHERE petitions.no = signatures.petition_no
        AND petitions.secret IS NULL)`.as("petition_erased"),
      gathering: sql<number>`(${signatures.role} = 'supporter' AND EXISTS (SELECT 1 FROM supporter_places AS places
        WHERE places.petition_no = signatures.petition_no))`.as("gathering"),
    })
    .from(signatures)
    .where(isKey(key));

/** What a mail about a signature is made from; `partner`: the name of whoever sent it. */
export const signatureForMail = (db: Database, key: SignatureKey) =>
  db
    .select({
      state: signatures.state,
      role: signatures.role,
      locale: signatures.locale,
      partner: sql<string | null>`(SELECT name FROM partners WHERE code = ${signatures.partner})`.as("partner_name"),
      sealed: signatures.sealed,
      verifiedAt: signatures.verifiedAt,
      repeatedAt: signatures.repeatedAt,
      mailTrouble: signatures.mailTrouble,
    })
    .from(signatures)
    .where(isKey(key));

/** What a mailbox holds that mail can be about, in the order of verification, unverified ones first. */
export const holdersOfMailbox = (db: Database, key: Omit<SignatureKey, "personHash">) =>
  db
    .select({
      personHash: signatures.personHash,
      role: signatures.role,
      locale: signatures.locale,
      sealed: signatures.sealed,
      verifiedAt: signatures.verifiedAt,
      partner: signatures.partner,
      otherNames: signatures.otherNames,
    })
    .from(signatures)
    .where(and(isMailbox(key), isNotNull(signatures.sealed)))
    .orderBy(signatures.verifiedAt);

/** Everyone at a mailbox, whatever the state. */
export const personsInMailbox = (db: Database, key: Omit<SignatureKey, "personHash">) =>
  db.select({ personHash: signatures.personHash }).from(signatures).where(isMailbox(key));

/** Uses up one try of the code for a mailbox; answers with nothing when none is left. */
export const useCodeAttempt = (db: Database, key: Omit<SignatureKey, "personHash">, now: number) =>
  db
    .insert(codeAttempts)
    .values({ petitionNo: key.petitionNo, emailHash: key.emailHash, attempts: 1, triedAt: now })
    .onConflictDoUpdate({
      target: [codeAttempts.petitionNo, codeAttempts.emailHash],
      set: { attempts: sql`${codeAttempts.attempts} + 1`, triedAt: now },
      setWhere: lt(codeAttempts.attempts, CODE_ATTEMPTS),
    })
    .returning({ attempts: codeAttempts.attempts });
