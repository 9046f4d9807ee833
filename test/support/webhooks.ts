import { env } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import { expect, vi } from "vitest";
import type { WebhookMessage } from "../../src/bindings.ts";
import { coldIsolate, keepingQueue } from "./isolate.ts";
import { asPartner, newKey, newPartner, type PartnerView } from "./partners.ts";

/** An endpoint as its owner reads it, as far as tests look at it. */
export interface WebhookView {
  readonly id: string;
  readonly url: string;
  readonly state: string;
  readonly last_sequence: number;
  readonly secret: string;
  readonly [field: string]: unknown;
}

/** A message as a receiver gets it. */
export interface Received {
  readonly url: string;
  readonly id: string;
  readonly headers: Headers;
  readonly body: string;
  readonly message: {
    readonly type: string;
    readonly timestamp: string;
    readonly sequence: number;
    readonly test?: true;
    readonly data: Record<string, unknown>;
  };
  readonly init: RequestInit;
}

/** What a receiver makes of a message; a thrown error is one of the connection. */
type Answer = (received: Received, count: number) => Response | Promise<Response>;

const fine: Answer = () => new Response("thanks");

/** Stands in for every receiver on the internet; `calls` are the messages, in the order in which they came. */
export function receivers(answer: Answer = fine): { calls: Received[]; answer: Answer } {
  const stage = { calls: [] as Received[], answer };
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    const headers = new Headers(init.headers);
    const body = String(init.body);
    const id = headers.get("webhook-id") ?? "";
    const received = { url, id, headers, body, message: JSON.parse(body) as Received["message"], init };
    stage.calls.push(received);
    return stage.answer(received, stage.calls.length);
  });
  return stage;
}

/** A message as the library of Standard Webhooks lets it through with a secret; throws when it does not. */
export const verified = (secret: string, { headers, body }: Pick<Received, "headers" | "body">): Received["message"] =>
  new Webhook(secret).verify(body, Object.fromEntries(headers)) as Received["message"];

/** A partner with a key and an endpoint, and what tests do with them. */
export async function webhookStage(
  terms: Record<string, unknown> = {},
  { partner, keyTerms = {} }: { partner?: PartnerView; keyTerms?: Record<string, unknown> } = {},
) {
  const owner = partner ?? (await newPartner());
  const { key } = await newKey(owner, keyTerms);
  const bells = keepingQueue<WebhookMessage>();
  const isolate = coldIsolate({ WEBHOOKS: bells });
  const ask = (method: string, path: string, body?: unknown) =>
    asPartner(isolate, key, method, `/v1/partner/webhooks${path}`, body === undefined ? {} : { body });
  const url = `https://${owner.code}.example/hook`;
  const created = await ask("POST", "", { url, events: ["petition.closed"], ...terms });
  const webhook = (await created.json()) as WebhookView;
  expect([created.status, webhook]).toEqual([201, expect.anything()]);
  const uuid = webhook.id.slice(4);
  const row = async () =>
    (await env.DB.prepare("SELECT * FROM webhook_endpoints WHERE id = ?").bind(uuid).first()) as Record<
      string,
      unknown
    >;
  return {
    ...{ partner: owner, key, bells, isolate, webhook, uuid, row },
    ask,
    /** A request about the endpoint. */
    askIt: (method: string, path = "", body?: unknown) => ask(method, `/${webhook.id}${path}`, body),
    /** A turn of the endpoint, by the consumer; gives what is to be retried. */
    turn: (overrides: Record<string, unknown> = {}) =>
      coldIsolate({ WEBHOOKS: bells, ...overrides }).deliver("webhooks", [{ v: 1, endpoint_id: uuid }]),
    deliveries: async () =>
      (
        await env.DB.prepare("SELECT * FROM webhook_deliveries WHERE endpoint_id = ? ORDER BY sequence")
          .bind(uuid)
          .all()
      ).results as unknown as {
        sequence: number;
        type: string;
        state: string;
        attempts: number;
        error: string | null;
      }[],
    /** Lets happen what the endpoint hears of, some times. */
    events: (count: number, type = "petition.closed") => happen(owner.code, uuid, count, type),
    /** As if so much time had passed that everything is due. */
    later: async () => {
      await env.DB.batch([
        env.DB.prepare("UPDATE webhook_deliveries SET due_at = 1 WHERE endpoint_id = ? AND due_at > 1").bind(uuid),
        env.DB.prepare("UPDATE webhook_endpoints SET rests_until = 0, lease_until = 0 WHERE id = ?").bind(uuid),
      ]);
    },
  };
}

/** Events about nothing in particular, as the database's triggers tell them. */
async function happen(partner: string, endpoint: string, count: number, type: string): Promise<void> {
  await env.DB.prepare(
    `INSERT INTO webhook_events (type, partner, endpoint) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
     WHERE i < ?1) SELECT ?2, ?3, ?4 FROM n`,
  )
    .bind(count, type, partner, endpoint)
    .run();
}
