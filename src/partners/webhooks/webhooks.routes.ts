import { type Context, Hono } from "hono";
import { timeOrNull } from "../../http/answer-fields.ts";
import { readCursor, writeCursor } from "../../http/cursor.ts";
import { nextLink } from "../../http/paging.ts";
import { Problem } from "../../http/problems.ts";
import { parseJsonBody, parseQuery } from "../../http/validation.ts";
import { parsePublicId, publicId } from "../../lib/ids.ts";
import type { KeyHolder } from "../key-book.ts";
import type { Asked } from "../require-partner.ts";
import type { Delivery } from "./deliveries.store.ts";
import type { Endpoint } from "./endpoints.store.ts";
import { listDeliveriesOf } from "./list-deliveries.ts";
import {
  changeWebhook,
  createWebhook,
  deleteWebhook,
  findWebhook,
  listWebhooks,
  rotateSecret,
  type WithSecret,
} from "./manage-webhooks.ts";
import { enableWebhook, type Replayed, type ResumeDeps, replayDeliveries, testWebhook } from "./resume-webhook.ts";
import { messageUuid } from "./webhook.ts";
import { DeliveriesQuery, NothingMore, ReplayBody, TestBody, WebhookBody } from "./webhooks.schema.ts";

export interface WebhookRouteDeps extends ResumeDeps {
  /** Raises `unauthorized`, `rate_limited`, `server_key`, and `not_found` for a key that is not for that. */
  readonly requirePartner: (headers: Headers, asked: Asked) => Promise<KeyHolder>;
}

/** Where a partner is told what happens, as its own keys manage it. */
export const webhookRoutes = (depsOf: (c: Context) => WebhookRouteDeps) => {
  const asOwner = async (c: Context) => {
    const deps = depsOf(c);
    const { partner, key } = await deps.requirePartner(c.req.raw.headers, { scope: "webhooks:manage" });
    return { deps, owner: { partner: partner.code, partnerId: partner.id, keyId: key.id, petitions: key.petitions } };
  };
  const ofPath = async (c: Context) => {
    const found = await asOwner(c);
    const id = parsePublicId("whk", c.req.param("id") ?? "");
    if (!id) throw new Problem("not_found");
    return { ...found, id };
  };
  return new Hono()
    .get("/v1/partner/webhooks", async (c) => {
      const { deps, owner } = await asOwner(c);
      return c.json(endpointList(await listWebhooks(deps, owner)));
    })
    .post("/v1/partner/webhooks", async (c) => {
      const { deps, owner } = await asOwner(c);
      const terms = await parseJsonBody(c, WebhookBody);
      return c.json(withSecretAnswer(await createWebhook(deps, owner, terms)), 201);
    })
    .get("/v1/partner/webhooks/:id", async (c) => {
      const { deps, owner, id } = await ofPath(c);
      return c.json(endpointAnswer(await findWebhook(deps, owner, id)));
    })
    .put("/v1/partner/webhooks/:id", async (c) => {
      const { deps, owner, id } = await ofPath(c);
      const terms = await parseJsonBody(c, WebhookBody);
      return c.json(endpointAnswer(await changeWebhook(deps, owner, id, terms)));
    })
    .delete("/v1/partner/webhooks/:id", async (c) => {
      const { deps, owner, id } = await ofPath(c);
      return c.json(endpointList(await deleteWebhook(deps, owner, id)));
    })
    .post("/v1/partner/webhooks/:id/test", async (c) => {
      const { deps, owner, id } = await ofPath(c);
      const { type } = await parseJsonBody(c, TestBody);
      const sent = await testWebhook(deps, owner, id, type);
      return c.json({ message_id: publicId("msg", sent.messageUuid), sequence: sent.sequence }, 202);
    })
    .get("/v1/partner/webhooks/:id/deliveries", async (c) => {
      const { deps, owner, id } = await ofPath(c);
      const { status, limit, cursor } = parseQuery(c, DeliveriesQuery);
      const endpoint = await findWebhook(deps, owner, id);
      const query = `deliveries ${id} ${status ?? ""}`;
      const [before] = cursor === undefined ? [] : await readCursor<[number]>(deps.keys, query, cursor);
      const { deliveries, nextBefore } = await listDeliveriesOf(deps, endpoint, { state: status, before, limit });
      const next = nextBefore === null ? null : await writeCursor(deps.keys, query, [nextBefore]);
      if (next !== null) c.header("Link", nextLink(c, deps.publicUrl, next));
      return c.json({ data: deliveries.map((delivery) => deliveryAnswer(id, delivery)), next_cursor: next });
    })
    .post("/v1/partner/webhooks/:id/replay", async (c) => {
      const { deps, owner, id } = await ofPath(c);
      const body = await parseJsonBody(c, ReplayBody);
      const { replayed, nextSequence } = await replayDeliveries(deps, owner, id, replayedIn(body));
      return c.json({ replayed, next_sequence: nextSequence }, 202);
    })
    .post("/v1/partner/webhooks/:id/rotate-secret", async (c) => {
      const { deps, owner, id } = await ofPath(c);
      await parseJsonBody(c, NothingMore);
      return c.json(withSecretAnswer(await rotateSecret(deps, owner, id)));
    })
    .post("/v1/partner/webhooks/:id/enable", async (c) => {
      const { deps, owner, id } = await ofPath(c);
      await parseJsonBody(c, NothingMore);
      return c.json(endpointAnswer(await enableWebhook(deps, owner, id)));
    });
};

type ReplayInput =
  | { message_id: string }
  | { from_sequence: number; to_sequence?: number | undefined }
  | { from: number; to?: number | undefined };

function replayedIn(body: ReplayInput): Replayed {
  if ("message_id" in body) return { messageUuid: body.message_id };
  if ("from_sequence" in body) return { fromSequence: body.from_sequence, toSequence: body.to_sequence };
  return { from: body.from, to: body.to };
}

const endpointAnswer = ({ id, petitions, ...endpoint }: Endpoint) => ({
  id: publicId("whk", id),
  ...{ url: endpoint.url, label: endpoint.label, events: endpoint.events },
  petitions: petitions?.map((petition) => publicId("pet", petition)) ?? null,
  created_at: timeOrNull(endpoint.createdAt),
  state: endpoint.disabledAt === null ? "enabled" : "disabled",
  disabled_at: timeOrNull(endpoint.disabledAt),
  disabled_reason: endpoint.disabledFor,
  failures: endpoint.failures,
  last_sequence: endpoint.lastSequence,
  previous_secret_until: timeOrNull(endpoint.previousUntil),
});

const withSecretAnswer = ({ secret, ...endpoint }: WithSecret) => ({ ...endpointAnswer(endpoint), secret });

const endpointList = (endpoints: readonly Endpoint[]) => ({ data: endpoints.map(endpointAnswer), next_cursor: null });

const deliveryAnswer = (endpointId: string, { sequence, ...delivery }: Delivery) => ({
  message_id: publicId("msg", messageUuid(endpointId, sequence)),
  sequence,
  type: delivery.type,
  test: delivery.test === 1,
  timestamp: timeOrNull(delivery.at),
  status: delivery.state,
  attempts: delivery.attempts,
  last_attempt_at: timeOrNull(delivery.triedAt),
  next_attempt_at: timeOrNull(delivery.dueAt),
  response_status: delivery.status,
  error: delivery.error,
  duration_ms: delivery.ms,
});
