import type { Database } from "../db/database.ts";
import type { Bytes } from "../lib/bytes.ts";
import { newUuid } from "../lib/ids.ts";
import { log } from "../lib/log.ts";
import type { Limiter, Use } from "../limits/limiter.ts";
import { claimJob, insertParked, recordProgress } from "./outbox.store.ts";
import type { MailSender, OutgoingMail, SendResult } from "./sender.ts";

/** A mail made for one item of a job, or null when there is nothing (any more) to say. */
export interface ComposedMail extends OutgoingMail {
  /** The recipient as limits count it: the canonical address. */
  readonly recipient: string;
  /** Whether a stranger can cause this mail, so that limits apply. */
  readonly limited: boolean;
}

/** Makes the mails of a kind of job; `items` and the answer go in step. */
export type Composer = (items: readonly string[], sealed: Bytes | null) => Promise<(ComposedMail | null)[]>;

export interface MailDeps {
  readonly db: Database;
  readonly clock: () => number;
  readonly limiter: Limiter;
  readonly sender: MailSender;
  readonly composers: Readonly<Record<string, Composer>>;
}

// Mails between two notes of progress: what a death repeats at most, and a fraction of a row written for each mail.
const CHUNK = 10;
// Renewed with each note of progress; when it runs out, another worker takes over.
const LEASE_MS = 3 * 60_000;
// 1, 2, 4 … 60 minutes: ten tries take some four hours, past most outages and greylisting.
const FIRST_RETRY_MS = 60_000;
const MAX_RETRY_MS = 60 * 60_000;
const MAX_ATTEMPTS = 10;

type Outcome = SendResult | { readonly status: "nothing" } | { readonly status: "wait"; readonly until: number };

/**
 * Delivers one job of the outbox, as far as it can be now. What fails for a while stays with the job and comes back
 * with a capped backoff; what can't be delivered is parked; what a limit stops waits.
 * The sweeper rings for what is left when it is due.
 */
export async function deliverMail(deps: MailDeps, jobId: string): Promise<void> {
  const { db, clock } = deps;
  let leaseUntil = clock() + LEASE_MS;
  const [claimed] = await db.batch([claimJob(db, jobId, { now: clock(), leaseUntil })]);
  const job = claimed[0];
  if (!job) return;
  const compose = deps.composers[job.kind];
  if (!compose) throw new Error("a job of mail has no composer");

  let remaining = job.remaining;
  const due: number[] = [];
  let failed = false;
  for (let at = 0; at < job.remaining.length; at += CHUNK) {
    const chunk = job.remaining.slice(at, at + CHUNK);
    const mails = await compose(chunk, job.sealed);
    const outcomes = await Promise.all(mails.map((mail, index) => sendOne(deps, chunk[index] as string, mail)));
    const parked: { item: string; code: string }[] = [];
    const kept = chunk.filter((item, index) => {
      const outcome = outcomes[index] as Outcome;
      if (outcome.status === "wait") due.push(outcome.until);
      if (outcome.status === "transient") failed = true;
      const spent = outcome.status === "transient" && job.attempts + 1 >= MAX_ATTEMPTS;
      if (outcome.status === "permanent" || spent) parked.push({ item, code: outcome.code });
      return outcome.status === "wait" || (outcome.status === "transient" && !spent);
    });
    remaining = [...remaining.filter((item) => !chunk.includes(item)), ...kept];
    const last = at + CHUNK >= job.remaining.length;
    if (last && remaining.length > 0 && failed) due.push(clock() + backoff(job.attempts));
    const renewed = Math.max(clock() + LEASE_MS, leaseUntil + 1);
    const next = last
      ? finish(remaining, due, failed ? job.attempts + 1 : job.attempts)
      : { remaining, leaseUntil: renewed };
    const [noted] = await db.batch([
      recordProgress(db, { id: jobId, leaseUntil }, next),
      ...parked.map(({ item, code }) => {
        const { kind, sealed } = job;
        const attempts = job.attempts + 1;
        return insertParked(db, {
          id: newUuid(),
          kind,
          items: [item],
          sealed: sealed ?? undefined,
          now: clock(),
          error: code,
          attempts,
        });
      }),
    ]);
    logOutcomes(job.kind, outcomes);
    // The lease ran out meanwhile and another worker has the job: it goes on from the last note.
    if (noted.meta.changes === 0) return;
    leaseUntil = renewed;
  }
}

const finish = (remaining: string[], due: number[], attempts: number) =>
  remaining.length === 0
    ? { remaining, state: "sent" as const, sealed: null, attempts }
    : { remaining, dueAt: Math.min(...due), leaseUntil: 0, attempts };

async function sendOne(deps: MailDeps, item: string, mail: ComposedMail | null): Promise<Outcome> {
  if (!mail) return { status: "nothing" };
  const uses: Use[] = [
    { policy: "mail_signature", scope: item },
    { policy: "mail_recipient", scope: "" },
  ];
  if (mail.limited) {
    const verdicts = await deps.limiter.count(mail.recipient, uses);
    const full = verdicts.filter(({ allowed }) => !allowed);
    if (full.length > 0) {
      await deps.limiter.giveBack(
        mail.recipient,
        uses.filter((_, index) => verdicts[index]?.allowed),
      );
      return { status: "wait", until: Math.max(...full.map(({ resetAt }) => resetAt)) };
    }
  }
  const result = await deps.sender.send(mail);
  if (result.status === "transient" && mail.limited) await deps.limiter.giveBack(mail.recipient, uses);
  return result;
}

/** Milliseconds until the next try, when `attempts` had failed before this one. */
export const backoff = (attempts: number): number => Math.min(FIRST_RETRY_MS * 2 ** attempts, MAX_RETRY_MS);

function logOutcomes(kind: string, outcomes: readonly Outcome[]): void {
  const count = (status: Outcome["status"]) => outcomes.filter((outcome) => outcome.status === status).length;
  log("mail", {
    kind,
    sent: count("sent"),
    transient: count("transient"),
    permanent: count("permanent"),
    waiting: count("wait"),
  });
}
