import * as v from "valibot";
import { Problem, type ProblemError } from "../http/problems.ts";
import { FLAWS, type Flaw } from "../http/validation.ts";
import { type CsvRecord, readCsv } from "../lib/csv-reader.ts";

// Whoever sees twenty of them sees the pattern.
const MAX_SHOWN = 20;

// Spreadsheets write semicolons where the comma stands in numbers.
const SEPARATORS = [",", ";", "\t"] as const;

/** What is wrong with the lines of a table: every flaw is counted, the first twenty are told. */
export class LineFlaws {
  readonly #errors: ProblemError[] = [];
  #count = 0;

  /** `column`: where on the line, by our own name for it. */
  add(line: number, flaw: RowFlaw, column?: string): void {
    this.#count++;
    if (this.#errors.length >= MAX_SHOWN) return;
    const detail = flaw === "unknown_code" ? "is not in the municipality's list" : FLAWS[flaw];
    this.#errors.push({
      pointer: column === undefined ? `line ${line}` : `line ${line}, ${column}`,
      code: flaw,
      detail,
    });
  }

  /** Raises `invalid_request` if there is any. */
  raise(): void {
    if (this.#count === 0) return;
    const more = this.#count - this.#errors.length;
    const rest = more > 0 ? [{ pointer: "", code: "more", detail: `and ${more} more: ${this.#count} in all` }] : [];
    throw new Problem("invalid_request", { errors: [...this.#errors, ...rest] });
  }
}

type RowFlaw = Flaw | "unknown_code";

interface Columns<Schema extends v.GenericSchema> {
  readonly required: readonly string[];
  readonly optional: readonly string[];
  readonly schema: Schema;
  /** The column whose value no two rows share. */
  readonly key: string;
  readonly maxRows: number;
  /** What is wrong with a row that the schema takes, beside its column. */
  readonly flawOf?: (row: v.InferOutput<Schema>) => readonly [column: string, flaw: RowFlaw] | undefined;
}

/**
 * The rows of a CSV text with a header, whose columns stand in any order; parted by commas, semicolons or tabs. What is
 * wrong with lines is added to `flaws`. `given`: the columns that it has.
 */
export function readTable<Schema extends v.GenericSchema<unknown, object>>(
  text: string,
  { required, optional, schema, key, maxRows, flawOf }: Columns<Schema>,
  flaws: LineFlaws,
): { rows: v.InferOutput<Schema>[]; given: readonly string[] } {
  const head = headOf(text, { required, optional });
  if (!head) {
    flaws.add(1, text.trim() === "" ? "empty" : "header");
    return { rows: [], given: [] };
  }
  const { records, brokenLine } = readCsv(text, head.separator);
  const rows: v.InferOutput<Schema>[] = [];
  const seen = new Set<unknown>();
  for (const record of records.slice(1)) {
    const row = readRow(record, head.columns, { schema, flaws });
    if (!row) continue;
    const value = Reflect.get(row, key);
    if (seen.has(value)) flaws.add(record.line, "repeated", key);
    seen.add(value);
    const [column, flaw] = flawOf?.(row) ?? [];
    if (flaw) flaws.add(record.line, flaw, column);
    rows.push(row);
  }
  if (brokenLine !== undefined) flaws.add(brokenLine, "quotes");
  if (records.length - 1 > maxRows) flaws.add(records[maxRows + 1]?.line ?? 1, "too_many");
  return { rows, given: head.columns };
}

/** The separator with which the first line names the columns, and their names in its order; undefined: with none. */
function headOf(text: string, { required, optional }: Pick<Columns<v.GenericSchema>, "required" | "optional">) {
  const [line = ""] = text.trimStart().split(/[\r\n]/, 1);
  for (const separator of SEPARATORS) {
    const cells = readCsv(line, separator).records[0]?.cells.map((cell) => cell.trim().toLowerCase()) ?? [];
    const columns = cells.slice(0, cells.findLastIndex((cell) => cell !== "") + 1);
    const isRight =
      required.every((name) => columns.includes(name)) &&
      columns.every((name) => [...required, ...optional].includes(name)) &&
      new Set(columns).size === columns.length;
    if (isRight) return { separator, columns };
  }
  return undefined;
}

/** A record against the schema; undefined, and flaws added, when it is wrong. */
function readRow<Schema extends v.GenericSchema<unknown, object>>(
  { line, cells }: CsvRecord,
  columns: readonly string[],
  { schema, flaws }: { schema: Schema; flaws: LineFlaws },
): v.InferOutput<Schema> | undefined {
  // Spreadsheets leave empty cells behind the last column.
  if (cells.length < columns.length || cells.slice(columns.length).some((cell) => cell.trim() !== "")) {
    flaws.add(line, "cells");
    return undefined;
  }
  const fields = Object.fromEntries(columns.map((column, index) => [column, (cells[index] as string).trim()]));
  const result = v.safeParse(schema, fields, { abortPipeEarly: true });
  for (const issue of result.issues ?? []) {
    const flaw = issue.message in FLAWS ? (issue.message as Flaw) : "wrong_type";
    flaws.add(line, flaw, String(issue.path?.[0]?.key ?? ""));
  }
  return result.success ? result.output : undefined;
}
