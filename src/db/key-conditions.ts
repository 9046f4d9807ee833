import { type AnyColumn, gt, isNull, lt, or } from "drizzle-orm";

// What holds of staff's keys and of partners' alike.

// Noting each use would make every read a write.
const LAST_USE_STEP_MS = 60 * 60_000;

/** Holds if a key works at a moment, milliseconds since 1970. */
export const keyIsValid = ({ expiresAt }: { expiresAt: AnyColumn }, now: number) =>
  or(isNull(expiresAt), gt(expiresAt, now));

/** Holds if a use at a moment is to be noted: uses are noted to the hour. */
export const keyUseIsOld = ({ lastUsedAt }: { lastUsedAt: AnyColumn }, now: number) =>
  or(isNull(lastUsedAt), lt(lastUsedAt, now - LAST_USE_STEP_MS));
