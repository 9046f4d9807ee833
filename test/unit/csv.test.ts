import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { expect, test } from "vitest";
import { CSV_BOM, csvLines } from "../../src/lib/csv.ts";

const read = (text: string): string[][] => parse(text, { bom: true, record_delimiter: "\r\n" });

test("what is written as CSV is read back by another program, whatever it holds", () => {
  const cell = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.constantFrom('"', "\r\n", ",", " a ", '""', "\n"),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1 }), (records) => {
      const text = csvLines(records.map((cells) => ["x", ...cells]));
      expect(text.endsWith("\r\n")).toBe(true);
      const back = read(CSV_BOM + text).map(([, ...cells]) => cells.map((one) => one.replace(/^'/, "")));
      expect(back).toEqual(records.map((cells) => cells.map((one) => one.replace(/^'/, ""))));
    }),
  );
});

test("no cell is one that a spreadsheet would run", () => {
  const begins = fc.constantFrom("=", "+", "-", "@", "\t", "\r", "|", "%", " =", "\u00a0+", "＝", "＠");
  fc.assert(
    fc.property(begins, fc.string(), (begin, rest) => {
      expect(read(csvLines([["x", `${begin}${rest}`]]))[0]?.[1]).toBe(`'${begin}${rest}`);
    }),
  );
});

test("numbers stay numbers, and nothing is an empty cell", () => {
  expect(csvLines([[-1, 2.5, true, null, undefined, ""]])).toBe("-1,2.5,true,,,\r\n");
});
