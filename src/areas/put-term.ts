import { recordAct } from "../access/audit.ts";
import type { Staff } from "../access/staff.ts";
import type { Condition, Database } from "../db/database.ts";
import { requireVersion } from "../http/if-match.ts";
import { Problem } from "../http/problems.ts";
import { flawed } from "../http/validation.ts";
import { areVersions, moveList } from "./list-versions.store.ts";
import { readTerms } from "./read-terms.ts";
import { isReserved, MAX_TERMS, TERM_LISTS, type Term, type TermList } from "./term.ts";
import { hasNoPetition, usesOf, writeTerm } from "./terms.store.ts";

export interface TermDeps {
  readonly db: Database;
  readonly clock: () => number;
}

/** On which entry staff decide, and the entity tags of the list that they have read. */
export interface DecidedTerm {
  readonly list: TermList;
  readonly code: string;
  readonly tags: readonly string[];
}

/**
 * Adds an entry to a list, or replaces it, with what was and is in the audit log. The same again changes nothing. Gives
 * the list's version then. Raises `precondition_failed`, `invalid_request` for a code that is reserved and for a list that
 * is full, and `reference_in_use` when petitions have a reason that is to hide from now on, or no longer.
 */
export async function putTerm(
  { db, clock }: TermDeps,
  staff: Staff,
  { list, code, tags }: DecidedTerm,
  input: Omit<Term, "code">,
): Promise<{ term: Term; version: number }> {
  const { terms, version, retired } = await readTerms(db, list);
  requireVersion(tags, version);
  const before = terms.find((one) => one.code === code);
  if (isReserved(list, code)) throw flawed("", "reserved");
  if (!before && terms.length >= MAX_TERMS) throw flawed("", "too_many");
  const term = { code, ...input };
  if (before && said(before) === said(term)) return { term, version };
  const turns = before !== undefined && before.hidden !== term.hidden;
  const rules: Condition[] = turns ? [hasNoPetition(list, code)] : [];
  const when = areVersions({ [list]: version }, ...rules);
  const at = clock();
  const { [code]: _, ...others } = retired;
  const since = Object.hasOwn(retired, code) ? retired[code] : at;
  const entry = recordAct(
    db,
    {
      actor: staff,
      act: `${TERM_LISTS[list].subject}.put`,
      subject: `${TERM_LISTS[list].subject}:${code}`,
      before: before && inAudit(before),
      after: inAudit(term),
      at,
    },
    when,
  );
  const move = moveList(db, { name: list, retired: term.retired ? { ...others, [code]: since ?? at } : others }, when);
  const [, , moved] = await db.batch([entry, writeTerm(db, list, term, when), move]);
  if (moved.meta.changes > 0) return { term, version: version + 1 };
  const [[uses]] = await db.batch([usesOf(db, list, code)]);
  if (turns && uses && uses.petitions > 0) throw inUse("/hidden", { ...uses, staff: 0, decisions: 0 });
  throw new Problem("precondition_failed");
}

/** What hinders, in figures. */
export function inUse(pointer: string, uses: { petitions: number; staff: number; decisions: number }): Problem {
  const parts = [
    [uses.petitions, "petitions"],
    [uses.staff, "members of staff, former ones too"],
    [uses.decisions, "decisions in the audit log"],
  ].filter(([count]) => count !== 0);
  const detail = `is used: ${parts.map(([count, what]) => `${what}: ${count}`).join("; ")}`;
  return new Problem("reference_in_use", { errors: [{ pointer, code: "in_use", detail }] });
}

/** What the audit log says of an entry. */
export const inAudit = ({ names, retired, hidden }: Term) => ({
  ...{ names, retired },
  ...(hidden === undefined ? {} : { hidden }),
});

/** All that an entry says, in one spelling. */
const said = ({ names, retired, hidden }: Term): string =>
  JSON.stringify([Object.entries(names).toSorted(([a], [b]) => (a < b ? -1 : 1)), retired, hidden]);
