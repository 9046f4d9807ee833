import { type Catalogue, catalogueFor, textLocale } from "../i18n/catalogue.ts";
import { foreignWords, type Letter, oneLine, renderLetter } from "../mail/letter.tsx";

/** A mail's content, ready for any sender. */
export type RenderedMail = { subject: string; text: string; html: string };

/** What every mail about a signature needs. */
export type SignatureMailArgs = {
  /** The signer's language, a BCP 47 tag; English when there are no texts for it. */
  locale: string;
  name: string;
  petitionTitle: string;
  petitionUrl: string;
  municipality: string;
  /** An e-mail address or a web address. */
  contact: string;
  privacyNoticeUrl: string;
};

/** The ways to verify or withdraw. */
export type VerificationArgs = SignatureMailArgs & {
  verifyUrl: string;
  withdrawUrl: string;
  /** Six digits. */
  code: string;
  /** The page on which the code is typed. */
  codeUrl: string;
};

const maxSubjectChars = 120;
const maxTitleChars = 120;
// Names may have 255 characters; a greeting needs no more, and a stranger's "name" should not fill a mail.
const maxNameChars = 80;

/**
 * The mail that asks a signer to verify. Says that the signature counts only after the button or the code.
 */
export function verificationMail(args: VerificationArgs): RenderedMail {
  const texts = catalogueFor(args.locale).mail.verification;
  return compose(args, texts, {
    paragraphs: [texts.intro({ title: titleOf(args) }), texts.how],
    action: { label: texts.action, url: args.verifyUrl },
    code: { label: texts.codeLabel, value: args.code, hint: texts.codeHint, url: args.codeUrl },
    reference: { label: texts.read, url: args.petitionUrl },
    secondary: { text: texts.withdrawText, label: texts.withdraw, url: args.withdrawUrl },
  });
}

/**
 * The mail to somebody who has verified already and signed again: nothing to do, nothing changed.
 */
export function repeatNotice(args: SignatureMailArgs & { withdrawUrl: string }): RenderedMail {
  const texts = catalogueFor(args.locale).mail.repeat;
  return compose(args, texts, {
    paragraphs: [texts.intro({ title: titleOf(args) }), texts.nothingToDo],
    action: { label: texts.action, url: args.petitionUrl },
    secondary: { text: texts.withdrawText, label: texts.withdraw, url: args.withdrawUrl },
  });
}

/**
 * The mail after a withdrawal: the signature no longer counts, its personal data is gone, signing again is possible.
 */
export function withdrawalMail(args: SignatureMailArgs): RenderedMail {
  const texts = catalogueFor(args.locale).mail.withdrawal;
  return compose(args, texts, {
    paragraphs: [texts.intro({ title: titleOf(args) }), texts.deleted, texts.again],
    action: { label: texts.action, url: args.petitionUrl },
  });
}

/**
 * The mail that asks somebody to verify who signs before the petition opens. `petitionUrl`: the supporters' page.
 */
export function supporterVerificationMail(args: VerificationArgs): RenderedMail {
  const { supporter: texts, verification } = catalogueFor(args.locale).mail;
  return compose(args, texts, {
    paragraphs: [texts.intro({ title: titleOf(args) }), texts.how, texts.next],
    action: { label: texts.action, url: args.verifyUrl },
    code: { label: verification.codeLabel, value: args.code, hint: verification.codeHint, url: args.codeUrl },
    reference: { label: verification.read, url: args.petitionUrl },
    secondary: { text: verification.withdrawText, label: verification.withdraw, url: args.withdrawUrl },
  });
}

/**
 * The mail that asks a petition's creator to verify. The petition's address is left out: nobody can see it yet.
 * @param args.ownPageUrl the page on which the creator reads and changes the petition
 */
export function creatorVerificationMail(args: VerificationArgs & { ownPageUrl: string }): RenderedMail {
  const { creator: texts, ownPage } = catalogueFor(args.locale).mail;
  return compose(args, texts, {
    paragraphs: [texts.intro({ title: titleOf(args) }), texts.how, texts.next],
    action: { label: texts.action, url: args.verifyUrl },
    code: { label: texts.codeLabel, value: args.code, hint: texts.codeHint, url: args.codeUrl },
    reference: { label: ownPage, url: args.ownPageUrl },
    secondary: { text: texts.withdrawText, label: texts.withdraw, url: args.withdrawUrl },
  });
}

function compose(
  args: SignatureMailArgs,
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

function titleOf({ petitionTitle }: SignatureMailArgs): string {
  return foreignWords(petitionTitle, maxTitleChars);
}
