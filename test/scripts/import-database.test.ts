import { describe, expect, test } from "vitest";
import type { Target } from "../../scripts/import/target.ts";
import { readRootKeys } from "../../src/config.ts";
import { toBase64 } from "../../src/lib/bytes.ts";
import { CLOSES, everything, NOW, petition, settings, townDatabase } from "./workbench.ts";

const AREAS = 'code,name,population\nHAR,"Harbour, the ""new"" one",4900\nOLD,Old Town,6300\n';

test("all kinds are imported in the order in which they build on each other, whatever order they are named in", async () => {
  const { importAll, rows } = await townDatabase();
  const { said, complained, written } = await importAll({
    "7.json": [{ area: "Pier", code: "P1", signature_count: 12 }],
    "postcodes.csv": "postcode,area\nbw1 1al,HAR\n",
    "petitions.json": [petition(7), petition(8)],
    "areas.csv": AREAS,
  });
  expect(complained).toEqual([]);
  expect(written).toBe(4);
  expect(said).toEqual([
    "areas.csv: 2 areas: 2 new",
    "postcodes.csv: 1 postcodes: 1 new",
    expect.stringMatching(
      /^petitions\.json: 2 petitions: 2 new\n {2}open from now until 2027-05-24T00:00:00.000Z\n {2}thresholds: response at 1, hearing at 50 \(as --thresholds says\)\n {2}source of the facts: oldtown\.example/,
    ),
    "7.json: 1 counts by area: 1 new or changed",
  ]);
  expect(await rows("SELECT * FROM areas")).toEqual([
    { code: "HAR", name: 'Harbour, the "new" one', population: 4900 },
    { code: "OLD", name: "Old Town", population: 6300 },
  ]);
  expect(await rows("SELECT * FROM postcodes")).toEqual([{ postcode: "BW11AL", area_code: "HAR" }]);
});

test("an area that staff have retired is back when a file has it, and takes no postcode before", async () => {
  const { importAll, rows, target } = await townDatabase();
  await importAll({ "areas.csv": AREAS });
  await target.write([`UPDATE reference_lists SET retired = '{"OLD":1,"X":2}' WHERE name = 'areas'`]);
  const { complained } = await importAll({ "postcodes.csv": "postcode,area\nBW2 1BD,OLD\n" });
  expect(complained[0]).toContain("is not in the list of areas");
  const version = "SELECT version, retired FROM reference_lists WHERE name = 'areas'";
  const [before] = await rows(version);
  const { said } = await importAll({ "areas.csv": AREAS });
  expect(said).toEqual(["areas.csv: 2 areas: 1 changed, 1 unchanged"]);
  expect(await rows(version)).toEqual([{ version: Number(before?.version) + 1, retired: '{"X":2}' }]);
  await importAll({ "areas.csv": AREAS });
  expect(await rows(version)).toEqual([{ version: Number(before?.version) + 1, retired: '{"X":2}' }]);
});

describe("petitions", () => {
  test("open from the import with the thresholds that were said, a secret, and nobody's signature", async () => {
    const { importAll, rows } = await townDatabase();
    await importAll({ "petitions.json": [petition(7)] });
    expect(await rows("SELECT * FROM petitions")).toEqual([
      expect.objectContaining({
        state: "open",
        version: 1,
        created_at: NOW,
        opens_at: NOW,
        closes_at: CLOSES,
        creator_email_hash: null,
        secret: expect.anything(),
      }),
    ]);
    expect(await rows("SELECT name, signatures, reached_at FROM thresholds ORDER BY 2")).toEqual([
      { name: "response", signatures: 1, reached_at: null },
      { name: "hearing", signatures: 50, reached_at: null },
    ]);
    expect(await rows("SELECT verified, pending, public FROM petition_tallies")).toEqual([
      { verified: 0, pending: 0, public: 1 },
    ]);
    expect(await rows("SELECT count(*) AS n FROM signatures")).toEqual([{ n: 0 }]);
    expect(await rows("SELECT * FROM responses")).toEqual([]);
  });

  test("texts lose blanks, tabs and narrow blanks at their ends and keep those within; line ends become Unix's, letters NFC", async () => {
    const { importAll, rows } = await townDatabase();
    const background = "\t• Cafe\u0301\u202f12\r\n\tmore\r\n ";
    await importAll({ "p.json": [petition(1, { title: "\u202f For motorhomes. ", background, details: " \n" })] });
    expect(await rows("SELECT title, background, details FROM petitions")).toEqual([
      { title: "For motorhomes.", background: "• Café\u202f12\n\tmore", details: "" },
    ]);
  });

  test("a second run changes nothing", async () => {
    const { importAll, rows } = await townDatabase();
    const files = {
      "areas.csv": AREAS,
      "names.csv": 'code,name\nHAR,"Harbour, the ""new"" one"\nX1,Elsewhere\n',
      "postcodes.csv": "postcode,area\nBW1 1AL,HAR\n",
      "petitions.json": [
        petition(7, { response: { summary: "No.", details: "It's dark.", responded_on: "2025-05-01" } }),
      ],
      "7.json": [{ area: "Pier", code: "P1", signature_count: 12 }],
    };
    await importAll(files);
    const before = await everything(rows);
    const { said, complained } = await importAll(files, { now: NOW + 86_400_000 });
    expect(complained).toEqual([]);
    expect(said).toEqual([
      "areas.csv: 2 areas: 2 unchanged",
      "names.csv: 2 areas: 2 unchanged",
      "postcodes.csv: 1 postcodes: 1 unchanged",
      "petitions.json: 1 petitions: 1 unchanged",
      "7.json: 1 counts by area: 1 unchanged",
    ]);
    expect(await everything(rows)).toEqual(before);
  });

  test("a changed text becomes a new version; what staff edited meanwhile stays until the source changes", async () => {
    const { importAll, rows, target } = await townDatabase();
    const text = () => rows("SELECT version, title, details FROM petitions");
    await importAll({ "p.json": [petition(7), petition(8)] });
    const edit =
      "UPDATE petitions SET title = 'As staff have it', version = version + 1 WHERE title = 'A lamp for pier 7'";
    await target.write([edit]);

    await importAll({ "p.json": [petition(7), petition(8)] });
    expect(await text()).toContainEqual({ version: 2, title: "As staff have it", details: "" });

    const { said } = await importAll({ "p.json": [petition(7, { details: "It's \"dark\"; -- '" }), petition(8)] });
    expect(said[0]).toBe("p.json: 2 petitions: 1 with a new text, 1 unchanged");
    expect(await text()).toContainEqual({ version: 3, title: "A lamp for pier 7", details: "It's \"dark\"; -- '" });
    expect(
      await rows(
        "SELECT version, title FROM petition_versions WHERE petition_no = (SELECT petition_no FROM imported_facts WHERE source_id = '7') ORDER BY 1",
      ),
    ).toEqual([
      { version: 1, title: "A lamp for pier 7" },
      { version: 2, title: "As staff have it" },
      { version: 3, title: "A lamp for pier 7" },
    ]);
  });

  test("changed facts are kept beside an unchanged text, which gets no new version", async () => {
    const { importAll, rows } = await townDatabase();
    await importAll({ "p.json": [petition(7)] });
    const { said } = await importAll({ "p.json": [petition(7, { signature_count: 5_000, as_of: "2026-02-01" })] });
    expect(said[0]).toBe("p.json: 1 petitions: 1 with new facts");
    expect(await rows("SELECT as_of, as_of_basis, signatures, url FROM imported_facts")).toEqual([
      { as_of: "2026-02-01", as_of_basis: "stated", signatures: 5_000, url: "https://oldtown.example/p/7" },
    ]);
    expect(await rows("SELECT version FROM petitions")).toEqual([{ version: 1 }]);
    const again = await importAll({ "p.json": [petition(7, { signature_count: 5_000 })] });
    expect(again.said[0]).toBe("p.json: 1 petitions: 1 unchanged");
  });

  test("the same number at another source is another petition", async () => {
    const { importAll, rows } = await townDatabase();
    await importAll({ "p.json": [petition(7)] });
    await importAll({ "p.json": [petition(7)] }, { source: "It's; another", sourceUrl: null });
    expect(await rows("SELECT source, url FROM imported_facts ORDER BY 1")).toEqual([
      { source: "It's; another", url: null },
      { source: "oldtown.example", url: "https://oldtown.example/p/7" },
    ]);
    expect(await rows("SELECT count(*) AS n FROM petitions")).toEqual([{ n: 2 }]);
  });

  test("are refused under another ROOT_KEY than the one that the others are kept under", async () => {
    const { importAll, rows } = await townDatabase();
    await importAll({ "p.json": [petition(7)] });
    const other = readRootKeys({ ROOT_KEY: toBase64(new Uint8Array(32).fill(5)) }, true);
    const opening = async () => ({ ...(await settings.opening()), keys: other });
    const { complained } = await importAll({ "p.json": [petition(7), petition(8)] }, { opening });
    expect(complained).toEqual([
      "p.json: ROOT_KEY is not the one that this database's petitions are kept under",
      "p.json: nothing of it was imported",
    ]);
    expect(await rows("SELECT count(*) AS n FROM petitions")).toEqual([{ n: 1 }]);
  });
});

describe("areas, postcodes and counts", () => {
  test("what a later list lacks stays: populations, areas, postcodes", async () => {
    const { importAll, rows } = await townDatabase();
    await importAll({ "a.csv": AREAS, "p.csv": "postcode,area\nBW1 1AL,HAR\nBW1 1CE,HAR\n" });
    const { said } = await importAll({
      "a.csv": "name,code\nOlder Town,OLD\n",
      "p.csv": "area,postcode\nOLD,bw11al\n",
    });
    expect(said).toEqual(["a.csv: 1 areas: 1 changed", "p.csv: 1 postcodes: 1 in another area now"]);
    expect(await rows("SELECT name, population FROM areas ORDER BY code")).toEqual([
      { name: 'Harbour, the "new" one', population: 4900 },
      { name: "Older Town", population: 6300 },
    ]);
    expect(await rows("SELECT * FROM postcodes ORDER BY 1")).toEqual([
      { postcode: "BW11AL", area_code: "OLD" },
      { postcode: "BW11CE", area_code: "HAR" },
    ]);
  });

  test("a postcode's area must be in the list, or come with the same run", async () => {
    const { importAll, rows } = await townDatabase();
    const postcodes = "postcode,area\nBW1 1AL,HAR\nBW2 1BD,OLD\nBW9 9ZZ,NOT\n";
    const { complained } = await importAll({ "areas.csv": AREAS, "postcodes.csv": postcodes });
    expect(complained).toEqual([
      "postcodes.csv: record 3 (line 4), area: is not in the list of areas",
      "postcodes.csv: nothing of it was imported",
    ]);
    expect(await rows("SELECT count(*) AS n FROM postcodes")).toEqual([{ n: 0 }]);
    expect(await rows("SELECT count(*) AS n FROM areas")).toEqual([{ n: 2 }]);
  });

  test("counts by area need their petition, from the same source; who drops out of them has nobody", async () => {
    const { importAll, rows } = await townDatabase();
    const count = (code: string, signature_count: number) => ({ area: `Ward ${code}`, code, signature_count });
    await importAll({ "p.json": [petition(7, { as_of: "2026-01-31" })] });
    const alone = await importAll({ "8.json": [count("A", 1)] });
    expect(alone.complained[0]).toBe(
      "8.json: no petition with the source_id in its name has been imported from oldtown.example: import that first",
    );
    await importAll({ "7.json": [count("A", 11), count("B", 22)] });
    const { said } = await importAll({ "7.json": [count("A", 12)] });
    expect(said[0]).toBe("7.json: 1 counts by area: 2 new or changed");
    expect(await rows("SELECT area_code, signatures FROM imported_area_counts ORDER BY 1")).toEqual([
      { area_code: "A", signatures: 12 },
      { area_code: "B", signatures: 0 },
    ]);
    expect(await rows("SELECT areas_as_of FROM imported_facts")).toEqual([{ areas_as_of: "2026-01-31" }]);
    const again = await importAll({ "7.json": [count("A", 12)] });
    expect(again.said[0]).toBe("7.json: 1 counts by area: 1 unchanged");
  });

  test("a list longer than one statement is written and read whole", async () => {
    const { importAll, rows } = await townDatabase();
    const codes = Array.from({ length: 120_000 }, (_, index) => `P${index}`);
    const file = { "areas.csv": AREAS, "long.csv": `postcode,area\n${codes.map((code) => `${code},OLD\n`).join("")}` };
    const { said } = await importAll(file);
    expect(said).toEqual([
      "long.csv: 100,000 records read",
      "areas.csv: 2 areas: 2 new",
      "long.csv: writing, this takes a while",
      "long.csv: 120,000 postcodes: 120,000 new",
    ]);
    expect(await rows("SELECT count(*) AS n FROM postcodes")).toEqual([{ n: 120_000 }]);
    expect((await importAll(file)).said.at(-1)).toBe("long.csv: 120,000 postcodes: 120,000 unchanged");
  });
});

describe("all of a file or nothing", () => {
  test("one bad record keeps all others out, and other files go on", async () => {
    const { importAll, rows } = await townDatabase();
    await importAll({ "areas.csv": AREAS });
    const { complained, written } = await importAll({
      "p.json": [petition(1), petition(2), petition(3, { title: "x".repeat(101) })],
      "areas.csv": "code,name\nNEW,New\n",
    });
    expect(complained[0]).toBe("p.json: record 3, title: is too long");
    expect(written).toBe(1);
    expect(await rows("SELECT count(*) AS n FROM petitions")).toEqual([{ n: 0 }]);
    expect(await rows("SELECT count(*) AS n FROM areas")).toEqual([{ n: 3 }]);
  });

  test("when the database refuses the last statement, the first ones are undone", async () => {
    const { importAll, rows, target } = await townDatabase();
    await importAll({ "areas.csv": AREAS, "p.json": [petition(1)] });
    const before = await everything(rows);
    const broken: Target = {
      ...target,
      write: (all) => target.write([...all, "INSERT INTO postcodes VALUES ('X1', 'not an area')"]),
    };
    const files = { "p.json": [petition(1, { title: "New" }), petition(2)] };
    const outcome = await importAll(files, { to: broken });
    expect(outcome.written).toBe(0);
    expect(outcome.complained[0]).toMatch(/^p\.json: .*FOREIGN KEY/);
    expect(await everything(rows)).toEqual(before);
  });
});
