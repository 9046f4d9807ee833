import { type Client, type LimitSubject, limitSubject } from "../http/client.ts";
import { Problem } from "../http/problems.ts";
import type { EmailAddress } from "../lib/email-address.ts";
import { judge } from "./judge.ts";
import type { Limiter, Use, Verdict } from "./limiter.ts";
import { isBigProvider } from "./mail-domains.ts";

/** Why a signature is held when it is submitted, the weightiest reason first. */
export type SubmissionHold = "list" | "disposable" | "rate" | "burst";

/** Somebody who signs or creates, and from where. */
export interface Sender {
  readonly client: Client;
  readonly email: EmailAddress;
  /** What it is counted under besides, when somebody sends it for them. */
  readonly also?: readonly Use[] | undefined;
}

export interface AdmitDeps {
  readonly limiter: Limiter;
  /** What the answer says of limits: verdicts are added as they fall. */
  readonly limitsTold: Verdict[];
  /** Lets work go on behind the answer. */
  readonly later: (work: Promise<unknown>) => void;
}

/**
 * Counts a request in one call of the limiter. Over a hard limit it raises `rate_limited` with `Retry-After`, `RateLimit`
 * and `RateLimit-Policy`. Answers with every verdict, and with those that are over a soft limit.
 */
export async function admit(
  limiter: Limiter,
  subject: LimitSubject,
  uses: readonly Use[],
): Promise<{ over: readonly Verdict[]; verdicts: readonly Verdict[] }> {
  const verdicts = await limiter.count(subject, uses);
  const over = verdicts.filter(({ allowed }) => !allowed);
  const hard = over.find(({ consequence }) => consequence === "hard");
  if (hard) {
    const now = limiter.clock();
    const wait = { "Retry-After": String(secondsTo(hard.resetAt, now)) };
    throw new Problem("rate_limited", { headers: { ...wait, ...rateLimitHeaders([hard], now) } });
  }
  return { over, verdicts };
}

/**
 * Counts a signature of a petition, and says why it is to be held, if it is. Raises `rate_limited`. Whatever it says, it
 * makes the same calls: who is held must not notice, not by the time it takes either.
 */
export async function admitSigner(
  { limiter, limitsTold, later }: AdmitDeps,
  sender: Sender,
  petitionId: string,
): Promise<SubmissionHold | null> {
  const subject = limitSubject(sender.client);
  const { hold, allowed } = judge(await limiter.rules(), { address: sender.client.address, email: sender.email });
  const own: Use[] = allowed
    ? [ownLimit(allowed.name, allowed.limit, petitionId)]
    : [
        { policy: "sign_burst", scope: petitionId },
        { policy: "sign_day", scope: petitionId },
      ];
  const uses = [...own, ...(allowed ? [] : burstsOf(sender, petitionId))];
  const also = sender.also ?? [];
  const all = [...also, { policy: "writes", scope: "" } as const, ...uses];
  const { over, verdicts } = await admit(limiter, subject, all);
  limitsTold.push(...verdicts.slice(0, also.length));
  const isBurst = ({ policy }: { policy: string }) => policy === "burst_network" || policy === "burst_domain";
  const reason = hold ?? (over.some((verdict) => !isBurst(verdict)) ? "rate" : over.length > 0 ? "burst" : null);
  // What is held does not count against those who share an address, a network or a domain with whoever sent it: one
  // person who floods could shut them all out.
  const counted = uses.filter((use) => !over.some((verdict) => verdict.use === use));
  if (reason !== null) later(limiter.giveBack(subject, counted));
  return reason;
}

/** Counts a new petition, and says why its creator's signature is to be held, if it is. Raises `rate_limited`. */
export async function admitNewPetition(
  { limiter }: Pick<AdmitDeps, "limiter">,
  sender: Sender,
): Promise<SubmissionHold | null> {
  const { hold } = judge(await limiter.rules(), { address: sender.client.address, email: sender.email });
  const { over } = await admit(limiter, limitSubject(sender.client), [
    { policy: "writes", scope: "" },
    { policy: "create", scope: "" },
  ]);
  return hold ?? (over.length > 0 ? "rate" : null);
}

/** An entry's own limit is the entry's: all its addresses or mailboxes share it. */
const ownLimit = (entry: string, limit: number | null, petitionId: string): Use => ({
  policy: "allowed_entry",
  scope: petitionId,
  subject: { name: `entry:${entry}` },
  limit: limit ?? undefined,
});

function burstsOf({ client, email }: Sender, petitionId: string): Use[] {
  const network = client.address?.network;
  const bursts: Use[] = [];
  if (network !== undefined) {
    bursts.push({ policy: "burst_network", scope: petitionId, subject: { name: network } });
  }
  if (!isBigProvider(email.domain)) {
    bursts.push({ policy: "burst_domain", scope: petitionId, subject: { name: `domain:${email.domain}` } });
  }
  return bursts;
}

const secondsTo = (resetAt: number, now: number): number => Math.max(Math.ceil((resetAt - now) / 1000), 1);

/** What is left of some limits, as headers (draft-ietf-httpapi-ratelimit-headers). `now`: milliseconds since 1970. */
export const rateLimitHeaders = (verdicts: readonly Verdict[], now: number): Record<string, string> => ({
  RateLimit: verdicts.map((one) => `"${one.policy}";r=${one.remaining};t=${secondsTo(one.resetAt, now)}`).join(", "),
  "RateLimit-Policy": verdicts.map(({ policy, limit, window }) => `"${policy}";q=${limit};w=${window}`).join(", "),
});
