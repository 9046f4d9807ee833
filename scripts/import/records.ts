import { CsvError, type Options, parse } from "csv-parse/sync";
import { FileFlaw } from "./flaws.ts";

/** A row of a CSV file: its fields by column name, and its number among the records (from 1 on). */
export interface CsvRecord {
  readonly record: number;
  /** Where it ends. */
  readonly line: number;
  readonly fields: Readonly<Record<string, string>>;
}

const CSV_ERRORS: Partial<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: "a quote is opened and never closed",
  CSV_INVALID_CLOSING_QUOTE: "a closing quote is not followed by a comma or the line's end",
  INVALID_OPENING_QUOTE: "a quote stands within a field that is not quoted: double it, and quote the field",
};

/** Whether a text is JSON rather than CSV, by how it begins. */
export const looksLikeJson = (text: string): boolean => /^\s*[[{]/.test(text);

/** The elements of a JSON array. Throws a `FileFlaw` when the text is none, or an empty one. */
export function readJsonArray(text: string): unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw isBroken(text)
      ? new FileFlaw({ line: firstBrokenLine(text), says: "is not JSON from here on" })
      : new FileFlaw({ says: "is not JSON: it ends too early" });
  }
  if (!Array.isArray(value)) throw new FileFlaw({ says: "must be a JSON array of objects" });
  if (value.length === 0) throw new FileFlaw({ says: "is empty" });
  return value;
}

/** The line with which a text stops being the beginning of some JSON: the engine's message often names none. */
function firstBrokenLine(text: string): number {
  const ends = [...text.matchAll(/\n|$/g)].map(({ index }) => index);
  let [sound, broken] = [-1, ends.length - 1];
  while (broken - sound > 1) {
    const middle = Math.floor((sound + broken) / 2);
    if (isBroken(text.slice(0, ends[middle]))) broken = middle;
    else sound = middle;
  }
  return broken + 1;
}

/** Whether no continuation makes JSON of a text. */
function isBroken(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch (error) {
    const message = String(error);
    const [, position] = / at position (\d+)/.exec(message) ?? [];
    return !/Unexpected end|Unterminated string/.test(message) && Number(position) !== text.length;
  }
}

/** The column names of a CSV text, from its first line. Throws a `FileFlaw` when there is none. */
export function readCsvHeader(text: string): string[] {
  const [header] = csv(text, { to: 1 });
  if (!header || header.every((name) => name.trim() === "")) throw new FileFlaw({ says: "is empty" });
  return header.map((name) => name.trim().toLowerCase());
}

/**
 * Hands every record below the header to `visit`, in order; blank lines are no records. Answers with their number.
 * Throws a `FileFlaw` where the text is not CSV: `visit` has seen the records before it.
 */
export function readCsv(
  text: string,
  columns: readonly string[],
  visit: (record: CsvRecord | { record: number; line: number; fields: null }) => void,
): number {
  let record = -1; // the header is none
  csv(text, {
    on_record: (row: string[], { lines }) => {
      record++;
      if (record === 0) return null;
      const fields =
        row.length === columns.length
          ? Object.fromEntries(columns.map((column, index) => [column, (row[index] as string).trim()]))
          : null;
      visit({ record, line: lines, fields } as CsvRecord);
      return null; // nothing is kept
    },
  });
  return record;
}

function csv(text: string, options: Pick<Options<string[]>, "to" | "on_record">): string[][] {
  try {
    return parse(text, {
      ...options,
      record_delimiter: ["\r\n", "\n", "\r"],
      bom: false, // it is gone already
      relax_column_count: true, // told by record, with all the others
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = Reflect.get(error, "lines");
    throw new FileFlaw({
      line: typeof line === "number" ? line : undefined,
      says: `is not CSV from here on: ${CSV_ERRORS[error.code] ?? "it can't be read"}`,
    });
  }
}
