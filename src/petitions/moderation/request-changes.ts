import type { Staff } from "../../access/staff.ts";
import type { RootKeys } from "../../lib/root-keys.ts";
import type { PetitionDirectory } from "../petition-directory.ts";
import { type DecidedOn, type DecisionDeps, decide, withoutApproval } from "./decide.ts";
import { changesContext, requireSecret } from "./staff-texts.ts";

export interface RequestChangesDeps extends DecisionDeps {
  readonly keys: RootKeys;
  readonly petitions: PetitionDirectory;
}

/**
 * Gives a petition back to its creator, with a message that only they and staff read. An approval for a later opening is
 * taken back with it. Raises what `decide` does.
 */
export async function requestChanges(
  deps: RequestChangesDeps,
  staff: Staff,
  on: DecidedOn,
  { message }: { readonly message: string },
): Promise<void> {
  const digest = await deps.keys.hash("audit", message);
  await decide(deps, staff, on, {
    act: "request_changes",
    effect: async (petition) => {
      const secret = await requireSecret(deps.petitions, petition);
      const changesMessage = await secret.seal(message, changesContext(petition.id));
      return {
        set: { ...withoutApproval(petition), state: "changes_requested", changesMessage },
        after: { message_digest: digest },
      };
    },
  });
}
