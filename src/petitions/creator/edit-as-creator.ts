import type { PetitionState } from "../petition.ts";
import { type ChangeDeps, type CreatorsPetition, changeAsCreator } from "./change-as-creator.ts";

/** A petition's text as its creator writes it. */
export interface EditedText {
  readonly title: string;
  readonly background: string;
  readonly details?: string | undefined;
}

/** States in which the creator may change the text. */
export const EDITABLE: readonly PetitionState[] = ["draft", "gathering", "changes_requested"];

/**
 * Replaces a petition's text; the one before is kept as a version. The same text again changes nothing. Raises what
 * `changeAsCreator` raises.
 */
export const editAsCreator = (deps: ChangeDeps, id: string, text: EditedText): Promise<CreatorsPetition> =>
  changeAsCreator(deps, id, {
    act: "petition.edit",
    from: EDITABLE,
    change: (petition) => {
      const changed = changedText(petition, text);
      return changed && { columns: changed, after: { changed: Object.keys(changed) } };
    },
  });

/** Those parts of a text that differ from the petition's; null when none does. */
export function changedText(petition: EditedText, text: EditedText): Partial<Record<keyof EditedText, string>> | null {
  const whole = { title: text.title, background: text.background, details: text.details ?? "" };
  const changed = Object.entries(whole).filter(([name, words]) => petition[name as keyof EditedText] !== words);
  return changed.length === 0 ? null : Object.fromEntries(changed);
}
