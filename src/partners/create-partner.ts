import { recordAct } from "../access/audit.ts";
import type { Staff } from "../access/staff.ts";
import { type Database, DatabaseFailure } from "../db/database.ts";
import { Problem } from "../http/problems.ts";
import { newUuid, publicId } from "../lib/ids.ts";
import { codeTaken, insertPartner, type PartnerRow } from "./partners.store.ts";

export interface PartnerDeps {
  readonly db: Database;
  readonly clock: () => number;
}

/** What staff say of a partner. */
export interface PartnerInput {
  readonly name: string;
  /** As typed: for mails about what the partner runs. */
  readonly email: string;
  /** Language of these mails, a BCP 47 tag; null: the municipality's first. */
  readonly locale: string | null;
  readonly website: string | null;
}

/**
 * Adds a partner, with a channel of its code under which its signatures are counted. Raises `partner_taken` when the
 * code is another partner's or a channel's.
 */
export async function createPartner(
  { db, clock }: PartnerDeps,
  actor: Staff,
  { code, input }: { code: string; input: PartnerInput },
): Promise<PartnerRow> {
  const [[found]] = await db.batch([codeTaken(db, code)]);
  if (found?.taken) throw new Problem("partner_taken");
  const now = clock();
  const partner = { ...input, code, id: newUuid(), createdAt: now, suspendedAt: null };
  const subject = publicId("par", partner.id);
  const act = { actor, act: "partner.create", subject, after: { code, ...inAudit(partner) }, at: now };
  await db.batch([recordAct(db, act), insertPartner(db, partner)]).catch(asTaken);
  return partner;
}

/** Two who take a code at the same moment: the database lets one have it. */
function asTaken(error: unknown): never {
  if (error instanceof DatabaseFailure && error.refused) throw new Problem("partner_taken");
  throw error;
}

/** What the audit log says of a partner: not its address, which is a person's as a rule and could never be deleted there. */
export const inAudit = ({ name, locale, website }: PartnerInput) => ({ name, locale, website });
