import * as v from "valibot";
import { type Database, DatabaseFailure, type Statement } from "../db/database.ts";
import { fromUtf8 } from "../lib/bytes.ts";
import { parseEmailAddress } from "../lib/email-address.ts";
import { localDay } from "../lib/local-time.ts";
import { describeError, log } from "../lib/log.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import { isCloudflareEvent, readCloudflareEvent } from "./cloudflare-events.ts";
import { type DeliveryKind, type DeliveryNews, deliveryKinds, type MailTrouble } from "./delivery.ts";
import { countEvents, forgetEvents, MOMENT_MS } from "./delivery-events.store.ts";
import type { ResendEvent } from "./resend-events.ts";
import { suppressAddresses } from "./suppression.store.ts";
import { suppressionHash } from "./suppression.ts";

/** A delivery event as the webhook puts it into the queue. It names nobody. */
const Message = v.object({
  v: v.literal(1),
  id: v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/)),
  kind: v.picklist(deliveryKinds),
  at: v.pipe(v.number(), v.integer()),
  /** What the mail was about. */
  item: v.string(),
  /** The recipient as suppression knows it. */
  recipient: v.optional(v.string()),
});
export type DeliveryMessage = v.InferOutput<typeof Message>;

export interface DeliveryEventDeps {
  readonly db: Database;
  readonly clock: () => number;
  readonly timeZone: string;
  readonly keys: RootKeys;
  /** The address that our mails come from. */
  readonly mailFrom: string;
  readonly recordTrouble: (troubles: readonly MailTrouble[]) => Promise<Statement[]>;
  /** Statements that count events for what the mails were part of; they go before the events are noted as seen. */
  readonly recordNews: (news: readonly DeliveryNews[]) => Promise<Statement[]>;
}

/** An event of either provider. It names an item or, in memory only, the canonical address. */
interface DeliveryEvent {
  readonly id: string;
  readonly kind: DeliveryKind;
  readonly at: number;
  readonly item: string | null;
  readonly address: string | null;
  readonly recipient: string | undefined;
}

// For so long an event is known when it comes again; Resend repeats one for some ten hours, a person may do so later.
// One that is older still suppresses and is still noted, but moves no rate.
const KNOWN_FOR_MS = 7 * 24 * 60 * 60_000;
// Providers' clocks are right to the minute; a time in the future would be kept for as long as it lies ahead.
const MOST_AHEAD_MS = 60 * 60_000;

/**
 * The message for one of Resend's events; null when its mail is not ours: the tag is missing, or we did not issue it.
 * `id`: of the webhook, the same whenever the event is sent again.
 */
export async function deliveryMessage(
  keys: RootKeys,
  id: string,
  { kind, at, tag, recipient }: ResendEvent,
): Promise<DeliveryMessage | null> {
  const item = tag === undefined ? null : await keys.readToken("delivery", tag);
  if (!item) return null;
  const address = recipient === undefined ? null : parseEmailAddress(recipient);
  const hash = address ? await suppressionHash(keys, address.canonical) : undefined;
  return { v: 1, id, kind, at, item: fromUtf8(item), ...(hash === undefined ? {} : { recipient: hash }) };
}

/**
 * Records delivery events of both providers (at most 100) in one transaction: rates, trouble on what the mails were about,
 * addresses to be suppressed. Repeatable, and in any order. When the database refuses one, the others are recorded.
 * Gives an outcome for each, in step.
 */
export async function recordDeliveryEvents(
  deps: DeliveryEventDeps,
  bodies: readonly unknown[],
): Promise<("done" | "retry")[]> {
  const events = await Promise.all(bodies.map((body) => readEvent(deps, body)));
  const known = events.filter((event) => event !== null && event !== "ignored");
  const failed = await recordOrSplit(deps, known);
  log("mail_events", { recorded: known.length - failed.size, failed: failed.size, ignored: count(events, "ignored") });
  return events.map((event) => {
    if (event === "ignored") return "done";
    return event === null || failed.has(event) ? "retry" : "done";
  });
}

/** Forgets which events have been counted, once they are too old to be counted again. */
export async function forgetDeliveryEvents({ db, clock }: { db: Database; clock: () => number }): Promise<void> {
  await db.batch([forgetEvents(db, clock() - KNOWN_FOR_MS)]);
}

async function readEvent(deps: DeliveryEventDeps, body: unknown): Promise<DeliveryEvent | "ignored" | null> {
  if (!isCloudflareEvent(body)) {
    const parsed = v.safeParse(Message, body);
    return parsed.success ? { ...parsed.output, recipient: parsed.output.recipient, address: null } : null;
  }
  const event = readCloudflareEvent(body, deps.mailFrom);
  if (event === null || event === "ignored") return event;
  const address = parseEmailAddress(event.recipient)?.canonical ?? null;
  const recipient = address === null ? undefined : await suppressionHash(deps.keys, address);
  return { ...event, item: null, address, recipient };
}

async function recordOrSplit(deps: DeliveryEventDeps, events: readonly DeliveryEvent[]): Promise<Set<DeliveryEvent>> {
  const failed = new Set<DeliveryEvent>();
  if (events.length === 0) return failed;
  try {
    await recordTogether(deps, events);
  } catch (error) {
    log("mail_events_not_recorded", { ...describeError(error), events: events.length });
    const refused = error instanceof DatabaseFailure && error.refused;
    if (events.length === 1 || !refused) return new Set(events);
    for (const event of events) for (const one of await recordOrSplit(deps, [event])) failed.add(one);
  }
  return failed;
}

async function recordTogether(deps: DeliveryEventDeps, events: readonly DeliveryEvent[]): Promise<void> {
  const { db, timeZone } = deps;
  const now = deps.clock();
  const news = events
    .filter(({ at }) => at > now - KNOWN_FOR_MS && at < now + MOST_AHEAD_MS)
    .map((event) => ({ ...event, moment: event.at - (event.at % MOMENT_MS) }));
  const counted = news.map(({ id, kind, at, moment }) => ({ id, kind, moment, day: localDay(at, timeZone) }));
  const suppressions = events.flatMap(({ kind, at, recipient }) =>
    recipient !== undefined && (kind === "bounced_hard" || kind === "complained")
      ? [{ hash: recipient, reason: kind, since: at }]
      : [],
  );
  const troubles = events.flatMap(({ kind, at, item, address }): MailTrouble[] =>
    kind === "delivered" ? [] : [{ item, address, trouble: kind, at }],
  );
  const [first, ...rest]: Statement[] = [
    ...(news.length > 0 ? await deps.recordNews(news) : []),
    ...(counted.length > 0 ? [countEvents(db, counted)] : []),
    ...(suppressions.length > 0 ? [suppressAddresses(db, suppressions)] : []),
    ...(troubles.length > 0 ? await deps.recordTrouble(troubles) : []),
  ];
  if (first) await db.batch([first, ...rest]);
}

const count = (events: readonly unknown[], what: unknown): number => events.filter((event) => event === what).length;
