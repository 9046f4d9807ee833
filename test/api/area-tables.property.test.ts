import { env } from "cloudflare:workers";
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { readCsv } from "../../src/lib/csv-reader.ts";
import { tidy } from "../../src/lib/text.ts";
import { coldIsolate } from "../support/isolate.ts";
import { meteredDatabase } from "../support/metered-database.ts";
import { putTable, tableOf } from "../support/tables.ts";

const isolate = coldIsolate();

// The data set lies beside the project, and need not be there.
const shared = import.meta.glob("../../../shared/data/areas*.csv", { eager: true, query: "?raw", import: "default" });

afterEach(async () => {
  await env.DB.batch([env.DB.prepare("DELETE FROM postcodes"), env.DB.prepare("DELETE FROM areas")]);
  await env.DB.prepare("UPDATE reference_lists SET retired = '{}'").run();
});

const rowsOf = (text: string) => readCsv(text.replace(/^\ufeff/, ""), ",").records.map(({ cells }) => cells);

interface Row {
  readonly code: string;
  readonly name: string;
  readonly population: string;
}

const mostly = <Value>(usual: fc.Arbitrary<Value>, odd: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 30, arbitrary: usual }, { weight: 1, arbitrary: odd });
const text = fc.string({ unit: "binary", maxLength: 6 });
const letters = fc.stringMatching(/^\w[\w-]{0,4}$/);
const name = fc.oneof(
  fc.stringMatching(/^[A-Za-zäß'“(][A-Za-z0-9 ,;"äß’.-]{0,9}$/),
  fc.constantFrom(
    'Harbour, the "new" one',
    "'s-Gravenhage",
    "a;b",
    "a\tb",
    "e\u0301",
    "  x  ",
    "007",
    "a;=b",
    "a\u00a0",
  ),
);
const row = fc.record<Row>({
  code: mostly(letters, text),
  name: mostly(name, text),
  population: mostly(
    fc.constantFrom("", "0", "12", "007", " 5 ", "100000000"),
    fc.constantFrom("-1", "1,000", "x", "1e3"),
  ),
});

const style = fc.record({
  separator: fc.constantFrom(",", ";", "\t"),
  end: fc.constantFrom("\n", "\r\n", "\r"),
  quoteAll: fc.boolean(),
  mark: fc.boolean(),
  order: fc.shuffledSubarray(["code", "name", "population"] as const, { minLength: 3 }),
});

const written = (
  rows: readonly Row[],
  { separator, end, quoteAll, mark, order }: typeof style extends fc.Arbitrary<infer S> ? S : never,
) => {
  const cell = (value: string) => (quoteAll || /[",;\t\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  const lines = [order.join(separator), ...rows.map((one) => order.map((column) => cell(one[column])).join(separator))];
  return `${mark ? "\ufeff" : ""}${lines.join(end)}${end}`;
};

test("any table of areas is refused with its lines, or is read back equal", async () => {
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 6 }), style, async (rows, how) => {
      const before = await tableOf(isolate, "areas");
      const answer = await putTable(isolate, "areas", written(rows, how), { tag: before.tag });
      const after = await tableOf(isolate, "areas");
      if (answer.status !== 200) {
        const { code, errors } = (await answer.json()) as { code: string; errors: { pointer: string }[] };
        expect([answer.status, code]).toEqual([400, "invalid_request"]);
        expect(errors.length).toBeGreaterThan(0);
        for (const { pointer } of errors) expect(pointer).toMatch(/^line \d+(, (code|name|population))?$|^$/);
        expect(after).toEqual(before);
        return;
      }
      taken++;
      const meant = rows
        .map((one) => [one.code.trim(), tidy(one.name), one.population.trim().replace(/^0+(?=\d)/, "")])
        .filter((cells) => cells.some((cell) => cell !== ""))
        .sort(([a = ""], [b = ""]) => (a < b ? -1 : 1));
      expect(rowsOf(after.text)).toEqual([["code", "name", "population"], ...meant]);
      const again = await putTable(isolate, "areas", after.text, { tag: after.tag });
      expect(await again.json()).toMatchObject({
        unchanged: meant.length,
        entries: meant.length,
        removed: { count: 0 },
      });
      expect((await tableOf(isolate, "areas")).tag).toBe(after.tag);
    }),
    { numRuns: 80 },
  );
  // Both happen.
  expect(taken).toBeGreaterThan(20);
  expect(taken).toBeLessThan(80);
}, 60_000);

test("any text at all is refused, or is read back as it then is", async () => {
  const piece = fc.constantFrom(
    "code",
    "name",
    "postcode",
    "area",
    "population",
    ",",
    ";",
    '"',
    "\n",
    "\r\n",
    "a",
    "b",
    "=",
    "ä",
    " ",
    "\0",
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("areas", "postcodes"),
      fc.constantFrom("", "code,name\n", "postcode;area\n", "area,postcode\na,b\n"),
      fc.array(piece, { maxLength: 15 }),
      async (list, begin, pieces) => {
        const answer = await putTable(isolate, list, begin + pieces.join(""));
        expect([200, 400, 409]).toContain(answer.status);
        const { text: now, tag } = await tableOf(isolate, list);
        expect((await putTable(isolate, list, now, { tag })).headers.get("ETag")).toBe(tag);
      },
    ),
    { numRuns: 60 },
  );
}, 60_000);

test.skipIf(Object.keys(shared).length === 0)(
  "all areas of a country go in and come out, and give way to others",
  async () => {
    const tables = Object.values(shared) as string[];
    expect(tables).toHaveLength(2);
    for (const table of [...tables, tables[0] as string]) {
      const answer = await putTable(isolate, "areas", table);
      expect([answer.status, ((await answer.json()) as { entries: number }).entries]).toEqual([200, 650]);
      const { text: now } = await tableOf(isolate, "areas");
      const columns = rowsOf(table)[0]?.length ?? 0;
      const meant = rowsOf(table).map((cells) => cells.map((cell) => tidy(cell)));
      expect(rowsOf(now).map((cells) => cells.slice(0, columns))).toEqual(meant);
    }
  },
);

test("the postcodes of a large town are one transaction: 50,000 go in, move and go in a few seconds each", async () => {
  const { DB, measure } = meteredDatabase();
  const at = coldIsolate({ DB });
  await putTable(at, "areas", "code,name\nnorth,North\nsouth,South\n");
  const postcodes = Array.from({ length: 50_000 }, (_, index) => `BW${(index + 1_000_000).toString(36).toUpperCase()}`);
  const table = (area: (index: number) => string) =>
    `postcode,area\r\n${postcodes.map((postcode, index) => `${postcode},${area(index)}\r\n`).join("")}`;
  const { tag } = await tableOf(at, "postcodes");
  const added = await measure(async () => {
    expect(
      (
        await putTable(
          at,
          "postcodes",
          table(() => "north"),
          { tag },
        )
      ).status,
    ).toBe(200);
  });
  expect(added.written).toBeLessThan(50_020);
  const now = await tableOf(at, "postcodes");
  expect(now.text).toBe(table(() => "north"));
  // Only what changes is written.
  const moved = await measure(async () => {
    const answer = await putTable(
      at,
      "postcodes",
      table((index) => (index % 10 === 0 ? "south" : "north")),
      { tag: now.tag },
    );
    expect(await answer.json()).toMatchObject({ changed: { count: 5_000 }, unchanged: 45_000 });
  });
  expect(moved.written).toBeLessThan(5_020);
  const answer = await putTable(at, "postcodes", "postcode,area\nBW1,north\n");
  expect(await answer.json()).toMatchObject({ added: { count: 1 }, removed: { count: 50_000 } });
});

test("as many areas as there may be go in at once, and change at once", async () => {
  const table = (name: string) =>
    `code,name,population\n${Array.from({ length: 1_000 }, (_, index) => `area-${index},${name} ${index},${index}`).join("\n")}`;
  for (const title of ["Ward", "District"]) {
    expect((await putTable(isolate, "areas", table(title))).status).toBe(200);
  }
  const labels = await env.DB.prepare("SELECT areas ->> '$.area-999.name' AS name FROM count_labels").first();
  expect(labels).toEqual({ name: "District 999" });
});
