import { execFileSync, spawn } from "node:child_process";
import { truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkFiles } from "../../scripts/import/run-import.ts";
import { petition, settings, workbench } from "./workbench.ts";

const { complaints, file, folder } = workbench();

const REFUSED = (name: string) => `${name}: nothing of it was imported`;
const one = (name: string, says: string) => [`${name}: ${says}`, REFUSED(name)];
const utf16 = (text: string, mark = true) => Buffer.from(mark ? `\ufeff${text}` : text, "utf16le");
const latin1 = (text: string) => Buffer.from(text, "latin1");

describe("a file that is refused as such", () => {
  test.each([
    ["broken JSON", '[{"source_id": 1,\n "title": oops}]', "line 2: is not JSON from here on"],
    [
      "JSON with a slip far from its end",
      `[\n${'{"source_id": 1},\n'.repeat(500)}{"a": tru},\n{}]`,
      "line 502: is not JSON from here on",
    ],
    ["JSON that goes on after its end", '[{"a": 1}]\n\n]', "line 3: is not JSON from here on"],
    ["JSON that ends too early", '[{"source_id": 1,\n', "is not JSON: it ends too early"],
    ["JSON that ends within a text", '[{"title": "A la', "is not JSON: it ends too early"],
    ["a JSON object", '{"title": "x"}', "must be a JSON array of objects"],
    ["an empty JSON array", "[]", "is empty"],
    ["an empty file", "", "is empty"],
    ["nothing but a mark and blanks", "\ufeff \n\n", "is empty"],
    [
      "JSON of another kind",
      '[{"colour": "red"}]',
      "is neither petitions (with source_id, title, …) nor signatures by area (with code, area, signature_count)",
    ],
    [
      "CSV of another kind",
      "ward;name\nA;Aa\n",
      'line 1: must be "code,name", "code,name,population" or "postcode,area"',
    ],
    ["CSV without records", "code,name\r\n", "has no records below its first line"],
    [
      "a quote that never ends",
      'code,name\nA,"Aa\nB,Bb\n',
      "line 3: is not CSV from here on: a quote is opened and never closed",
    ],
    [
      "text behind a closing quote",
      'code,name\nA,"Aa"x\n',
      "line 2: is not CSV from here on: a closing quote is not followed by a comma or the line's end",
    ],
    [
      "a quote within a field",
      'code,name\nA,A"a\n',
      "line 2: is not CSV from here on: a quote stands within a field that is not quoted: double it, and quote the field",
    ],
    ["UTF-16 with a mark", utf16("code,name\nA,Aa\n"), "is UTF-16, or no text at all: save the file as UTF-8"],
    ["UTF-16 without one", utf16("code,name\nA,Aa\n", false), "is UTF-16, or no text at all: save the file as UTF-8"],
    [
      "UTF-16 the other way round",
      utf16("code,name\nA,Aa\n").swap16(),
      "is UTF-16, or no text at all: save the file as UTF-8",
    ],
    [
      "Latin-1",
      latin1("code,name\nA,Aa\nB,Bäckerwinkel\n"),
      "line 3: is not UTF-8 (Latin-1 or Windows-1252, perhaps): save the file as UTF-8",
    ],
  ])("%s", async (_, content, says) => {
    expect(await complaints("list.txt", content)).toEqual(one("list.txt", says));
  });

  test("one that is not there, or a folder", async () => {
    const said: string[] = [];
    const report = { say: () => undefined, complain: (line: string) => said.push(line) };
    const missing = { name: "gone.csv", path: join(folder, "gone.csv") };
    expect(await checkFiles([missing, { name: "here", path: folder }], settings, report)).toEqual([]);
    expect(said).toEqual([...one("gone.csv", "can't be found"), ...one("here", "is a folder: name the files in it")]);
  });
});

describe("a file of 100 MB is refused, and never held in memory", () => {
  const megabytes = () => process.resourceUsage().maxRSS / 1024;

  test("when its size is known", async () => {
    const { path } = file("huge.json", "[");
    truncateSync(path, 100 * 1024 * 1024);
    const before = megabytes();
    const said: string[] = [];
    await checkFiles([{ name: "huge.json", path }], settings, {
      say: () => undefined,
      complain: (line) => said.push(line),
    });
    expect(said[0]).toBe("huge.json: is too large: 16 MB at most, this is 100.0 MB. Split it");
    expect(megabytes() - before).toBeLessThan(20);
  });

  test("when it comes through a pipe", async () => {
    const path = join(folder, "pipe");
    execFileSync("sh", ["-c", `mkfifo '${path}'`]);
    const writer = spawn("sh", ["-c", `head -c ${100 * 1024 * 1024} /dev/zero | tr '\\0' a > '${path}'`]);
    const ended = new Promise((resolve) => writer.once("close", resolve));
    const before = megabytes();
    const said: string[] = [];
    await checkFiles([{ name: "pipe", path }], settings, { say: () => undefined, complain: (line) => said.push(line) });
    await ended;
    expect(said[0]).toBe("pipe: is too large: 16 MB at most, this is more. Split it");
    expect(megabytes() - before).toBeLessThan(80);
  });
});

describe("areas and postcodes", () => {
  test("every flaw is told by record, line and field, and never with what stands there", async () => {
    const found = await complaints(
      "areas.csv",
      [
        "code,name,population",
        "A1,Aa,100",
        "A 2,Bb,1", // 2
        "A3,,1", // 3
        "A4,Dd,-1", // 4
        "A5,Ee,100000001", // 5
        "A6,Ff,12.5", // 6
        'A7,Gg,"1,000"', // 7
        "A8,Hh", // 8
        "A1,Again,5", // 9
        "A9,=1+1,5", // 10
        "",
        `${"B".repeat(33)},Long,5`, // 11
        `C1,${"x".repeat(256)},5`, // 12
      ].join("\n"),
    );
    expect(found).toEqual([
      "areas.csv: record 2 (line 3), code: is not of the type or form that is expected",
      "areas.csv: record 3 (line 4), name: is empty",
      "areas.csv: record 4 (line 5), population: is outside the range that is allowed",
      "areas.csv: record 5 (line 6), population: is outside the range that is allowed",
      "areas.csv: record 6 (line 7), population: is not a whole number",
      "areas.csv: record 7 (line 8), population: is not a whole number",
      "areas.csv: record 8 (line 9): has not the 3 fields that the first line names",
      "areas.csv: record 9 (line 10), code: is the same as in record 1",
      "areas.csv: record 10 (line 11), name: must not start with = + - or @",
      "areas.csv: record 11 (line 13), code: is not of the type or form that is expected",
      "areas.csv: record 12 (line 14), name: is too long",
      REFUSED("areas.csv"),
    ]);
  });

  test("spellings of one postcode are one postcode", async () => {
    expect(await complaints("pc.csv", "postcode,area\nBW1 1AL,HAR\nbw1-1al,HAR\n!,HAR\nBW1 2,\n")).toEqual([
      "pc.csv: record 2 (line 3), postcode: is the same as in record 1",
      "pc.csv: record 3 (line 4), postcode: is not of the type or form that is expected",
      "pc.csv: record 4 (line 5), area: is not of the type or form that is expected",
      REFUSED("pc.csv"),
    ]);
  });

  test("fifty flaws are told, the others are counted", async () => {
    const list = (count: number) => `code,name\n${"A,\n".repeat(count)}`;
    const fifty = await complaints("many.csv", list(50));
    expect(fifty).toHaveLength(51);
    const more = await complaints("many.csv", list(1_234));
    expect(more).toHaveLength(52);
    expect(more.at(-2)).toBe("many.csv: … and 1184 more");
  });

  test("marks, line ends of Windows, quotes, commas and any order of columns are no flaws", async () => {
    expect(
      await complaints("a.csv", '\ufeffName,Code\r\n"Harborough, Oadby ""and"" Wigston",E1\r\n"Two\r\n",E2\r\n'),
    ).toEqual([]);
    expect(await complaints("b.csv", "postcode,area\rBW1 1AL,HAR\rBW1 1CE,HAR")).toEqual([]);
  });

  test("the kind is told by the content, not by the name", async () => {
    expect(await complaints("petitions.json", "code,name\nA,Aa\n")).toEqual([]);
    expect(await complaints("areas.csv", [petition(1)])).toEqual([]);
    expect(await complaints("marked.csv", `\ufeff${JSON.stringify([petition(1)])}`)).toEqual([]);
  });
});

describe("petitions", () => {
  const of = (...petitions: unknown[]) => complaints("petitions.json", petitions);
  const at = (field: string, says: string) => one("petitions.json", `record 2, ${field}: ${says}`);
  const TYPE = "is not of the type or form that is expected";
  const RANGE = "is outside the range that is allowed";
  const TIME = "is not a time of the form 2026-11-23T09:30:00Z";

  test.each([
    ["title", "x".repeat(101), "is too long"],
    ["title", " \t\u202f ", "is empty"],
    ["title", undefined, "is required"],
    ["title", 7, TYPE],
    ["title", null, TYPE],
    ["title", "=SUM(A1)", "must not start with = + - or @"],
    ["title", "two\nlines", "has control characters or broken Unicode"],
    ["background", "x".repeat(501), "is too long"],
    ["background", "a\u0000b", "has control characters or broken Unicode"],
    ["background", "\ud800", "has control characters or broken Unicode"],
    ["background", undefined, "is required"],
    ["details", "x".repeat(1_001), "is too long"],
    ["details", ["x"], TYPE],
    ["source_id", undefined, "is required"],
    ["source_id", 1.5, TYPE],
    ["source_id", -1, TYPE],
    ["source_id", "../1", TYPE],
    ["source_id", 1, "is the same as in record 1"],
    ["source_id", "1", "is the same as in record 1"],
    ["signature_count", -1, RANGE],
    ["signature_count", 10_000_000_001, RANGE],
    ["signature_count", 1.5, TYPE],
    ["signature_count", "12", TYPE],
    ["state", "closed", 'is not "open": only what is open elsewhere can open here'],
    ["closed_at", "2025-01-01T00:00:00Z", "is not null: only what is open elsewhere can open here"],
    ["opened_at", "yesterday", TIME],
    ["opened_at", "2025-02-30T00:00:00Z", TIME],
    ["opened_at", "2025-02-03T25:00:00Z", TIME],
    ["opened_at", "2026-11-23T09:00:00.001Z", "lies in the future"],
    ["as_of", "2025-04-01", "is before an event that the record names"],
    ["as_of", "2026-11-24", "lies in the future"],
    ["as_of", "24.12.2025", "is not a day of the form 2026-11-23"],
  ])("%s %j is refused", async (field, value, says) => {
    expect(await of(petition(1), petition(2, { [field]: value }))).toEqual(at(field, says));
  });

  test("a response is refused by its own fields, and what is no object at all", async () => {
    const answer = { summary: "", details: "x".repeat(10_001), responded_on: "2025-02-29" };
    expect(await of("x", petition(2, { response: answer }))).toEqual([
      `petitions.json: record 1: ${TYPE}`,
      "petitions.json: record 2, response.summary: is empty",
      "petitions.json: record 2, response.details: is too long",
      "petitions.json: record 2, response.responded_on: is not a day of the form 2026-11-23",
      REFUSED("petitions.json"),
    ]);
  });

  test("the limits themselves are allowed", async () => {
    const fields = { title: "é".repeat(100), background: "😀".repeat(500), details: "x".repeat(1_000) };
    const response = { summary: "y".repeat(1_000), details: "z".repeat(10_000), responded_on: "2024-02-29" };
    expect(await of(petition(1, { ...fields, signature_count: 0, response }))).toEqual([]);
    expect(await of(petition(1, { signature_count: 10_000_000_000, opened_at: "2026-11-23T09:00:00Z" }))).toEqual([]);
  });

  test("figures need a day: of an event, of the record or of the command line", async () => {
    const dateless = petition(2, { created_at: null, opened_at: null, response_threshold_reached_at: null });
    expect(await of(petition(1), dateless)).toEqual(
      at("as_of", "is required where no event has a date: give the day of the figures here or by --as-of"),
    );
    expect(await of({ ...dateless, as_of: "2026-11-23" })).toEqual([]);
    expect(await complaints("p.json", [dateless], { asOf: "2026-01-01" })).toEqual([]);
    expect(await complaints("p.json", [petition(1)], { asOf: "2025-04-01" })).toEqual(
      one("p.json", "record 1, as_of: is before an event that the record names"),
    );
  });
});

test("signatures by area are refused by record and field, and for a name that is no number of a petition", async () => {
  const counts = [
    { area: "Harbour", code: "H1", signature_count: 3 },
    { area: "Old Town", code: "H1", signature_count: 0 },
    { area: "", code: "H 3", signature_count: -1 },
    { code: "H4" },
  ];
  expect(await complaints("7 b.json", counts)).toEqual([
    "7 b.json: must be named by its petition's source_id: 276425.json",
    "7 b.json: record 2, code: is the same as in record 1",
    "7 b.json: record 3, code: is not of the type or form that is expected",
    "7 b.json: record 3, area: is empty",
    "7 b.json: record 3, signature_count: is outside the range that is allowed",
    "7 b.json: record 4, area: is required",
    "7 b.json: record 4, signature_count: is required",
    REFUSED("7 b.json"),
  ]);
});
