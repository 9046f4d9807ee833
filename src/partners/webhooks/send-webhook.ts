import { Webhook } from "standardwebhooks";
import type { DeliveryError } from "./webhook.ts";

// What a receiver has to put a message into its own queue; slower ones are cut off.
const TIMEOUT_MS = 10_000;

/** A message that is ready to go. */
export interface OutgoingWebhook {
  /** The same for the same event of an endpoint, however often it goes out. */
  readonly id: string;
  readonly url: string;
  readonly body: string;
  /** `whsec_…`, one or, while they overlap, two; the receiver needs any of them. */
  readonly secrets: readonly string[];
}

/** What became of an attempt. */
export interface Attempt {
  readonly error: DeliveryError | null;
  /** Of the answer; null when there was none. */
  readonly status: number | null;
  readonly ms: number;
}

/**
 * Makes one attempt, by the Standard Webhooks' rules: any 2xx is a success, a redirect is none and is not followed. Never
 * throws; comes back within 10 seconds.
 * Source: github.com/standard-webhooks/standard-webhooks, "Webhook headers", "Signature scheme", "Operational considerations".
 */
export async function sendWebhook(
  { clock, userAgent }: { readonly clock: () => number; readonly userAgent: string },
  { id, url, body, secrets }: OutgoingWebhook,
): Promise<Attempt> {
  const begun = clock();
  const at = new Date(begun);
  const after = (error: DeliveryError | null, status: number | null): Attempt => ({
    error,
    status,
    ms: Math.max(0, clock() - begun),
  });
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "User-Agent": userAgent,
        "webhook-id": id,
        "webhook-timestamp": String(Math.floor(begun / 1000)),
        "webhook-signature": secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(" "),
      },
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const { status } = response;
    // Nothing of an answer is used but its status, so nothing is read: it may be endless, or come a byte a minute.
    await response.body?.cancel().catch(() => undefined);
    if (status === 410) return after("gone", status);
    if (status >= 300 && status < 400) return after("redirect", status);
    return after(response.ok ? null : "http", status);
  } catch (error) {
    const late = error instanceof Error && error.name === "TimeoutError";
    return after(late ? "timeout" : "connection", null);
  }
}
