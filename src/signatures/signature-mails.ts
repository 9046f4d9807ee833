import { catalogueFor } from "../i18n/catalogue.ts";
import { type PetitionLetterArgs, petitionLetter, type RenderedMail, titleOf } from "../mail/petition-letter.ts";

/** What every mail about a signature needs. */
export type SignatureMailArgs = PetitionLetterArgs & { petitionUrl: string };

/** The ways to verify or withdraw. */
export type VerificationArgs = SignatureMailArgs & {
  verifyUrl: string;
  withdrawUrl: string;
  /** Six digits. */
  code: string;
  /** The page on which the code is typed. */
  codeUrl: string;
  /** Whose site they signed on, when it was a partner's. */
  partner?: string | null;
  /** Whether it is a test's: nobody gets it, and nothing is counted. */
  test?: boolean;
};

/**
 * The mail that asks a signer to verify. Says that the signature counts only after the button or the code.
 */
export function verificationMail(args: VerificationArgs): RenderedMail {
  const texts = catalogueFor(args.locale).mail.verification;
  return petitionLetter(args, texts, {
    paragraphs: [...note(args), texts.intro({ title: titleOf(args) }), ...through(args), texts.how],
    action: { label: texts.action, url: args.verifyUrl },
    code: { label: texts.codeLabel, value: args.code, hint: texts.codeHint, url: args.codeUrl },
    reference: { label: texts.read, url: args.petitionUrl },
    secondary: { text: texts.withdrawText, label: texts.withdraw, url: args.withdrawUrl },
  });
}

/**
 * The one reminder to a signer who has not verified: as the first mail, and that no other follows.
 */
export function reminderMail(args: VerificationArgs): RenderedMail {
  const { verification, verificationReminder: texts } = catalogueFor(args.locale).mail;
  return petitionLetter(
    args,
    { subject: texts.subject, reason: verification.reason },
    {
      paragraphs: [texts.intro({ title: titleOf(args) }), ...through(args), verification.how, texts.only],
      action: { label: verification.action, url: args.verifyUrl },
      code: { label: verification.codeLabel, value: args.code, hint: verification.codeHint, url: args.codeUrl },
      reference: { label: verification.read, url: args.petitionUrl },
      secondary: { text: verification.withdrawText, label: verification.withdraw, url: args.withdrawUrl },
    },
  );
}

/**
 * The mail to somebody who has verified already and signed again: nothing to do, nothing changed.
 */
export function repeatNotice(args: SignatureMailArgs & { withdrawUrl: string }): RenderedMail {
  const texts = catalogueFor(args.locale).mail.repeat;
  return petitionLetter(args, texts, {
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
  return petitionLetter(args, texts, {
    paragraphs: [texts.intro({ title: titleOf(args) }), texts.deleted, texts.again],
    action: { label: texts.action, url: args.petitionUrl },
  });
}

/**
 * The mail after erasing once the count is final: the signature stays, nothing else does.
 */
export function erasureMail(args: SignatureMailArgs): RenderedMail {
  const texts = catalogueFor(args.locale).mail.erasure;
  return petitionLetter(args, texts, {
    paragraphs: [texts.intro({ title: titleOf(args) }), texts.stays],
  });
}

/**
 * The mail that asks somebody to verify who signs before the petition opens. `petitionUrl`: the supporters' page.
 */
export function supporterVerificationMail(args: VerificationArgs): RenderedMail {
  const { supporter: texts, verification } = catalogueFor(args.locale).mail;
  return petitionLetter(args, texts, {
    paragraphs: [...note(args), texts.intro({ title: titleOf(args) }), ...through(args), texts.how, texts.next],
    action: { label: texts.action, url: args.verifyUrl },
    code: { label: verification.codeLabel, value: args.code, hint: verification.codeHint, url: args.codeUrl },
    reference: { label: verification.read, url: args.petitionUrl },
    secondary: { text: verification.withdrawText, label: verification.withdraw, url: args.withdrawUrl },
  });
}

/**
 * The mail that asks a petition's creator to verify. The petition's address is left out: nobody can see it yet.
 * @param args.ownPageUrl the page on which the creator reads and changes the petition
 * @param args.needsSupporters whether it has to collect supporters before the municipality looks at it
 */
export function creatorVerificationMail(
  args: VerificationArgs & { ownPageUrl: string; needsSupporters: boolean },
): RenderedMail {
  const { creator: texts, creatorAtOnce, ownPage } = catalogueFor(args.locale).mail;
  return petitionLetter(args, texts, {
    paragraphs: [texts.intro({ title: titleOf(args) }), texts.how, args.needsSupporters ? texts.next : creatorAtOnce],
    action: { label: texts.action, url: args.verifyUrl },
    code: { label: texts.codeLabel, value: args.code, hint: texts.codeHint, url: args.codeUrl },
    reference: { label: ownPage, url: args.ownPageUrl },
    secondary: { text: texts.withdrawText, label: texts.withdraw, url: args.withdrawUrl },
  });
}

/** Says that it is a test, as the page behind its link does. */
const note = ({ test, locale }: VerificationArgs): string[] => (test ? [catalogueFor(locale).pages.common.test] : []);

/** Names the partner, so that nobody wonders why the municipality writes. */
const through = ({ partner, locale, municipality }: VerificationArgs): string[] =>
  partner ? [catalogueFor(locale).mail.verification.through({ partner, municipality })] : [];
