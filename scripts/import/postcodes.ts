import type * as v from "valibot";
import { PostcodeRow } from "../../src/areas/area-rows.schema.ts";
import { checkRecord, IS_RETIRED, placeOf } from "./areas.ts";
import type { Flaws } from "./flaws.ts";
import { type CheckedFile, type Plan, Seen, tally } from "./plan.ts";
import { readCsv } from "./records.ts";
import { literal, statementsOf } from "./sql.ts";
import type { Target } from "./target.ts";

// Of an answer: some 2 MB.
const PAGE = 50_000;

/** A postcode in the form that is compared, and where it stands. */
interface Postcode extends v.InferOutput<typeof PostcodeRow> {
  readonly record: number;
  readonly line: number;
}

/** Reads `postcode,area`; `note` hears of every 100,000 records. Spellings of one postcode are one postcode. */
export function checkPostcodes(
  text: string,
  columns: readonly string[],
  flaws: Flaws,
  note: (records: number) => void,
): CheckedFile {
  const postcodes: Postcode[] = [];
  const seen = new Seen();
  const records = readCsv(text, columns, (row) => {
    if (row.record % 100_000 === 0) note(row.record);
    const found = checkRecord(PostcodeRow, row, columns, flaws);
    if (!found) return;
    const first = seen.before(found.postcode, row.record);
    if (first !== undefined) {
      flaws.add({ ...placeOf(row), field: "postcode", says: `is the same as in record ${first}` });
    }
    postcodes.push({ ...found, ...placeOf(row) });
  });
  return { records, plan: (target, _settings, known) => planPostcodes(target, postcodes, known) };
}

async function planPostcodes(target: Target, postcodes: readonly Postcode[], flaws: Flaws): Promise<Plan> {
  const [areas = []] = await target.read([`SELECT code FROM areas WHERE NOT ${IS_RETIRED}`]);
  const codes = new Set(areas.map(({ code }) => code));
  for (const { area, record, line } of postcodes) {
    if (!codes.has(area)) flaws.add({ record, line, field: "area", says: "is not in the list of areas" });
  }
  const known = flaws.count > 0 ? new Map() : await knownPostcodes(target);
  const fresh = postcodes.filter(({ postcode }) => !known.has(postcode));
  const moved = postcodes.filter(({ postcode, area }) => known.has(postcode) && known.get(postcode) !== area);
  const statements = statementsOf(
    [...fresh, ...moved].map(({ postcode, area }) => [postcode, area]),
    (list) => `INSERT INTO postcodes (postcode, area_code) SELECT value ->> 0, value ->> 1 FROM ${list} WHERE true
        ON CONFLICT (postcode) DO UPDATE SET area_code = excluded.area_code`,
  );
  // Who has read the list before reads it anew.
  const move = "UPDATE reference_lists SET version = version + 1 WHERE name = 'postcodes'";
  return {
    statements: statements.length > 0 ? [...statements, move] : [],
    summary: tally(postcodes.length, "postcodes", {
      new: fresh.length,
      "in another area now": moved.length,
      unchanged: postcodes.length - fresh.length - moved.length,
    }),
  };
}

async function knownPostcodes(target: Target): Promise<Map<string, string>> {
  const known = new Map<string, string>();
  for (let after = ""; ; ) {
    const [page = []] = await target.read([
      `SELECT postcode, area_code FROM postcodes WHERE postcode > ${literal(after)} ORDER BY postcode LIMIT ${PAGE}`,
    ]);
    for (const { postcode, area_code } of page) known.set(String(postcode), String(area_code));
    if (page.length < PAGE) return known;
    after = String(page.at(-1)?.postcode);
  }
}
