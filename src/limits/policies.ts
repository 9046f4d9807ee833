/**
 * What happens to whoever is over a limit.
 * `hard`: refused with 429. `soft`: the answer is the usual one, and what was sent is held for review.
 * `wait`: the mail goes out later.
 */
export type Consequence = "hard" | "soft" | "wait";

export interface Policy {
  /** Uses allowed within the window. */
  readonly limit: number;
  /** Seconds. */
  readonly window: number;
  readonly consequence: Consequence;
}

const DAY = 86_400;

/**
 * Every limit there is. While the limiter is out of order each of them allows: a resident who can't sign, or whose mail
 * does not come, is worse than some uses too many.
 * Figures: UK Parliament's e-petitions (5 in 300 s, creating 2 in 300 s, 5 mails).
 */
export const policies = {
  /** All writes from one client address, whatever they are. */
  writes: { limit: 60, window: 60, consequence: "hard" },
  /** Signatures of one petition from one client address. */
  sign_burst: { limit: 5, window: 300, consequence: "soft" },
  sign_day: { limit: 20, window: DAY, consequence: "soft" },
  /** Petitions created from one client address. */
  create: { limit: 2, window: 300, consequence: "soft" },
  /** Tries to verify from one client address. */
  verify: { limit: 10, window: 60, consequence: "hard" },
  /** Mails that a stranger can cause: about one signature, and to one recipient over all petitions. */
  mail_signature: { limit: 5, window: DAY, consequence: "wait" },
  mail_recipient: { limit: 5, window: DAY, consequence: "wait" },
} as const satisfies Record<string, Policy>;

export type PolicyName = keyof typeof policies;
