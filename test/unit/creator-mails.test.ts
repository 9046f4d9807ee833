import { describe, expect, test } from "vitest";
import { catalogueFor, catalogues } from "../../src/i18n/catalogue.ts";
import type { RenderedMail } from "../../src/mail/petition-letter.ts";
import {
  type CreatorEvent,
  type CreatorMailArgs,
  creatorMail,
  creatorThresholdMail,
  staffThresholdMail,
} from "../../src/petitions/news/creator-mails.ts";

const args = (locale: string, more: Partial<CreatorMailArgs> = {}) => ({
  locale,
  name: "Bran Brinewell",
  petitionTitle: "A lamp at the pier",
  municipality: "Town of Brackwater",
  contact: "petitions@example.org",
  privacyNoticeUrl: "https://example.org/privacy",
  timeZone: "Europe/London",
  petitionUrl: "https://example.org/petitions/pet_1",
  ownPageUrl: `https://example.org/e/${"E".repeat(43)}?lang=${locale}`,
  supporterUrl: `https://example.org/s/${"S".repeat(43)}`,
  supportersNeeded: 5,
  supportersMissing: 5,
  opensAt: Date.parse("2027-03-01T00:00:00Z"),
  closesAt: Date.parse("2027-08-31T23:00:00Z"),
  message: "Which pier?\nSay so.",
  reason: "It is not clear.",
  ...more,
});
type Args = ReturnType<typeof args>;

const { petitionUrl, supporterUrl } = args("en");
const ownPage = "https://example.org/e/";

/** Links that a mail has beside the privacy notice's, and words of it that are not the catalogue's. */
const SAYS: Record<CreatorEvent, readonly string[]> = {
  gathering: [supporterUrl, ownPage, "5"],
  first_supporter: [supporterUrl, ownPage, "5"],
  moderation: [ownPage],
  changes_requested: [ownPage, "Which pier?", "Say so."],
  scheduled: [ownPage, "2027"],
  opened: [petitionUrl, ownPage, "31"],
  reopened: [petitionUrl, ownPage, "31"],
  rejected: [petitionUrl, "It is not clear.", "Which pier?"],
  hidden: ["It is not clear.", "Which pier?"],
  stopped: [petitionUrl, "Which pier?"],
};
const events = Object.keys(SAYS) as CreatorEvent[];
const threshold = { name: "response", signatures: 12_345 } as const;

const mails: Record<string, (of: Args) => RenderedMail> = {
  ...Object.fromEntries(events.map((event) => [event, (of: Args) => creatorMail(event, of)])),
  threshold: (of) => creatorThresholdMail(of, threshold),
  "staff's threshold": (of) => staffThresholdMail({ ...of, id: "pet_1" }, { ...threshold, name: "hearing" }),
};
const render = (kind: string, of: Args): RenderedMail => (mails[kind] as (of: Args) => RenderedMail)(of);
const cases = Object.keys(catalogues).flatMap((locale) => Object.keys(mails).map((kind) => [kind, locale] as const));
const words = (text: string): string => text.replace(/\s+/g, " ");
const linksOf = ({ text }: RenderedMail): string[] =>
  (text.match(/https:\S+/g) ?? []).filter((link) => !link.endsWith("/privacy"));

describe.each(cases)("the %s mail in %s", (kind, locale) => {
  const mail = render(kind, args(locale));

  test("is in that language and names the petition", () => {
    expect(mail.html).toContain(`<html lang="${locale}" dir="ltr">`);
    expect(mail.text).toContain(catalogueFor(locale).mail.greeting({ name: "Bran Brinewell" }));
    expect(mail.subject).toContain("A lamp at the pier");
    expect(words(mail.text)).toContain("A lamp at the pier");
    expect(`${mail.subject}${mail.text}`).not.toMatch(/undefined|null|NaN|Invalid|1970/);
  });

  test("says what it is about, with its links in both bodies and no others", () => {
    const says = SAYS[kind as CreatorEvent] ?? [petitionUrl];
    for (const part of says) {
      expect(words(mail.text)).toContain(part);
      expect(mail.html.replaceAll("&amp;", "&")).toContain(part);
    }
    const expected = says.filter((part) => part.startsWith("https:"));
    expect(linksOf(mail).length).toBe(expected.length);
    for (const link of linksOf(mail))
      expect(
        expected.some((start) => link.startsWith(start)),
        link,
      ).toBe(true);
  });

  test("is not changed by what others wrote: no tag, no further line in the subject, no length without end", () => {
    const evil = `<b>"x"</b>\r\nBcc: all@example.org ${"long ".repeat(60)}`;
    const hostile = render(
      kind,
      args(locale, { petitionTitle: evil, name: evil, message: `<i>${evil}`, reason: evil }),
    );
    expect(hostile.subject).not.toMatch(/[\r\n]/);
    expect(hostile.subject.length).toBeLessThanOrEqual(120);
    expect(hostile.html).not.toMatch(/<b>|<i>/);
  });
});

test("a last day is the one that ends at the closing moment, by the municipality's clock", () => {
  const says = (event: CreatorEvent, of: Args) => words(creatorMail(event, of).text);
  expect(says("opened", args("en"))).toMatch(/31 August 2027|August 31, 2027/);
  expect(says("opened", args("de", { timeZone: "America/New_York" }))).toContain("31. August 2027");
  expect(says("scheduled", args("fr"))).toContain("1 mars 2027");
});

test("one supporter is one, and numbers are written as people of the language write them", () => {
  expect(creatorMail("gathering", args("en", { supportersMissing: 1 })).text).toContain("One more person has");
  expect(words(creatorThresholdMail(args("de"), threshold).text)).toContain("12.345 Unterschriften");
});
