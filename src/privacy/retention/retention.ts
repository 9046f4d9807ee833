import { closingMoment } from "../../petitions/opening.ts";

const DAY_MS = 24 * 60 * 60_000;

/** How long what is kept is kept. */
export interface RetentionPolicy {
  /** Days after which an unverified signature is deleted. */
  readonly unverifiedDays: number;
  /** Days after which address and network of a signature are erased. */
  readonly addressDays: number;
  /** Calendar months after a petition's end until everything personal of it is erased. */
  readonly retentionMonths: number;
  readonly timeZone: string;
}

/**
 * When a petition that has been over since a moment is erased: at the end of the municipality's day so many calendar
 * months after its last day (31 August and six months: the end of February). Milliseconds since 1970.
 */
export const eraseMoment = (overSince: number, { retentionMonths, timeZone }: RetentionPolicy): number =>
  closingMoment(overSince - 1, retentionMonths, timeZone);

/** The settings by which `eraseMoment` answers: when they change, so do the moments. */
export const planOf = ({ retentionMonths, timeZone }: RetentionPolicy): string => `${retentionMonths} ${timeZone}`;

/** What has come of age at a moment. */
export interface Ages {
  /** Unverified signatures from before this are deleted. */
  readonly unverifiedBefore: number;
  /** Addresses and networks of signatures from before this are erased. */
  readonly addressesBefore: number;
}

/** What comes of age at a moment (milliseconds since 1970). */
export const agesAt = (now: number, { unverifiedDays, addressDays }: RetentionPolicy): Ages => ({
  unverifiedBefore: now - unverifiedDays * DAY_MS,
  addressesBefore: now - addressDays * DAY_MS,
});

// Jobs of mail name what is unverified, and delete it in time: a pass is for what they have lost. It comes a day later.
const BEHIND_JOBS_MS = DAY_MS;
// Passes over one petition, at least so far apart.
const PASS_EVERY_MS = DAY_MS;

/**
 * When a petition's signatures are looked through next. `nextAt`: when the first of those that the pass has left comes of
 * age; null when none will. What was submitted after the pass began comes of age later than all that.
 */
export function nextLook(
  { begunAt, nextAt }: { begunAt: number; nextAt: number | null },
  { unverifiedDays, addressDays }: RetentionPolicy,
): number {
  const soonest = begunAt + Math.min(addressDays * DAY_MS, unverifiedDays * DAY_MS + BEHIND_JOBS_MS);
  return Math.max(begunAt + PASS_EVERY_MS, Math.min(nextAt ?? soonest, soonest));
}

/** How much later than its age an unverified signature is due in a pass, in milliseconds. */
export const LOST_JOB_MS = BEHIND_JOBS_MS;

/** Tries that may fail before staff are told. */
export const STUCK_AFTER = 3;

const FIRST_RETRY_MS = 5 * 60_000;
const MAX_RETRY_MS = 6 * 60 * 60_000;

/** Milliseconds until the next try, when `failures` have failed before this one: 5, 10, 20 minutes … 6 hours. */
export const retryIn = (failures: number): number =>
  Math.min(FIRST_RETRY_MS * 2 ** Math.min(failures, 16), MAX_RETRY_MS);

/** The last signature of a pass, by its key; blank before the first. */
export type PassCursor = string;

/** A petition on whose signatures a pass is due or under way. Times in milliseconds since 1970. */
export interface Passing {
  readonly petitionNo: number;
  readonly cursor: PassCursor;
  readonly begunAt: number | null;
  /** Of those that the pass has left, when the first comes of age. */
  readonly nextAt: number | null;
  /** Tries that have failed in a row. */
  readonly failures: number;
}

/** The parts of a signature's key within a cursor. */
export const cursorParts = (cursor: PassCursor): [emailHash: string, personHash: number] =>
  cursor === "" ? ["", -1] : [cursor.slice(0, 16), Number.parseInt(cursor.slice(16), 16)];
