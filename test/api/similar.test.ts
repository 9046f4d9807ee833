import { env } from "cloudflare:workers";
import { beforeAll, expect, test, vi } from "vitest";
import { coldIsolate } from "../support/isolate.ts";
import { foundTown, openPetition } from "../support/town.ts";

const DAY = 86_400_000;

interface Found {
  data: { id: string; title: string; state: string; signature_count: number }[];
  next_cursor: null;
}

const isolate = coldIsolate();
const similar = async (q: string, more = "") => {
  const answer = await isolate.fetch(`/v1/petitions/similar?q=${encodeURIComponent(q)}${more}`);
  expect(answer.status, q).toBe(200);
  return (await answer.json()) as Found;
};
const ids = async (q: string, more = "") => (await similar(q, more)).data.map(({ id }) => id);

const named = (title: string, columns: Record<string, string | number | null> = {}) =>
  openPetition({ title, background: "We ask the council to act.", ...columns });

const petitions: Record<string, string> = {};
beforeAll(async () => {
  await foundTown();
  const rows: [string, string, Record<string, string | number | null>?][] = [
    ["benches", "Benches for the market square"],
    ["bench", "A bench beside the tram stop", { background: "The market is far, and people wait." }],
    ["lamp", "A lamp at the end of the pier"],
    ["library", "Open the library on Sundays"],
    ["school", "Für sichere Schulwege in der Gemeinde"],
    ["port", "Un café près du port"],
    ["elsewhere", "Trees along the ring road", { details: "They could stand beside the benches of the tram." }],
  ];
  for (const [name, title, columns] of rows) petitions[name] = (await named(title, columns)).id;
});

test("open petitions like a title come best first with their counts, whatever the grammatical form", async () => {
  const { data, next_cursor } = await similar("More benches at the market");
  expect(data.slice(0, 2).map(({ id }) => id)).toEqual([petitions.benches, petitions.bench]);
  expect(data[0]).toMatchObject({ state: "open", signature_count: 0, title: "Benches for the market square" });
  expect(next_cursor).toBe(null);
  expect((await ids("bench"))[0]).toBeOneOf([petitions.benches, petitions.bench]);
  expect(await ids("sicherer Schulweg")).toEqual([petitions.school]);
  expect(await ids("des cafés au port")).toEqual([petitions.port]);
  expect(await ids("LAMPS")).toEqual([petitions.lamp]);
});

test("a word of the title weighs more than one of the text", async () => {
  const found = await ids("trams");
  expect(found[0]).toBe(petitions.bench);
});

test("not every word need occur, and words that say nothing make nothing similar", async () => {
  expect(await ids("A zebra crossing and a lamp for the northern harbour")).toEqual([petitions.lamp]);
  expect(await ids("the of and for a we in on is")).toEqual([]);
  expect(await ids("für die und der des")).toEqual([]);
  expect(await ids("??? !!!")).toEqual([]);
  expect(await ids("zeppelin")).toEqual([]);
});

test("only open petitions are shown: none that is not public, over, or rejected", async () => {
  const now = Date.now();
  const seen = await named("Weathercock on the spire");
  for (const columns of [
    { state: "draft" },
    { state: "gathering" },
    { state: "moderation" },
    { state: "changes_requested" },
    { state: "hidden", rejection_code: "offensive" },
    { state: "rejected", rejection_code: "duplicate" },
    { state: "closed", closes_at: now - DAY, ended_at: now - DAY },
    { state: "stopped", ended_at: now - DAY },
    { closes_at: now - 1 },
  ]) {
    await named("Weathercock on the spire", columns);
  }
  expect(await ids("weathercock")).toEqual([seen.id]);
});

test.each([
  '"',
  "'",
  "lamp OR (",
  "title:lamp",
  "NEAR(lamp pier)",
  "*",
  "lamp*",
  "^lamp",
  "-lamp",
  "{a b}:c",
  "\ud83d\ude00",
  "\u200b",
])("hostile input is words and no syntax: %j", async (typed) => {
  const found = await ids(typed);
  expect(found).toEqual(typed.includes("lamp") ? [petitions.lamp] : []);
});

test("no more come than are asked for, ten at most, and the list may be cached", async () => {
  for (let n = 0; n < 12; n++) await named(`Gondola number ${n} to the castle`);
  expect((await ids("gondola", "&limit=10")).length).toBe(10);
  expect((await ids("gondola")).length).toBe(5);
  expect((await ids("gondola", "&limit=2")).length).toBe(2);
  for (const query of [
    "q=gondola&limit=11",
    "q=gondola&limit=0",
    "limit=2",
    "q=",
    "q=gondola&q=castle",
    "q=x&state=draft",
  ]) {
    expect((await isolate.fetch(`/v1/petitions/similar?${query}`)).status, query).toBe(400);
  }
  const answer = await isolate.fetch("/v1/petitions/similar?q=gondola");
  expect(answer.headers.get("Cache-Control")).toBe("public, max-age=10");
  expect(answer.headers.get("ETag")).toBeTruthy();
});

test("of thousands of petitions with a word a thousand are ranked, and each other one costs a row a word", async () => {
  const rowsRead = async (count: number) => {
    await env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
      INSERT OR IGNORE INTO petitions (no, id, state, title, background, locale, created_at, opens_at, closes_at)
      SELECT i, '01936d9e-8c4b-7f00-9a51-0123' || printf('%08x', i), 'open', 'Kittiwake colony ' || i, 'b', 'en', 1, 2,
        9999999999999 FROM n`,
    )
      .bind(count)
      .run();
    const lines: string[] = [];
    const spy = vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
    await isolate.fetch("/v1/petitions/similar?q=kittiwake%20colony&limit=10");
    spy.mockRestore();
    return JSON.parse(lines.at(-1) ?? "{}").d1_rows_read as number;
  };
  const thousand = await rowsRead(1000);
  expect(thousand).toBeLessThan(5000);
  expect(await rowsRead(3000)).toBeLessThanOrEqual(thousand + 2 * 2000 + 10);
});
