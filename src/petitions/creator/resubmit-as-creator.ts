import { type ChangeDeps, type CreatorsPetition, changeAsCreator } from "./change-as-creator.ts";
import type { CreatorsChange } from "./creator.store.ts";
import { changedText, type EditedText } from "./edit-as-creator.ts";

/**
 * Sends a petition in again after staff have asked for changes, with a new text if one is given: to moderation, or back
 * to gathering supporters if it never had enough. What staff asked for is
 * erased with that. Raises what `changeAsCreator` raises.
 */
export const resubmitAsCreator = (deps: ChangeDeps, id: string, text?: EditedText): Promise<CreatorsPetition> =>
  changeAsCreator(deps, id, {
    act: "petition.resubmit",
    from: ["changes_requested"],
    change: (petition) => {
      const state = petition.gateReachedAt === null && petition.supportersNeeded > 0 ? "gathering" : "moderation";
      const changed = text && changedText(petition, text);
      const columns: CreatorsChange = { state, changesMessage: null };
      return changed ? { columns: { ...columns, ...changed }, after: { changed: Object.keys(changed) } } : { columns };
    },
  });
