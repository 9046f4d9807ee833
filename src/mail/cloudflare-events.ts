import * as v from "valibot";
import type { DeliveryKind } from "./delivery.ts";

/** What one of Cloudflare's events says. */
export interface CloudflareEvent {
  readonly id: string;
  readonly kind: DeliveryKind;
  readonly at: number;
  /** The address in clear: Cloudflare's events name neither a tag nor a header of the mail. */
  readonly recipient: string;
}

const Event = v.object({
  payload: v.object({
    eventId: v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/)),
    sender: v.string(),
    recipient: v.string(),
    bounce: v.optional(v.object({ type: v.string() })),
    rejection: v.optional(v.object({ reason: v.string() })),
  }),
  metadata: v.object({ eventTimestamp: v.pipe(v.string(), v.transform(Date.parse), v.number(), v.integer()) }),
});

const TYPE = /^cf\.email\.sending\.message\.([a-z_]{1,40})$/;

/** Whether a message of the queue is one of Cloudflare's, of whatever kind. */
export const isCloudflareEvent = (body: unknown): boolean =>
  typeof body === "object" && body !== null && String(Reflect.get(body, "type")).startsWith("cf.");

/**
 * Reads an event of Cloudflare Email Service. `ignored`: an event that says nothing we count, or about a mail that is not
 * ours (a subscription covers the whole sending domain); null: not readable.
 * Source: developers.cloudflare.com/email-service/platform/event-subscriptions, schema version 1.
 */
export function readCloudflareEvent(body: unknown, mailFrom: string): CloudflareEvent | "ignored" | null {
  const name = TYPE.exec(String(Reflect.get(body as object, "type")))?.[1];
  if (!name || !["delivered", "bounced", "complained", "rejected", "failed"].includes(name)) return "ignored";
  const parsed = v.safeParse(Event, body);
  if (!parsed.success) return null;
  const { payload, metadata } = parsed.output;
  if (payload.sender.toLowerCase() !== mailFrom.toLowerCase()) return "ignored";
  // `send()` has said so already, and it was counted then.
  if (name === "rejected" && payload.rejection?.reason === "suppressed") return "ignored";
  const hard = name === "bounced" && payload.bounce?.type === "hard";
  const kind = name === "delivered" || name === "complained" ? name : hard ? "bounced_hard" : "bounced_soft";
  return { id: payload.eventId, kind, at: metadata.eventTimestamp, recipient: payload.recipient };
}
