import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { utf8 } from "../../src/lib/bytes.ts";
import type { DeliveryMessage } from "../../src/mail/record-delivery-events.ts";
import { coldIsolate, keepingQueue, refusingQueue } from "../support/isolate.ts";
import { listenToLogs, mailingThroughResend, PERMANENT, resendEvent, signWebhook } from "../support/resend.ts";
import { foundTown } from "../support/town.ts";

beforeAll(foundTown);

const MINUTE = 60_000;
const { settings, keys } = mailingThroughResend();
const ITEM = "0".repeat(32);
const ADDRESS = "anna@example.org";

let logs: ReturnType<typeof listenToLogs>;
let queue: ReturnType<typeof keepingQueue<DeliveryMessage>>;

beforeEach(() => {
  logs = listenToLogs();
  queue = keepingQueue<DeliveryMessage>();
});

afterEach(() => {
  vi.restoreAllMocks();
  expect(logs.text).not.toContain("example.org");
});

/** Posts to the webhook of a Worker that mails through Resend. */
const post = (body: string, headers: Record<string, string>, overrides: Record<string, unknown> = {}) =>
  coldIsolate({ ...settings, MAIL_EVENTS: queue, ...overrides }).fetch("/hooks/resend", {
    method: "POST",
    body,
    headers,
  });

const eventOf = async (type = "email.bounced", data: Record<string, unknown> = PERMANENT) => {
  const tag = await keys.issueToken("delivery", utf8(ITEM));
  return resendEvent(type, { to: [ADDRESS], tags: [{ name: "mail", value: tag }] }, data);
};

const flawOf = async (response: Response) => {
  expect(response.headers.get("Content-Type")).toBe("application/problem+json");
  const { status, code, errors } = (await response.json()) as {
    status: number;
    code: string;
    errors?: { pointer: string }[];
  };
  return [status, code, errors?.[0]?.pointer];
};

test("a signed event is queued at once, without the address", async () => {
  const at = Date.parse("2026-11-23T10:20:30.000Z");
  const body = JSON.stringify(await eventOf("email.bounced", { ...PERMANENT, at }));
  const response = await post(body, await signWebhook(body, { id: "msg_1" }));
  expect([response.status, await response.text()]).toEqual([204, ""]);
  const recipient = await keys.hash("suppression", ADDRESS);
  expect(queue.sent).toEqual([{ v: 1, id: "msg_1", kind: "bounced_hard", at, item: ITEM, recipient }]);
});

test("signed under the names of Standard Webhooks, and beside a signature under another key, it is the same event", async () => {
  const body = JSON.stringify(await eventOf());
  const signed = await signWebhook(body);
  const renamed = Object.fromEntries(
    Object.entries(signed).map(([name, value]) => [name.replace("svix", "webhook"), value]),
  );
  expect((await post(body, renamed)).status).toBe(204);
  const rotating = { ...signed, "svix-signature": `v1,${btoa("x".repeat(32))} ${signed["svix-signature"]}` };
  expect((await post(body, rotating)).status).toBe(204);
  expect(queue.sent.length).toBe(2);
});

describe("what is not signed by Resend, now, is refused with the reason, and nothing is queued", () => {
  const other = `whsec_${btoa("another key of 24 bytes.")}`;
  test.each([
    ["another key", (body: string) => signWebhook(body, { secret: other }), "svix-signature"],
    ["another body", () => signWebhook("{}"), "svix-signature"],
    ["no signature", () => Promise.resolve({}), "svix-signature"],
    ["another version", signedAs((value) => value.replace("v1,", "v2,")), "svix-signature"],
    ["half a signature", signedAs((value) => value.slice(0, 20)), "svix-signature"],
    ["an empty signature", signedAs(() => "v1,"), "svix-signature"],
    ["a signature without its comma", signedAs(() => "v1"), "svix-signature"],
    ["a time that is none", signedAs((value) => value, { "svix-timestamp": "soon" }), "svix-signature"],
    ["another id", signedAs((value) => value, { "svix-id": "msg_2" }), "svix-signature"],
    [
      "a time of five minutes ago",
      (body: string) => signWebhook(body, { at: Date.now() - 5 * MINUTE - 2_000 }),
      "svix-timestamp",
    ],
    [
      "a time in five minutes",
      (body: string) => signWebhook(body, { at: Date.now() + 5 * MINUTE + 2_000 }),
      "svix-timestamp",
    ],
  ])("%s", async (_, sign, pointer) => {
    const body = JSON.stringify(await eventOf());
    expect(await flawOf(await post(body, await sign(body)))).toEqual([401, "unauthorized", pointer]);
    expect(queue.sent).toEqual([]);
  });

  test.each([-5 * MINUTE + 2_000, 5 * MINUTE - 2_000])("but a clock may be %i ms off", async (off) => {
    const body = JSON.stringify(await eventOf());
    expect((await post(body, await signWebhook(body, { at: Date.now() + off }))).status).toBe(204);
    expect(queue.sent.length).toBe(1);
  });
});

function signedAs(change: (signature: string) => string, more: Record<string, string> = {}) {
  return async (body: string) => {
    const headers = await signWebhook(body);
    return { ...headers, "svix-signature": change(headers["svix-signature"] ?? ""), ...more };
  };
}

describe("an event about a mail that is not ours is taken and forgotten", () => {
  const withTag = async (tags: unknown) => ({ ...(await eventOf()), data: { to: [ADDRESS], tags, ...PERMANENT } });
  test.each([
    ["no tag", () => withTag(undefined)],
    ["another tag", () => withTag({ category: "newsletter" })],
    [
      "a forged tag",
      async () => withTag({ mail: `${(await keys.issueToken("delivery", utf8(ITEM))).slice(0, -3)}AAA` }),
    ],
    [
      "a tag made with another key",
      async () => withTag({ mail: await mailingThroughResend().keys.issueToken("delivery", utf8(ITEM)) }),
    ],
    ["a token made for something else", async () => withTag({ mail: await keys.issueToken("withdraw", utf8(ITEM)) })],
    ["garbage", () => withTag({ mail: "'; DROP TABLE signatures; --" })],
    ["an empty tag", () => withTag({ mail: "" })],
    ["another kind of event", () => eventOf("email.opened")],
    ["an event of tomorrow's kind", () => eventOf("email.teleported")],
    [
      "nothing about mail",
      async () => ({ type: "domain.updated", created_at: "2026-11-23T10:00:00Z", data: { id: "x" } }),
    ],
  ])("%s", async (_, make) => {
    const body = JSON.stringify(await make());
    expect((await post(body, await signWebhook(body))).status).toBe(204);
    expect(queue.sent).toEqual([]);
  });
});

describe("a body that can't be read is refused", () => {
  test.each([
    ["no JSON", "{", 400, "invalid_json"],
    ["no object", "7", 400, "invalid_request"],
    ["nothing", "", 400, "invalid_json"],
    ["an event without a time", JSON.stringify({ type: "email.bounced", data: {} }), 400, "invalid_request"],
    [
      "an event at no time",
      JSON.stringify({ type: "email.bounced", created_at: "x", data: {} }),
      400,
      "invalid_request",
    ],
    [
      "an event without data",
      JSON.stringify({ type: "email.bounced", created_at: "2026-11-23T10:00:00Z" }),
      400,
      "invalid_request",
    ],
    ["more than 32 KB", JSON.stringify({ type: "x", pad: "x".repeat(33_000) }), 413, "payload_too_large"],
  ])("%s", async (_, body, status, code) => {
    expect((await flawOf(await post(body, await signWebhook(body)))).slice(0, 2)).toEqual([status, code]);
    expect(queue.sent).toEqual([]);
  });

  test("and its size is judged before its signature", async () => {
    expect((await post("x".repeat(33_000), {})).status).toBe(413);
  });
});

test("when the queue refuses, Resend is told to come again", async () => {
  const body = JSON.stringify(await eventOf());
  const response = await post(body, await signWebhook(body), { MAIL_EVENTS: refusingQueue });
  expect([response.status, response.headers.get("Retry-After")]).toEqual([503, "60"]);
});

test("where Resend is not configured there is no such route, however well signed", async () => {
  const body = JSON.stringify(await eventOf());
  const without = { RESEND_API_KEY: undefined, RESEND_WEBHOOK_SECRET: undefined, MAILER: {} };
  const response = await post(body, await signWebhook(body), without);
  expect(await flawOf(response)).toEqual([404, "not_found", undefined]);
});

test("half a configuration serves nothing and names the other half", async () => {
  const response = await post("{}", {}, { RESEND_WEBHOOK_SECRET: undefined });
  expect(await flawOf(response)).toEqual([503, "misconfigured", "RESEND_WEBHOOK_SECRET"]);
});
