/** What a cell may hold; null and undefined are empty. */
export type Cell = string | number | boolean | null | undefined;

/** The byte order mark by which spreadsheets know UTF-8. */
export const CSV_BOM = "\ufeff";

// OWASP, "CSV Injection": what a spreadsheet would run as a formula, also behind blanks that it trims.
const RUNS = /^[\s\u00a0]*[=+\-@\t\r|%\uff1d\uff0b\uff0d\uff20]/;
// The same within a text, for programs that part a file at semicolons or tabs (as where the decimal comma is used), and then
// take the quotes in the middle of a line for letters.
const RUNS_WITHIN = /([;\t\r\n][\s\u00a0"]*)(?=[=+\-@|%\uff1d\uff0b\uff0d\uff20])/g;

/** Whether a spreadsheet would run a text, or part of it: written as CSV it is not what it was. */
export const isRunBySpreadsheets = (text: string): boolean => RUNS.test(text) || text.search(RUNS_WITHIN) >= 0;

/**
 * Records as CSV (RFC 4180): comma, CRLF after each record, quotes where needed. A text that a spreadsheet would run
 * gets an apostrophe before it, also behind another separator within the text; numbers stay numbers.
 */
export const csvLines = (records: readonly (readonly Cell[])[]): string =>
  records.map((cells) => `${cells.map(cellText).join(",")}\r\n`).join("");

function cellText(cell: Cell): string {
  if (typeof cell !== "string") return cell === null || cell === undefined ? "" : String(cell);
  const safe = cell.replaceAll(RUNS_WITHIN, "$1'");
  const text = RUNS.test(cell) ? `'${safe}` : safe;
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
