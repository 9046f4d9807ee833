import { inTime } from "../lib/in-time.ts";
import { describeError, log } from "../lib/log.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import { type Policy, type PolicyName, policies } from "./policies.ts";

/** Milliseconds that a limiter may keep a resident waiting; one that takes longer is out of order. */
export const ANSWER_WITHIN_MS = 600;

/** One use that is to be counted: under which policy, and whose. */
export interface Use {
  readonly policy: PolicyName;
  /** Whose use it is, together with the subject of the call: a petition, say. Empty when the subject says it all. */
  readonly scope: string;
}

/** What became of one use. */
export interface Verdict {
  readonly policy: PolicyName;
  readonly allowed: boolean;
  readonly remaining: number;
  /**
   * Milliseconds since 1970: when the window ends, or for a refused use when one is allowed again. Whoever is over a
   * soft limit isn't told, so there the end of the window will do.
   */
  readonly resetAt: number;
}

/** A use as an adapter counts it: the policy's figures, and a key that is already hashed. */
export interface CountedUse extends Policy {
  readonly key: string;
}

/**
 * Counts uses. Sliding windows: the last window's uses weigh by the part of it that still overlaps. An adapter that can't
 * do its work throws.
 */
export interface LimiterPort {
  /**
   * Counts each use that is allowed; uses of one call share `shard`. A refused use is not counted, and neither is a use
   * behind a refused hard one: an adapter may count it and take it back, so that it weighs for as long as the call lasts.
   */
  count(
    shard: string,
    uses: readonly CountedUse[],
  ): Promise<{ allowed: boolean; remaining: number; resetAt: number }[]>;
  /** Takes one use back in the current window: what was counted did not happen. Never below no use at all. */
  giveBack(shard: string, uses: readonly CountedUse[]): Promise<void>;
  /** Forgets the keys' uses. */
  forget(shard: string, uses: readonly CountedUse[]): Promise<void>;
}

/** The limits as the verbs see them: names in, verdicts out, identifiers only as keyed hashes. */
export class Limiter {
  readonly #port: LimiterPort;
  readonly #keys: RootKeys;

  /** Milliseconds since 1970. */
  readonly clock: () => number;

  constructor(port: LimiterPort, keys: RootKeys, clock: () => number) {
    this.#port = port;
    this.#keys = keys;
    this.clock = clock;
  }

  /**
   * Counts uses by one subject (a client address, a recipient) in one call.
   * When the limiter is out of order or takes longer than `ANSWER_WITHIN_MS`, everything is allowed under every policy,
   * and one line is logged: an outage never stops a resident. What it counted late stays counted.
   */
  async count(subject: string, uses: readonly Use[]): Promise<Verdict[]> {
    const verdicts = await unlessOut(async () => {
      const { shard, counted } = await this.#prepare(subject, uses);
      return this.#port.count(shard, counted);
    });
    return uses.map(({ policy }, index) => ({ policy, ...(verdicts?.[index] ?? open(policy)) }));
  }

  /** Takes counted uses back. An outage leaves them counted. */
  async giveBack(subject: string, uses: readonly Use[]): Promise<void> {
    await unlessOut(async () => {
      const { shard, counted } = await this.#prepare(subject, uses);
      await this.#port.giveBack(shard, counted);
    });
  }

  /** Forgets a subject's uses. An outage leaves them counted. `subjectHash`: as `hash` gives it. */
  async forget(subjectHash: string, uses: readonly Use[]): Promise<void> {
    const counted = uses.map(({ policy, scope }) => countedUse(subjectHash, policy, scope));
    await unlessOut(async () => this.#port.forget(subjectHash, counted));
  }

  /** A subject as the limiter knows it: 16 bytes in base64url, keyed. */
  hash(subject: string): Promise<string> {
    return this.#keys.hash("limits", subject);
  }

  async #prepare(subject: string, uses: readonly Use[]): Promise<{ shard: string; counted: CountedUse[] }> {
    const shard = await this.hash(subject);
    return { shard, counted: uses.map(({ policy, scope }) => countedUse(shard, policy, scope)) };
  }
}

const countedUse = (subjectHash: string, policy: PolicyName, scope: string): CountedUse => ({
  ...policies[policy],
  key: `${policy}:${scope}:${subjectHash}`,
});

const open = (policy: PolicyName) => ({ allowed: true, remaining: policies[policy].limit, resetAt: 0 });

/** What the limiter answers; null, and a line in the log, when it fails or does not answer in time. */
async function unlessOut<Result>(work: () => Promise<Result>): Promise<Result | null> {
  try {
    return await inTime(work(), ANSWER_WITHIN_MS);
  } catch (error) {
    log("limiter_outage", describeError(error));
    return null;
  }
}
