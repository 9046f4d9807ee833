import { recordAct } from "../access/audit.ts";
import type { Staff } from "../access/staff.ts";
import type { Database } from "../db/database.ts";
import { requireVersion } from "../http/if-match.ts";
import { Problem, type ProblemError } from "../http/problems.ts";
import { FLAWS } from "../http/validation.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import { type BadLine, MAX_ENTRIES, parseList, tidyList } from "../limits/list.ts";
import type { Entry, ListName } from "../limits/list-entry.ts";
import { changeSetting, listSetting, openList, readSetting, sealList } from "../limits/settings.ts";

export interface ListDeps {
  readonly db: Database;
  readonly keys: RootKeys;
  readonly clock: () => number;
}

const MAX_REPORTED_LINES = 20;

/** A list's text as it is now, and the version to decide on; null for a text that no ROOT_KEY opens. */
export async function listNow(deps: ListDeps, list: ListName): Promise<{ text: string | null; version: number }> {
  const { value, version } = await readSetting(deps.db, listSetting(list));
  return { text: version === 0 ? "" : await openList(deps.keys, list, value), version };
}

/**
 * Replaces a list, with an entry of how many were added and removed in the audit log: whom it names stays out of it.
 * `tags`: those of `If-Match`. The same text again changes nothing. Raises `precondition_failed`, and `invalid_request`
 * that names the bad lines: then nothing of it holds.
 */
export async function putList(
  deps: ListDeps,
  staff: Staff,
  { list, text, tags }: { list: ListName; text: string; tags: readonly string[] },
): Promise<{ entries: number; added: number; removed: number; version: number }> {
  const { db, keys, clock } = deps;
  const before = await listNow(deps, list);
  requireVersion(tags, before.version);
  const { entries, bad } = parseList(text, list);
  refuseBad(bad, entries.length);
  const old = new Set(parseList(before.text ?? "", list).entries.map(spelling));
  const now = new Set(entries.map(spelling));
  const changes = {
    entries: entries.length,
    added: [...now].filter((entry) => !old.has(entry)).length,
    removed: [...old].filter((entry) => !now.has(entry)).length,
  };
  const tidy = tidyList(text);
  if (tidy === before.text) return { ...changes, version: before.version };
  const at = clock();
  const value = await sealList(keys, list, tidy);
  const change = changeSetting(db, { name: listSetting(list), value, readVersion: before.version, now: at });
  const digest = (of: string | null) => (of === null ? Promise.resolve("unreadable") : keys.hash("audit", of));
  const entry = recordAct(
    db,
    {
      actor: staff,
      act: "list.put",
      subject: listSetting(list),
      before: { entries: old.size, digest: await digest(before.text) },
      after: { ...changes, digest: await digest(tidy) },
      at,
    },
    change.when,
  );
  const [, changed] = await db.batch([entry, change.statement]);
  if (changed.meta.changes === 0) throw new Problem("precondition_failed");
  return { ...changes, version: change.version };
}

function refuseBad(bad: readonly BadLine[], entries: number): void {
  const errors: ProblemError[] = bad
    .slice(0, MAX_REPORTED_LINES)
    .map(({ line, flaw }) => ({ pointer: `line ${line}`, code: flaw, detail: FLAWS[flaw] }));
  if (entries > MAX_ENTRIES) errors.push({ pointer: "", code: "too_many", detail: FLAWS.too_many });
  if (errors.length > 0) throw new Problem("invalid_request", { errors });
}

/** An entry with all that it says, in one spelling. */
const spelling = ({ name, limit, disposable }: Entry): string => `${name} ${limit} ${disposable}`;
