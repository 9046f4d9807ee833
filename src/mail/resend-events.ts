import * as v from "valibot";
import type { DeliveryKind } from "./delivery.ts";

/** What one of Resend's events says. */
export interface ResendEvent {
  readonly kind: DeliveryKind;
  readonly at: number;
  /** The tag that the mail was given; undefined on a mail that is not ours: webhooks cover the whole account. */
  readonly tag: string | undefined;
  readonly recipient: string | undefined;
}

// The documentation shows tags as an object; Resend's own tools have met them as a list too.
const Tags = v.union([
  v.pipe(
    v.array(v.object({ name: v.string(), value: v.string() })),
    v.transform((list) => list.find(({ name }) => name === "mail")?.value),
  ),
  v.pipe(
    v.record(v.string(), v.string()),
    v.transform((tags) => tags.mail),
  ),
]);

const Event = v.object({
  // ISO 8601; older events have a blank for the T and an offset in hours only.
  created_at: v.pipe(
    v.string(),
    v.transform((text) => Date.parse(text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00"))),
    v.number(),
    v.integer(),
  ),
  data: v.object({
    to: v.optional(v.array(v.string()), []),
    tags: v.optional(Tags),
    bounce: v.optional(v.object({ type: v.string() })),
  }),
});

const KINDS: Readonly<Record<string, DeliveryKind>> = {
  "email.delivered": "delivered",
  "email.bounced": "bounced_soft",
  "email.failed": "bounced_soft",
  "email.complained": "complained",
  "email.suppressed": "suppressed",
};

/**
 * Reads an event of Resend. A bounce is hard when Resend calls it permanent; whatever it is not sure of suppresses nobody.
 * `ignored`: an event that says nothing we count; null: not readable. Source: resend.com/docs, "Event Types".
 */
export function readResendEvent(body: unknown): ResendEvent | "ignored" | null {
  const type = typeof body === "object" && body !== null ? String(Reflect.get(body, "type")) : "";
  const kind = Object.hasOwn(KINDS, type) ? KINDS[type] : undefined;
  if (!kind) return type === "" ? null : "ignored";
  const parsed = v.safeParse(Event, body);
  if (!parsed.success) return null;
  const { created_at: at, data } = parsed.output;
  const hard = type === "email.bounced" && data.bounce?.type.toLowerCase() === "permanent";
  return { kind: hard ? "bounced_hard" : kind, at, tag: data.tags, recipient: data.to[0] };
}
