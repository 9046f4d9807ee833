import { inTime } from "../lib/in-time.ts";
import { log } from "../lib/log.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import { type Policy, type PolicyName, policies } from "./policies.ts";

// A limiter that answers later than this is out of order: a resident is waiting.
const TIMEOUT_MS = 600;

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
  /** Milliseconds since 1970: when the window ends, or for a refused use when one is allowed again. */
  readonly resetAt: number;
}

/** A use as an adapter counts it: the policy's figures, and a key that is already hashed. */
export interface CountedUse extends Policy {
  readonly key: string;
}

/** Counts uses. Sliding windows: the last window's uses weigh by the part of it that still overlaps. */
export interface LimiterPort {
  /** Counts each use that is allowed; uses of one call share `shard`. A refused use is not counted. */
  count(
    shard: string,
    uses: readonly CountedUse[],
  ): Promise<{ allowed: boolean; remaining: number; resetAt: number }[]>;
  /** Takes one use back: what was counted did not happen. */
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
   * When the limiter is out of order everything is allowed: an outage never stops a resident.
   */
  async count(subject: string, uses: readonly Use[]): Promise<Verdict[]> {
    try {
      const { shard, counted } = await this.#prepare(subject, uses);
      const verdicts = await inTime(this.#port.count(shard, counted), TIMEOUT_MS);
      return uses.map(({ policy }, index) => ({ policy, ...(verdicts[index] ?? open(policy)) }));
    } catch {
      log("limiter_outage", {});
      return uses.map(({ policy }) => ({ policy, ...open(policy) }));
    }
  }

  /** Takes counted uses back. An outage leaves them counted. */
  async giveBack(subject: string, uses: readonly Use[]): Promise<void> {
    await this.#prepare(subject, uses)
      .then(({ shard, counted }) => this.#port.giveBack(shard, counted))
      .catch(() => log("limiter_outage", {}));
  }

  /** Forgets a subject's uses. An outage leaves them counted. `subjectHash`: as `hash` gives it. */
  async forget(subjectHash: string, uses: readonly Use[]): Promise<void> {
    const counted = uses.map(({ policy, scope }) => countedUse(subjectHash, policy, scope));
    await this.#port.forget(subjectHash, counted).catch(() => log("limiter_outage", {}));
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
