import type { Staff } from "../../access/staff.ts";
import { Problem } from "../../http/problems.ts";
import { petitionNo } from "../../lib/ids.ts";
import { type DecidedOn, type DecisionDeps, decide } from "../moderation/decide.ts";
import { actOnThreshold, deleteDraft, publishDraft, responseOf } from "./responses.store.ts";

/**
 * Publishes the draft as the municipality's answer, or as the answer's new text; every text stays readable. The threshold
 * that obliges to an answer is acted on from then. Raises `nothing_drafted` and what `decide` does.
 */
export const publishResponse = (deps: DecisionDeps, staff: Staff, on: DecidedOn): Promise<void> =>
  decide(deps, staff, on, {
    act: "publish_response",
    effect: async (_, now) => {
      const no = petitionNo(on.id);
      const [[row]] = await deps.db.batch([responseOf(deps.db, no)]);
      if (row?.draftSummary === null || row === undefined) throw new Problem("nothing_drafted");
      const text = { summary: row.draftSummary, details: row.draftDetails };
      return {
        before: { response: row.publishedAt === null ? null : { summary: row.summary, details: row.details } },
        after: { response: text },
        also: (when) => [
          publishDraft(deps.db, no, now, when),
          deleteDraft(deps.db, no, when),
          actOnThreshold(deps.db, no, { name: "response", now }, when),
        ],
      };
    },
  });
