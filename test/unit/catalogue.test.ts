import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Catalogue,
  catalogueFor,
  catalogues,
  formatCount,
  negotiateLocale,
  textDirection,
  textLocale,
} from "../../src/i18n/catalogue.ts";

const languages = Object.keys(catalogues);

/** Every text under its path; functions are asked for one with recognisable arguments. */
function textsOf(node: unknown, path = ""): [string, string][] {
  if (typeof node === "string") return [[path, node]];
  if (typeof node === "function") {
    const named = {
      name: "‹name›",
      title: "‹title›",
      municipality: "‹town›",
      partner: "‹partner›",
      contact: "‹contact›",
      count: 2,
      shown: "‹2›",
      day: "‹day›",
      id: "‹id›",
      before: "‹before›",
      after: "‹after›",
      expected: "‹expected›",
      of: "‹of›",
      from: "‹from›",
      to: "‹to›",
      since: "‹since›",
      host: "‹host›",
      path: "‹path›",
      reached: "‹reached›",
      due: "‹due›",
    };
    return [[`${path}()`, String(node(named))]];
  }
  return Object.entries(node as object).flatMap(([key, child]) => textsOf(child, `${path}/${key}`));
}

const placeholders = (text: string): string[] => (text.match(/‹\w+›/g) ?? []).toSorted();
const english = new Map(textsOf(catalogues.en));

describe.each(Object.entries(catalogues))("the texts in %s", (language, catalogue: Catalogue) => {
  const texts = textsOf(catalogue);

  test("are the same ones as in English, no more and no fewer", () => {
    expect(texts.map(([path]) => path).toSorted()).toEqual([...english.keys()].toSorted());
  });

  test("are none of them empty, untrimmed, broken or unfinished", () => {
    for (const [path, text] of texts) {
      expect(text.trim(), path).toBe(text);
      expect(text, path).not.toMatch(/^$|undefined|\[object|TODO|FIXME|[<>]|\$\{| {2}/);
      expect(text.normalize("NFC"), path).toBe(text);
    }
  });

  test("name the same things as in English", () => {
    for (const [path, text] of texts) expect(placeholders(text), path).toEqual(placeholders(english.get(path) ?? ""));
  });

  test("have been translated, but for words that are the same", () => {
    if (language === "en") return;
    const same = texts.filter(([path, text]) => english.get(path) === text && text.split(" ").length > 2);
    expect(same).toEqual([]);
  });

  test("count none, one and many", () => {
    const { count } = catalogue.pages.verified;
    expect(count({ count: 0, shown: "0" })).not.toMatch(/\d/);
    expect(count({ count: 1, shown: "1" })).toContain("1");
    expect(count({ count: 2, shown: "2" })).toContain("2");
    expect(count({ count: 2, shown: "1" })).not.toBe(count({ count: 1, shown: "1" }));
  });
});

describe("a language", () => {
  test.each([
    ["de-AT", "de"],
    ["DE", "de"],
    ["fr_CH", "fr"],
    ["en-GB", "en"],
    ["it", "en"],
    ["", "en"],
    ["constructor", "en"],
    ["__proto__", "en"],
  ])("%j is read in %s", (locale, language) => expect(catalogueFor(locale)).toBe(Reflect.get(catalogues, language)));

  test("is declared as what it is, whatever was asked for", () => {
    const tail = fc.string({ unit: fc.constantFrom(..."-_aAxX1 "), maxLength: 10 });
    const locale = fc.oneof(
      fc.string(),
      fc.tuple(fc.constantFrom("de", "fr", "en", "DE", "it"), tail).map((t) => t.join("")),
    );
    fc.assert(
      fc.property(locale, (asked) => {
        const declared = textLocale(asked);
        expect(Intl.getCanonicalLocales(declared)).toEqual([declared]);
        expect(catalogueFor(declared)).toBe(catalogueFor(asked));
      }),
      { numRuns: 500 },
    );
  }, 30_000);

  test.each([
    ["de-AT", "de-AT"],
    ["fr_ch", "fr-CH"],
    ["it", "en"],
    ["not a tag", "en"],
  ])("%j is declared as %s", (locale, tag) => expect(textLocale(locale)).toBe(tag));

  test.each([
    ["de", "ltr"],
    ["ar", "rtl"],
    ["he-IL", "rtl"],
    ["az-Arab", "rtl"],
    ["fa", "rtl"],
    ["not a tag", "ltr"],
    ["", "ltr"],
  ])("%j runs %s", (locale, direction) => expect(textDirection(locale)).toBe(direction));

  test("writes numbers its own way", () => {
    expect(formatCount("en", 12_345)).toBe("12,345");
    expect(formatCount("de", 12_345)).toBe("12.345");
    expect(formatCount("fr", 12_345)).toMatch(/^12\s345$/);
    expect(formatCount("it", 12_345)).toBe("12,345");
    expect(formatCount("en", 0)).toBe("0");
  });
});

describe("the language of an answer", () => {
  const offered = ["en", "de-AT", "de", "fr"];

  test.each([
    ["the requested one, before the browser's", { requested: "fr", acceptLanguage: "de" }, "fr"],
    ["the requested tag itself", { requested: "DE-at" }, "de-AT"],
    ["its language in another country", { requested: "de-CH" }, "de-AT"],
    ["the browser's, when the requested one is not offered", { requested: "it", acceptLanguage: "fr" }, "fr"],
    ["the browser's first wish", { acceptLanguage: "it, fr;q=0.5, de;q=0.9" }, "de"],
    ["not what the browser refuses", { acceptLanguage: "de;q=0, *;q=0.5, en;q=0" }, "fr"],
    ["the first offered for anything", { acceptLanguage: "*" }, "en"],
    ["the first offered without a wish", { acceptLanguage: null }, "en"],
    ["the first offered for an unknown wish", { acceptLanguage: "it" }, "en"],
    ["not that of a wish without meaning", { acceptLanguage: "fr;q=2, de;q=0.1" }, "de"],
    ["not that of a wish beyond 20", { acceptLanguage: `${"it,".repeat(20)}fr` }, "en"],
    [
      "not that of half a tag at 500 characters",
      { acceptLanguage: `${"it-it-it,".repeat(3)}${" ".repeat(471)}fren` },
      "en",
    ],
  ])("is %s", (_, asked, answer) => expect(negotiateLocale({ ...asked, offered })).toBe(answer));

  test("is English when nothing is offered", () => expect(negotiateLocale({ offered: [] })).toBe("en"));

  test("is always one of those offered, whatever is asked, and asking never throws", () => {
    const header = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: fc.constantFrom(..."defr-;=q.01,* "), maxLength: 600 }),
    );
    fc.assert(
      fc.property(fc.option(fc.string()), header, (requested, acceptLanguage) => {
        expect(offered).toContain(negotiateLocale({ requested: requested ?? undefined, acceptLanguage, offered }));
      }),
      { numRuns: 500 },
    );
  });

  test("has texts, for every language there is", () => {
    for (const language of languages)
      expect(negotiateLocale({ requested: language, offered: languages })).toBe(language);
  });
});
