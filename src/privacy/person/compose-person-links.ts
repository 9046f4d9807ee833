import * as v from "valibot";
import type { Database } from "../../db/database.ts";
import { catalogueFor } from "../../i18n/catalogue.ts";
import { parseEmailAddress } from "../../lib/email-address.ts";
import type { RootKeys } from "../../lib/root-keys.ts";
import { foreignWords } from "../../mail/letter.tsx";
import type { ComposedMail } from "../../mail/mail-job.ts";
import { petitionLetter, titleOf } from "../../mail/petition-letter.ts";
import { titleToTell } from "../../petitions/petition-address.ts";
import type { PetitionDirectory } from "../../petitions/petition-directory.ts";
import { personPage } from "../../signatures/person-token.ts";
import { sealContext } from "../../signatures/signature.ts";
import { personsOf } from "./person.store.ts";
import { mailboxIn } from "./request-link.ts";

export interface ComposeLinksDeps {
  readonly db: Database;
  readonly keys: RootKeys;
  readonly petitions: PetitionDirectory;
  readonly publicUrl: string;
  readonly municipality: string;
  readonly contact: string;
  readonly privacyNoticeUrl: string;
}

// A mailbox has two names that count; more are those that nobody verified.
const MOST_LINKS = 5;
const MAX_NAME_CHARS = 80;

const Sealed = v.object({ name: v.string(), email: v.string() });

/**
 * The mail with a link for each name that signed a petition from a mailbox, to the address as it is stored; nothing when
 * nothing is held. All names of a mailbox share what is sent to it.
 */
export const composePersonLinks = (
  deps: ComposeLinksDeps,
  items: readonly string[],
): Promise<(ComposedMail | null)[]> => Promise.all(items.map((item) => compose(deps, item)));

async function compose(deps: ComposeLinksDeps, item: string): Promise<ComposedMail | null> {
  const mailbox = mailboxIn(item);
  // Anew: one that was hidden a moment ago is not told.
  const petition = await deps.petitions.factsNow(deps.db, mailbox.petitionNo);
  const secret = petition && (await deps.petitions.secret(petition));
  if (!petition || !secret) return null;
  const [rows] = await deps.db.batch([personsOf(deps.db, mailbox, MOST_LINKS)]);
  const opened = await Promise.all(
    rows.map(async ({ personHash, sealed, locale }) => {
      const key = { ...mailbox, personHash };
      const data = v.safeParse(Sealed, sealed && (await secret.open(sealed, sealContext(key))));
      return data.success ? [{ key, locale, ...data.output }] : [];
    }),
  );
  const persons = opened.flat();
  const [first] = persons;
  const address = first && parseEmailAddress(first.email);
  if (!first || !address) return null;
  const { locale } = first;
  const texts = catalogueFor(locale).mail.personLinks;
  const links = persons.map(async ({ key, name }) => ({
    label: texts.link({ name: foreignWords(name, MAX_NAME_CHARS) }),
    url: await personPage(deps, key, locale),
  }));
  const { municipality, contact, privacyNoticeUrl } = deps;
  const args = {
    ...{ locale, name: first.name, municipality, contact, privacyNoticeUrl },
    petitionTitle: titleToTell(petition, locale),
  };
  const mail = petitionLetter(args, texts, {
    paragraphs: [texts.intro({ title: titleOf(args) }), texts.keep],
    links: await Promise.all(links),
  });
  return {
    ...mail,
    to: address.typed,
    recipient: address.canonical,
    limited: true,
    headers: { "Auto-Submitted": "auto-generated" },
  };
}
