import { type Database, DatabaseFailure } from "../db/database.ts";
import { Problem } from "../http/problems.ts";
import { flawed } from "../http/validation.ts";
import { newUuid, publicId } from "../lib/ids.ts";
import { recordAct } from "./audit.ts";
import { departmentByCode, holderOf, insertStaff, type StaffRow } from "./staff.store.ts";
import { type Role, type Staff, seesDepartment } from "./staff.ts";
import { newStaffKey } from "./staff-key.ts";
import { insertKey } from "./staff-keys.store.ts";

export interface StaffDeps {
  readonly db: Database;
  readonly clock: () => number;
}

/** What an admin says of a member of staff. */
export interface StaffInput {
  readonly name: string;
  /** Canonical. */
  readonly email: string | null;
  readonly role: Role;
  /** The code of the one department whose petitions they see; null: all petitions. */
  readonly department: string | null;
  /** Language of mails, a BCP 47 tag; null: the municipality's first. */
  readonly locale: string | null;
  readonly reminders: boolean;
}

/**
 * Adds a member of staff, with a key that is shown this once. Raises `not_found` when the department is none that the
 * actor manages, `invalid_request` when there is no such department, and `email_taken`.
 * @param expiresAt when the key ends, milliseconds since 1970; null: it doesn't by itself
 */
export async function createStaff(
  { db, clock }: StaffDeps,
  actor: Staff,
  { input, expiresAt }: { input: StaffInput; expiresAt: number | null },
): Promise<{ member: StaffRow; key: string }> {
  if (!seesDepartment(actor, input.department)) throw new Problem("not_found");
  await requireFree(db, input);
  const now = clock();
  const { key, digest, prefix } = await newStaffKey();
  const { department: departmentCode, ...rest } = input;
  const member = { ...rest, departmentCode, id: newUuid(), createdAt: now, revokedAt: null };
  const keyId = newUuid();
  const entry = recordAct(db, {
    actor,
    act: "staff.create",
    subject: publicId("stf", member.id),
    after: { ...inAudit(member), key: publicId("key", keyId), prefix },
    at: now,
  });
  await db
    .batch([
      entry,
      insertStaff(db, member),
      insertKey(db, { digest, id: keyId, staffId: member.id, prefix, createdAt: now, expiresAt }),
    ])
    .catch(asTaken);
  return { member, key };
}

/** Raises `invalid_request` and `email_taken` for what a member can't have; `but`: whose entry it is already. */
export async function requireFree(
  db: Database,
  input: StaffInput,
  but?: Pick<StaffRow, "id" | "departmentCode">,
): Promise<void> {
  const [[department], [holder]] = await db.batch([
    departmentByCode(db, input.department ?? ""),
    holderOf(db, input.email ?? ""),
  ]);
  const isNew = input.department !== null && input.department !== but?.departmentCode;
  if (isNew && !department) throw flawed("/department", "unknown_value");
  if (holder && holder.id !== but?.id) throw new Problem("email_taken");
}

/** Two who take an address at the same moment: the database lets one have it. */
export function asTaken(error: unknown): never {
  if (error instanceof DatabaseFailure && error.refused) throw new Problem("email_taken");
  throw error;
}

/** What the audit log says of a member. */
export const inAudit = ({ name, email, role, departmentCode, locale, reminders }: StaffRow) => ({
  name,
  email,
  role,
  department: departmentCode,
  locale,
  reminders,
});
