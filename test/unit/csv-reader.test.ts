import { CsvError, parse } from "csv-parse/sync";
import fc from "fast-check";
import { expect, test } from "vitest";
import { csvLines } from "../../src/lib/csv.ts";
import { readCsv } from "../../src/lib/csv-reader.ts";

/** What a library makes of the same text; undefined where it finds no CSV. */
function byLibrary(text: string, delimiter: string): string[][] | undefined {
  try {
    return parse(text, {
      ...{ delimiter, relax_column_count: true, record_delimiter: ["\r\n", "\n", "\r"] },
      ...{ skip_empty_lines: true, skip_records_with_empty_values: true },
    });
  } catch (error) {
    if (error instanceof CsvError) return undefined;
    throw error;
  }
}

const piece = fc.constantFrom('"', '""', ",", ";", "\t", "\r\n", "\n", "\r", "a", "ä b", " ", "=1", "'", "\\", "");

test.each([",", ";", "\t"])("reads whatever stands there as a library does, parted by %j", (separator) => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = pieces.join("");
      const { records, brokenLine } = readCsv(text, separator);
      const expected = byLibrary(text, separator);
      expect(brokenLine === undefined).toBe(expected !== undefined);
      if (expected) expect(records.map(({ cells }) => cells)).toEqual(expected);
    }),
    { numRuns: 1_000 },
  );
});

test("reads back what the service writes", () => {
  const cell = fc.oneof(piece, fc.string({ unit: "binary" })).filter((text) => !/^[\s\u00a0]*$/.test(text));
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1 }), (rows) => {
      const back = readCsv(csvLines(rows), ",").records.map(({ cells }) => cells.join("|").replaceAll("'", ""));
      expect(back).toEqual(rows.map((cells) => cells.join("|").replaceAll("'", "")));
    }),
  );
});

test("says on which line a record begins, and where the text stops being CSV", () => {
  const { records, brokenLine } = readCsv('a,b\r\n\r\n"x\r\ny",1\rz,2\n"never closed,3\n\n', ",");
  expect(records.map(({ line, cells }) => [line, ...cells])).toEqual([
    [1, "a", "b"],
    [3, "x\r\ny", "1"],
    [5, "z", "2"],
  ]);
  expect(brokenLine).toBe(6);
  expect(readCsv('a,b\nx"y,1', ",").brokenLine).toBe(2);
  expect(readCsv('a,b\n"x" ,1', ",").brokenLine).toBe(2);
});
