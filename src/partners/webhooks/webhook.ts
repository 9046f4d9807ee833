/** What partners can be told of. */
export const eventTypes = [
  "petition.opened",
  "petition.closed",
  "threshold.reached",
  "response.published",
  "submission.verified",
  "totals.daily",
] as const;

export type EventType = (typeof eventTypes)[number];

/** Why an attempt failed. An answer's text is never kept: it may hold anything. */
export const deliveryErrors = ["address", "connection", "timeout", "redirect", "http", "gone"] as const;

export type DeliveryError = (typeof deliveryErrors)[number];

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** How long a delivery is tried before its endpoint is disabled. */
export const TRIED_FOR_MS = 24 * HOUR_MS;

/** How long both secrets sign after a rotation. */
export const OVERLAP_MS = 24 * HOUR_MS;

/** How long deliveries can be read and replayed. */
export const KEPT_DAYS = 30;

// Some thirty tries in a day: an endpoint that fails half the time misses one delivery in a billion.
const PAUSES_MS = [1, 2, 5, 10, 20, 30].map((minutes) => minutes * MINUTE_MS);

/** The longest pause between two tries, whatever a receiver asks for: each delivery gets its two dozen tries in a day. */
export const LONGEST_PAUSE_MS = HOUR_MS;

/** Milliseconds to the next try after `failed` tries that failed, from 1 on. */
export const pauseAfter = (failed: number): number => PAUSES_MS[failed - 1] ?? LONGEST_PAUSE_MS;

/**
 * The `webhook-id` of a delivery as a UUID: the endpoint's random half, and the sequence. It is the same however often the
 * delivery is made, and leads back to it without an index.
 */
export const messageUuid = (endpointId: string, sequence: number): string => {
  const number = sequence.toString(16).padStart(16, "0");
  return `${endpointId.slice(19, 23)}${endpointId.slice(24, 28)}-${endpointId.slice(28, 32)}-${endpointId.slice(32)}-${number.slice(0, 4)}-${number.slice(4)}`;
};

/** The sequence within a message's UUID; null when it is another endpoint's. */
export function sequenceOf(endpointId: string, uuid: string): number | null {
  const sequence = Number.parseInt(uuid.slice(19).replace("-", ""), 16);
  return Number.isSafeInteger(sequence) && messageUuid(endpointId, sequence) === uuid ? sequence : null;
}
