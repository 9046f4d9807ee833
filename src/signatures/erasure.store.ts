import { and, eq, isNotNull, ne, sql } from "drizzle-orm";
import { type Condition, type Database, runOf } from "../db/database.ts";
import { signatures } from "../db/schema.ts";
import { isKey, mayLeave } from "../db/signature-conditions.ts";
import { ERASED, type SignatureKey } from "./signature.ts";

/** That anything personal is held under a key. */
export const holdsData = (key: SignatureKey): Condition =>
  sql`EXISTS (SELECT 1 FROM ${signatures} WHERE ${isKey(key)} AND ${signatures.sealed} IS NOT NULL)`;

/** Erases what is sealed of a signature that nobody has verified, just before it is deleted: what hangs on it goes too. */
export const emptyPending = (db: Database, key: SignatureKey) =>
  db
    .update(signatures)
    .set({ sealed: null })
    .where(and(isKey(key), isUnverified));

const isUnverified = and(eq(signatures.state, "pending"), ne(signatures.role, "creator"));

/** Deletes a signature that nobody has verified. The creator's is withdrawn instead: the petition names it. */
export const deletePending = (db: Database, key: SignatureKey) =>
  db.delete(signatures).where(and(isKey(key), isUnverified));

/**
 * Erases the personal data of a signature that stays, because the count is final. Area, channel, language and times stay:
 * the count is told by them. So does the name's key, under which the person has signed.
 */
export const eraseCounted = (db: Database, key: SignatureKey) =>
  db
    .update(signatures)
    .set({
      sealed: null,
      mailTrouble: null,
      mailTroubleAt: null,
      updates: false,
      postcodeHash: null,
      addressHash: null,
      networkHash: null,
      domainHash: null,
      asn: null,
      country: null,
    })
    .where(and(isKey(key), isNotNull(signatures.sealed)));

/** The mail that says so, with the data it needs; to be run before what erases it, which it does only once the count is final. */
export const insertErasureMail = (db: Database, key: SignatureKey, job: { id: string; item: string; now: number }) =>
  runOf(
    db,
    sql`INSERT INTO outbox (id, kind, items, remaining, sealed, due_at, created_at)
    SELECT ${job.id}, ${ERASED}, json_array(${job.item}), json_array(${job.item}), ${signatures.sealed}, ${job.now},
      ${job.now}
    FROM ${signatures} WHERE ${isKey(key)} AND ${signatures.verifiedAt} IS NOT NULL AND ${signatures.sealed} IS NOT NULL
      AND NOT ${mayLeave(job.now)}`,
  );
