import type { Database, Statement } from "../db/database.ts";
import { mailTroubles } from "../db/schema.ts";
import { toHex } from "../lib/bytes.ts";
import type { MailTrouble } from "../mail/delivery.ts";
import type { PetitionDirectory } from "../petitions/petition-directory.ts";
import { markMailTrouble, type TroubledMail } from "./mail-trouble.store.ts";
import { parseKeyHex } from "./signature.ts";

/**
 * Statements that note trouble with mail on the signatures it was about. A provider that names only the address speaks of
 * every signature of that mailbox: its hashes are computed, one a petition, and looked up by key.
 */
export async function recordMailTrouble(
  deps: { readonly db: Database; readonly petitions: PetitionDirectory },
  troubles: readonly MailTrouble[],
): Promise<Statement[]> {
  const named = troubles.flatMap(({ item, trouble, at }): TroubledMail[] =>
    item !== null && /^[0-9a-f]{32}(?::|$)/.test(item) ? [{ ...parseKeyHex(item.slice(0, 32)), trouble, at }] : [],
  );
  const unnamed = troubles.flatMap(({ item, address, ...rest }) =>
    item === null && address !== null ? [{ address, ...rest }] : [],
  );
  const found = unnamed.length > 0 ? await mailboxesOf(deps, unnamed) : [];
  const worst = worstOfEach([...named, ...found]);
  return worst.length > 0 ? [markMailTrouble(deps.db, worst)] : [];
}

async function mailboxesOf(
  { db, petitions }: { readonly db: Database; readonly petitions: PetitionDirectory },
  troubles: readonly { address: string; trouble: MailTrouble["trouble"]; at: number }[],
): Promise<TroubledMail[]> {
  const mails: TroubledMail[] = [];
  for (const facts of await petitions.withSecrets(db)) {
    const secret = await petitions.secret(facts);
    if (!secret) continue;
    for (const { address, trouble, at } of troubles) {
      const emailHash = await secret.emailHash(address);
      mails.push({ petitionNo: facts.no, emailHash, personHash: null, trouble, at });
    }
  }
  return mails;
}

/** One statement touches a row once: of several troubles with one signature the worst stays, or the latest. */
function worstOfEach(mails: readonly TroubledMail[]): TroubledMail[] {
  const worst = new Map<string, TroubledMail>();
  const rank = ({ trouble, at }: TroubledMail) => mailTroubles.indexOf(trouble) * 1e15 + at;
  for (const mail of mails) {
    const key = `${mail.petitionNo}:${toHex(mail.emailHash)}:${mail.personHash}`;
    const known = worst.get(key);
    if (!known || rank(known) < rank(mail)) worst.set(key, mail);
  }
  return [...worst.values()];
}
