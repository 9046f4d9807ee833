import type { Database } from "../../db/database.ts";
import { publicId } from "../../lib/ids.ts";
import { log } from "../../lib/log.ts";
import type { RootKeys } from "../../lib/root-keys.ts";
import { type Attempt, sendWebhook } from "./send-webhook.ts";
import { openSecret } from "./signing-secret.ts";
import {
  type ClaimedEndpoint,
  claimEndpoint,
  type DueDelivery,
  dueDeliveries,
  type Lease,
  noteOutcomes,
  noteStanding,
  type Outcome,
  type Standing,
} from "./turns.store.ts";
import { messageUuid, pauseAfter, TRIED_FOR_MS } from "./webhook.ts";
import { readAddress } from "./webhook-address.ts";
import { type PayloadDeps, webhookBody } from "./webhook-payload.ts";

export interface WebhookDeps extends PayloadDeps {
  readonly db: Database;
  readonly clock: () => number;
  readonly keys: RootKeys;
  readonly publicUrl: string;
  readonly local: boolean;
  /** Rings for endpoints on the WEBHOOKS queue. */
  readonly ringWebhooks: (endpointIds: readonly string[]) => Promise<void>;
}

// A turn and the attempts that are under way at its end: 10 s and 10 s, and as much again.
const LEASE_MS = 40_000;
// So long at most somebody is told after their suspension, and others wait for a turn of their own.
const TURN_MS = 10_000;
// Read, sent and noted together: who dies in between sends at most so many again, under their ids.
const PART = 50;
// Calls at once, to an endpoint that has just answered in good time; endpoints of an invocation share them, and each has one.
// The platform lets an invocation wait for six answers: a seventh call would wait its ten seconds out behind those that hang.
const LANES = 4;
const GOOD_MS = 2_000;
// After so many failures in a row an endpoint rests, and is then asked once.
const PATIENCE = 10;

/** How a turn goes. */
interface Turn {
  readonly until: number;
  /** Calls at once, when it goes well. */
  readonly lanes: number;
  failures: number;
  begunThrough: number;
  /** Whether the last answer was a good one, in good time. */
  good: boolean;
  /** Whether the endpoint should be left alone for a while. */
  stopped: boolean;
  /** For how many milliseconds at least, as it asked. */
  waitMs: number;
}

type OpenEndpoint = ClaimedEndpoint & { readonly secrets: readonly string[] };

/**
 * One turn of an endpoint: delivers what is due, for some ten seconds, and rings again for what is left. Each delivery keeps
 * its id, so that whoever dies between sending and noting sends nothing that the receiver can't know. What fails is tried
 * again for a day; then the endpoint is disabled, and so at once when it answers 410. A second worker finds nothing to do.
 * @param sharing how many endpoints have a turn in this invocation
 */
export async function deliverWebhooks(deps: WebhookDeps, endpointId: string, sharing: number): Promise<void> {
  const { db, clock } = deps;
  const begun = clock();
  let lease: Lease = { id: endpointId, leaseUntil: begun + LEASE_MS };
  const [[claimed]] = await db.batch([claimEndpoint(db, endpointId, { now: begun, leaseUntil: lease.leaseUntil })]);
  if (!claimed) return;
  const endpoint = { ...claimed, secrets: await secretsOf(deps, claimed) };
  const { failures, begunThrough } = claimed;
  const lanes = Math.max(1, Math.floor(LANES / sharing));
  const turn: Turn = {
    ...{ until: begun + TURN_MS, lanes, failures, begunThrough, good: false, stopped: false, waitMs: 0 },
  };
  for (;;) {
    // One that has failed often is asked once before it gets more.
    const query = { now: clock(), limit: turn.failures >= PATIENCE ? 1 : PART };
    const [due] = await db.batch([dueDeliveries(db, { ...claimed, begunThrough: turn.begunThrough }, query)]);
    const outcomes = await sendPart(deps, endpoint, turn, due);
    const left = outcomes.length < due.length || due.length === query.limit;
    // Nothing is left of what was there at the claim, were it only because it has become too old.
    if (!left) turn.begunThrough = Math.max(turn.begunThrough, claimed.lastSequence);
    const over = !left || turn.stopped || clock() >= turn.until;
    const leaseUntil = over ? 0 : Math.max(clock() + LEASE_MS, lease.leaseUntil + 1);
    const standing = standingOf(turn, outcomes, { leaseUntil, now: clock() });
    const [, [noted]] = await db.batch([noteOutcomes(db, lease, outcomes), noteStanding(db, lease, standing)]);
    logPart(endpointId, outcomes, standing.disabled);
    if (!noted) return; // it is another worker's, or may not be told any more
    if (over) {
      // What came meanwhile found the endpoint taken, and rang for nobody.
      if ((left || noted.more) && !turn.stopped) await deps.ringWebhooks([endpointId]);
      return;
    }
    lease = { ...lease, leaseUntil };
  }
}

/** Sends deliveries in their order, one by one until an answer is good, then some at once; stops where it should rest. */
async function sendPart(
  deps: WebhookDeps,
  endpoint: OpenEndpoint,
  turn: Turn,
  due: readonly DueDelivery[],
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let next = 0;
  const goesOn = () => next < due.length && !turn.stopped && deps.clock() < turn.until;
  const sendNext = async () => {
    const delivery = due[next++] as DueDelivery;
    const triedAt = deps.clock();
    const attempt = await attemptOf(deps, endpoint, delivery);
    const { error, ms, waitMs } = attempt;
    turn.failures = error === null ? 0 : turn.failures + 1;
    turn.good = error === null && ms < GOOD_MS;
    turn.waitMs = Math.max(turn.waitMs, waitMs);
    // Whoever lets us wait for nothing, or asks to be left alone, is not asked for more at once.
    turn.stopped ||= turn.failures >= PATIENCE || waitMs > 0 || error === "timeout" || error === "gone";
    const { sequence } = delivery;
    outcomes.push({ sequence, triedAt, ...attempt, ...retryOf(endpoint, delivery, attempt, deps.clock()) });
  };
  const lane = async () => {
    while (turn.good && goesOn()) await sendNext();
  };
  while (goesOn()) {
    await sendNext();
    if (turn.good) await Promise.all(Array.from({ length: turn.lanes }, lane));
  }
  for (const { sequence, dueAt } of due.slice(0, next)) {
    if (dueAt === null) turn.begunThrough = Math.max(turn.begunThrough, sequence);
  }
  return outcomes;
}

/** The address is judged again: rules may have become stricter since it was given. */
async function attemptOf(deps: WebhookDeps, endpoint: OpenEndpoint, delivery: DueDelivery): Promise<Attempt> {
  const address = readAddress(endpoint.url, { ownHost: new URL(deps.publicUrl).hostname, local: deps.local });
  if ("flaw" in address) return { error: "address", status: null, ms: 0, waitMs: 0 };
  return sendWebhook(
    { clock: deps.clock, userAgent: `Folkmoot-Webhooks/1 (+${deps.publicUrl})` },
    {
      id: publicId("msg", messageUuid(endpoint.id, delivery.sequence)),
      url: address.url,
      body: await webhookBody(deps, delivery),
      secrets: endpoint.secrets,
    },
  );
}

/** When a delivery is tried again, and since when it has been failing; the last try is a day after the first. */
function retryOf(
  { enabledAt }: ClaimedEndpoint,
  { attempts, failingSince }: DueDelivery,
  { error, waitMs }: Attempt,
  now: number,
): Pick<Outcome, "dueAt" | "failingSince"> {
  if (error === null) return { dueAt: null, failingSince: null };
  const since = Math.max(failingSince ?? now, enabledAt);
  const end = since + TRIED_FOR_MS;
  const next = now + Math.max(waitMs, pauseAfter(attempts + 1));
  return { failingSince: since, dueAt: now < end ? Math.min(next, end) : next };
}

function standingOf(
  { failures, begunThrough, stopped, waitMs }: Turn,
  outcomes: readonly Outcome[],
  { leaseUntil, now }: { leaseUntil: number; now: number },
): Standing {
  const restsUntil = stopped ? now + Math.max(waitMs, pauseAfter(Math.max(1, failures - PATIENCE + 1))) : 0;
  return { leaseUntil, begunThrough, failures, restsUntil, disabled: disabledBy(outcomes) };
}

function disabledBy(outcomes: readonly Outcome[]): Standing["disabled"] {
  for (const { error, triedAt, failingSince } of outcomes) {
    if (error === "gone") return { at: triedAt, why: "gone" };
    if (failingSince !== null && triedAt >= failingSince + TRIED_FOR_MS) return { at: triedAt, why: "failing" };
  }
  return null;
}

async function secretsOf({ keys, clock }: WebhookDeps, endpoint: ClaimedEndpoint): Promise<string[]> {
  const { id, signingKey, previousKey, previousUntil } = endpoint;
  const still = previousKey !== null && (previousUntil ?? 0) > clock() ? [previousKey] : [];
  return Promise.all([signingKey, ...still].map((sealed) => openSecret(keys, id, sealed)));
}

function logPart(endpointId: string, outcomes: readonly Outcome[], disabled: Standing["disabled"]): void {
  if (outcomes.length === 0) return;
  const delivered = outcomes.filter(({ error }) => error === null).length;
  const endpoint = publicId("whk", endpointId);
  log("webhooks", { endpoint, delivered, failed: outcomes.length - delivered, disabled: disabled?.why });
}
