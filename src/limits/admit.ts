import { type Client, type LimitSubject, limitSubject } from "../http/client.ts";
import { Problem } from "../http/problems.ts";
import type { EmailAddress } from "../lib/email-address.ts";
import { judge } from "./judge.ts";
import type { Limiter, Use, Verdict } from "./limiter.ts";
import { isBigProvider } from "./mail-domains.ts";
import type { Rules } from "./rule-book.ts";

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
 * @param times how many requests like it are to be counted, itself the last of them
 */
export async function admit(
  limiter: Limiter,
  subject: LimitSubject,
  uses: readonly Use[],
  times = 1,
): Promise<{ over: readonly Verdict[]; verdicts: readonly Verdict[] }> {
  const all = Array.from({ length: times }, (_, group) => uses.map((use) => ({ ...use, group }))).flat();
  const verdicts = (await limiter.count(subject, times === 1 ? uses : all)).slice(-uses.length);
  const over = verdicts.filter(({ allowed }) => !allowed);
  const hard = over.find(({ consequence }) => consequence === "hard");
  if (hard) throw refusal(hard, limiter.clock());
  return { over, verdicts };
}

/** The problem of somebody who is over a hard limit. */
const refusal = (hard: Verdict, now: number): Problem =>
  new Problem("rate_limited", {
    headers: { "Retry-After": String(secondsTo(hard.resetAt, now)), ...rateLimitHeaders([hard], now) },
  });

/** Counts a signature of a petition, and says why it is to be held, if it is. Raises `rate_limited`. */
export async function admitSigner(deps: AdmitDeps, sender: Sender, petitionId: string): Promise<SubmissionHold | null> {
  const [verdict = null] = await admitSigners(deps, [sender], petitionId);
  if (verdict instanceof Problem) throw verdict;
  return verdict;
}

/** Counts several things under uses of their own in one call of the limiter; says which of them are `rate_limited`. */
export async function admitEach(
  { limiter, limitsTold }: Pick<AdmitDeps, "limiter" | "limitsTold">,
  subject: LimitSubject,
  things: readonly (readonly Use[])[],
): Promise<(Problem | null)[]> {
  if (things.length === 0) return [];
  const verdicts = await limiter.count(
    subject,
    things.flatMap((uses, group) => uses.map((use) => ({ ...use, group }))),
  );
  const verdictsOf = Map.groupBy(verdicts, ({ use }) => use.group);
  limitsTold.push(...(verdictsOf.get(things.length - 1) ?? []));
  return things.map((_, group) => {
    const hard = verdictsOf.get(group)?.find(({ allowed, consequence }) => !allowed && consequence === "hard");
    return hard ? refusal(hard, limiter.clock()) : null;
  });
}

/**
 * Counts several signatures of a petition in one call of the limiter, as if they came one by one, and says of each why it
 * is to be held, if it is, or that it is `rate_limited`. Whatever it says, it makes the same calls: who is held must not
 * notice, not by the time it takes either.
 */
export async function admitSigners(
  { limiter, limitsTold, later }: AdmitDeps,
  senders: readonly Sender[],
  petitionId: string,
): Promise<(SubmissionHold | null | Problem)[]> {
  const rules = await limiter.rules();
  const counted = senders.map((sender, group) => signerUses(rules, sender, { petitionId, group }));
  const [first] = senders;
  if (!first) return [];
  const subject = limitSubject(first.client);
  const verdicts = await limiter.count(
    subject,
    counted.flatMap(({ also, uses }) => [...also, ...uses]),
  );
  const held: Use[] = [];
  const verdictsOf = Map.groupBy(verdicts, ({ use }) => use.group);
  const outcomes = counted.map(({ hold, also, uses }, index) => {
    const own = verdictsOf.get(index) ?? [];
    if (index === counted.length - 1) limitsTold.push(...own.slice(0, also.length));
    const over = own.filter(({ allowed }) => !allowed);
    const hard = over.find(({ consequence }) => consequence === "hard");
    if (hard) return refusal(hard, limiter.clock());
    const isBurst = ({ policy }: { policy: string }) => policy === "burst_network" || policy === "burst_domain";
    const reason = hold ?? (over.some((verdict) => !isBurst(verdict)) ? "rate" : over.length > 0 ? "burst" : null);
    // What is held does not count against those who share an address, a network or a domain with whoever sent it: one
    // person who floods could shut them all out.
    const [, ...giveBack] = uses.filter((use) => !over.some((verdict) => verdict.use === use));
    if (reason !== null) held.push(...giveBack);
    return reason;
  });
  if (outcomes.some((outcome) => outcome !== null)) later(limiter.giveBack(subject, held));
  return outcomes;
}

/** Under what a signer is counted, what every write is counted under first, and what the lists say. */
function signerUses(
  rules: Rules,
  sender: Sender,
  { petitionId, group }: { petitionId: string; group: number },
): { hold: "list" | "disposable" | null; also: Use[]; uses: Use[] } {
  const { hold, allowed } = judge(rules, { address: sender.client.address, email: sender.email });
  const signing: Use[] = allowed
    ? [ownLimit(allowed.name, allowed.limit, petitionId)]
    : [
        { policy: "sign_burst", scope: petitionId },
        { policy: "sign_day", scope: petitionId },
        ...burstsOf(sender, petitionId),
      ];
  const subject = limitSubject(sender.client);
  const uses = [{ policy: "writes", scope: "" } as const, ...signing].map((use) => ({ subject, ...use, group }));
  return { hold, also: (sender.also ?? []).map((use) => ({ ...use, group })), uses };
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
