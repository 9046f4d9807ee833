import { env } from "cloudflare:workers";
import { EXAMPLE_PARTNER_KEY } from "../../../src/http/openapi.ts";
import { coldIsolate, keepingQueue } from "../../support/isolate.ts";
import { asPartner, newKey, newPartner } from "../../support/partners.ts";
import { webhookStage } from "../../support/webhooks.ts";

const isolate = coldIsolate({ WEBHOOKS: keepingQueue() });
const EXAMPLE_WEBHOOK = "whk_01936d9e-8c4b-7f00-9a51-00005afe0201";
const terms = { url: "https://hooks.union.example/", events: ["petition.closed"] };

/** An endpoint in the place of the example's, with its owner's key. */
const endpoint = async () => {
  const { webhook, key } = await webhookStage();
  return { [EXAMPLE_WEBHOOK]: webhook.id, [EXAMPLE_PARTNER_KEY]: key };
};

export const stages = {
  readWebhook: endpoint,
  changeWebhook: endpoint,
  deleteWebhook: endpoint,
  rotateWebhookSecret: endpoint,
  enableWebhook: endpoint,
  testWebhook: endpoint,
  listDeliveries: endpoint,
  replayDeliveries: endpoint,
};

const ask = async (method: string, path: string, body?: string, type = "application/json") => {
  const { webhook, key } = await webhookStage();
  return isolate.fetch(`/v1/partner/webhooks${path.replace("ID", webhook.id)}`, {
    method,
    headers: { Authorization: `Bearer ${key}`, "Content-Type": type },
    ...(body === undefined ? {} : { body }),
  });
};

const bodyProblems = (method: string, path: string) => ({
  invalid_json: () => ask(method, path, "{"),
  invalid_request: () => ask(method, path, '{"nothing":"known"}'),
  payload_too_large: () => ask(method, path, `"${"x".repeat(33_000)}"`),
  unsupported_media_type: () => ask(method, path, "{}", "text/plain"),
});

export const problems = {
  createWebhook: {
    ...bodyProblems("POST", ""),
    webhooks_full: async () => {
      const { key } = await newKey(await newPartner());
      const create = () => asPartner(isolate, key, "POST", "/v1/partner/webhooks", { body: terms });
      for (let n = 0; n < 10; n++) await create();
      return create();
    },
  },
  changeWebhook: bodyProblems("PUT", "/ID"),
  rotateWebhookSecret: bodyProblems("POST", "/ID/rotate-secret"),
  enableWebhook: bodyProblems("POST", "/ID/enable"),
  testWebhook: {
    ...bodyProblems("POST", "/ID/test"),
    webhook_disabled: async () => {
      const { askIt, uuid } = await webhookStage();
      await env.DB.prepare("UPDATE webhook_endpoints SET disabled_at = 1, disabled_for = 'failing' WHERE id = ?")
        .bind(uuid)
        .run();
      return askIt("POST", "/test", {});
    },
  },
  listDeliveries: {
    invalid_request: () => ask("GET", "/ID/deliveries?limit=0"),
    invalid_cursor: () => ask("GET", "/ID/deliveries?cursor=made-up"),
  },
  replayDeliveries: bodyProblems("POST", "/ID/replay"),
};
