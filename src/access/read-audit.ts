import type { Database } from "../db/database.ts";
import { Problem } from "../http/problems.ts";
import { newUuid, parsePublicId } from "../lib/ids.ts";
import { type AuditEntry, type AuditFilter, auditEntries } from "./audit.store.ts";
import { recordAct } from "./audit.ts";
import { readStaff } from "./read-staff.ts";
import type { Staff } from "./staff.ts";

export interface AuditDeps {
  readonly db: Database;
  readonly clock: () => number;
  /** Raises `not_found` unless the staff member sees the petition with this UUID. */
  readonly requirePetition: (staff: Staff, id: string) => Promise<unknown>;
}

// Entries of one read of an export: few enough for the memory, many enough that reads are few.
const EXPORT_PAGE = 500;

/**
 * Lets staff pass who may read what a filter asks for: admins of the whole municipality everything, all others the
 * history of a petition that they see, and admins of a department that of its staff too. Raises `not_found`.
 */
export async function requireAuditReader(deps: AuditDeps, staff: Staff, { subject = "" }: AuditFilter): Promise<void> {
  const admin = staff.role === "admin";
  if (admin && staff.department === null) return;
  const petition = parsePublicId("pet", subject);
  const member = parsePublicId("stf", subject);
  if (petition) await deps.requirePetition(staff, petition);
  else if (member && admin) await readStaff(deps, staff, member);
  else throw new Problem("not_found");
}

/** A page of entries, the newest first, from before the entry `before` on. `more`: it is not the last. */
export async function auditPage(
  { db }: AuditDeps,
  filter: AuditFilter,
  { before, limit }: { before?: string | undefined; limit: number },
): Promise<{ entries: AuditEntry[]; more: boolean }> {
  const [rows] = await db.batch([auditEntries(db, filter, { before, limit: limit + 1 })]);
  return { entries: rows.slice(0, limit), more: rows.length > limit };
}

/**
 * All entries that a filter lets through, the newest first, page by page as they are asked for: the export itself is an
 * act, recorded before the first entry leaves, and not among them.
 */
export async function exportAudit(
  { db, clock }: AuditDeps,
  staff: Staff,
  { filter, format }: { filter: AuditFilter; format: string },
): Promise<AsyncGenerator<readonly AuditEntry[]>> {
  const until = newUuid();
  const asked = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
  const act = { actor: staff, act: "audit.export", subject: "audit", after: { format, ...asked }, at: clock() };
  const page = (before: string) => auditEntries(db, filter, { before, limit: EXPORT_PAGE });
  const [, first] = await db.batch([recordAct(db, act), page(until)]);
  return pages(first, async (before) => (await db.batch([page(before)]))[0]);
}

async function* pages(first: AuditEntry[], next: (before: string) => Promise<AuditEntry[]>) {
  for (let page = first; page.length > 0; ) {
    yield page;
    const last = page.at(-1);
    page = last && page.length === EXPORT_PAGE ? await next(last.id) : [];
  }
}
