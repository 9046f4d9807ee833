import { Webhook } from "standardwebhooks";
import { type DeliveryError, LONGEST_PAUSE_MS, pauseAfter } from "./webhook.ts";

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
  /** For how many milliseconds the answer asks to be left alone; 0: it does not. */
  readonly waitMs: number;
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
  const after = (error: DeliveryError | null, status: number | null, waitMs = 0): Attempt => ({
    error,
    status,
    ms: Math.max(0, clock() - begun),
    waitMs,
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
    // Nothing of an answer's body is used, so nothing is read: it may be endless, or come a byte a minute.
    await response.body?.cancel().catch(() => undefined);
    if (status === 410) return after("gone", status);
    if (status >= 300 && status < 400) return after("redirect", status);
    if (response.ok) return after(null, status);
    return after("http", status, askedWait(response, clock()));
  } catch (error) {
    const late = error instanceof Error && error.name === "TimeoutError";
    return after(late ? "timeout" : "connection", null);
  }
}

/**
 * How long whoever is too busy asks to be left alone: its Retry-After, in seconds or as a date, or a minute for a 429 without.
 * Source: RFC 9110, "Retry-After"; Standard Webhooks, which has senders slow down at 429.
 */
function askedWait({ status, headers }: Response, now: number): number {
  if (status !== 429 && status !== 503) return 0;
  const text = headers.get("Retry-After") ?? "";
  const asked = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  const least = status === 429 ? pauseAfter(1) : 0;
  return Math.min(Math.max(asked || 0, least), LONGEST_PAUSE_MS);
}
