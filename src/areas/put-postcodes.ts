import type { Staff } from "../access/staff.ts";
import type { Database } from "../db/database.ts";
import { requireVersion } from "../http/if-match.ts";
import { flawed } from "../http/validation.ts";
import { PostcodeRow } from "./area-rows.schema.ts";
import { deletePostcodes, postcodesByArea, writePostcodes } from "./area-tables.store.ts";
import { changesOf, type SentTable, type TableChanges, type TableDeps, writeChanges } from "./change-table.ts";
import { areVersions, listStates } from "./list-versions.store.ts";
import { areasNow } from "./put-areas.ts";
import { LineFlaws, readTable } from "./read-table.ts";

/** Towns in Britain have 5,000 to 50,000. */
export const MAX_POSTCODES = 100_000;

const COLUMNS = {
  ...{ required: ["postcode", "area"], optional: [], key: "postcode", schema: PostcodeRow, maxRows: MAX_POSTCODES },
};

/** In which area each postcode lies, by postcode, and the list's version: of one moment. */
export async function postcodesNow(db: Database): Promise<{ areas: Map<string, string>; version: number }> {
  const [byArea, [state]] = await db.batch([postcodesByArea(db), listStates(db, "postcodes")]);
  const pairs = byArea.flatMap(({ area, postcodes }) =>
    (JSON.parse(postcodes) as string[]).map((postcode): [string, string] => [postcode, area]),
  );
  return { areas: new Map(pairs.sort(([a], [b]) => (a < b ? -1 : 1))), version: state?.version ?? 0 };
}

/**
 * Replaces the list of postcodes by a CSV table, all of it or nothing. Signatures that are recorded from then on count by
 * it; those before stay where they are. Gives what changes, and the list's version then. Raises `precondition_failed`, and
 * `invalid_request`, line by line, and for an empty table in place of postcodes.
 */
export async function putPostcodes(
  deps: TableDeps,
  staff: Staff,
  { text, tags, dryRun }: SentTable,
): Promise<{ changes: TableChanges; version: number }> {
  const { db } = deps;
  const [{ areas: known, version }, { areas, version: areasVersion }] = [await postcodesNow(db), await areasNow(db)];
  requireVersion(tags, version);
  const flaws = new LineFlaws();
  const codes = new Set(areas.map(({ code }) => code));
  const flawOf = ({ area }: { area: string }) => (codes.has(area) ? undefined : (["area", "unknown_code"] as const));
  const { rows } = readTable(text, { ...COLUMNS, flawOf }, flaws);
  flaws.raise();
  const sent = new Map(rows.map(({ postcode, area }) => [postcode, area]));
  const added = [...sent].filter(([postcode]) => !known.has(postcode));
  const changed = [...sent].filter(([postcode, area]) => known.has(postcode) && known.get(postcode) !== area);
  const removed = [...known.keys()].filter((postcode) => !sent.has(postcode));
  if (sent.size === 0 && removed.length > 0) throw flawed("", "empty");
  const postcodeOf = ([postcode]: [string, string]) => postcode;
  const changes = changesOf(sent.size, { added: added.map(postcodeOf), changed: changed.map(postcodeOf), removed });
  if (dryRun) return { changes, version };
  const newVersion = await writeChanges(deps, staff, {
    ...{ list: "postcodes", version, changes, retired: {}, at: deps.clock() },
    write: (when) => [...writePostcodes(db, [...added, ...changed], when), ...deletePostcodes(db, removed, when)],
    // The areas must still be there.
    when: areVersions({ postcodes: version, areas: areasVersion }),
  });
  return { changes, version: newVersion };
}
