import type { Database, Statement } from "../db/database.ts";
import { newUuid } from "../lib/ids.ts";
import { localDay } from "../lib/local-time.ts";
import { log } from "../lib/log.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import type { Limiter } from "../limits/limiter.ts";
import { admitMails, giveBackMails } from "./admit-mails.ts";
import type { MailTrouble } from "./delivery.ts";
import { callKey, handOver } from "./hand-over.ts";
import type { Composer, Outcome } from "./mail-job.ts";
import { countSent } from "./mail-rates.store.ts";
import { claimJob, insertParked, recordProgress } from "./outbox.store.ts";
import type { MailSender, SendResult } from "./sender.ts";

export interface MailDeps {
  readonly db: Database;
  readonly clock: () => number;
  readonly timeZone: string;
  readonly keys: RootKeys;
  readonly limiter: Limiter;
  readonly sender: MailSender;
  /** What writes the mails of a kind of job. */
  readonly composerOf: (kind: string) => Composer | undefined;
  /** Statements that note trouble on what the mails were about; they join the batch of their cause. */
  readonly recordTrouble: (troubles: readonly MailTrouble[]) => Promise<Statement[]>;
  /** The statement that counts items whose first mail has gone out, if the statement just before it changed something. */
  readonly countMailed: (items: readonly string[]) => Statement;
  /** After how many milliseconds a job that has gone out is to be looked at once more, by its kind; the others never are. */
  readonly remindAfterMs: Readonly<Record<string, number>>;
}

// Renewed with each note of progress; when it runs out, another worker takes over.
const LEASE_MS = 3 * 60_000;
// 1, 2, 4 … 60 minutes: ten tries take some four hours, past most outages and greylisting, and well within the day for
// which Resend knows a call's key.
const FIRST_RETRY_MS = 60_000;
const MAX_RETRY_MS = 60 * 60_000;
const MAX_ATTEMPTS = 10;

type Job = Awaited<ReturnType<typeof claimJob>>[number];
type Lease = { readonly id: string; readonly leaseUntil: number };

/** Items of a job that go out in one call. `resumed`: a call that was made before, or may have been. */
interface Part {
  readonly items: readonly string[];
  readonly resumed: boolean;
}

/**
 * Delivers one job of the outbox, as far as it can be now. What fails for a while stays with the job and comes back
 * with a capped backoff; what can't be delivered is parked; what a limit or the provider stops waits.
 * With a repeatable sender no mail goes out twice, wherever the worker dies: the call is noted before it is made.
 * The sweeper rings for what is left when it is due.
 */
export async function deliverMail(deps: MailDeps, jobId: string): Promise<void> {
  const { db, clock } = deps;
  let lease: Lease = { id: jobId, leaseUntil: clock() + LEASE_MS };
  const [claimed] = await db.batch([claimJob(db, jobId, { now: clock(), leaseUntil: lease.leaseUntil })]);
  const job = claimed[0];
  if (!job) return;

  const run = { remaining: job.remaining, due: [] as number[], notBefore: 0, failed: false };
  const parts = partsOf(job, deps.sender.batch);
  for (const [index, part] of parts.entries()) {
    const sent = await sendPart(deps, job, lease, part);
    if (!sent) return; // another worker has the job
    const outcomes = new Map(part.items.map((item, at) => [item, sent.outcomes[at] as Outcome]));
    const open = run.remaining.filter((item) => outcomes.has(item));
    const spent = job.attempts + 1 >= MAX_ATTEMPTS;
    const kept = open.filter((item) => comesBack(outcomes.get(item) as Outcome, spent));
    run.remaining = [...run.remaining.filter((item) => !outcomes.has(item)), ...kept];
    for (const item of open) schedule(run, outcomes.get(item) as Outcome, clock());
    const inDoubt = sent.sending.length > 0 && kept.some((item) => outcomes.get(item)?.status !== "wait");
    // What is in doubt must go again as it went: nothing else of the job may take its place.
    const last = inDoubt || index === parts.length - 1;
    const sending = inDoubt ? sent.sending : [];
    const leaseUntil = Math.max(clock() + LEASE_MS, lease.leaseUntil + 1);
    const next = last
      ? finish(run, sending, job.attempts, clock(), remindAt(deps, job))
      : { remaining: run.remaining, sending, leaseUntil };
    const settled = open.map((item) => ({ item, outcome: outcomes.get(item) as Outcome }));
    const noted = await note(deps, job, lease, { next, settled, spent, counted: sent.counted });
    if (last || !noted) return;
    lease = { ...lease, leaseUntil };
  }
}

function partsOf(job: Job, batch: number): Part[] {
  const fresh = job.remaining.filter((item) => !job.sending.includes(item));
  const parts: Part[] = job.sending.length > 0 ? [{ items: job.sending, resumed: true }] : [];
  for (let at = 0; at < fresh.length; at += batch) {
    parts.push({ items: fresh.slice(at, at + batch), resumed: false });
  }
  return parts;
}

/**
 * Sends a part; null when the job is no longer this worker's. `sending`: what a repeatable call was made for; `counted`:
 * items whose mails are.
 */
async function sendPart(
  deps: MailDeps,
  job: Job,
  lease: Lease,
  { items, resumed }: Part,
): Promise<{ outcomes: Outcome[]; sending: string[]; counted: string[] } | null> {
  const compose = deps.composerOf(job.kind);
  if (!compose) throw new Error("a job of mail has no composer");
  const mails = await compose(items, job.sealed, job.createdAt);
  // A call that goes again is not admitted again: it has been counted, and must be the call that it was.
  const outcomes: (Outcome | null)[] = resumed
    ? mails.map((mail) => (mail ? null : { status: "nothing" }))
    : await admitMails(deps, items, mails);
  const admitted = items.flatMap((item, at) => {
    const mail = outcomes[at] === null ? mails[at] : null;
    return mail ? [{ at, item, mail }] : [];
  });
  const sending = !deps.sender.repeatable ? [] : resumed ? [...items] : admitted.map(({ item }) => item);
  if (admitted.length > 0) {
    if (deps.sender.repeatable && !resumed) {
      const [noted] = await deps.db.batch([recordProgress(deps.db, lease, { sending })]);
      if (noted.meta.changes === 0) return null;
    }
    const results = await handOver(deps, admitted, await callKey(job.id, sending));
    for (const [n, { at }] of admitted.entries()) outcomes[at] = results[n] as SendResult;
    if (!deps.sender.repeatable) {
      const unsent = admitted.filter(({ at }) => ["transient", "later"].includes(outcomes[at]?.status ?? ""));
      await giveBackMails(deps, unsent);
    }
  }
  const counted = items.filter((_, at) => job.createdAt < (mails[at]?.countedBefore ?? 0));
  return { outcomes: outcomes as Outcome[], sending, counted };
}

const comesBack = ({ status }: Outcome, spent: boolean): boolean =>
  status === "wait" || status === "later" || (status === "transient" && !spent);

interface Run {
  remaining: string[];
  due: number[];
  /** No earlier than this, says the provider. */
  notBefore: number;
  failed: boolean;
}

function schedule(run: Run, outcome: Outcome, now: number): void {
  if (outcome.status === "wait") run.due.push(outcome.until);
  if (outcome.status === "transient") run.failed = true;
  if (outcome.status === "later") run.notBefore = Math.max(run.notBefore, now + outcome.seconds * 1000);
}

function dueAt(run: Run, attempts: number, now: number): number {
  const due = [...run.due, ...(run.failed ? [now + backoff(attempts)] : [])];
  return Math.max(run.notBefore, due.length > 0 ? Math.min(...due) : now);
}

/** What was parked on its own keeps the mark that it came with: the job it came from speaks for it. */
const remindAt = ({ remindAfterMs, clock }: MailDeps, job: Job): { remindAt?: number } => {
  const after = remindAfterMs[job.kind];
  return after === undefined || job.remindAt !== null ? {} : { remindAt: clock() + after };
};

const finish = (run: Run, sending: string[], attempts: number, now: number, reminding: { remindAt?: number }) => ({
  remaining: run.remaining,
  sending,
  attempts: run.failed ? attempts + 1 : attempts,
  ...(run.remaining.length === 0
    ? { state: "sent" as const, sealed: null, ...reminding }
    : { dueAt: dueAt(run, attempts, now), leaseUntil: 0 }),
});

/** Notes in one batch what has become of a part: progress, rates, what is parked, and trouble. False: the job is another's. */
async function note(
  deps: MailDeps,
  job: Job,
  lease: Lease,
  part: {
    next: Parameters<typeof recordProgress>[2];
    settled: readonly { item: string; outcome: Outcome }[];
    spent: boolean;
    counted: readonly string[];
  },
): Promise<boolean> {
  const { db } = deps;
  const now = deps.clock();
  const count = (status: Outcome["status"]) => part.settled.filter(({ outcome }) => outcome.status === status).length;
  const counts = { sent: count("sent"), suppressed: count("suppressed") };
  const parked = part.settled.flatMap(({ item, outcome }) =>
    outcome.status === "permanent" || (outcome.status === "transient" && part.spent)
      ? [{ item, error: outcome.code }]
      : [],
  );
  const troubles = part.settled
    .filter(({ outcome }) => outcome.status === "suppressed")
    .map(({ item }) => ({ item, address: null, trouble: "suppressed" as const, at: now }));
  const mailed = part.settled.flatMap(({ item, outcome }) =>
    outcome.status === "sent" && part.counted.includes(item) ? [item] : [],
  );
  // Each of the two changes something if the one before it has.
  const others: Statement[] = [
    ...(counts.sent + counts.suppressed > 0 ? [countSent(db, localDay(now, deps.timeZone), counts)] : []),
    ...(mailed.length > 0 ? [deps.countMailed(mailed)] : []),
    ...(troubles.length > 0 ? await deps.recordTrouble(troubles) : []),
  ];
  // What is parked goes before the note, which may give the job up; so its place in the batch is what counts them.
  const parks: Statement[] = parked.map(({ item, error }) =>
    insertParked(db, lease, { id: newUuid(), item, now, error }),
  );
  const progress = recordProgress(db, lease, part.next);
  const [first = progress, ...rest] = [...parks, progress, ...others];
  const results = (await db.batch([first, ...rest])) as { meta: { changes: number } }[];
  log("mail", {
    kind: job.kind,
    ...counts,
    transient: count("transient"),
    permanent: count("permanent"),
    waiting: count("wait") + count("later"),
  });
  return (results[parks.length]?.meta.changes ?? 0) > 0;
}

/** Milliseconds until the next try, when `attempts` had failed before this one. */
export const backoff = (attempts: number): number => Math.min(FIRST_RETRY_MS * 2 ** attempts, MAX_RETRY_MS);
