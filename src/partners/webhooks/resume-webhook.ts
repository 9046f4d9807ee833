import { Problem } from "../../http/problems.ts";
import { flawed } from "../../http/validation.ts";
import { describeError, log } from "../../lib/log.ts";
import { replaySpan, sequencesBetween } from "./deliveries.store.ts";
import {
  type Endpoint,
  enableEndpoint,
  endpointOf,
  endRest,
  hastenFailing,
  insertTestEvent,
} from "./endpoints.store.ts";
import { findWebhook, type ManageDeps, type Owner } from "./manage-webhooks.ts";
import { type EventType, messageUuid, sequenceOf } from "./webhook.ts";
import { recordWebhookAct } from "./webhook-audit.ts";

export interface ResumeDeps extends ManageDeps {
  /** Rings for endpoints on the WEBHOOKS queue. */
  readonly ringWebhooks: (endpointIds: readonly string[]) => Promise<void>;
}

// Deliveries that one call makes due: a call writes at most twice as many rows.
const REPLAYED_AT_ONCE = 1_000;

/** Lets a disabled endpoint be told again, all that waits for it too. Repeating it changes nothing. Raises `not_found`. */
export async function enableWebhook(deps: ResumeDeps, owner: Owner, id: string): Promise<Endpoint> {
  const { db, clock } = deps;
  await findWebhook(deps, owner, id);
  const now = clock();
  const act = { act: "webhook.enable", id, at: now } as const;
  await db.batch([
    recordWebhookAct(db, owner, act),
    hastenFailing(db, owner.partner, id, now),
    enableEndpoint(db, owner.partner, id, now),
  ]);
  await ring(deps, id);
  return findWebhook(deps, owner, id);
}

/** Sends an endpoint an example of an event, marked as a test, also while it rests. Raises `not_found`, `webhook_disabled`. */
export async function testWebhook(
  deps: ResumeDeps,
  owner: Owner,
  id: string,
  type: EventType,
): Promise<{ messageUuid: string; sequence: number }> {
  const { db } = deps;
  const { disabledAt } = await findWebhook(deps, owner, id);
  if (disabledAt !== null) throw new Problem("webhook_disabled");
  // The number is read in the transaction that has given it.
  const [, [endpoint]] = await db.batch([
    insertTestEvent(db, owner.partner, id, type),
    endpointOf(db, owner.partner, id),
    endRest(db, owner.partner, id),
  ]);
  if (!endpoint) throw new Problem("not_found");
  await ring(deps, id);
  return { messageUuid: messageUuid(id, endpoint.lastSequence), sequence: endpoint.lastSequence };
}

/** What is to be sent once more: one message by its UUID, or what lies between two sequences or two moments. */
export type Replayed =
  | { readonly messageUuid: string }
  | { readonly fromSequence: number; readonly toSequence: number | undefined }
  | { readonly from: number; readonly to: number | undefined };

/**
 * Sends deliveries once more, under their ids: the first thousand of those that are asked for and still kept, also while
 * the endpoint rests. Raises `not_found`, and `invalid_request` for another endpoint's message.
 * @returns how many, and from which sequence on to go on, if there are more
 */
export async function replayDeliveries(
  deps: ResumeDeps,
  owner: Owner,
  id: string,
  replayed: Replayed,
): Promise<{ replayed: number; nextSequence: number | null }> {
  const { db, clock } = deps;
  const { lastSequence } = await findWebhook(deps, owner, id);
  const { first, last: asked } = await spanOf(deps, id, replayed);
  const end = Math.min(asked, lastSequence);
  const last = Math.min(end, first + REPLAYED_AT_ONCE - 1);
  const now = clock();
  const after = { from_sequence: first, to_sequence: last };
  const [, noted] = await db.batch([
    recordWebhookAct(db, owner, { act: "webhook.replay", id, after, at: now }),
    replaySpan(db, id, { first, last, now }),
    endRest(db, owner.partner, id),
  ]);
  await ring(deps, id);
  return { replayed: noted.meta.changes, nextSequence: last < end ? last + 1 : null };
}

async function spanOf(
  { db, clock }: ResumeDeps,
  id: string,
  replayed: Replayed,
): Promise<{ first: number; last: number }> {
  if ("messageUuid" in replayed) {
    const sequence = sequenceOf(id, replayed.messageUuid);
    if (sequence === null) throw flawed("/message_id", "unknown_value");
    return { first: sequence, last: sequence };
  }
  if ("fromSequence" in replayed) {
    return { first: replayed.fromSequence, last: replayed.toSequence ?? Number.MAX_SAFE_INTEGER };
  }
  const [[found]] = await db.batch([sequencesBetween(db, id, { from: replayed.from, to: replayed.to ?? clock() + 1 })]);
  return { first: found?.first ?? 1, last: (found?.end ?? 1) - 1 };
}

/** What nobody is rung for is found within a minute. */
const ring = ({ ringWebhooks }: ResumeDeps, id: string): Promise<void> =>
  ringWebhooks([id]).catch((error: unknown) => log("doorbell_failed", describeError(error)));
