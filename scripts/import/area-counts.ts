import { basename } from "node:path";
import * as v from "valibot";
import { areaCodeField, areaNameField } from "../../src/areas/area-rows.schema.ts";
import { countField, sourceIdField } from "./fields.ts";
import { type Flaws, flawOf, ONE_FLAW_A_FIELD } from "./flaws.ts";
import { type CheckedFile, type ImportSettings, type Plan, Seen, tally } from "./plan.ts";
import { literal, statementsOf } from "./sql.ts";
import type { Target } from "./target.ts";

const AreaCountRecord = v.object({ code: areaCodeField, area: areaNameField, signature_count: countField });

type AreaCount = v.InferOutput<typeof AreaCountRecord>;

/** Reads signatures by area of the petition whose number at the source is the file's name. */
export function checkAreaCounts(path: string, elements: readonly unknown[], flaws: Flaws): CheckedFile {
  const name = v.safeParse(sourceIdField, basename(path).replace(/\.json$/i, ""));
  if (!name.success) flaws.add({ says: "must be named by its petition's source_id: 276425.json" });
  const counts: AreaCount[] = [];
  const seen = new Seen();
  for (const [index, element] of elements.entries()) {
    const record = index + 1;
    const result = v.safeParse(AreaCountRecord, element, ONE_FLAW_A_FIELD);
    for (const issue of result.issues ?? []) flaws.add(flawOf(issue, record));
    if (!result.success) continue;
    const first = seen.before(result.output.code, record);
    if (first !== undefined) flaws.add({ record, field: "code", says: `is the same as in record ${first}` });
    counts.push(result.output);
  }
  const sourceId = name.success ? name.output : "";
  return {
    records: elements.length,
    plan: (target, settings, more) => planAreaCounts(target, settings, { sourceId, counts, flaws: more }),
  };
}

async function planAreaCounts(
  target: Target,
  { source, asOf }: ImportSettings,
  { sourceId, counts, flaws }: { sourceId: string; counts: readonly AreaCount[]; flaws: Flaws },
): Promise<Plan> {
  const fact = `source = ${literal(source)} AND source_id = ${literal(sourceId)}`;
  const [[petition] = [], rows = []] = await target.read([
    `SELECT as_of, areas_as_of FROM imported_facts WHERE ${fact}`,
    `SELECT area_code, name, signatures FROM imported_area_counts WHERE ${fact}`,
  ]);
  if (!petition) {
    flaws.add({
      says: `no petition with the source_id in its name has been imported from ${source}: import that first`,
    });
    return { statements: [], summary: "" };
  }
  const known = new Map(rows.map((row) => [String(row.area_code), row]));
  const listed = new Set(counts.map(({ code }) => code));
  // Whom the newer list leaves out has nobody.
  const left = rows.filter(({ area_code, signatures }) => signatures !== 0 && !listed.has(String(area_code)));
  const told = [
    ...counts,
    ...left.map(({ area_code, name }) => ({ code: String(area_code), area: String(name), signature_count: 0 })),
  ];
  const news = told.filter(({ code, area, signature_count }) => {
    const there = known.get(code);
    return !there || there.name !== area || there.signatures !== signature_count;
  });
  const day = asOf ?? (news.length > 0 ? petition.as_of : petition.areas_as_of);
  const statements = statementsOf(
    news.map(({ code, area, signature_count }) => [source, sourceId, code, area, signature_count]),
    (list) => `INSERT INTO imported_area_counts (source, source_id, area_code, name, signatures)
      SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM ${list} WHERE true
      ON CONFLICT DO UPDATE SET name = excluded.name, signatures = excluded.signatures`,
  );
  if (day !== petition.areas_as_of) {
    statements.push(`UPDATE imported_facts SET areas_as_of = ${literal(String(day))} WHERE ${fact}`);
  }
  return {
    statements,
    summary: tally(counts.length, "counts by area", {
      "new or changed": news.length,
      unchanged: told.length - news.length,
    }),
  };
}
