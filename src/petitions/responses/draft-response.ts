import type { Staff } from "../../access/staff.ts";
import { petitionNo } from "../../lib/ids.ts";
import type { RootKeys } from "../../lib/root-keys.ts";
import { type DecidedOn, type DecisionDeps, decide } from "../moderation/decide.ts";
import { type ResponseText, writeDraft } from "./responses.store.ts";

/** Keeps what staff write as an answer; nobody else sees it before it is published. Raises what `decide` does. */
export async function draftResponse(
  deps: DecisionDeps & { readonly keys: RootKeys },
  staff: Staff,
  on: DecidedOn,
  text: ResponseText,
): Promise<void> {
  const text_digest = await deps.keys.hash("audit", JSON.stringify([text.summary, text.details]));
  await decide(deps, staff, on, {
    act: "draft_response",
    effect: (_, now) => ({
      after: { text_digest },
      also: (when) => [writeDraft(deps.db, petitionNo(on.id), { ...text, now }, when)],
    }),
  });
}
