import { recordAct } from "../access/audit.ts";
import type { Staff } from "../access/staff.ts";
import type { Condition, Database, Statement } from "../db/database.ts";
import { Problem } from "../http/problems.ts";
import { moveList } from "./list-versions.store.ts";

export interface TableDeps {
  readonly db: Database;
  readonly clock: () => number;
}

/** A table that staff send, on which version of the list they decide, and whether they only ask. */
export interface SentTable {
  readonly text: string;
  readonly tags: readonly string[];
  readonly dryRun: boolean;
}

/** How many, and the first of them by code. */
interface Told {
  readonly count: number;
  readonly first: readonly string[];
}

/** What a table changes, or would change. */
export interface TableChanges {
  /** How many rows it has. */
  readonly entries: number;
  readonly added: Told;
  readonly changed: Told;
  readonly removed: Told;
  readonly unchanged: number;
}

const MAX_TOLD = 20;

/** Codes or postcodes as the answer and the audit log tell of them. */
const told = (codes: readonly string[]): Told => ({ count: codes.length, first: codes.toSorted().slice(0, MAX_TOLD) });

/** The changes that a table of so many entries makes. */
export const changesOf = (
  entries: number,
  { added, changed, removed }: Readonly<Record<"added" | "changed" | "removed", readonly string[]>>,
): TableChanges => ({
  ...{ entries, added: told(added), changed: told(changed), removed: told(removed) },
  unchanged: entries - added.length - changed.length,
});

/**
 * Writes the changes of a list with their entry in the audit log, in one transaction: readers see the list as it was or as
 * it is. Gives the list's version then; nothing to change changes nothing. Raises `precondition_failed`.
 */
export async function writeChanges(
  { db }: TableDeps,
  staff: Staff,
  to: {
    list: "areas" | "postcodes";
    version: number;
    retired: Readonly<Record<string, number>>;
    changes: TableChanges;
    write: (when: Condition) => readonly Statement[];
    when: Condition;
    at: number;
  },
): Promise<number> {
  const { list, version, retired, changes, write, when, at } = to;
  if (changes.added.count + changes.changed.count + changes.removed.count === 0) return version;
  const entry = recordAct(db, { actor: staff, act: `${list}.put`, subject: list, after: { ...changes }, at }, when);
  const move = moveList(db, { name: list, retired }, when);
  const results = await db.batch([entry, ...write(when), move]);
  const moved = results.at(-1) as Awaited<typeof move>;
  if (moved.meta.changes === 0) throw new Problem("precondition_failed");
  return version + 1;
}
