import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { messagePage } from "../../src/http/answer-page.tsx";
import { catalogueFor, catalogues } from "../../src/i18n/catalogue.ts";
import {
  codePage,
  verifiedPage,
  verifyPage,
  withdrawnPage,
  withdrawPage,
} from "../../src/signatures/signature-pages.tsx";

const locales = Object.keys(catalogues);

/** Every page, with one text wherever a text from elsewhere can stand. */
function pages(locale: string, text: string): Record<string, string> {
  const frame = { locale, municipality: text, contact: text, privacyNoticeUrl: text };
  return {
    verify: verifyPage({ ...frame, petitionTitle: text, action: text }),
    verifyUntitled: verifyPage({ ...frame, action: text }),
    verified: verifiedPage({
      ...frame,
      petitionTitle: text,
      petitionUrl: text,
      signatureCount: 1234,
      as: "signer",
      needsSupporters: true,
    }),
    verifiedCreator: verifiedPage({
      ...frame,
      petitionTitle: text,
      petitionUrl: text,
      signatureCount: 0,
      as: "creator",
      needsSupporters: true,
    }),
    verifiedSupporter: verifiedPage({
      ...frame,
      petitionTitle: text,
      petitionUrl: text,
      signatureCount: 0,
      as: "supporter",
      needsSupporters: true,
    }),
    withdraw: withdrawPage({ ...frame, petitionTitle: text, action: text }),
    withdrawn: withdrawnPage({ ...frame, petitionTitle: text, petitionUrl: text }),
    code: codePage({ ...frame, petitionId: text, action: text }),
    codeAgain: codePage({ ...frame, petitionId: text, action: text, problem: text }),
    message: messagePage({ ...frame, title: text, text }),
  };
}
const names = Object.keys(pages("en", "x"));

const frame = {
  municipality: "Town of Brackwater",
  contact: "petitions@example.org",
  privacyNoticeUrl: "https://example.org/privacy",
};

/** A document's tags with the names of their attributes: what a text must not be able to change. */
function skeleton(html: string): string[] {
  const tags = html.match(/<(?:!doctype html|\/?[a-z][a-z0-9]*(?: [a-z-]+(?:="[^"]*")?)*\/?)>/g) ?? [];
  const rest = tags.reduce((left, tag) => left.replace(tag, ""), html);
  expect(rest).not.toMatch(/[<>]/);
  return tags.map((tag) => tag.replace(/="[^"]*"/g, ""));
}

const cases = locales.flatMap((locale) => names.map((name) => [name, locale] as const));

describe.each(cases)("the %s page in %s", (name, locale) => {
  const page = pages(locale, "x")[name] as string;

  test("declares its language and direction", () => {
    expect(page.startsWith(`<!doctype html><html lang="${locale}" dir="ltr">`)).toBe(true);
  });

  test("has no script, no inline style, and nothing from elsewhere", () => {
    expect(page).not.toMatch(/<(script|style|img|iframe|object|embed|svg|base|video|audio)\b/i);
    expect(page).not.toMatch(/\s(style|src|srcset|on[a-z]+)=|javascript:|url\(/i);
    expect(page.match(/<link [^>]*>/g)).toEqual(['<link rel="stylesheet" href="/style.css"/>']);
  });

  test("is not indexed, and tells nobody its address", () => {
    expect(page).toContain('<meta name="robots" content="noindex"/>');
    expect(page).toContain('<meta name="referrer" content="no-referrer"/>');
  });

  test("has one heading that says what it is about, and a main part", () => {
    expect(page.match(/<h1>[^<]+<\/h1>/g)).toHaveLength(1);
    expect(page.match(/<main id="content"/g)).toHaveLength(1);
  });

  test("keeps its shape, whatever stands in its texts", () => {
    const shape = skeleton(page);
    const hostile = fc.oneof(
      fc.string({ unit: "binary", minLength: 1 }),
      fc.string({ unit: fc.constantFrom(..."<>\"'&/= `x!-\\\n;#"), minLength: 1, maxLength: 30 }),
      fc.constantFrom(
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</title>",
        "<!--",
        "javascript:alert(1)",
      ),
    );
    fc.assert(
      fc.property(hostile, (text) => void expect(skeleton(pages(locale, text)[name] as string)).toEqual(shape)),
      { numRuns: 40 },
    );
  });
});

describe.each(locales)("in %s", (locale) => {
  test.each([
    ["verify", verifyPage, "/v/token?lang=de&x=1"],
    ["withdraw", withdrawPage, "/w/token?lang=de&x=1"],
  ])("the %s page acts only by its one button, which posts", (_, render, action) => {
    const page = render({ ...frame, locale, petitionTitle: "Benches", action });
    expect(page.match(/<form /g)).toHaveLength(1);
    expect(page).toContain(`<form method="post" action="${action.replace("&", "&amp;")}">`);
    expect(page.match(/<button /g)).toHaveLength(1);
    expect(page).toContain('<button type="submit">');
    expect(page).toContain("Benches");
    expect(page).not.toMatch(/<input|http-equiv/i);
    for (const [, href] of page.matchAll(/href="([^"]*)"/g)) expect(href).not.toContain("/token");
  });

  test("after verifying the count is shown as people write it, to creators and first supporters not at all", () => {
    const args = {
      ...frame,
      locale,
      petitionTitle: "Benches",
      petitionUrl: "https://example.org/p",
      signatureCount: 12_345,
    };
    const shown = new Intl.NumberFormat(locale).format(12_345);
    expect(verifiedPage({ ...args, as: "signer", needsSupporters: true })).toContain(shown);
    expect(verifiedPage({ ...args, as: "creator", needsSupporters: true })).not.toContain(shown);
    expect(verifiedPage({ ...args, as: "supporter", needsSupporters: true })).not.toContain(shown);
    expect(verifiedPage({ ...args, signatureCount: 0, as: "signer", needsSupporters: true })).not.toMatch(/\b0\b/);
  });

  test("the code page takes petition, address and code, and shows again nothing that was typed", () => {
    const page = codePage({ ...frame, locale, petitionId: "pet_1", action: "/v", problem: "Not so." });
    const inputs = [...page.matchAll(/<input [^>]*name="(\w+)"[^>]*>/g)];
    expect(inputs.map(([, name]) => name)).toEqual(["petition_id", "email", "code"]);
    expect(inputs.filter(([tag]) => tag.includes("value="))).toHaveLength(1);
    expect(page).toContain('<input type="hidden" name="petition_id" value="pet_1"/>');
    for (const id of ["email", "code"]) expect(page).toContain(`<label for="${id}">`);
    expect(page).toMatch(/role="alert"[^>]*>.*Not so\./);
  });

  test("every problem's page says what happened, in that language", () => {
    for (const { title, text } of Object.values(catalogueFor(locale).pages.problems)) {
      const page = messagePage({ ...frame, locale, title, text });
      expect(page).toContain(`<h1>${title.replaceAll("'", "&#39;")}</h1>`);
      expect(page).toContain(text.slice(0, 20).replaceAll("'", "&#39;"));
    }
  });
});

test.each(["javascript:alert(1)", "data:text/html,x", "//evil.example", "ftp://example.org", "https://"])(
  "%j is never a link",
  (address) => {
    const page = withdrawnPage({
      locale: "en",
      municipality: "Town",
      contact: address,
      privacyNoticeUrl: address,
      petitionTitle: "Benches",
      petitionUrl: address,
    });
    expect([...page.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toEqual(["/style.css", "#content"]);
  },
);

test("a contact's address can't fill in the other fields of a message", () => {
  const page = verifyPage({ ...frame, locale: "en", action: "/v/x", contact: "a@example.org?cc=b@example.org" });
  expect(page).not.toMatch(/href="mailto:[^"]*\?/);
  expect(verifyPage({ ...frame, locale: "en", action: "/v/x" })).toContain('href="mailto:petitions@example.org"');
});

test("a language without texts is answered in English, and declared as English", () => {
  expect(verifyPage({ ...frame, locale: "ar", action: "/v/x" })).toContain('<html lang="en" dir="ltr">');
});

test("a petition that may not be shown leaves no trace on its page", () => {
  expect(verifyPage({ ...frame, locale: "en", action: "/v/x" })).not.toMatch(/undefined|class="petition"/);
});
