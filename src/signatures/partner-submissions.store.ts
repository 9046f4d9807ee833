import { type SQL, sql } from "drizzle-orm";
import { type Database, runOf } from "../db/database.ts";
import { type Bytes, toHex } from "../lib/bytes.ts";

/** What a partner sent, as it is recorded whatever becomes of it. */
export interface SentByPartner {
  /** The partner's code. */
  readonly partner: string;
  /** The submission's UUID as 32 hexadecimal digits. */
  readonly submission: string;
  readonly petitionNo: number;
  /** The signature's key; null when the petition took none any more. */
  readonly key: { readonly emailHash: Bytes; readonly personHash: number } | null;
  /** The partner's own id, sealed under the petition's key. */
  readonly reference: Bytes | null;
  /** The version of the text by which the person agreed to pass name and address on; null: they didn't. */
  readonly consent: number | null;
  readonly acceptedAt: number;
}

/** Records what partners sent; what is recorded already stays as it is. A row written each. */
export function recordSent(db: Database, sent: readonly SentByPartner[]) {
  const json = sent.map(({ partner, submission, petitionNo, key, reference, consent, acceptedAt }) => [
    ...[partner, submission, petitionNo, key && toHex(key.emailHash), key?.personHash ?? null],
    ...[reference && toHex(reference), consent, acceptedAt],
  ]);
  return runOf(
    db,
    sql`INSERT INTO partner_submissions (partner, submission, petition_no, email_hash, person_hash, reference, consent,
      accepted_at)
    SELECT value ->> 0, unhex(value ->> 1), value ->> 2, ${bytesAt(3)}, value ->> 4, ${bytesAt(5)}, value ->> 6,
      value ->> 7 FROM json_each(${JSON.stringify(json)}) WHERE true ON CONFLICT DO NOTHING`,
  );
}

const bytesAt = (place: number): SQL => sql.raw(`unhex(value ->> ${place})`);
