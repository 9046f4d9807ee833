import type { Context } from "hono";
import * as v from "valibot";
import { type Cell, CSV_BOM, csvLines } from "../lib/csv.ts";
import { because } from "./validation.ts";

/** The query parameters of an answer that can also be had as a table. */
export const tableFields = {
  format: v.optional(
    v.pipe(
      v.picklist(["json", "csv"], because("wrong_type")),
      v.description("`csv`: the same as a table (RFC 4180, UTF-8). Without it the first type in `Accept` decides."),
    ),
  ),
  bom: v.optional(
    v.pipe(
      v.picklist(["true", "false"], because("wrong_type")),
      v.description("`true`: with a byte order mark before the table, by which spreadsheets know UTF-8."),
    ),
  ),
};

/** A table: its columns' names, and its records. */
export interface Table {
  readonly columns: readonly string[];
  readonly records: readonly (readonly Cell[])[];
}

type TableQuery = { readonly format?: "json" | "csv" | undefined; readonly bom?: "true" | "false" | undefined };

/** Answers with `value` as JSON, or as the table that `tableOf` makes of it, whichever was asked for. */
export function sendTable<Value extends object>(
  c: Context,
  { format, bom }: TableQuery,
  { value, name, tableOf }: { value: Value; name: string; tableOf: (value: Value) => Table },
): Response {
  const accepted = /^\s*text\/csv\s*(;|,|$)/i.test(c.req.header("Accept") ?? "");
  if (!(format === "csv" || (format === undefined && accepted))) return c.json(value);
  return sendCsv(c, { name, bom, table: tableOf(value) });
}

/** Answers with a table as a CSV file of a name. */
export function sendCsv(
  c: Context,
  { name, bom, table: { columns, records } }: { name: string; bom: TableQuery["bom"]; table: Table },
): Response {
  return c.body(`${bom === "true" ? CSV_BOM : ""}${csvLines([columns, ...records])}`, 200, {
    "Content-Type": "text/csv; charset=utf-8; header=present",
    "Content-Disposition": `attachment; filename="${name}.csv"`,
  });
}
