import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  foldName,
  foldPostcode,
  hasForbiddenCharacters,
  hasLink,
  looksLikeFormula,
  textLength,
  tidy,
} from "../../src/lib/text.ts";

describe("a name that differs only in case, accents, spaces or hyphens is the same person", () => {
  test.each([
    ["case", "Anna Beispiel", "ANNA beispiel"],
    ["an accent", "René Müller", "Rene Muller"],
    ["an accent that is typed apart", "Rene\u0301", "René"],
    ["a hyphen", "Anne-Marie", "Annemarie"],
    ["a hyphen and a space", "Anne-Marie", "Anne Marie"],
    ["another hyphen", "Anne\u2011Marie", "Anne-Marie"],
    ["a dash", "Anne–Marie", "Anne-Marie"],
    ["a no-break space", "Anna\u00a0Beispiel", "Anna Beispiel"],
    ["two spaces", "Anna  Beispiel", "Anna Beispiel"],
    ["an apostrophe", "O’Brien", "O'Brien"],
    ["no apostrophe", "O'Brien", "OBrien"],
    ["dots", "J. R. R. Tolkien", "JRR Tolkien"],
    ["ß", "Groß", "GROSS"],
    ["capital ẞ", "GROẞ", "groß"],
    ["a ligature", "ﬁona", "Fiona"],
    ["full-width letters", "Ａｎｎａ", "Anna"],
    ["a dotted İ", "İbrahim", "Ibrahim"],
    ["a soft hyphen", "Anne\u00adMarie", "Anne-Marie"],
    ["a space without width", "Anna\u200bBeispiel", "Anna Beispiel"],
    ["a final sigma", "Νίκος Παπάς", "ΝΙΚΟΣΠΑΠΑΣ"],
    ["a dotless ı", "Yıldız", "YILDIZ"],
  ])("%s", (_, one, other) => expect(foldName(one)).toBe(foldName(other)));

  test("whatever capitals, hyphens and spaces are typed", () => {
    const letter = fc.constantFrom(..."abcdefghijklmnopqrstuvwxyzàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿßčďěłńřšťůžабвгдеёжзий");
    const name = fc.array(letter, { minLength: 1, maxLength: 12 });
    const between = fc.array(fc.constantFrom("", " ", "-", "‑", "'", "’", ".", "\u00a0"), {
      minLength: 12,
      maxLength: 12,
    });
    fc.assert(
      fc.property(
        name,
        between,
        fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
        (letters, gaps, capitals) => {
          const typed = letters.map((c, n) => (gaps[n] ?? "") + (capitals[n] ? c.toUpperCase() : c)).join("");
          expect(foldName(typed)).toBe(foldName(letters.join("")));
          expect(foldName(typed.normalize("NFD"))).toBe(foldName(typed.normalize("NFC")));
        },
      ),
    );
  });
});

test.each([
  ["Anna", "Anne"],
  ["Anna Beispiel", "Beispiel Anna"],
  ["Müller", "Mueller"],
  ["李明", "李红"],
  ["Αννα", "Ανα"],
])("%s and %s are two people", (one, other) => expect(foldName(one)).not.toBe(foldName(other)));

test("folding a folded name changes nothing", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (name) => void expect(foldName(foldName(name))).toBe(foldName(name))),
  );
});

test.each([
  ["case and spaces", "bw1 1aa", "BW1 1AA"],
  ["no space", "BW11AA", "BW1 1AA"],
  ["a hyphen", "00-950", "00950"],
  ["full-width digits", "１２３４５", "12345"],
])("a postcode that differs only in %s is the same", (_, one, other) => {
  expect(foldPostcode(one)).toBe(foldPostcode(other));
});

test("another postcode is another, and blanks are none", () => {
  expect(foldPostcode("12345")).not.toBe(foldPostcode("12346"));
  expect(foldPostcode(" - ")).toBe("");
});

test("length is what people see: an emoji is one, not two", () => {
  expect(textLength("a\u{1f41f}ß")).toBe(3);
  expect(tidy("  e\u0301 \n")).toBe("é");
});

describe("what nobody types is refused", () => {
  test.each([..."\0\u0001\u0008\u000b\u000c\u000e\u001b\u001f\u007f"])("control character %j", (c) => {
    expect(hasForbiddenCharacters(`a${c}b`)).toBe(true);
  });

  test.each(["\u0080", "\u0090", "\u009b", "\u009f"])("control character %j of the upper half", (c) => {
    expect(hasForbiddenCharacters(`a${c}b`)).toBe(true);
  });

  test.each(["\ud800", "\udfff", "a\ud83d", "\udc1fa", "\udc1f\ud83d"])("a lone surrogate in %j", (text) => {
    expect(hasForbiddenCharacters(text)).toBe(true);
  });

  test.each(["", "a\tb", "a\nb", "a\r\nb", "é", "\u{1f41f}", "\u00a0", "שלום", "ZWJ\u200d"])(
    "but %j is not",
    (text) => {
      expect(hasForbiddenCharacters(text)).toBe(false);
    },
  );
});

test.each(["=1+1", "+49", "-1", "@SUM(A1)", " =1", "\t=1", "\r\n=1", "\u00a0=1"])(
  "%j would run in a spreadsheet",
  (text) => expect(looksLikeFormula(text)).toBe(true),
);

test.each(["", "Anna", "1=1", "a+b", "Anne-Marie", "a@b", "'=1", "– dash"])("%j would not", (text) =>
  expect(looksLikeFormula(text)).toBe(false),
);

test.each([
  "http://a",
  "HTTPS://a",
  "https:a",
  "www.a",
  "//a",
  "example.com",
  "Buy at Example.ORG now",
  "münchen.de",
  "bbc.co.uk",
  "shop24.com",
  "a-1.net",
])("%j has a link", (text) => expect(hasLink(text)).toBe(true));

test.each([
  "Anna Beispiel",
  "Dr. Anna",
  "J.R.R. Tolkien",
  "St.John",
  "M.Cooper",
  "Anna B.",
  "i.e.",
  "O.K.",
  "www",
  "a/b",
])("%j has none", (text) => expect(hasLink(text)).toBe(false));
