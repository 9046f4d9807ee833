import type { Database } from "../db/database.ts";
import { localDay } from "../lib/local-time.ts";
import { log } from "../lib/log.ts";
import { countMails } from "../mail/count-mails.ts";
import { backoff } from "../mail/deliver-mail.ts";
import { type Addressed, callKey, handOver } from "../mail/hand-over.ts";
import type { MailSender, SendResult } from "../mail/sender.ts";
import { suppressedRecipients } from "../mail/suppression.ts";
import { type ComposeMailingDeps, composeMailing, type MailingToCompose, openRecipients } from "./compose-mailing.ts";
import {
  AHEAD_MS,
  addPart,
  END,
  isForgotten,
  isFull,
  MAX_ATTEMPTS,
  type Mailing,
  type Part,
  tagItem,
} from "./mailing.ts";
import { giveTurnUp, noteCall, noteStep, type Recipient } from "./mailing-steps.store.ts";
import { type Taken, takePart } from "./take-part.ts";
import { unsubscribedAmong } from "./unsubscribed.ts";

export interface PostPartDeps extends ComposeMailingDeps {
  readonly db: Database;
  readonly clock: () => number;
  readonly timeZone: string;
  readonly locales: readonly [string, ...string[]];
  readonly sender: MailSender;
  readonly mailingsPerMinute: number;
}

/** The turn to send a part of a mailing. */
export interface Turn {
  /** Until when it is this worker's; names it. */
  readonly lease: number;
  /** When the next part may go, as far as the pace of those before it is concerned. */
  readonly dueAt: number;
  readonly mailing: Mailing;
  readonly answer: string | null;
}

/** What has become of a part. */
interface Settled {
  readonly sent: number;
  readonly failed: number;
  readonly suppressed: number;
  /** To be tried again. */
  readonly again: Part | null;
  /** Not before this may anything else go. */
  readonly rest: number;
  readonly parked: string | null;
}

const NOTHING: Settled = { sent: 0, failed: 0, suppressed: 0, again: null, rest: 0, parked: null };

// Where a provider takes nothing of so many, the others' mails would fare no better; of fewer it may be chance.
const REST_MS = 60_000;
const NO_CHANCE = 5;

/**
 * Sends one part of the mailing whose turn it is, notes what has become of it, and gives the turn up. With a repeatable
 * sender no mail goes out twice, wherever the worker dies: the call is noted before it is made. With another the part of a
 * worker that dies goes again.
 */
export async function postPart(deps: PostPartDeps, turn: Turn): Promise<void> {
  const { mailing, lease } = turn;
  const now = deps.clock();
  const taken = await takePart(deps, mailing, now);
  if (taken.part && mayBeSecond(deps.sender, taken.part, now)) {
    await note(deps, turn, { taken, mails: 0, settled: { ...NOTHING, failed: taken.part.items.length } });
    return;
  }
  const ready = await compose(deps, turn, taken);
  const skipped = taken.items.length - ready.length;
  if (ready.length === 0) return note(deps, turn, { taken, mails: 0, settled: NOTHING, skipped });
  const items = ready.map(({ item }) => item);
  const called = taken.part?.called === true;
  const part: Part = {
    items: called ? taken.items : items,
    attempts: taken.part?.attempts ?? 0,
    due: now,
    since: taken.part?.since ?? now,
    called: deps.sender.repeatable,
  };
  let noted = called;
  if (part.called && !called) {
    const call = { ...counts(taken, skipped), cursor: taken.cursor, parts: [...taken.others, part] };
    const [written] = await deps.db.batch([noteCall(deps.db, { id: mailing.id, lease }, call)]);
    if (written.meta.changes === 0) return; // no longer this worker's turn, or it no longer runs
    noted = true;
  }
  const mails = ready.map(({ item, mail }): Addressed => ({ item: tagItem(mailing, item), mail }));
  const results = await handOver(deps, mails, await callKey(mailing.id, part.items));
  const settled = settle(mailing, { part, items }, results, deps.clock());
  // Of a call that goes again, who has gone meanwhile is settled with it.
  await note(deps, turn, {
    taken: noted ? { ...taken, fresh: false } : taken,
    mails: ready.length,
    settled,
    skipped: called ? (settled.again ? 0 : skipped) : noted ? 0 : skipped,
  });
}

/** Whether trying a part again could bring somebody a second mail: nobody knows any more what the call before has done. */
const mayBeSecond = (sender: MailSender, part: Part, now: number): boolean =>
  part.called && (!sender.repeatable || isForgotten(part, now));

const counts = (taken: Taken, skipped: number) => ({
  recipients: taken.fresh ? taken.items.length : 0,
  sent: 0,
  failed: 0,
  skipped,
});

/**
 * The mails of those of a part who may have one now. A call that goes again leaves out only who has gone meanwhile, or
 * asked for nothing more: it must be the call that it was, as far as it can.
 */
async function compose(
  deps: PostPartDeps,
  { mailing, answer }: Turn,
  taken: Taken,
): Promise<{ item: string; mail: Awaited<ReturnType<typeof composeMailing>> }[]> {
  const petition = await deps.petitions.facts(deps.db, mailing.petitionNo);
  if (!petition || taken.items.length === 0) return [];
  const opened = await openRecipients(deps, petition, taken.recipients);
  const found = taken.items.flatMap((item, at) => {
    const to = opened[at];
    return to?.signer ? [{ item, to, canonical: to.signer.canonical, asked: taken.recipients[at] as Recipient }] : [];
  });
  const addresses = found.map(({ canonical }) => canonical);
  const [suppressed, unsubscribed] = await Promise.all([
    suppressedRecipients(deps, addresses),
    unsubscribedAmong(deps, addresses),
  ]);
  const of: MailingToCompose = { mailing, answer, fallback: deps.locales[0], petition };
  return Promise.all(
    found
      .filter(({ canonical, asked }, at) => {
        const since = unsubscribed[at] ?? null;
        return !suppressed.has(canonical) && (since === null || asked.accepted_at > since);
      })
      .map(async ({ item, to }) => ({ item, mail: await composeMailing(deps, of, to) })),
  );
}

/** What a call's results (of `items`) mean for its part. */
function settle(
  mailing: Mailing,
  { part, items }: { part: Part; items: readonly string[] },
  results: readonly SendResult[],
  now: number,
): Settled {
  const count = (status: SendResult["status"]) => results.filter((result) => result.status === status).length;
  const [sent, suppressed, permanent] = [count("sent"), count("suppressed"), count("permanent")];
  const open = items.filter((_, at) => results[at]?.status === "transient" || results[at]?.status === "later");
  const waits = results.flatMap((result) => (result.status === "later" ? [now + result.seconds * 1000] : []));
  const rest = Math.max(
    0,
    ...waits,
    ...(open.length === items.length && open.length >= NO_CHANCE ? [now + REST_MS] : []),
  );
  if (open.length === 0) return { ...NOTHING, sent, suppressed, failed: permanent };
  const failing = count("transient") > 0;
  const attempts = part.attempts + (failing ? 1 : 0);
  const due = Math.max(failing ? now + backoff(part.attempts) : now, ...waits);
  // Of a call that is in doubt nothing is settled before all of it is: it goes again as it went.
  const again: Part = part.called
    ? { ...part, attempts, due }
    : { items: open, attempts, due, since: part.since, called: false };
  const so = part.called ? NOTHING : { ...NOTHING, sent, suppressed, failed: permanent };
  if (attempts < MAX_ATTEMPTS) return { ...so, again, rest };
  // Where others got through, it is the mail; where nobody has since the first try, it may be the provider, of however few.
  if (mailing.sentAt >= part.since || sent > 0) {
    return { ...NOTHING, sent, suppressed, failed: permanent + open.length, rest };
  }
  const code = results.find((result) => result.status === "transient")?.code ?? "unknown";
  return { ...so, again: { ...again, attempts: 0, due: now }, rest, parked: code };
}

async function note(
  { db, clock, timeZone, mailingsPerMinute, sender }: PostPartDeps,
  { lease, dueAt, mailing }: Turn,
  step: { taken: Taken; mails: number; settled: Settled; skipped?: number },
): Promise<void> {
  const { taken, settled, mails } = step;
  const now = clock();
  const parts = settled.again ? addPart(taken.others, settled.again) : taken.others;
  const waiting = taken.cursor === END || isFull(parts) ? Math.min(...parts.map(({ due }) => due)) : 0;
  const sums = {
    recipients: taken.fresh ? taken.items.length : 0,
    sent: settled.sent,
    failed: settled.failed,
    skipped: (step.skipped ?? 0) + settled.suppressed,
  };
  const next = Math.max(dueAt, now) + Math.ceil((mails * 60_000) / mailingsPerMinute);
  const noted = { ...sums, cursor: taken.cursor, parts, now, parked: settled.parked };
  const write = () =>
    db.batch([
      noteStep(db, { id: mailing.id, lease }, { ...noted, dueAt: Number.isFinite(waiting) ? waiting : 0 }),
      countMails(db, localDay(now, timeZone), { sent: settled.sent, suppressed: settled.suppressed }),
      giveTurnUp(db, lease, settled.rest > 0 ? Math.max(next, settled.rest + AHEAD_MS) : next),
    ]);
  // Tried twice: what is sent and not noted may be sent again. If the first was written after all, the turn is given up by
  // it and the second writes nothing.
  await write().catch(write);
  log("mailing", {
    kind: mailing.kind,
    ...sums,
    again: settled.again?.items.length ?? 0,
    repeatable: sender.repeatable,
  });
}
