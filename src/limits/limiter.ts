import type { LimitSubject } from "../http/client.ts";
import { inTime } from "../lib/in-time.ts";
import { describeError, log } from "../lib/log.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import type { Policy, PolicyName } from "./policies.ts";
import type { Rules } from "./rule-book.ts";

/** Milliseconds that a limiter may keep a resident waiting; one that takes longer is out of order. */
export const ANSWER_WITHIN_MS = 600;

/** One use that is to be counted: under which policy, and whose. */
export interface Use {
  readonly policy: PolicyName;
  /** Whose use it is, together with the subject: a petition, say. Empty when the subject says it all. */
  readonly scope: string;
  /** Whose use it is, when not that of the call's subject. */
  readonly subject?: LimitSubject | undefined;
  /** What it is allowed instead of the policy's figure. */
  readonly limit?: number | undefined;
  /** With which other uses of the call it stands or falls; by default all of them. */
  readonly group?: number | undefined;
}

/** What became of one use. */
export interface Verdict extends Policy {
  readonly use: Use;
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
  /** Where it is counted, when not with the others of the call. */
  readonly shard?: string | undefined;
  /** See `Use.group`. */
  readonly group?: number | undefined;
}

/**
 * Counts uses. Sliding windows: the last window's uses weigh by the part of it that still overlaps. An adapter that can't
 * do its work throws.
 */
export interface LimiterPort {
  /**
   * Counts each use that is allowed, under `shard` unless it has its own. A refused use is not counted, and neither is a
   * use of its group behind a refused hard one: an adapter may count it and take it back, so that it weighs for as long as the call lasts.
   */
  count(
    shard: string,
    uses: readonly CountedUse[],
  ): Promise<{ allowed: boolean; remaining: number; resetAt: number }[]>;
  /** What is left of each use, and when its window ends or, if nothing is left, when there is more. Counts nothing. */
  look(shard: string, uses: readonly CountedUse[]): Promise<{ remaining: number; resetAt: number }[]>;
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

  /** The limits and lists that hold; never throws. */
  readonly rules: () => Promise<Rules>;

  constructor(port: LimiterPort, keys: RootKeys, clock: () => number, rules: () => Promise<Rules>) {
    this.#port = port;
    this.#keys = keys;
    this.clock = clock;
    this.rules = rules;
  }

  /**
   * Counts uses by one subject (a client address, a recipient) in one call.
   * When the limiter is out of order or takes longer than `ANSWER_WITHIN_MS`, everything is allowed under every policy,
   * and one line is logged: an outage never stops a resident. What it counted late stays counted.
   */
  async count(subject: LimitSubject | string, uses: readonly Use[]): Promise<Verdict[]> {
    const rules = await this.rules();
    const whose = subjectOf(subject);
    const figures = uses.map((use) => figuresOf(rules, use.subject ?? whose, use));
    const verdicts = await unlessOut(async () => {
      const { shard, counted } = await this.#prepare(whose, uses, figures);
      return this.#port.count(shard, counted);
    });
    return uses.map((use, index) => {
      const policy = figures[index] as Policy;
      const open = { allowed: true, remaining: policy.limit, resetAt: 0 };
      return { use, policy: use.policy, ...policy, ...(verdicts?.[index] ?? open) };
    });
  }

  /** What is left of uses by one subject, without counting any; while the limiter is out of order all of it. */
  async look(subject: LimitSubject | string, uses: readonly Use[]): Promise<Verdict[]> {
    const rules = await this.rules();
    const whose = subjectOf(subject);
    const figures = uses.map((use) => figuresOf(rules, use.subject ?? whose, use));
    const found = await unlessOut(async () => {
      const { shard, counted } = await this.#prepare(whose, uses, figures);
      return this.#port.look(shard, counted);
    });
    return uses.map((use, index) => {
      const policy = figures[index] as Policy;
      const { remaining, resetAt } = found?.[index] ?? { remaining: policy.limit, resetAt: 0 };
      return { use, policy: use.policy, ...policy, allowed: remaining > 0, remaining, resetAt };
    });
  }

  /** Takes counted uses back. An outage leaves them counted. */
  async giveBack(subject: LimitSubject | string, uses: readonly Use[]): Promise<void> {
    if (uses.length === 0) return;
    const rules = await this.rules();
    const whose = subjectOf(subject);
    await unlessOut(async () => {
      const figures = uses.map((use) => figuresOf(rules, use.subject ?? whose, use));
      const { shard, counted } = await this.#prepare(whose, uses, figures);
      await this.#port.giveBack(shard, counted);
    });
  }

  /** Forgets the uses of subjects. An outage leaves them counted. `subjectHashes`: as `hash` gives them, at least one. */
  async forget(subjectHashes: readonly string[], uses: readonly Use[]): Promise<void> {
    const { policies } = await this.rules();
    const counted = subjectHashes.flatMap((shard) =>
      uses.map((use) => ({ ...countedUse(shard, use, policies[use.policy]), shard })),
    );
    await unlessOut(async () => this.#port.forget(subjectHashes[0] as string, counted));
  }

  /** A subject as the limiter knows it: 16 bytes in base64url, keyed. */
  hash(subject: string): Promise<string> {
    return this.#keys.hash("limits", subject);
  }

  async #prepare(
    subject: LimitSubject,
    uses: readonly Use[],
    figures: readonly Policy[],
  ): Promise<{ shard: string; counted: CountedUse[] }> {
    const hashes = new Map<string, Promise<string>>();
    const hash = (name: string): Promise<string> => {
      const known = hashes.get(name) ?? this.hash(name);
      hashes.set(name, known);
      return known;
    };
    const shardOf = ({ name, shard }: LimitSubject) => hash(shard ?? name);
    const counted = uses.map(async (use, index) => ({
      ...countedUse(await hash((use.subject ?? subject).name), use, figures[index] as Policy),
      ...(use.subject && { shard: await shardOf(use.subject) }),
      ...(use.group !== undefined && { group: use.group }),
    }));
    return { shard: await shardOf(subject), counted: await Promise.all(counted) };
  }
}

const subjectOf = (subject: LimitSubject | string): LimitSubject =>
  typeof subject === "string" ? { name: subject } : subject;

/** What a use is allowed. An address on the list of the allowed has its own figure under hard limits too, if it is larger. */
function figuresOf(rules: Rules, subject: LimitSubject, { policy, limit }: Use): Policy {
  const figures = rules.policies[policy];
  if (limit !== undefined) return { ...figures, limit };
  const entry = figures.consequence === "hard" ? rules.allowed.ofAddress(subject.address ?? null) : null;
  return entry
    ? { ...figures, limit: Math.max(figures.limit, entry.limit ?? rules.policies.allowed_entry.limit) }
    : figures;
}

/**
 * Which uses stand behind a refused hard one of their group.
 * @param isRefused says of a use, by its place, that it was refused
 */
export function behindRefused(uses: readonly CountedUse[], isRefused: (place: number) => boolean): Set<number> {
  const refused = new Set<number | undefined>();
  const behind = new Set<number>();
  for (const [place, { consequence, group }] of uses.entries()) {
    if (refused.has(group)) behind.add(place);
    else if (consequence === "hard" && isRefused(place)) refused.add(group);
  }
  return behind;
}

/** The window is part of the key: counts of one length mean nothing in another, after staff have changed it. */
const countedUse = (
  subjectHash: string,
  { policy, scope }: Use,
  { limit, window, consequence }: Policy,
): CountedUse => ({
  limit,
  window,
  consequence,
  key: `${policy}:${scope}:${subjectHash}:${window}`,
});

/** What the limiter answers; null, and a line in the log, when it fails or does not answer in time. */
async function unlessOut<Result>(work: () => Promise<Result>): Promise<Result | null> {
  try {
    return await inTime(work(), ANSWER_WITHIN_MS);
  } catch (error) {
    log("limiter_outage", describeError(error));
    return null;
  }
}
