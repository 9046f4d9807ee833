import { recordAct } from "../access/audit.ts";
import type { Staff } from "../access/staff.ts";
import { Problem } from "../http/problems.ts";
import { publicId } from "../lib/ids.ts";
import { inAudit, type PartnerDeps, type PartnerInput } from "./create-partner.ts";
import {
  isSuspended,
  listPartners,
  type PartnerRow,
  partnerById,
  setSuspended,
  updatePartner,
} from "./partners.store.ts";

/** The partner with a UUID. Raises `not_found`. */
export async function readPartner({ db }: Pick<PartnerDeps, "db">, id: string): Promise<PartnerRow> {
  const [[partner]] = await db.batch([partnerById(db, id)]);
  if (!partner) throw new Problem("not_found");
  return partner;
}

/** A page of the partners, in the order in which they were added. `more`: it is not the last. */
export async function partnersPage(
  { db }: Pick<PartnerDeps, "db">,
  query: { suspended?: boolean | undefined; after?: string | undefined; limit: number },
): Promise<{ partners: PartnerRow[]; more: boolean }> {
  const [rows] = await db.batch([listPartners(db, { ...query, limit: query.limit + 1 })]);
  return { partners: rows.slice(0, query.limit), more: rows.length > query.limit };
}

/** Changes what staff say of a partner; what is the same already leaves no trace. Raises `not_found`. */
export async function changePartner(
  deps: PartnerDeps,
  actor: Staff,
  { id, input }: { id: string; input: PartnerInput },
): Promise<PartnerRow> {
  const { db, clock } = deps;
  const before = await readPartner(deps, id);
  const after = { ...before, ...input };
  if (JSON.stringify(after) === JSON.stringify(before)) return before;
  const act = {
    actor,
    act: "partner.change",
    subject: publicId("par", id),
    before: inAudit(before),
    after: { ...inAudit(after), ...(before.email !== after.email && { email: "changed" }) },
    at: clock(),
  };
  await db.batch([recordAct(db, act), updatePartner(db, id, input)]);
  return after;
}

/**
 * Suspends a partner, so that none of its keys works, or lets them work again. Isolates know of it within five seconds.
 * Repeating it changes nothing. Raises `not_found`.
 */
export async function suspendPartner(
  deps: PartnerDeps,
  actor: Staff,
  { id, suspended, reason }: { id: string; suspended: boolean; reason?: string | undefined },
): Promise<PartnerRow> {
  const { db, clock } = deps;
  const now = clock();
  const act = {
    actor,
    act: suspended ? "partner.suspend" : "partner.resume",
    subject: publicId("par", id),
    reason,
    at: now,
  };
  const when = isSuspended(id, !suspended);
  const [, , [partner]] = await db.batch([
    recordAct(db, act, when),
    setSuspended(db, id, suspended ? now : null, when),
    partnerById(db, id),
  ]);
  if (!partner) throw new Problem("not_found");
  return partner;
}
