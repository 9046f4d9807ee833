import * as v from "valibot";
import type { MailSender, OutgoingMail, SendResult } from "./sender.ts";

const ENDPOINT = "https://api.resend.com/emails/batch";
// Resend's own limit for one call.
const BATCH = 100;
const TIMEOUT_MS = 10_000;
// Nobody is told to wait longer than a day: quotas are daily.
const MAX_WAIT_SECONDS = 24 * 60 * 60;

const Accepted = v.object({
  data: v.array(v.object({ id: v.string() })),
  errors: v.optional(v.array(v.object({ index: v.pipe(v.number(), v.integer(), v.minValue(0)) })), []),
});
const Refused = v.object({ name: v.pipe(v.string(), v.regex(/^[a-z_]{1,60}$/)) });

/**
 * Sends through Resend's batch endpoint. A call made again within 24 hours under its `Idempotency-Key` sends nothing.
 * `from`: the address; `name`: the municipality, shown beside it.
 * Source: resend.com/docs, "Send Batch Emails", "Idempotency Keys", "Errors".
 */
export function resendSender(apiKey: string, from: { email: string; name: string }, clock: () => number): MailSender {
  const sender = `"${from.name.replace(/[\p{Cc}"\\]/gu, " ")}" <${from.email}>`;
  const post = async (mails: readonly OutgoingMail[], key: string): Promise<SendResult[]> => {
    const all = (result: SendResult) => mails.map(() => result);
    let status: number;
    let retryAfter: string | null;
    let answer: unknown;
    try {
      const response = await fetch(ENDPOINT, {
        method: "POST",
        headers: {
          Authorization: `Bearer ${apiKey}`,
          "Content-Type": "application/json",
          "Idempotency-Key": key,
          // Without it one mail that is refused holds back the other ninety-nine.
          "x-batch-validation": "permissive",
        },
        body: JSON.stringify(mails.map((mail) => bodyOf(sender, mail))),
        redirect: "manual",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      status = response.status;
      retryAfter = response.headers.get("Retry-After");
      answer = await response.json().catch(() => null);
    } catch (error) {
      const late = error instanceof Error && error.name === "TimeoutError";
      return all({ status: "transient", code: late ? "timeout" : "network" });
    }
    if (status === 200) return accepted(mails.length, answer);
    const result = refused(status, answer, secondsOf(retryAfter, clock()));
    if (result.status !== "permanent" || mails.length === 1) return all(result);
    // The call as a whole is not valid: halves find the mail that is at fault. Their keys are as lasting as its own.
    const half = Math.ceil(mails.length / 2);
    return [...(await post(mails.slice(0, half), `${key}.0`)), ...(await post(mails.slice(half), `${key}.1`))];
  };
  return { batch: BATCH, repeatable: true, send: post };
}

const bodyOf = (from: string, { to, subject, text, html, headers, tag }: OutgoingMail) => ({
  from,
  to: [to],
  subject,
  text,
  html,
  headers,
  tags: [{ name: "mail", value: tag }],
});

/** In permissive mode the ids are those of the mails that were taken, in step, and `errors` names the others. */
function accepted(mails: number, answer: unknown): SendResult[] {
  const parsed = v.safeParse(Accepted, answer);
  const failed = new Set(parsed.success ? parsed.output.errors.map(({ index }) => index) : []);
  const whole = parsed.success && parsed.output.data.length + failed.size === mails;
  return Array.from({ length: mails }, (_, index): SendResult => {
    if (!whole) return { status: "transient", code: "malformed_answer" };
    return failed.has(index) ? { status: "permanent", code: "validation_error" } : { status: "sent" };
  });
}

function refused(status: number, answer: unknown, wait: number | null): SendResult {
  const parsed = v.safeParse(Refused, answer);
  const code = parsed.success ? parsed.output.name : `http_${status}`;
  // The key is known with another body: these mails went out before, and something in them has changed since.
  if (code === "invalid_idempotent_request") return { status: "sent" };
  if (status === 429 && wait !== null) return { status: "later", code, seconds: wait };
  // A key or a domain that is not right (401, 403) is the operator's to mend, and then the mail goes.
  return { status: [400, 413, 422].includes(status) ? "permanent" : "transient", code };
}

/** `Retry-After` in seconds (RFC 9110, 10.2.3: a number, or a date). */
function secondsOf(header: string | null, now: number): number | null {
  const text = header?.trim() ?? "";
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : Math.ceil((Date.parse(text) - now) / 1000);
  return Number.isNaN(seconds) ? null : Math.min(Math.max(seconds, 1), MAX_WAIT_SECONDS);
}
