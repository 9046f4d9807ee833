import { recordAct } from "../access/audit.ts";
import { type Staff, seesDepartment } from "../access/staff.ts";
import type { Database } from "../db/database.ts";
import { Problem } from "../http/problems.ts";
import { newUuid, parsePublicId, publicId, uuidHex } from "../lib/ids.ts";
import { requireUnerased } from "../petitions/require-unerased.ts";
import { keyHex, parseKeyHex, type SignatureKey, signatureId } from "../signatures/signature.ts";
import { isHeld, isRemovable, releaseOne, signatureForReview, takeOutOne } from "./holds.store.ts";
import type { InvalidationReason } from "./invalidation.ts";
import { insertRun } from "./runs.store.ts";

export interface DecideDeps {
  readonly db: Database;
  readonly clock: () => number;
}

/** A signature after staff have decided on it. */
export interface Decided {
  readonly signature_id: string;
  readonly petition_id: string;
  readonly state: string;
  readonly hold: string | null;
  readonly signature_count: number;
}

/**
 * Lifts the hold of a signature, with its entry in the audit log: a verified one counts from then on, a pending one once it
 * is verified. Repeating it changes nothing. Raises `not_found`, `petition_erased`, and `signature_state` for one that is
 * over.
 */
export async function releaseSignature(deps: DecideDeps, staff: Staff, id: string): Promise<Decided> {
  const { db } = deps;
  const { key, found } = await signatureToDecide(deps, staff, id);
  const entry = recordAct(
    db,
    {
      actor: staff,
      act: "signature.release",
      subject: publicId("pet", found.petitionId),
      before: { signature: signatureId(key), hold: found.hold },
      after: { hold: null },
      at: deps.clock(),
    },
    isHeld(key),
  );
  const [, , [after]] = await db.batch([entry, releaseOne(db, key), signatureForReview(db, key)]);
  if (after?.state !== "pending" && after?.state !== "verified") refuse(after?.state ?? "withdrawn");
  return decided(key, after as Found);
}

/**
 * Takes a signature out, with its entry in the audit log; `invalidation_id` undoes it. Raises `not_found`,
 * `petition_erased`, `creator_signature`, and `signature_state` for one that is over.
 */
export async function invalidateSignature(
  deps: DecideDeps,
  staff: Staff,
  { id, reason }: { id: string; reason: InvalidationReason },
): Promise<Decided & { invalidation_id: string }> {
  const { db } = deps;
  const { key, found } = await signatureToDecide(deps, staff, id);
  if (found.role === "creator") throw new Problem("creator_signature");
  const now = deps.clock();
  const act = { state: "done", act: "invalidate", changed: 1, actor: staff.id, createdAt: now } as const;
  const run = { id: newUuid(), petitionNo: key.petitionNo, reason, conditions: { ids: [keyHex(key)] }, ...act };
  const entry = recordAct(
    db,
    {
      actor: staff,
      act: "signature.invalidate",
      subject: publicId("pet", found.petitionId),
      before: { signature: signatureId(key), state: found.state, hold: found.hold },
      after: { state: "invalidated", id: publicId("inv", run.id) },
      reason,
      at: now,
    },
    isRemovable(key),
  );
  const [, , taken, [after]] = await db.batch([
    ...([entry, insertRun(db, run, isRemovable(key)), takeOutOne(db, key, { run, now })] as const),
    signatureForReview(db, key),
  ]);
  if (taken.meta.changes === 0 || !after) return refuse(after?.state ?? "withdrawn");
  return { ...decided(key, after), invalidation_id: publicId("inv", run.id) };
}

type Found = Awaited<ReturnType<typeof signatureToDecide>>["found"];

async function signatureToDecide({ db }: DecideDeps, staff: Staff, id: string) {
  const uuid = parsePublicId("sig", id);
  const key = uuid && parseKeyHex(uuidHex(uuid));
  const [[found]] = key ? await db.batch([signatureForReview(db, key)]) : [[]];
  if (!key || !found || !seesDepartment(staff, found.department)) throw new Problem("not_found");
  await requireUnerased(db, key.petitionNo);
  return { key, found };
}

const decided = (key: SignatureKey, { petitionId, state, hold, count }: Found): Decided => ({
  signature_id: signatureId(key),
  petition_id: publicId("pet", petitionId),
  state,
  hold,
  signature_count: count,
});

function refuse(state: string): never {
  throw new Problem("signature_state", {
    errors: [{ pointer: "/state", code: state, detail: "is the state that it is in" }],
  });
}
