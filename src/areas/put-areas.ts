import type { Staff } from "../access/staff.ts";
import type { Database } from "../db/database.ts";
import { requireVersion } from "../http/if-match.ts";
import { Problem } from "../http/problems.ts";
import { flawed } from "../http/validation.ts";
import { AreaRow } from "./area-rows.schema.ts";
import { type Area, postcodesIn, writeAreas } from "./area-tables.store.ts";
import { changesOf, type SentTable, type TableChanges, type TableDeps, writeChanges } from "./change-table.ts";
import { areVersions, listStates } from "./list-versions.store.ts";
import { LineFlaws, readTable } from "./read-table.ts";
import { allAreas } from "./reference.store.ts";

/** Wards and districts: some dozens, or hundreds. Each one's name is read with every count by area. */
export const MAX_AREAS = 1_000;

const COLUMNS = {
  ...{ required: ["code", "name"], optional: ["population"], key: "code", schema: AreaRow, maxRows: MAX_AREAS },
};

/** The areas that are not retired, by code; the list's version and what is retired; and the version of the postcodes. */
export async function areasNow(db: Database) {
  const [rows, states] = await db.batch([allAreas(db), listStates(db, "areas", "postcodes")]);
  const state = (list: string) => states.find(({ name }) => name === list);
  const retired = state("areas")?.retired ?? {};
  return {
    areas: rows.filter(({ code }) => !Object.hasOwn(retired, code)),
    retired,
    version: state("areas")?.version ?? 0,
    postcodesVersion: state("postcodes")?.version ?? 0,
  };
}

/**
 * Replaces the list of areas by a CSV table, all of it or nothing. Areas that it leaves out are retired: their names stay
 * with what was counted there. Without a column for populations those that are known stay. Gives what changes, and the
 * list's version then. Raises `precondition_failed`; `invalid_request`, line by line, and for an empty table in place of
 * areas; `reference_in_use` when postcodes lie in what it leaves out.
 */
export async function putAreas(
  deps: TableDeps,
  staff: Staff,
  { text, tags, dryRun }: SentTable,
): Promise<{ changes: TableChanges; version: number }> {
  const { db } = deps;
  const { areas, retired, version, postcodesVersion } = await areasNow(db);
  requireVersion(tags, version);
  const flaws = new LineFlaws();
  const { rows, given } = readTable(text, COLUMNS, flaws);
  flaws.raise();
  const known = new Map(areas.map((area) => [area.code, area]));
  const sent = rows.map(({ code, name, population }): Area => {
    const before = given.includes("population") ? population : (known.get(code)?.population ?? null);
    return { code, name, population: before };
  });
  const codes = new Set(sent.map(({ code }) => code));
  const added = sent.filter(({ code }) => !known.has(code));
  const changed = sent.filter(({ code, name, population }) => {
    const before = known.get(code);
    return before !== undefined && (before.name !== name || before.population !== population);
  });
  const removed = areas.map(({ code }) => code).filter((code) => !codes.has(code));
  if (sent.length === 0 && removed.length > 0) throw flawed("", "empty");
  if (removed.length > 0) await refuseWithPostcodes(db, removed);
  const changes = changesOf(sent.length, { added: added.map(codeOf), changed: changed.map(codeOf), removed });
  if (dryRun) return { changes, version };
  const at = deps.clock();
  const stillRetired = Object.entries(retired).filter(([code]) => !codes.has(code));
  const newVersion = await writeChanges(deps, staff, {
    ...{ list: "areas", version, changes, at },
    retired: Object.fromEntries([...stillRetired, ...removed.map((code) => [code, at])]),
    write: (when) => writeAreas(db, [...added, ...changed], when),
    // No postcode may have come to lie in what is retired.
    when: areVersions({ areas: version, ...(removed.length > 0 ? { postcodes: postcodesVersion } : {}) }),
  });
  return { changes, version: newVersion };
}

async function refuseWithPostcodes(db: Database, codes: readonly string[]): Promise<void> {
  const [[used]] = await db.batch([postcodesIn(db, codes)]);
  if (!used || used.postcodes === 0) return;
  const detail = `leaves out areas that postcodes lie in: ${used.areas} with ${used.postcodes} postcodes. First say with PUT /v1/admin/postcodes where these lie.`;
  throw new Problem("reference_in_use", { errors: [{ pointer: "", code: "in_use", detail }] });
}

const codeOf = ({ code }: Area): string => code;
