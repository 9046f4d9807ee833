import { type Catalogue, catalogueFor, textLocale } from "../i18n/catalogue.ts";
import { foreignWords, type Letter, oneLine, renderLetter } from "./letter.tsx";

/** A mail's content, ready for any sender. */
export type RenderedMail = { subject: string; text: string; html: string };

/** What every mail about a petition needs. */
export type PetitionLetterArgs = {
  /** The reader's language, a BCP 47 tag; English when there are no texts for it. */
  locale: string;
  name: string;
  petitionTitle: string;
  municipality: string;
  /** An e-mail address or a web address. */
  contact: string;
  privacyNoticeUrl: string;
  /** The page on which the reader sees, corrects and erases what is held about them; left out where nothing is. */
  personUrl?: string | undefined;
};

const maxSubjectChars = 120;
const maxTitleChars = 120;
// Names may have 255 characters; a greeting needs no more, and a stranger's "name" should not fill a mail.
const maxNameChars = 80;

/** A letter about a petition: greeted, with the title in its subject and the service's footer. */
export function petitionLetter(
  args: PetitionLetterArgs,
  texts: { subject: (named: { title: string }) => string; reason: string },
  body: Omit<Letter, "locale" | "greeting" | "footer">,
): RenderedMail {
  const { mail }: Catalogue = catalogueFor(args.locale);
  return {
    subject: subjectLine(texts.subject, args.petitionTitle),
    ...renderLetter({
      locale: textLocale(args.locale),
      greeting: mail.greeting({ name: foreignWords(args.name, maxNameChars) }),
      ...body,
      footer: {
        service: mail.footer.service({ municipality: args.municipality }),
        reason: texts.reason,
        privacy: { label: mail.footer.privacy, url: args.privacyNoticeUrl },
        own: args.personUrl === undefined ? undefined : { label: mail.footer.own, url: args.personUrl },
        contact: mail.footer.contact({ contact: args.contact }),
      },
    }),
  };
}

/** The title gets the room that the subject's own words leave. */
function subjectLine(subject: (named: { title: string }) => string, title: string): string {
  const room = maxSubjectChars - subject({ title: "" }).length;
  return oneLine(subject({ title: foreignWords(title, room) }));
}

/** The petition's title as it may stand in a sentence of a mail. */
export const titleOf = ({ petitionTitle }: { petitionTitle: string }): string =>
  foreignWords(petitionTitle, maxTitleChars);
