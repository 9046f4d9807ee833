import { recordAct } from "../access/audit.ts";
import type { Staff } from "../access/staff.ts";
import { DatabaseFailure } from "../db/database.ts";
import { requireVersion } from "../http/if-match.ts";
import { Problem } from "../http/problems.ts";
import { areVersions, moveList } from "./list-versions.store.ts";
import { type DecidedTerm, inAudit, inUse, type TermDeps } from "./put-term.ts";
import { readTerms } from "./read-terms.ts";
import { TERM_LISTS, type Term } from "./term.ts";
import { deleteTerm, isUnused, usesOf } from "./terms.store.ts";

/**
 * Deletes an entry of a list that nothing uses and nothing ever has, with an entry in the audit log. Gives what it was, and
 * the list's version then. Raises `not_found`, `precondition_failed`, and `reference_in_use` with how much uses it.
 */
export async function removeTerm(
  { db, clock }: TermDeps,
  staff: Staff,
  { list, code, tags }: DecidedTerm,
): Promise<{ term: Term; version: number }> {
  const { terms, version, retired } = await readTerms(db, list);
  const term = terms.find((one) => one.code === code);
  if (!term) throw new Problem("not_found");
  requireVersion(tags, version);
  const { [code]: _, ...others } = retired;
  const when = areVersions({ [list]: version }, isUnused(list, code));
  const { subject } = TERM_LISTS[list];
  const entry = recordAct(
    db,
    { actor: staff, act: `${subject}.delete`, subject: `${subject}:${code}`, before: inAudit(term), at: clock() },
    when,
  );
  const [, , moved] = await db
    .batch([entry, deleteTerm(db, list, code, when), moveList(db, { name: list, retired: others }, when)])
    .catch((error: unknown) => {
      // Something else refers to it than what is counted here: the database holds it.
      if (error instanceof DatabaseFailure && error.refused) throw new Problem("reference_in_use");
      throw error;
    });
  if (moved.meta.changes > 0) return { term, version: version + 1 };
  const [[uses]] = await db.batch([usesOf(db, list, code)]);
  if (uses && uses.petitions + uses.staff + uses.decisions > 0) throw inUse("", uses);
  throw new Problem("precondition_failed");
}
