import { type SQLWrapper, sql } from "drizzle-orm";
import { type Database, runOf } from "../db/database.ts";
import { mailTroubles } from "../db/schema.ts";
import { toHex } from "../lib/bytes.ts";
import type { SignatureKey } from "./signature.ts";

/** Trouble with the mail of one signature or, without a person, of everyone at a mailbox. */
export interface TroubledMail extends Omit<SignatureKey, "personHash"> {
  readonly personHash: number | null;
  readonly trouble: (typeof mailTroubles)[number];
  /** Milliseconds since 1970, by the provider. */
  readonly at: number;
}

/**
 * Notes trouble with mail. In any order, and however often: the worst stays, and of the same kind the latest. A signature
 * whose personal data is erased gets nothing new.
 */
export function markMailTrouble(db: Database, mails: readonly TroubledMail[]) {
  const json = mails.map((mail) => [mail.petitionNo, toHex(mail.emailHash), mail.personHash, mail.trouble, mail.at]);
  const rank = (column: SQLWrapper) => sql`instr(${mailTroubles.join(" ")}, ${column})`;
  return runOf(
    db,
    sql`UPDATE signatures SET mail_trouble = mail.trouble, mail_trouble_at = mail.at
    FROM (SELECT value ->> 0 AS no, unhex(value ->> 1) AS mailbox, value ->> 2 AS person, value ->> 3 AS trouble,
      value ->> 4 AS at FROM json_each(${JSON.stringify(json)})) AS mail
    WHERE signatures.petition_no = mail.no AND signatures.email_hash = mail.mailbox
      AND (mail.person IS NULL OR signatures.person_hash = mail.person) AND signatures.sealed IS NOT NULL
      AND (signatures.mail_trouble IS NULL OR (${rank(sql`mail.trouble`)}, mail.at)
        > (${rank(sql`signatures.mail_trouble`)}, signatures.mail_trouble_at))`,
  );
}
