import { and, eq, isNotNull, sql } from "drizzle-orm";
import { type Condition, type Database, runOf } from "../../db/database.ts";
import { outbox } from "../../db/mail-schema.ts";
import { partnerSubmissions } from "../../db/partner-schema.ts";
import { petitionTallies, signatures } from "../../db/schema.ts";
import { type Bytes, toHex } from "../../lib/bytes.ts";
import type { SignatureKey } from "../../signatures/signature.ts";

const isKey = (key: SignatureKey) =>
  and(
    eq(signatures.petitionNo, key.petitionNo),
    eq(signatures.emailHash, key.emailHash),
    eq(signatures.personHash, key.personHash),
  );

/** Everything that is held under a key: every column. */
export const personRow = (db: Database, key: SignatureKey) => db.select().from(signatures).where(isKey(key));

/** What a partner told of the submission that wrote a signature, and the consent that it passed on. */
export const partnerFacts = (db: Database, { partner, submission }: { partner: string; submission: Bytes }) =>
  db
    .select({ reference: partnerSubmissions.reference, consent: partnerSubmissions.consent })
    .from(partnerSubmissions)
    .where(and(eq(partnerSubmissions.partner, partner), eq(partnerSubmissions.submission, submission)));

/** The public id of a petition, by its number: one row read. */
export const petitionIdOf = (db: Database, no: number) =>
  db.select({ id: petitionTallies.petitionId }).from(petitionTallies).where(eq(petitionTallies.petitionNo, no));

/** Whom a mailbox signed for in a petition and whose data is held, verified ones first; at most `limit`. */
export const personsOf = (db: Database, mailbox: { petitionNo: number; emailHash: Bytes }, limit: number) =>
  db
    .select({ personHash: signatures.personHash, locale: signatures.locale, sealed: signatures.sealed })
    .from(signatures)
    .where(
      and(
        eq(signatures.petitionNo, mailbox.petitionNo),
        eq(signatures.emailHash, mailbox.emailHash),
        isNotNull(signatures.sealed),
      ),
    )
    .orderBy(sql`${signatures.verifiedAt} IS NULL`, signatures.acceptedAt)
    .limit(limit);

/**
 * Seals a corrected name, if the signature is still as it was read. `otherNames`: the hashes of the names that it was
 * corrected to. Changes nothing when one of them is another's (signature_other_names).
 */
export const writeName = (
  db: Database,
  key: SignatureKey,
  to: { read: Bytes; sealed: Bytes; otherNames: string | null },
) =>
  runOf(
    db,
    sql`UPDATE signatures SET sealed = unhex(${toHex(to.sealed)}), other_names = ${to.otherNames}
    WHERE ${isKey(key)} AND sealed = unhex(${toHex(to.read)})`,
  );

/** That the statement just before has changed something. */
export const HAS_CHANGED: Condition = sql`changes() > 0`;

/** Puts a job of mail into the outbox unless there is one with its id. */
export const insertOnce = (db: Database, job: { id: string; kind: string; item: string; now: number }) =>
  db
    .insert(outbox)
    .values({
      id: job.id,
      kind: job.kind,
      items: [job.item],
      remaining: [job.item],
      dueAt: job.now,
      createdAt: job.now,
    })
    .onConflictDoNothing();
