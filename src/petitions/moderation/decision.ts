import { Problem } from "../../http/problems.ts";
import type { PetitionState } from "../petition.ts";

/** Nobody has verified a draft: there is nothing yet to decide. */
const ALL_BUT_DRAFTS = [
  ...["gathering", "moderation", "open", "closed", "changes_requested", "rejected", "hidden", "stopped"],
] as PetitionState[];

/** What staff do with a petition, and the states in which they may. The database has the same rules as triggers. */
export const LEGAL_STATES = {
  approve: ["moderation"],
  request_changes: ["moderation"],
  reject: ["moderation", "changes_requested", "hidden"],
  hide: ["gathering", "moderation", "changes_requested", "open", "closed", "stopped", "rejected"],
  reopen: ["closed", "stopped", "rejected", "hidden"],
  stop: ["open"],
  extend: ["open"],
  assign: ALL_BUT_DRAFTS,
  note: ALL_BUT_DRAFTS,
  draft_response: ["open", "closed", "stopped"],
  publish_response: ["open", "closed", "stopped"],
  hear: ["open", "closed", "stopped"],
  hold_data: ALL_BUT_DRAFTS,
  release_data: ALL_BUT_DRAFTS,
  erase: ["closed", "stopped", "rejected", "hidden"],
} as const satisfies Record<string, readonly PetitionState[]>;

export type StaffAct = keyof typeof LEGAL_STATES;

/** The problem of an act that a petition's state does not allow; it names the state. */
export const illegalState = (state: PetitionState): Problem =>
  new Problem("illegal_state", {
    errors: [{ pointer: "/state", code: state, detail: "is the state that the petition is in" }],
  });

/** Raises `illegal_state` unless the state is one of those in which an act is allowed. */
export function requireState(state: PetitionState, allowed: readonly PetitionState[]): void {
  if (!allowed.includes(state)) throw illegalState(state);
}
