import { catalogueFor, formatCount } from "../i18n/catalogue.ts";
import { type PetitionLetterArgs, petitionLetter, type RenderedMail, titleOf } from "../mail/petition-letter.ts";
import type { Mailing, MailingTexts } from "./mailing.ts";

/** What the mails of one mailing have in common. */
export interface MailingFacts {
  readonly mailing: Pick<Mailing, "kind" | "about" | "texts" | "signatures">;
  /** The municipality's answer, in short, as it was first published. */
  readonly answer: string | null;
  /** The language of whoever reads none that staff wrote in. */
  readonly fallback: string;
}

/** Where the links of one mail lead. */
export interface MailingLinks {
  readonly petitionUrl: string;
  readonly unsubscribeUrl: string;
}

/**
 * The language of a mailing's mail to somebody with a locale: theirs, or for what staff wrote the one of those they wrote
 * in that is theirs or the municipality's first.
 */
export function mailLocale({ mailing, fallback }: MailingFacts, locale: string): string {
  if (mailing.texts === null || mailing.texts[locale]) return locale;
  const language = locale.split("-")[0] ?? "";
  return Object.keys(mailing.texts).find((tag) => tag.split("-")[0] === language) ?? fallback;
}

/** One mail of a mailing. `args.locale`: one that `mailLocale` has given. */
export function mailingLetter(facts: MailingFacts, args: PetitionLetterArgs & MailingLinks): RenderedMail {
  const { updates } = catalogueFor(args.locale).mail;
  const { subject, paragraphs } = saying(facts, args);
  return petitionLetter(
    args,
    { subject, reason: updates.reason },
    {
      paragraphs,
      action: { label: updates.action, url: args.petitionUrl },
      secondary: { text: updates.stopText, label: updates.stop, url: args.unsubscribeUrl },
    },
  );
}

function saying(
  { mailing, answer, fallback }: MailingFacts,
  args: PetitionLetterArgs,
): { subject: (named: { title: string }) => string; paragraphs: string[] } {
  const { updates } = catalogueFor(args.locale).mail;
  const title = titleOf(args);
  const shown = formatCount(args.locale, mailing.signatures ?? 0);
  switch (mailing.kind) {
    case "threshold":
      return {
        subject: updates.threshold.subject,
        paragraphs: [updates.threshold[mailing.about === "hearing" ? "hearing" : "response"]({ title, shown })],
      };
    case "response":
      return {
        subject: updates.response.subject,
        paragraphs: [updates.response.intro({ title }), ...paragraphsOf(answer ?? "")],
      };
    case "end":
      return {
        subject: updates.end.subject,
        paragraphs: [updates.end.intro({ title, shown }), ...(answer === null ? [updates.end.next] : [])],
      };
    case "message":
      return written(mailing.texts ?? {}, args.locale, fallback);
  }
}

function written(texts: MailingTexts, locale: string, fallback: string) {
  const text = texts[locale] ?? texts[fallback];
  return { subject: () => text?.subject ?? "", paragraphs: paragraphsOf(text?.body ?? "") };
}

const paragraphsOf = (text: string): string[] => text.split(/\s*\n\s*/).filter((paragraph) => paragraph !== "");
