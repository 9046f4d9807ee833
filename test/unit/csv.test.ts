import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { expect, test } from "vitest";
import { CSV_BOM, csvLines } from "../../src/lib/csv.ts";

const read = (text: string): string[][] => parse(text, { bom: true, record_delimiter: "\r\n" });

test("what is written as CSV is read back by another program, whatever it holds", () => {
  const cell = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.constantFrom('"', "\r\n", ",", " a ", '""', "\n", ";=", ";"),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1 }), (records) => {
      const text = csvLines(records.map((cells) => ["x", ...cells]));
      expect(text.endsWith("\r\n")).toBe(true);
      const back = read(CSV_BOM + text).map(([, ...cells]) => cells.map((one) => one.replaceAll("'", "")));
      expect(back).toEqual(records.map((cells) => cells.map((one) => one.replaceAll("'", ""))));
    }),
  );
});

test("no cell is one that a spreadsheet would run", () => {
  const begins = fc.constantFrom("=", "+", "-", "@", "\t", "\r", "|", "%", " =", "\u00a0+", "＝", "＠");
  fc.assert(
    fc.property(begins, fc.string(), (begin, rest) => {
      const cell = read(csvLines([["x", `${begin}${rest}`]]))[0]?.[1];
      expect([cell?.startsWith(`'${begin}`), cell?.replaceAll("'", "")]).toEqual([
        true,
        `${begin}${rest}`.replaceAll("'", ""),
      ]);
    }),
  );
});

// Where the decimal comma is used, spreadsheets part a file at its semicolons, and know no quotes within a line's first cell.
test.each([";", "\t", "\n", "\r\n"])("nor does one that parts at %j find a cell to run", (separator) => {
  const begins = fc.constantFrom("=", "+", "-", "@", "|", "%", " =", "\u00a0+", "＝", "＠");
  fc.assert(
    fc.property(fc.string(), begins, fc.string(), (before, begin, rest) => {
      const line = csvLines([["x", `a${before}${separator}${begin}${rest}`, "y"]]);
      for (const cell of line.trimEnd().split(separator)) expect(cell).not.toMatch(/^[\s\u00a0"]*[=+\-@|%＝＠]/);
    }),
  );
});

test("what looks like a formula within a text stays as it is", () => {
  expect(csvLines([["a=b", "Smith; Jones", "1 + 1", "a-b"]])).toBe("a=b,Smith; Jones,1 + 1,a-b\r\n");
});

test("numbers stay numbers, and nothing is an empty cell", () => {
  expect(csvLines([[-1, 2.5, true, null, undefined, ""]])).toBe("-1,2.5,true,,,\r\n");
});
