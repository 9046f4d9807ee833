import { type Context, Hono } from "hono";
import { Webhook, WebhookVerificationError } from "standardwebhooks";
import { Problem } from "../http/problems.ts";
import { parseJson, RESIDENT_BODY_BYTES, readBody } from "../http/validation.ts";
import { describeError, log } from "../lib/log.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import { type DeliveryMessage, deliveryMessage } from "./record-delivery-events.ts";
import { readResendEvent } from "./resend-events.ts";

export interface ResendWebhookDeps {
  /** Undefined when Resend is not configured, and then the route does not exist. */
  readonly resendWebhookSecret: string | undefined;
  readonly keys: RootKeys;
  readonly enqueueDelivery: (message: DeliveryMessage) => Promise<unknown>;
}

/** Where Resend says what became of our mails. The event is queued; the queue's consumer records it. */
export const resendWebhookRoutes = (depsOf: (c: Context) => ResendWebhookDeps) =>
  new Hono().post("/hooks/resend", async (c) => {
    const deps = depsOf(c);
    if (deps.resendWebhookSecret === undefined) throw new Problem("not_found");
    const body = await readBody(c.req.raw, RESIDENT_BODY_BYTES);
    const id = verify(deps.resendWebhookSecret, c, body);
    const event = readResendEvent(parseJson(body));
    if (event === null) throw new Problem("invalid_request", { errors: [] });
    const message = event === "ignored" ? null : await deliveryMessage(deps.keys, id, event);
    if (message) {
      await deps.enqueueDelivery(message).catch((error) => {
        // Resend sends it again, for some ten hours.
        log("delivery_event_not_queued", describeError(error));
        throw new Problem("unavailable", { headers: { "Retry-After": "60" } });
      });
    }
    return c.body(null, 204);
  });

/**
 * Checks signature and time (at most 5 minutes from ours) over the raw body, and gives the event's id. Raises
 * `unauthorized`. Resend signs with Svix, whose headers are the Standard Webhooks' under another name.
 */
function verify(secret: string, c: Context, body: string): string {
  const header = (name: string): string => c.req.header(`svix-${name}`) ?? c.req.header(`webhook-${name}`) ?? "";
  const headers = {
    "webhook-id": header("id"),
    "webhook-timestamp": header("timestamp"),
    "webhook-signature": header("signature"),
  };
  try {
    new Webhook(secret).verify(body, headers, { jsonParse: false });
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    const late = /timestamp too/.test(error.message);
    const flaw = late
      ? { pointer: "svix-timestamp", code: "out_of_range", detail: "is more than 5 minutes from now" }
      : { pointer: "svix-signature", code: "mismatch", detail: "is not of this body and the shared secret" };
    throw new Problem("unauthorized", { errors: [flaw] });
  }
  return headers["webhook-id"];
}
