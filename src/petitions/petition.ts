import { VERIFICATION_GRACE_MS } from "../db/petition-conditions.ts";
import type { petitionStates } from "../db/schema.ts";

export type PetitionState = (typeof petitionStates)[number];

/** States that everyone may see. Every other one is absent to the public. */
export const PUBLIC_STATES = ["open", "closed", "rejected", "stopped"] as const satisfies readonly PetitionState[];

export { VERIFICATION_GRACE_MS };

/** What the rules about time need of a petition; times in milliseconds since 1970. */
export interface PetitionTimes {
  readonly state: PetitionState;
  readonly opensAt: number | null;
  readonly closesAt: number | null;
  readonly endedAt: number | null;
  /** Since when signing is paused for every petition; null while it is not. */
  readonly pausedSince: number | null;
}

/** The moment by which petitions close: it stands still while signing is paused, so that none closes then. */
const closingClock = ({ pausedSince }: Pick<PetitionTimes, "pausedSince">, at: number): number =>
  Math.min(at, pausedSince ?? at);

/** The state at a moment: an open petition whose time is over has closed, whether or not the job has run. */
export const stateAt = (petition: PetitionTimes, at: number): PetitionState =>
  petition.state === "open" && petition.closesAt !== null && closingClock(petition, at) >= petition.closesAt
    ? "closed"
    : petition.state;

/** Whether it would take signatures at a moment, were signing not paused. */
export const isPausedAt = (petition: PetitionTimes, at: number): boolean =>
  petition.pausedSince !== null && stateAt(petition, at) === "open";

export const isPublicState = (state: PetitionState): boolean => (PUBLIC_STATES as readonly string[]).includes(state);

/** Whether a signature submitted at a moment is in time. */
export function acceptsSignatureAt(petition: PetitionTimes, at: number): boolean {
  const begun = petition.opensAt !== null && at >= petition.opensAt;
  const beforeEnd = at < (petition.endedAt ?? Number.POSITIVE_INFINITY);
  // What has ended had its time: it may have been stopped while closing was suspended, after the time that was set.
  const inTime =
    petition.endedAt !== null || closingClock(petition, at) < (petition.closesAt ?? Number.POSITIVE_INFINITY);
  return (
    begun &&
    beforeEnd &&
    inTime &&
    (petition.state === "open" || petition.state === "closed" || petition.state === "stopped")
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

/** Whether a signature may still be verified or withdrawn at a moment: until the count is final. */
export function countMovesAt(petition: PetitionTimes, at: number): boolean {
  switch (petition.state) {
    case "draft":
    case "gathering":
    case "moderation":
    case "changes_requested":
      return true;
    case "open":
      return closingClock(petition, at) < (petition.closesAt ?? Number.POSITIVE_INFINITY) + VERIFICATION_GRACE_MS;
    case "closed":
    case "stopped":
      return at < (petition.endedAt ?? petition.closesAt ?? Number.POSITIVE_INFINITY) + VERIFICATION_GRACE_MS;
    default:
      return false;
  }
}
