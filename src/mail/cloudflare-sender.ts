import { type MailSender, oneByOne, type SendResult } from "./sender.ts";

// Mails between two notes of progress: what a death repeats at most, and a fraction of a row written for each mail.
const BATCH = 10;
// Errors that the same mail would meet again. Source: Cloudflare Email Service, error codes of `send_email`.
const PERMANENT = /^E_(VALIDATION_ERROR|FIELD_MISSING|RECIPIENT_|SENDER_|CONTENT_TOO_LARGE|HEADER_)/;

/** Sends through the `send_email` binding. `from`: the address; `name`: the municipality, shown beside it. */
export function cloudflareSender(binding: SendEmail, from: { email: string; name: string }): MailSender {
  return oneByOne(BATCH, async ({ to, subject, text, html, headers }): Promise<SendResult> => {
    try {
      await binding.send({ from, to, subject, text, html, headers: { ...headers } });
      return { status: "sent" };
    } catch (error) {
      const code = codeOf(error);
      if (code === "E_RECIPIENT_SUPPRESSED") return { status: "suppressed" };
      return { status: PERMANENT.test(code) ? "permanent" : "transient", code };
    }
  });
}

function codeOf(error: unknown): string {
  const code = typeof error === "object" && error !== null ? Reflect.get(error, "code") : undefined;
  return typeof code === "string" && /^E_[A-Z_]{1,60}$/.test(code) ? code : "E_UNKNOWN";
}
