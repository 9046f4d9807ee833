import { and, eq, type SQL, sql } from "drizzle-orm";
import type { Bytes } from "../lib/bytes.ts";
import { closingClockAt, VERIFICATION_GRACE_MS } from "./petition-conditions.ts";
import { petitions, signatures } from "./schema.ts";

/** A signature's primary key. */
interface SignatureKey {
  readonly petitionNo: number;
  readonly emailHash: Bytes;
  readonly personHash: number;
}

/** What is left of a withdrawn signature is its key, by which the person may sign again. */
export const NOTHING_PERSONAL = {
  sealed: null,
  mailTrouble: null,
  mailTroubleAt: null,
  areaCode: null,
  channel: null,
  partner: null,
  updates: false,
  postcodeHash: null,
  addressHash: null,
  networkHash: null,
  domainHash: null,
  asn: null,
  country: null,
  privacyVersion: null,
  eligibilityVersion: null,
  otherNames: null,
} as const;

/** The rows of a mailbox. */
export const isMailbox = (key: Omit<SignatureKey, "personHash">): SQL =>
  and(eq(signatures.petitionNo, key.petitionNo), eq(signatures.emailHash, key.emailHash)) as SQL;

/** The row under a key. */
export const isKey = (key: SignatureKey): SQL => and(isMailbox(key), eq(signatures.personHash, key.personHash)) as SQL;

/**
 * `countMovesAt` in SQL: at the moment of the write the database itself knows whether the count is final. A pause of
 * signing is looked up, at a row, only where it makes a difference.
 */
export const countMoves = (now: number): SQL => sql`EXISTS (SELECT 1 FROM ${petitions}
  WHERE ${petitions.no} = ${signatures.petitionNo} AND CASE
    WHEN ${petitions.state} IN ('draft', 'gathering') OR ${petitions.state} IN ('moderation', 'changes_requested') THEN 1
    WHEN ${petitions.state} = 'open' THEN CASE WHEN ${now} < ${petitions.closesAt} + ${VERIFICATION_GRACE_MS} THEN 1
      ELSE ${closingClockAt(now)} < ${petitions.closesAt} + ${VERIFICATION_GRACE_MS} END
    WHEN ${petitions.state} IN ('closed', 'stopped')
      THEN ${now} < coalesce(${petitions.endedAt}, ${petitions.closesAt}) + ${VERIFICATION_GRACE_MS}
    ELSE 0 END)`;

/**
 * That a signature may be taken back, and the count with it: until the count is final. Of a petition that is hidden or
 * was rejected none is.
 */
export const mayLeave = (now: number): SQL => sql`(${countMoves(now)} OR EXISTS (SELECT 1 FROM ${petitions}
  WHERE ${petitions.no} = ${signatures.petitionNo} AND (${petitions.state} = 'hidden' OR ${petitions.state} = 'rejected')))`;

/** Holds for a signature that counts and whose person asked for news. */
export const ASKED_FOR_NEWS = sql`state = 'verified' AND hold IS NULL AND updates = 1`;
