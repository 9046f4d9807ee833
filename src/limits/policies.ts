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

const HOUR = 3_600;
const DAY = 86_400;

/**
 * Every limit there is, with the figures that hold until staff change them. What a limit leads to is never changed: a
 * hard one protects the service, and made soft it would fill the review with a flood.
 * While the limiter is out of order each of them allows: a resident who can't sign, or whose mail does not come, is worse
 * than some uses too many.
 * Figures: UK Parliament's e-petitions (5 in 300 s, creating 2 in 300 s, 5 mails; 200 an hour from one network or domain
 * is where its staff are told).
 */
export const DEFAULT_POLICIES = {
  /** All writes from one client address, whatever they are. */
  writes: { limit: 60, window: 60, consequence: "hard" },
  /** Signatures of one petition from one client address. */
  sign_burst: { limit: 5, window: 300, consequence: "soft" },
  sign_day: { limit: 20, window: DAY, consequence: "soft" },
  /** Signatures of one petition from one network: IPv4 /24, IPv6 /48. */
  burst_network: { limit: 200, window: HOUR, consequence: "soft" },
  /** Signatures of one petition from one mail domain that is no big provider's. */
  burst_domain: { limit: 200, window: HOUR, consequence: "soft" },
  /** Signatures of one petition under one entry of the list of the allowed that names no figure of its own. */
  allowed_entry: { limit: 500, window: DAY, consequence: "soft" },
  /** Petitions created from one client address. */
  create: { limit: 2, window: 300, consequence: "soft" },
  /** Tries to verify from one client address. */
  verify: { limit: 10, window: 60, consequence: "hard" },
  /** Requests for the link to somebody's data from one client address. */
  data_request: { limit: 5, window: 300, consequence: "hard" },
  /** Requests with one partner's key, whatever they are. */
  partner_requests: { limit: 600, window: 60, consequence: "hard" },
  /** Signatures sent with one partner's key that has no figures of its own. */
  partner_minute: { limit: 120, window: 60, consequence: "hard" },
  partner_day: { limit: 20_000, window: DAY, consequence: "hard" },
  /** Counts of what was sent that one partner's key asks for: each looks through it. */
  partner_counts: { limit: 10, window: 60, consequence: "hard" },
  /** Signatures that one partner's test keys send. */
  partner_tests: { limit: 1_000, window: DAY, consequence: "hard" },
  /** Mails that a stranger can cause: about one signature, and to one recipient over all petitions. */
  mail_signature: { limit: 5, window: DAY, consequence: "wait" },
  mail_recipient: { limit: 5, window: DAY, consequence: "wait" },
} as const satisfies Record<string, Policy>;

export type PolicyName = keyof typeof DEFAULT_POLICIES;
export type Policies = Readonly<Record<PolicyName, Policy>>;

export const policyNames = Object.keys(DEFAULT_POLICIES) as readonly PolicyName[];

/** Figures that staff may set: fewer or shorter would stop everybody, more or longer would stop nobody. */
export const MIN_LIMIT = 1;
export const MAX_LIMIT = 100_000;
export const MIN_WINDOW = 10;
export const MAX_WINDOW = 7 * DAY;

// Limits that count the same uses of the same subject in windows of their own.
const SAME_SUBJECT: readonly (readonly PolicyName[])[] = [
  ["sign_burst", "sign_day"],
  ["partner_minute", "partner_day"],
];

/** Two limits of one subject that contradict each other: the longer window allows no more than the shorter one. */
export function contradictions(policies: Policies): { longer: PolicyName; shorter: PolicyName }[] {
  return SAME_SUBJECT.flatMap((names) => {
    const byWindow = [...names].sort((a, b) => policies[a].window - policies[b].window);
    return byWindow.slice(1).flatMap((longer, index) => {
      const shorter = byWindow[index] as PolicyName;
      const allowsMore = policies[longer].limit > policies[shorter].limit;
      return allowsMore && policies[longer].window > policies[shorter].window ? [] : [{ longer, shorter }];
    });
  });
}
