import * as v from "valibot";
import { parseEmailAddress } from "../lib/email-address.ts";
import { publicId } from "../lib/ids.ts";
import { describeError, log } from "../lib/log.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import type { MailContent } from "../mail/sender.ts";
import type { PetitionDirectory, PetitionFacts } from "../petitions/petition-directory.ts";
import type { PetitionSecret } from "../petitions/petition-secret.ts";
import { personPage } from "../signatures/person-token.ts";
import { parseKeyHex, type SignatureKey, sealContext } from "../signatures/signature.ts";
import { mailboxOf, petitionHex } from "./mailing.ts";
import { type MailingFacts, mailingLetter, mailLocale } from "./mailing-letter.ts";
import { type Recipient, sealedOf } from "./mailing-steps.store.ts";
import { unsubscribeToken } from "./unsubscribe-token.ts";

export interface ComposeMailingDeps {
  readonly keys: RootKeys;
  readonly petitions: PetitionDirectory;
  readonly publicUrl: string;
  /** The page on which residents read a petition with this public id. */
  readonly petitionUrl: (id: string) => string;
  readonly municipality: string;
  readonly contact: string;
  readonly privacyNoticeUrl: string;
}

/** A mailing, as its mails are made from it. */
export type MailingToCompose = MailingFacts & {
  readonly mailing: MailingFacts["mailing"] & { readonly id: string; readonly petitionNo: number };
  readonly petition: Pick<PetitionFacts, "id" | "title">;
};

/** Somebody to write to. */
export interface Addressee {
  readonly name: string;
  /** As typed. */
  readonly email: string;
  readonly locale: string;
  /** Set for whoever unsubscribes by this mail; null for one that only shows what it looks like. */
  readonly signer: { readonly mailbox: string; readonly canonical: string; readonly key: SignatureKey } | null;
}

const Sealed = v.object({ name: v.string(), email: v.string() });

/** Opens what signers said of themselves; null where that is erased or no key opens it. In step. */
export async function openRecipients(
  { petitions }: Pick<ComposeMailingDeps, "petitions">,
  petition: PetitionFacts,
  recipients: readonly (Recipient | undefined)[],
): Promise<(Addressee | null)[]> {
  let secret: PetitionSecret | null = null;
  try {
    secret = await petitions.secret(petition);
  } catch (error) {
    log("petition_unreadable", describeError(error));
  }
  return Promise.all(
    recipients.map(async (recipient) => {
      if (!secret || !recipient) return null;
      const key = parseKeyHex(petitionHex(petition.no) + recipient.item);
      const data = v.safeParse(Sealed, await secret.open(sealedOf(recipient), sealContext(key)));
      const address = data.success ? parseEmailAddress(data.output.email) : null;
      if (!data.success || !address) return null;
      const signer = { mailbox: mailboxOf(recipient.item), canonical: address.canonical, key };
      return { name: data.output.name, email: address.typed, locale: recipient.locale, signer };
    }),
  );
}

/**
 * The mail of a mailing to somebody. Its headers let mail programs unsubscribe by themselves (RFC 2369, RFC 8058), and keep
 * vacation replies away (RFC 3834).
 */
export async function composeMailing(
  deps: ComposeMailingDeps,
  of: MailingToCompose,
  to: Addressee,
): Promise<MailContent> {
  const locale = mailLocale(of, to.locale);
  const token = await unsubscribeToken(deps.keys, of.mailing, to.signer);
  const unsubscribeUrl = `${deps.publicUrl}/u/${token}?lang=${encodeURIComponent(locale)}`;
  const letter = mailingLetter(of, {
    locale,
    name: to.name,
    petitionTitle: of.petition.title,
    petitionUrl: deps.petitionUrl(publicId("pet", of.petition.id)),
    unsubscribeUrl,
    personUrl: to.signer ? await personPage(deps, to.signer.key, locale) : undefined,
    municipality: deps.municipality,
    contact: deps.contact,
    privacyNoticeUrl: deps.privacyNoticeUrl,
  });
  const headers = {
    "Auto-Submitted": "auto-generated",
    "List-Unsubscribe": `<${unsubscribeUrl}>`,
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
  };
  return { to: to.email, headers, ...letter };
}
