import type { petitionStates } from "../db/schema.ts";

export type PetitionState = (typeof petitionStates)[number];

/** States that everyone may see. Every other one is absent to the public. */
export const PUBLIC_STATES = ["open", "closed", "rejected", "stopped"] as const satisfies readonly PetitionState[];

/** Verification works this long after a petition has ended, for what was submitted before. */
export const VERIFICATION_GRACE_MS = 24 * 60 * 60_000;

/** What the rules about time need of a petition; times in milliseconds since 1970. */
export interface PetitionTimes {
  readonly state: PetitionState;
  readonly opensAt: number | null;
  readonly closesAt: number | null;
  readonly endedAt: number | null;
}

/** The state at a moment: an open petition whose time is over has closed, whether or not the job has run. */
export const stateAt = (petition: PetitionTimes, at: number): PetitionState =>
  petition.state === "open" && petition.closesAt !== null && at >= petition.closesAt ? "closed" : petition.state;

export const isPublicState = (state: PetitionState): boolean => (PUBLIC_STATES as readonly string[]).includes(state);

/** Whether a signature submitted at a moment is in time. */
export function acceptsSignatureAt(petition: PetitionTimes, at: number): boolean {
  const begun = petition.opensAt !== null && at >= petition.opensAt;
  const end = Math.min(petition.closesAt ?? Number.POSITIVE_INFINITY, petition.endedAt ?? Number.POSITIVE_INFINITY);
  return (
    begun && at < end && (petition.state === "open" || petition.state === "closed" || petition.state === "stopped")
  );
}

/** Whether a petition in this state takes supporters: those who have its link, before it opens. */
export const takesSupporters = (state: PetitionState): boolean =>
  state === "gathering" || state === "moderation" || state === "changes_requested";

/** Whether a petition in this state has not opened, as far as those know who are told of it. */
export const isBeforeOpening = (state: PetitionState): boolean => state === "draft" || takesSupporters(state);

/** Whether a supporter's signature submitted at a moment is in time: until the petition opens, and from then on anybody's is. */
export function acceptsSupporterAt(petition: PetitionTimes, at: number): boolean {
  if (takesSupporters(petition.state)) return true;
  const hasOpened = petition.state === "open" || petition.state === "closed" || petition.state === "stopped";
  return hasOpened && petition.opensAt !== null && at < petition.opensAt;
}

/**
 * Whether a signature may be taken back at a moment, and the count with it: until the count is final. While nothing is
 * signed, because the petition was hidden or rejected, no count is final.
 */
export const mayLeaveAt = (petition: PetitionTimes, at: number): boolean =>
  petition.state === "hidden" || petition.state === "rejected" || countMovesAt(petition, at);

/** Whether a signature may still be verified at a moment: until the count is final. */
export function countMovesAt(petition: PetitionTimes, at: number): boolean {
  switch (petition.state) {
    case "draft":
    case "gathering":
    case "moderation":
    case "changes_requested":
      return true;
    case "open":
    case "closed":
    case "stopped":
      return at < (petition.endedAt ?? petition.closesAt ?? Number.POSITIVE_INFINITY) + VERIFICATION_GRACE_MS;
    default:
      return false;
  }
}
