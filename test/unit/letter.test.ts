import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { foreignWords, type Letter, oneLine, renderLetter } from "../../src/mail/letter.tsx";

const letter: Letter = {
  locale: "en",
  greeting: "Hello Anna,",
  paragraphs: ["One step is missing.", "Please press the button."],
  action: { label: "Confirm", url: "https://example.org/v/token?lang=en&a=1" },
  code: { label: "Your code:", value: "012345", hint: "Type it here:", url: "https://example.org/v?lang=en" },
  reference: { label: "Read it", url: "https://example.org/p" },
  secondary: { text: "Changed your mind?", label: "Withdraw", url: "https://example.org/w/token" },
  footer: {
    service: "Petition service: Town",
    reason: "You receive this because you signed.",
    privacy: { label: "Privacy", url: "https://example.org/privacy" },
    contact: "Questions? Write to https://example.org/contact",
  },
};

/** The same letter with one text put everywhere where a text or an address can stand. */
const everywhere = (text: string): Letter => ({
  locale: "en",
  greeting: text,
  paragraphs: [text, text],
  action: { label: text, url: text },
  code: { label: text, value: text, hint: text, url: text },
  reference: { label: text, url: text },
  secondary: { text, label: text, url: text },
  footer: { service: text, reason: text, privacy: { label: text, url: text }, contact: text },
});

/** A document's tags with the names of their attributes: what a text must not be able to change. */
function skeleton(html: string): string[] {
  const tags = html.match(/<(?:!doctype html|\/?[a-z][a-z0-9]*(?: [a-z-]+(?:="[^"]*")?)*\/?)>/g) ?? [];
  const rest = tags.reduce((left, tag) => left.replace(tag, ""), html);
  expect(rest).not.toMatch(/[<>]/);
  return tags.map((tag) => tag.replace(/="[^"]*"/g, ""));
}

const shape = skeleton(renderLetter(everywhere("x")).html);
const hostile = fc.oneof(
  fc.string({ unit: "binary", minLength: 1 }),
  fc.string({ unit: fc.constantFrom(..."<>\"'&/= `x!-\\\n;#"), minLength: 1, maxLength: 30 }),
);

test("nothing that stands in a text can become markup, or leave its attribute", () => {
  fc.assert(
    fc.property(hostile, (text) => void expect(skeleton(renderLetter(everywhere(text)).html)).toEqual(shape)),
    {
      numRuns: 300,
    },
  );
});

test.each([
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "' onclick='alert(1)",
  "</style></title></p>",
  "<!-- -->",
  "&lt;b&gt;",
])("%j is shown as it is written", (text) => {
  const { html } = renderLetter(everywhere(text));
  expect(skeleton(html)).toEqual(shape);
  const shown = html.match(/<strong>(.*?)<\/strong>/)?.[1] ?? "";
  const written = shown.replace(/&(lt|gt|quot|#39|amp);/g, (_, name: string) => {
    return { lt: "<", gt: ">", quot: '"', "#39": "'", amp: "&" }[name] ?? "";
  });
  expect(written).toBe(text);
});

test("nothing is loaded from outside, and nothing runs", () => {
  const { html } = renderLetter(letter);
  expect(html).not.toMatch(/<(img|link|script|iframe|object|embed|video|audio|source|svg|form|input|base)\b/i);
  expect(html).not.toMatch(/\b(src|srcset|background|poster|data|action)=|url\(|@import|@font-face|\son[a-z]+=/i);
});

test("both bodies say the same: every text, link and code", () => {
  const { text, html } = renderLetter(letter);
  const flat = text.replace(/\s+/g, " ");
  const readable = html.replaceAll("&amp;", "&");
  const { action, code, reference, secondary, footer } = letter;
  const links = [action?.url, code?.url, reference?.url, secondary?.url, footer.privacy.url];
  const words = [letter.greeting, ...letter.paragraphs, action?.label, code?.label, code?.value, code?.hint];
  const more = [reference?.label, secondary?.text, secondary?.label, footer.service, footer.reason, footer.contact];
  for (const expected of [...links, ...words, ...more]) {
    expect(flat).toContain(expected);
    expect(readable).toContain(expected);
  }
  for (const link of links) expect(html).toContain(`href="${link?.replaceAll("&", "&amp;")}"`);
});

test("every address stands whole on a line of its own", () => {
  const long = `https://example.org/v/${"A".repeat(200)}`;
  const lines = renderLetter({ ...letter, action: { label: "Confirm", url: long } }).text.split("\n");
  for (const url of [
    long,
    "https://example.org/w/token",
    "https://example.org/privacy",
    "https://example.org/contact",
  ]) {
    expect(lines).toContain(url);
  }
});

test("lines are at most 76 characters long, but for a word that is longer", () => {
  fc.assert(
    fc.property(fc.lorem({ maxCount: 60 }), (words) => {
      const { text } = renderLetter({ ...letter, paragraphs: [words] });
      for (const line of text.split("\n")) if (line.includes(" ")) expect(line.length).toBeLessThanOrEqual(76);
      expect(text.replace(/\s+/g, " ")).toContain(words);
    }),
  );
});

test("no text can begin a line of its own: what a stranger wrote stays within its paragraph", () => {
  const lines = renderLetter(letter).text.split("\n").length;
  const breaks = ["\n", "\r\n", "\r", "\u2028", "\u2029", "\u0085", "\v", "\f"];
  for (const end of breaks) {
    const { text } = renderLetter({ ...letter, greeting: `Hi${end}${end}https://evil.example${end}x` });
    expect(text.split(/\r\n|[\n\r\u2028\u2029\u0085\v\f]/)).toHaveLength(lines);
  }
});

test.each([
  ["en", "ltr"],
  ["de-AT", "ltr"],
  ["ar", "rtl"],
])("language %s and direction %s are declared, in the body too", (locale, direction) => {
  const { html } = renderLetter({ ...letter, locale });
  expect(html).toContain(`<html lang="${locale}" dir="${direction}">`);
  expect(html).toMatch(new RegExp(`<body[^>]*><div class="ground" lang="${locale}" dir="${direction}"`));
});

test("what is left out leaves nothing behind", () => {
  const { action: _a, code: _c, reference: _r, secondary: _s, ...bare } = letter;
  const { text, html } = renderLetter(bare);
  expect(`${text}${html}`).not.toMatch(/undefined|null|\[object|\/v\/|\/w\//);
});

describe("a stranger's words in a mail", () => {
  test("are one line, never longer than told", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 4, max: 200 }), (text, max) => {
        const words = foreignWords(text, max);
        expect(words.length).toBeLessThanOrEqual(max);
        expect(words.isWellFormed()).toBe(true);
        expect(words).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
        expect(oneLine(words)).toBe(words);
      }),
      { numRuns: 500 },
    );
  });

  test("cannot turn the direction of what follows", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."ab אב", "\u202e", "\u2066", "\u2069", "\u200f") }), (text) => {
        const words = foreignWords(text, 100).replace(/^\u2068([^\u2068\u2069]*)\u2069$/, "$1");
        expect(words).not.toMatch(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/);
      }),
    );
    expect(foreignWords("אב", 100)).toBe("\u2068אב\u2069");
  });

  test.each(["https://evil.example", "evil.example", "www.evil.example", "anna@evil.example", "HTTP://EVIL.EXAMPLE/x"])(
    "%j is no link any more",
    (text) => {
      const words = foreignWords(text, 100);
      expect(words).not.toMatch(/:\/\/|\.\p{L}{2}/u);
      expect(words.replaceAll("\u2060", "")).toBe(text);
    },
  );

  test("are cut between characters, and end in …", () => {
    expect(foreignWords("abcdef", 6)).toBe("abcdef");
    expect(foreignWords("abcdefg", 6)).toBe("abcde…");
    expect(foreignWords("abc👩‍👩‍👧", 8)).toBe("abc…");
    expect(foreignWords("abcd e\u0301f", 6)).toBe("abcd…");
  });

  test("keep a no-break space, and lose line ends and doubled blanks", () => {
    expect(oneLine(" a\n\tb  c\u00a0d\ud800 ")).toBe("a b c\u00a0d\ufffd");
  });
});
