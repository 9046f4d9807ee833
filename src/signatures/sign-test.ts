import { newUuid, publicId } from "../lib/ids.ts";
import type { KeyHolder } from "../partners/key-book.ts";
import { requireUnpaused } from "./admit-signing.ts";
import { admitTests, keepTests } from "./sign-as-test.ts";
import type { PartnerSigningDeps, SentSignature } from "./sign-through-partner.ts";
import { passGate, type SubmissionStamp } from "./submit-signature.ts";

/**
 * Takes a signature that a test key sends: judged and answered as `signThroughPartner` does, and counted nowhere. Raises
 * what that raises.
 */
export async function signTest(
  deps: PartnerSigningDeps,
  holder: KeyHolder,
  sent: SentSignature & { petitionId: string; acceptLanguage: string | undefined; stamp?: SubmissionStamp },
): Promise<{ submission_id: string; status: "pending" }> {
  const { stamp = { id: newUuid(), acceptedAt: deps.clock() }, ...signature } = sent;
  const { petitionId, input } = signature;
  await requireUnpaused(deps, petitionId);
  const [[refused]] = await Promise.all([
    admitTests(deps, holder, 1),
    deps.notices.requireKnown(deps.db, input.notices),
  ]);
  if (refused) throw refused;
  const supporter = await passGate(deps, { petitionId, token: input.supporter_token, at: stamp.acceptedAt });
  await keepTests(deps, holder, [{ ...signature, supporter, stamp }]);
  return { submission_id: publicId("sub", stamp.id), status: "pending" };
}
