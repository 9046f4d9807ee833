import { env } from "cloudflare:workers";
import { vi } from "vitest";
import { fromBase64, toBase64 } from "../../src/lib/bytes.ts";
import { RootKeys } from "../../src/lib/root-keys.ts";

const WEBHOOK_KEY = crypto.getRandomValues(new Uint8Array(24));
export const API_KEY = "re_notthekeyofanybody";
const WEBHOOK_SECRET = `whsec_${toBase64(WEBHOOK_KEY)}`;

/** The settings of a deployed Worker that mails through Resend, and its keys. */
export function mailingThroughResend(rootKey = crypto.getRandomValues(new Uint8Array(32))) {
  const settings: Record<string, unknown> = {
    ENVIRONMENT: "production",
    PUBLIC_URL: "https://petitions.example",
    ROOT_KEY: toBase64(rootKey),
    RESEND_API_KEY: API_KEY,
    RESEND_WEBHOOK_SECRET: WEBHOOK_SECRET,
    MAIL_CAPTURE: undefined,
  };
  return { settings, keys: new RootKeys(rootKey), rootKey };
}

/** A mail as Resend is given it. */
export interface ResendMail {
  readonly from: string;
  readonly to: string[];
  readonly subject: string;
  readonly text: string;
  readonly tags: { name: string; value: string }[];
}

interface Call {
  readonly key: string;
  readonly headers: Headers;
  readonly signal: AbortSignal;
  readonly mails: ResendMail[];
}

/** What Resend does with a call instead of taking it. `lost`: it takes it, and the answer does not arrive. */
type Fault = undefined | { answer: Response } | { throws: Error } | { lost: Error } | { taken: Response };

/**
 * Resend as its documentation describes it, in place of the network: it knows a call by its key and, when the body is
 * the same, answers as the first time; with another body it refuses. `invalid`: mails it will not take. `fault` decides
 * for each call, from its number (from 1 on).
 */
export function standInForResend({
  fault = () => undefined,
  invalid = () => false,
}: {
  fault?: (call: number, mails: readonly ResendMail[]) => Fault | Promise<Fault>;
  invalid?: (mail: ResendMail) => boolean;
} = {}) {
  const known = new Map<string, { body: string; answer: string }>();
  const resend = { calls: [] as Call[], delivered: [] as ResendMail[] };
  const take = (headers: Headers, body: string, mails: ResendMail[]): Response => {
    const key = headers.get("Idempotency-Key") ?? "";
    const strict = headers.get("x-batch-validation") !== "permissive";
    const before = known.get(key);
    if (before?.body === body) return new Response(before.answer, { status: 200 });
    if (before) return problem(409, "invalid_idempotent_request");
    const errors = mails.flatMap((mail, index) =>
      invalid(mail) ? [{ index, message: `Invalid \`to\` field: ${mail.to}` }] : [],
    );
    if (errors.length > 0 && strict) return problem(422, "validation_error");
    const taken = mails.filter((mail) => !invalid(mail));
    resend.delivered.push(...taken);
    const answer = JSON.stringify({ data: taken.map(() => ({ id: crypto.randomUUID() })), errors });
    known.set(key, { body, answer });
    return new Response(answer, { status: 200 });
  };
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    if (url !== "https://api.resend.com/emails/batch") throw new Error(`nobody may call ${url}`);
    const headers = new Headers(init.headers as HeadersInit);
    const key = headers.get("Idempotency-Key") ?? "";
    const mails = JSON.parse(String(init.body)) as ResendMail[];
    resend.calls.push({ key, headers, signal: init.signal as AbortSignal, mails });
    init.signal?.throwIfAborted();
    const wrong = await fault(resend.calls.length, mails);
    if (wrong && "throws" in wrong) throw wrong.throws;
    if (wrong && "answer" in wrong) return wrong.answer;
    const answer = take(headers, String(init.body), mails);
    if (wrong && "lost" in wrong) throw wrong.lost;
    return wrong && "taken" in wrong ? wrong.taken : answer;
  });
  return {
    ...resend,
    /** How many mails each of some addresses has got. */
    received: (addresses: readonly string[]) =>
      addresses.map((address) => resend.delivered.filter(({ to }) => to[0] === address).length),
    mailTo: (address: string) => resend.delivered.find(({ to }) => to[0] === address),
  };
}

/** An error as Resend answers it. Its message quotes the address, as Resend's do. */
export const problem = (status: number, name: string, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify({ statusCode: status, name, message: "Invalid `to` field: somebody@example.org" }), {
    status,
    headers,
  });

/** A webhook's headers: signed as the Standard Webhooks say, with Svix's names. `at`: milliseconds since 1970. */
export async function signWebhook(
  body: string,
  { id = `msg_${crypto.randomUUID()}`, at = Date.now(), secret = WEBHOOK_SECRET } = {},
): Promise<Record<string, string>> {
  const bytes = fromBase64(secret.slice("whsec_".length)) ?? new Uint8Array();
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", bytes, hmac, false, ["sign"]);
  const timestamp = `${Math.floor(at / 1000)}`;
  const mac = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(`${id}.${timestamp}.${body}`));
  return {
    "Content-Type": "application/json",
    "svix-id": id,
    "svix-timestamp": timestamp,
    "svix-signature": `v1,${toBase64(new Uint8Array(mac))}`,
  };
}

/** An event of Resend about a mail. */
export const resendEvent = (
  type: string,
  mail: Pick<ResendMail, "to" | "tags">,
  { at = Date.now(), ...data }: Record<string, unknown> & { at?: number } = {},
) => ({
  type,
  created_at: new Date(at).toISOString(),
  data: {
    created_at: new Date(at).toISOString(),
    email_id: crypto.randomUUID(),
    from: "Town of Brackwater <petitions@brackwater.example>",
    to: mail.to,
    subject: "Please confirm your signature",
    tags: Object.fromEntries(mail.tags.map(({ name, value }) => [name, value])),
    ...data,
  },
});

export const PERMANENT = { bounce: { type: "Permanent", subType: "General", message: "550 5.1.1 user unknown" } };
export const TRANSIENT = { bounce: { type: "Transient", subType: "MailboxFull", message: "452 4.2.2 mailbox full" } };

/** An event as Cloudflare Email Service publishes it. */
export const cloudflareEvent = (
  name: string,
  recipient: string,
  {
    id = crypto.randomUUID() as string,
    at = Date.now(),
    sender = MAIL_FROM,
    ...payload
  }: Record<string, unknown> & {
    id?: string;
    at?: number;
    sender?: string;
  } = {},
) => ({
  type: `cf.email.sending.message.${name}`,
  source: { type: "email.sending", zoneId: "023e105f4ecef8ad9ca31a8372d0c353", domain: "brackwater.example" },
  payload: {
    eventId: id,
    messageId: `0101018f7d0c4d9a-${crypto.randomUUID()}`,
    sender,
    recipient,
    subject: "Please confirm your signature",
    terminal: true,
    delivery: { status: name },
    ...payload,
  },
  metadata: {
    accountId: "f9f79265f388666de8122cfb508d7776",
    eventSubscriptionId: "1830c4bb612e43c3af7f4cada31fbf3f",
    eventSchemaVersion: 1,
    eventTimestamp: new Date(at).toISOString(),
  },
});

const MAIL_FROM = "petitions@brackwater.example";

export const HARD = { bounce: { type: "hard", classification: "permanent_failure", reason: "550 5.1.1 User unknown" } };
export const SOFT = { bounce: { type: "soft", classification: "temporary_failure", reason: "451 4.2.0 try later" } };

/** Everything that is logged while a test runs. */
export function listenToLogs(): { readonly text: string } {
  const lines: string[] = [];
  vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
  return {
    get text() {
      return lines.join("\n");
    },
  };
}

/** What the database knows of a signature's mail. */
export const troubleOf = (petitionNo: number, n = 0) =>
  env.DB.prepare(
    "SELECT mail_trouble AS trouble, mail_trouble_at AS at FROM signatures WHERE petition_no = ? ORDER BY accepted_at LIMIT 1 OFFSET ?",
  )
    .bind(petitionNo, n)
    .first<{ trouble: string | null; at: number | null }>();
