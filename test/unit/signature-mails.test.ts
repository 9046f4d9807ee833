import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { catalogueFor, catalogues } from "../../src/i18n/catalogue.ts";
import type { RenderedMail } from "../../src/mail/petition-letter.ts";
import {
  creatorVerificationMail,
  repeatNotice,
  supporterVerificationMail,
  verificationMail,
  withdrawalMail,
} from "../../src/signatures/signature-mails.ts";

const args = (locale: string, more: { name?: string; petitionTitle?: string } = {}) => ({
  locale,
  name: "Anna Beispiel",
  petitionTitle: "Benches for the market square",
  petitionUrl: "https://example.org/petitions/pet_1",
  municipality: "Town of Brackwater",
  contact: "petitions@example.org",
  privacyNoticeUrl: "https://example.org/privacy",
  verifyUrl: `https://example.org/v/${"T".repeat(70)}?lang=${locale}`,
  withdrawUrl: `https://example.org/w/${"W".repeat(43)}?lang=${locale}`,
  code: "012345",
  codeUrl: `https://example.org/v?lang=${locale}&petition=pet_1`,
  needsSupporters: true,
  ownPageUrl: `https://example.org/e/${"E".repeat(43)}?lang=${locale}`,
  ...more,
});
type Args = ReturnType<typeof args>;

const mails: Record<string, (of: Args) => RenderedMail> = {
  verification: verificationMail,
  repeat: repeatNotice,
  withdrawal: withdrawalMail,
  creator: creatorVerificationMail,
  supporter: supporterVerificationMail,
};
const cases = Object.keys(catalogues).flatMap((locale) => Object.keys(mails).map((kind) => [kind, locale] as const));
const render = (kind: string, of: Args): RenderedMail => (mails[kind] as (of: Args) => RenderedMail)(of);

/** A document's tags with the names of their attributes. */
function skeleton(html: string): string[] {
  const tags = html.match(/<(?:!doctype html|\/?[a-z][a-z0-9]*(?: [a-z-]+(?:="[^"]*")?)*\/?)>/g) ?? [];
  const rest = tags.reduce((left, tag) => left.replace(tag, ""), html);
  expect(rest).not.toMatch(/[<>]/);
  return tags.map((tag) => tag.replace(/="[^"]*"/g, ""));
}

const holds = ({ text, html }: RenderedMail, expected: string): boolean =>
  text.includes(expected) && html.replaceAll("&amp;", "&").includes(expected);

describe.each(cases)("the %s mail in %s", (kind, locale) => {
  const mail = render(kind, args(locale));

  test("is in that language, and says so", () => {
    expect(mail.html).toContain(`<html lang="${locale}" dir="ltr">`);
    const greeting = catalogueFor(locale).mail.greeting({ name: "Anna Beispiel" });
    expect(mail.text.startsWith(`${greeting}\n`)).toBe(true);
    expect(mail.html).toContain(greeting);
  });

  test("names the petition in its subject and in both bodies", () => {
    expect(mail.subject).toContain("Benches for the market square");
    expect(mail.text.replace(/\s+/g, " ")).toContain("Benches for the market square");
    expect(mail.html).toContain("Benches for the market square");
  });

  test("says who writes, why, how data is handled and whom to ask", () => {
    for (const said of ["Town of Brackwater", "https://example.org/privacy", "petitions@example.org"]) {
      expect(holds(mail, said)).toBe(true);
    }
  });

  test("is not changed by a hostile name or title, in subject, text or markup", () => {
    const hostile = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: fc.constantFrom(..."<>\"'&\r\n:/.ax ") }),
    );
    const shape = skeleton(mail.html);
    const lines = (of: RenderedMail): number => of.text.split("\n\n").length;
    fc.assert(
      fc.property(hostile, hostile, (name, petitionTitle) => {
        const written = render(kind, args(locale, { name, petitionTitle }));
        expect(skeleton(written.html)).toEqual(shape);
        expect(lines(written)).toBe(lines(mail));
        expect(written.subject).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e]/u);
        expect(written.subject.length).toBeLessThanOrEqual(120);
      }),
      { numRuns: 60 },
    );
  });

  test("carries no advertisement: a name or title with a link is no link any more", () => {
    const bait = "Win at https://evil.example/now or evil.example";
    const { subject, text, html } = render(kind, args(locale, { name: bait, petitionTitle: bait }));
    for (const body of [subject, text, html]) expect(body).not.toMatch(/https:\/\/evil|evil\.example/);
  });

  test("stays short, however long the name and the title are", () => {
    const long = render(kind, args(locale, { name: "N".repeat(255), petitionTitle: "T".repeat(100_000) }));
    expect(long.subject.length).toBeLessThanOrEqual(120);
    expect(long.text.length).toBeLessThan(mail.text.length + 400);
    expect(long.html.length).toBeLessThan(20_000);
  });
});

describe.each(Object.keys(catalogues))("in %s", (locale) => {
  test.each(["verification", "creator"])(
    "the %s mail holds link, code, where to type it and the way out, twice",
    (kind) => {
      const of = args(locale);
      const mail = render(kind, of);
      for (const way of [of.verifyUrl, of.code, of.codeUrl, of.withdrawUrl]) expect(holds(mail, way), way).toBe(true);
    },
  );

  test("who has signed already gets no link and no code to verify with, but the way out", () => {
    const of = args(locale);
    const mail = repeatNotice(of);
    expect(holds(mail, of.withdrawUrl) && holds(mail, of.petitionUrl)).toBe(true);
    for (const body of [mail.text, mail.html]) expect(body).not.toMatch(/\/v\/|012345/);
  });

  test("who has withdrawn gets no link that acts", () => {
    const mail = withdrawalMail(args(locale));
    for (const body of [mail.text, mail.html]) expect(body).not.toMatch(/\/v\/|\/w\/|012345/);
  });

  test("the creator is not sent to a petition that nobody can see yet", () => {
    expect(holds(creatorVerificationMail(args(locale)), args(locale).petitionUrl)).toBe(false);
    expect(holds(creatorVerificationMail(args(locale)), args(locale).ownPageUrl)).toBe(true);
  });

  test("nobody but the creator gets the address of the creator's page", () => {
    for (const kind of Object.keys(mails).filter((one) => one !== "creator"))
      expect(holds(render(kind, args(locale)), "/e/"), kind).toBe(false);
  });
});

test("a language without texts is answered in English, and declared as English", () => {
  const mail = verificationMail(args("it"));
  expect(mail.html).toContain('<html lang="en" dir="ltr">');
  expect(mail.text).toContain("Hello Anna Beispiel,");
});
