const MAX_WORDS = 12;

/**
 * What people type into a search box as an FTS5 query: every word must occur, the last one may be unfinished.
 * Each word is quoted, so nothing typed is FTS5 syntax. Undefined when there is no word at all.
 */
export function searchQuery(text: string): string | undefined {
  const words = text.match(/[\p{L}\p{N}]+/gu)?.slice(0, MAX_WORDS);
  return words && `${words.map((word) => `"${word}"`).join(" ")}*`;
}
