import * as v from "valibot";
import { AreaRow } from "../../src/areas/area-rows.schema.ts";
import { type Flaws, flawOf, ONE_FLAW_A_FIELD } from "./flaws.ts";
import { type CheckedFile, type Plan, Seen, tally } from "./plan.ts";
import { type CsvRecord, readCsv } from "./records.ts";
import { statementsOf } from "./sql.ts";
import type { Target } from "./target.ts";

type Area = v.InferOutput<typeof AreaRow>;

/** Reads `code,name` or `code,name,population`, in any order of columns; flaws are added to `flaws`. */
export function checkAreas(text: string, columns: readonly string[], flaws: Flaws): CheckedFile {
  const areas: Area[] = [];
  const seen = new Seen();
  const records = readCsv(text, columns, (row) => {
    const area = checkRecord(AreaRow, row, columns, flaws);
    if (!area) return;
    const first = seen.before(area.code, row.record);
    if (first !== undefined) flaws.add({ ...placeOf(row), field: "code", says: `is the same as in record ${first}` });
    areas.push(area);
  });
  return { records, plan: (target) => planAreas(target, areas) };
}

/** A record of a CSV file against its schema; undefined, and flaws added, when it is wrong. */
export function checkRecord<Schema extends v.GenericSchema>(
  schema: Schema,
  row: CsvRecord | { record: number; line: number; fields: null },
  columns: readonly string[],
  flaws: Flaws,
): v.InferOutput<Schema> | undefined {
  if (row.fields === null) {
    flaws.add({ ...placeOf(row), says: `has not the ${columns.length} fields that the first line names` });
    return undefined;
  }
  const result = v.safeParse(schema, row.fields, ONE_FLAW_A_FIELD);
  for (const issue of result.issues ?? []) flaws.add(flawOf(issue, row.record, row.line));
  return result.success ? result.output : undefined;
}

/** Where a record stands. */
export const placeOf = ({ record, line }: { record: number; line: number }) => ({ record, line });

/** Of a row of `areas`: whether staff have retired it. */
export const IS_RETIRED = `EXISTS (SELECT 1 FROM reference_lists AS list, json_each(list.retired) AS gone
  WHERE list.name = 'areas' AND gone.key = areas.code)`;

async function planAreas(target: Target, areas: readonly Area[]): Promise<Plan> {
  const [rows = []] = await target.read([`SELECT code, name, population, ${IS_RETIRED} AS retired FROM areas`]);
  const known = new Map(rows.map((row) => [row.code, row]));
  const fresh = areas.filter(({ code }) => !known.has(code));
  const changed = areas.filter(({ code, name, population }) => {
    const there = known.get(code);
    return (
      there && (there.retired === 1 || there.name !== name || (population !== null && there.population !== population))
    );
  });
  const written = [...fresh, ...changed].map(({ code, name, population }) => [code, name, population]);
  return {
    statements: [
      // A list without populations says nothing of them: what is known stays.
      ...statementsOf(
        written,
        (list) => `INSERT INTO areas (code, name, population)
        SELECT value ->> 0, value ->> 1, value ->> 2 FROM ${list} WHERE true
        ON CONFLICT (code) DO UPDATE SET name = excluded.name, population = coalesce(excluded.population, population)`,
      ),
      // They are offered again, and who has read the list before reads it anew.
      ...statementsOf(
        written,
        (list) => `UPDATE reference_lists SET version = version + 1, retired = (SELECT json_group_object(key, value)
        FROM json_each(retired) WHERE key NOT IN (SELECT value ->> 0 FROM ${list})) WHERE name = 'areas'`,
      ),
    ],
    summary: tally(areas.length, "areas", {
      new: fresh.length,
      changed: changed.length,
      unchanged: areas.length - fresh.length - changed.length,
    }),
  };
}
