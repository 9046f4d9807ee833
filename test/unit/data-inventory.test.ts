import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const document = read("docs/data.md");
const FORMS = ["clear", "hashed", "sealed", "wrapped"];

/** The document's sections with a heading of `level`, by heading; each ends at the next heading. */
function sections(level: string): Map<string, string> {
  const parts = document.split(/^(#{1,4}) (.+)$/m);
  const found = new Map<string, string>();
  for (let at = 1; at < parts.length; at += 3) {
    if (parts[at] === level) found.set(parts[at + 1] as string, parts[at + 2] as string);
  }
  return found;
}

/** The names in a table's first column, and the last column beside each; the formatter pads cells. */
const rowsOf = (section: string) =>
  [...section.matchAll(/^\| +`([^`]+)` +\|.*\| +(\w+) +\|$/gm)].map(([, name, form]) => ({ name, form }));

const columnsOf = (section: string) => rowsOf(section).map(({ name }) => name);

/** Every table of the migrations with its columns, as SQLite has them. */
function schema(): [string, string[]][] {
  const database = new DatabaseSync(":memory:");
  for (const file of readdirSync(join(ROOT, "migrations")).toSorted()) database.exec(read(`migrations/${file}`));
  const tables = database
    .prepare(
      "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual') AND name NOT GLOB 'sqlite_*' ORDER BY name",
    )
    .all() as { name: string }[];
  return tables.map(({ name }) => {
    const columns = database.prepare("SELECT name FROM pragma_table_info(?)").all(name) as { name: string }[];
    return [name, columns.map((column) => column.name)];
  });
}

const classIn = (text: string): string | undefined => /class (\w+) extends DurableObject/.exec(text)?.[1];

/** The text of a source file of an object whose storage another file sees to. */
function storesIn(path: string, other: string): string[] {
  const text = read(`src/${path}`);
  return text.includes(`/${other.split("/").at(-1)}"`) && classIn(text) !== undefined ? [text] : [];
}

/** Tables that Durable Objects create in their own storage: `Class: table` and the columns. */
function objectTables(): [string, string[]][] {
  const sources = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" }).filter((path) =>
    /\.tsx?$/.test(path),
  );
  return sources.flatMap((path) => {
    const text = read(`src/${path}`);
    const name = classIn(text) ?? sources.flatMap((other) => storesIn(other, path)).map(classIn)[0];
    return [...text.matchAll(/CREATE TABLE IF NOT EXISTS (\w+) \((.+)\)(?: WITHOUT ROWID)?"/g)].map(
      ([, table, columns]): [string, string[]] => [
        `${name}: ${table}`,
        (columns as string).split(",").map((column) => column.trim().split(" ")[0] as string),
      ],
    );
  });
}

test("the inventory has every table, and no other", () => {
  const documented = [...sections("###")].filter(
    ([, text]) => columnsOf(text).length > 0 && /^\| column +\|/m.test(text),
  );
  expect(documented.map(([name]) => name).toSorted()).toEqual(schema().map(([name]) => name));
});

test.each(schema())("the inventory has every column of %s, in its order, and no other", (table, columns) => {
  expect(columnsOf(sections("###").get(table) ?? "")).toEqual(columns);
});

test("what Durable Objects store is in the inventory, column by column", () => {
  expect(objectTables().length).toBeGreaterThanOrEqual(2);
  expect([...sections("####")].map(([name, text]) => [name, columnsOf(text)])).toEqual(
    objectTables().toSorted(([a], [b]) => a.localeCompare(b)),
  );
});

test("every queue is in the inventory", () => {
  const queues = [...read("wrangler.toml").matchAll(/^(?:queue|dead_letter_queue) = "(.+)"$/gm)].map(
    ([, name]) => name,
  );
  expect(columnsOf(sections("###").get("Queues") ?? "").toSorted()).toEqual([...new Set(queues)].toSorted());
});

test("each entry says in what form it is kept", () => {
  const rows = [...sections("###").values(), ...sections("####").values()].flatMap(rowsOf);
  expect(rows.filter(({ form }) => !FORMS.includes(form as string))).toEqual([]);
});

test("what is hashed, sealed or wrapped is documented so, by the name of its column", () => {
  const odd = schema().flatMap(([table]) =>
    rowsOf(sections("###").get(table) ?? "").filter(({ name, form }) => {
      if (/_hash$/.test(name as string)) return form !== "hashed";
      if (name === "sealed") return form !== "sealed";
      return name === "secret" && form !== "wrapped";
    }),
  );
  expect(odd).toEqual([]);
});

/** The rows of "How long": each table, what of it ends, and when. */
const ends = [...(sections("##").get("How long") ?? "").matchAll(/^\| `([^`]+)` +\| (.+?) +\| (.+?) +\|$/gm)].map(
  ([, table, what, when]) => ({ table, what: what as string, when: when as string }),
);

test("every table has its end: what of it ends, and when", () => {
  const tables = [...schema().map(([name]) => name), ...objectTables().map(([name]) => name)];
  expect(ends.map(({ table }) => table).toSorted()).toEqual(tables.toSorted());
  expect(ends.filter(({ what, when }) => what.length < 5 || when.length < 4)).toEqual([]);
});

test("a table with something hashed, sealed or wrapped has an end for it that is not left to anybody's memory", () => {
  const personal = schema().filter(([table]) =>
    rowsOf(sections("###").get(table) ?? "").some(({ form }) => form !== "clear"),
  );
  const endless = personal.filter(([table]) => {
    const end = ends.find((row) => row.table === table);
    return !/days|erasure|over|minutes|deletes/.test(end?.when ?? "");
  });
  // Two lists of addresses keep mail away from people, and a pass's place is nobody's without the petition's secret.
  expect(endless.map(([table]) => table)).toEqual(["retention", "suppressed_addresses", "unsubscribed_addresses"]);
});
