import { type Catalogue, catalogueFor, formatCount, formatDay } from "../../i18n/catalogue.ts";
import type { Letter } from "../../mail/letter.tsx";
import { type PetitionLetterArgs, petitionLetter, type RenderedMail, titleOf } from "../../mail/petition-letter.ts";

/** What happened to a petition, as jobs of mail name it. */
export type CreatorEvent = Exclude<
  keyof Catalogue["mail"]["news"],
  "reason" | "ownPage" | "ownPageLabel" | "toPetition" | "threshold"
>;

/** What a mail to a petition's creator may need; texts are in the language of the mail already. */
export type CreatorMailArgs = PetitionLetterArgs & {
  timeZone: string;
  /** The page of the petition, for everybody. */
  petitionUrl: string;
  /** The page on which the creator sees and changes it. */
  ownPageUrl: string;
  /** The page on which supporters sign. */
  supporterUrl: string;
  /** In all, and those of them who have not confirmed yet. */
  supportersNeeded: number;
  supportersMissing: number;
  /** Milliseconds since 1970. */
  opensAt: number | null;
  closesAt: number | null;
  /** What staff ask to change, or say to an end. */
  message: string | null;
  /** Why it is not accepted. */
  reason: string | null;
};

type Body = Omit<Letter, "locale" | "greeting" | "footer">;

/** The mail that tells a petition's creator of an event. */
export function creatorMail(event: CreatorEvent, args: CreatorMailArgs): RenderedMail {
  const { news } = catalogueFor(args.locale).mail;
  const texts = { subject: news[event].subject, reason: news.reason };
  return petitionLetter(args, texts, BODIES[event](news, args));
}

/** The mail that tells a petition's creator that it has reached a threshold. */
export function creatorThresholdMail(
  args: PetitionLetterArgs & { petitionUrl: string },
  threshold: { name: "response" | "hearing"; signatures: number },
): RenderedMail {
  const { news } = catalogueFor(args.locale).mail;
  return petitionLetter(
    args,
    { subject: news.threshold.subject, reason: news.reason },
    {
      paragraphs: [news.threshold[threshold.name](counted(args, threshold.signatures))],
      action: { label: news.toPetition, url: args.petitionUrl },
    },
  );
}

/** The mail that tells staff that a petition has reached a threshold. `id`: its public id. */
export function staffThresholdMail(
  args: PetitionLetterArgs & { petitionUrl: string; id: string },
  threshold: { name: "response" | "hearing"; signatures: number },
): RenderedMail {
  const { staffThreshold: texts, news } = catalogueFor(args.locale).mail;
  return petitionLetter(args, texts, {
    paragraphs: [texts[threshold.name](counted(args, threshold.signatures)), texts.number({ id: args.id })],
    action: { label: news.toPetition, url: args.petitionUrl },
  });
}

/** The mail that tells staff that what a threshold obliges to is overdue. Moments in milliseconds since 1970. */
export function staffOverdueMail(
  args: PetitionLetterArgs & { petitionUrl: string; id: string; timeZone: string },
  owed: { name: "response" | "hearing"; signatures: number; reachedAt: number; dueAt: number },
): RenderedMail {
  const { staffOverdue, staffThreshold, news } = catalogueFor(args.locale).mail;
  const day = (at: number) => formatDay(args.locale, at, args.timeZone);
  const said = { ...counted(args, owed.signatures), reached: day(owed.reachedAt), due: day(owed.dueAt) };
  const texts = { subject: staffOverdue.subject, reason: staffThreshold.reason };
  return petitionLetter(args, texts, {
    paragraphs: [staffOverdue[owed.name](said), staffThreshold.number({ id: args.id }), staffOverdue.weekly],
    action: { label: news.toPetition, url: args.petitionUrl },
  });
}

type News = Catalogue["mail"]["news"];

const BODIES: Record<CreatorEvent, (news: News, args: CreatorMailArgs) => Body> = {
  gathering: ({ gathering, ...news }, args) => ({
    paragraphs: [gathering.intro({ title: titleOf(args) }), gathering.needed(counted(args, args.supportersMissing))],
    action: { label: gathering.share, url: args.supporterUrl },
    secondary: ownPage(news, args),
  }),
  first_supporter: ({ first_supporter: texts, ...news }, args) => ({
    paragraphs: [texts.intro({ title: titleOf(args) }), texts.needed(counted(args, args.supportersNeeded))],
    action: { label: texts.share, url: args.supporterUrl },
    secondary: ownPage(news, args),
  }),
  moderation: ({ moderation, ...news }, args) => ({
    paragraphs: [moderation.intro({ title: titleOf(args) }), moderation.next],
    secondary: ownPage(news, args),
  }),
  changes_requested: ({ changes_requested: texts }, args) => ({
    paragraphs: [texts.intro({ title: titleOf(args) }), ...linesOf(args.message), texts.next],
    action: { label: texts.action, url: args.ownPageUrl },
  }),
  scheduled: ({ scheduled, ...news }, args) => ({
    paragraphs: [
      scheduled.intro({ title: titleOf(args), day: formatDay(args.locale, args.opensAt ?? 0, args.timeZone) }),
      scheduled.next,
    ],
    secondary: ownPage(news, args),
  }),
  opened: ({ opened, ...news }, args) => ({
    paragraphs: [opened.intro({ title: titleOf(args), day: lastDay(args) }), opened.stop],
    action: { label: news.toPetition, url: args.petitionUrl },
    secondary: ownPage(news, args),
  }),
  reopened: ({ reopened, ...news }, args) => ({
    paragraphs: [reopened.intro({ title: titleOf(args), day: lastDay(args) })],
    action: { label: news.toPetition, url: args.petitionUrl },
    secondary: ownPage(news, args),
  }),
  rejected: ({ rejected, toPetition }, args) => ({
    paragraphs: [rejected.intro({ title: titleOf(args) }), ...reasonOf(args), rejected.shown],
    action: { label: toPetition, url: args.petitionUrl },
  }),
  hidden: ({ hidden }, args) => ({
    paragraphs: [hidden.intro({ title: titleOf(args) }), ...reasonOf(args), hidden.notShown],
  }),
  stopped: ({ stopped, toPetition }, args) => ({
    paragraphs: [stopped.intro({ title: titleOf(args) }), ...linesOf(args.message), stopped.next],
    action: { label: toPetition, url: args.petitionUrl },
  }),
};

const ownPage = (news: Pick<News, "ownPage" | "ownPageLabel">, { ownPageUrl }: CreatorMailArgs) => ({
  text: news.ownPage,
  label: news.ownPageLabel,
  url: ownPageUrl,
});

const reasonOf = ({ reason, message }: CreatorMailArgs): string[] => [...linesOf(reason), ...linesOf(message)];

/** What staff wrote, a paragraph a line. */
const linesOf = (text: string | null): string[] => (text ?? "").split(/\s*\n\s*/).filter((line) => line !== "");

/** A petition closes at the end of its last day: the moment itself is the next day's. */
const lastDay = ({ locale, closesAt, timeZone }: CreatorMailArgs): string =>
  formatDay(locale, (closesAt ?? 0) - 1, timeZone);

const counted = (args: PetitionLetterArgs, count: number) => ({
  title: titleOf(args),
  count,
  shown: formatCount(args.locale, count),
});
