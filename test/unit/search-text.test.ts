import fc from "fast-check";
import { expect, test } from "vitest";
import { likeQuery, searchQuery } from "../../src/petitions/search-text.ts";

const QUOTED_ALTERNATIVES = /^"[\p{L}\p{N}]+"\*?( OR "[\p{L}\p{N}]+"\*?){0,11}$/u;
const QUOTED_WORDS = /^"[\p{L}\p{N}]+"( "[\p{L}\p{N}]+")*\*$/u;

test("nothing that people type is FTS5 syntax: every query is a row of quoted words, the last one unfinished", () => {
  const syntax = fc.constantFrom(
    '"',
    "'",
    "*",
    "^",
    "(",
    ")",
    ":",
    "-",
    "+",
    "NEAR(",
    " OR ",
    " NOT ",
    "{a b}",
    "\0",
    ";",
  );
  const typed = fc.array(fc.oneof(fc.string({ unit: "binary" }), syntax, fc.lorem({ maxCount: 2 })), { maxLength: 30 });
  fc.assert(
    fc.property(typed, (parts) => {
      const query = searchQuery(parts.join(""));
      if (query !== undefined) expect(query).toMatch(QUOTED_WORDS);
      const like = likeQuery(parts.join(""));
      if (like !== undefined) expect(like).toMatch(QUOTED_ALTERNATIVES);
    }),
    { numRuns: 1000 },
  );
});

test.each([
  ["bench", '"bench"*'],
  ["Benches for the square", '"Benches" "for" "the" "square"*'],
  ["  bench  ", '"bench"*'],
  ['"market square"', '"market" "square"*'],
  ["title:secret", '"title" "secret"*'],
  ["NOT bench", '"NOT" "bench"*'],
  ["bench*", '"bench"*'],
  ["o'brien", '"o" "brien"*'],
  ["Straße 12", '"Straße" "12"*'],
  ["مقاعد", '"مقاعد"*'],
  ["бульвар", '"бульвар"*'],
])("%j searches for %s", (text, query) => expect(searchQuery(text)).toBe(query));

test.each(["", "   ", "***", '""', "()", "- + ^", "\u{1f41f}", "\0"])("%j has no word to search for", (text) => {
  expect(searchQuery(text)).toBeUndefined();
});

test("at most 12 words are searched for", () => {
  const words = Array.from({ length: 13 }, (_, n) => `w${n}`);
  expect(searchQuery(words.slice(0, 12).join(" "))).toContain('"w11"*');
  expect(searchQuery(words.join(" "))).toBe(searchQuery(words.slice(0, 12).join(" ")));
});

test.each([
  ["More benches at the market", '"bench"* OR "market"*'],
  ["Benches, benches: BENCH!", '"bench"*'],
  ["Cars off the A1", '"cars"* OR "a1"'],
  ["Für die Straßen der Stadt", '"straß"* OR "stadt"*'],
  ["Les écoles près de chez vous", '"écol"* OR "près"* OR "chez"*'],
  ["30 km/h", '"30"'],
  ["the and of für les", undefined],
  ["", undefined],
])("%j is like %s", (text, query) => expect(likeQuery(text)).toBe(query));
