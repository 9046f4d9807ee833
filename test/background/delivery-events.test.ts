import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { MailMessage } from "../../src/bindings.ts";
import { fromBase64Url, fromUtf8, toBase64 } from "../../src/lib/bytes.ts";
import { RootKeys } from "../../src/lib/root-keys.ts";
import type { DeliveryMessage } from "../../src/mail/record-delivery-events.ts";
import { coldIsolate, faultyDatabase, keepingQueue } from "../support/isolate.ts";
import {
  cloudflareEvent,
  HARD,
  listenToLogs,
  mailingThroughResend,
  PERMANENT,
  resendEvent,
  SOFT,
  signWebhook,
  standInForResend,
  TRANSIENT,
  troubleOf,
} from "../support/resend.ts";
import { freshEmail, postJson, sign, tokenOf } from "../support/resident.ts";
import { foundTown, openPetition } from "../support/town.ts";

beforeAll(foundTown);

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const { settings, keys, rootKey } = mailingThroughResend();

let logs: ReturnType<typeof listenToLogs>;
let resend: ReturnType<typeof standInForResend>;

beforeEach(async () => {
  logs = listenToLogs();
  resend = standInForResend();
  await env.DB.batch(["mail_events", "mail_rates"].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  expect(logs.text).not.toContain("example.org");
});

/** Somebody signs and is sent the verification mail. Gives the mail, and the petition. */
async function signer(email = freshEmail(), petition?: Awaited<ReturnType<typeof openPetition>>) {
  const signed = petition ?? (await openPetition({}, keys));
  await mailTo(email, signed.id);
  const mail = resend.delivered.findLast(({ to }) => to[0] === email);
  return { email, petition: signed, mail: mail ?? { to: [email], tags: [] } };
}

/** Signs a petition and delivers the mail about it, through Resend unless told otherwise. Gives the job. */
async function mailTo(email: string, petitionId: string, overrides: Record<string, unknown> = {}) {
  const INTAKE = keepingQueue();
  const MAIL = keepingQueue<MailMessage>();
  const isolate = coldIsolate({ ...settings, ...overrides, INTAKE, MAIL });
  expect((await sign(isolate, petitionId, { email })).status).toBe(202);
  await isolate.deliver("intake", INTAKE.sent);
  await isolate.deliver("mail", MAIL.sent);
  return MAIL.sent[0]?.job_id;
}

/** Has Resend post events; gives what the webhook queued. */
async function hook(...events: (readonly [event: unknown, id?: string])[]): Promise<DeliveryMessage[]> {
  const MAIL_EVENTS = keepingQueue<DeliveryMessage>();
  for (const [event, id] of events) {
    const body = JSON.stringify(event);
    const headers = await signWebhook(body, id === undefined ? {} : { id });
    const response = await coldIsolate({ ...settings, MAIL_EVENTS }).fetch("/hooks/resend", {
      method: "POST",
      body,
      headers,
    });
    expect(response.status).toBe(204);
  }
  return MAIL_EVENTS.sent;
}

const record = (events: readonly unknown[], overrides: Record<string, unknown> = {}) =>
  coldIsolate({ ...settings, ...overrides }).deliver("mail-events", events);

interface Rates {
  readonly as_of: string;
  readonly days: Record<string, number | string>[];
}

const rates = async (query = "", overrides: Record<string, unknown> = {}): Promise<Rates> => {
  const response = await coldIsolate({ ...settings, STAFF_BOOTSTRAP_KEY: "b".repeat(32), ...overrides }).fetch(
    `/v1/admin/mail/rates${query}`,
    { headers: { Authorization: `Bearer ${"b".repeat(32)}` } },
  );
  expect(response.status).toBe(200);
  return response.json();
};

const NONE = { sent: 0, delivered: 0, bounced_hard: 0, bounced_soft: 0, complained: 0, suppressed: 0 };

/** All of the days' rates together. */
const totals = async () =>
  (await rates()).days.reduce<Record<string, number>>(
    (sum, day) => Object.fromEntries(Object.keys(NONE).map((kind) => [kind, (sum[kind] ?? 0) + Number(day[kind])])),
    NONE,
  );

const suppression = (hash: string) =>
  env.DB.prepare("SELECT reason, since FROM suppressed_addresses WHERE hash = ?").bind(hash).first();

const hashOf = (email: string, under = keys) => under.hash("suppression", email);

test("a hard bounce is noted on the signature, suppresses the address, and the next mail to it is not sent", async () => {
  const at = Date.now() - HOUR;
  const { email, petition, mail } = await signer();
  expect(await record(await hook([resendEvent("email.bounced", mail, { ...PERMANENT, at })]))).toEqual([]);
  expect(await troubleOf(petition.no)).toEqual({ trouble: "bounced_hard", at });
  expect(await suppression(await hashOf(email))).toEqual({ reason: "bounced_hard", since: at });
  const other = await signer(email);
  expect(resend.received([email])).toEqual([1]);
  expect(await troubleOf(other.petition.no)).toMatchObject({ trouble: "suppressed" });
  expect(await totals()).toEqual({ ...NONE, sent: 1, bounced_hard: 1, suppressed: 1 });
  const { results } = await env.DB.prepare("SELECT state FROM outbox WHERE items LIKE ?")
    .bind(`%"${other.petition.no.toString(16).padStart(8, "0")}%`)
    .all();
  expect(results).toEqual([{ state: "sent" }]); // nothing waits, nothing is parked
});

test.each([
  ["complaint", "email.complained", {}, "complained"],
  ["hard bounce", "email.bounced", PERMANENT, "bounced_hard"],
])("a %s suppresses the mailbox whatever its tag, and nobody else", async (_, type, data, reason) => {
  const email = freshEmail();
  const { mail } = await signer(email);
  await record(await hook([resendEvent(type, mail, data)]));
  expect(await suppression(await hashOf(email))).toMatchObject({ reason });
  await signer(email.replace("@", "+news@"));
  const neighbour = await signer();
  expect(resend.received([email.replace("@", "+news@"), neighbour.email])).toEqual([0, 1]);
});

test.each([
  ["a bounce that may pass", "email.bounced", TRANSIENT, "bounced_soft"],
  ["a bounce of no known type", "email.bounced", { bounce: { type: "Undetermined" } }, "bounced_soft"],
  ["a bounce that says nothing of itself", "email.bounced", {}, "bounced_soft"],
  ["a mail that Resend could not send", "email.failed", { failed: { reason: "x" } }, "bounced_soft"],
  ["an address that Resend holds back", "email.suppressed", { suppressed: { type: "x" } }, "suppressed"],
])("%s is noted and suppresses nobody", async (_, type, data, kind) => {
  const { email, petition, mail } = await signer();
  await record(await hook([resendEvent(type, mail, data)]));
  expect(await troubleOf(petition.no)).toMatchObject({ trouble: kind });
  expect(await suppression(await hashOf(email))).toBeNull();
  await signer(email);
  expect(resend.received([email])).toEqual([2]);
  expect(await totals()).toEqual({ ...NONE, sent: 2, [kind]: 1 });
});

test("what arrived is counted, and nothing is written about anybody", async () => {
  const { petition, mail } = await signer();
  await record(await hook([resendEvent("email.delivered", mail)]));
  expect(await troubleOf(petition.no)).toEqual({ trouble: null, at: null });
  expect(await totals()).toEqual({ ...NONE, sent: 1, delivered: 1 });
});

describe("events come twice, and in any order", () => {
  test("a webhook that is posted again, and a message that is delivered again, change nothing", async () => {
    const { petition, mail } = await signer();
    const event = resendEvent("email.bounced", mail, PERMANENT);
    const twice = await hook([event, "msg_twice"], [event, "msg_twice"]);
    await record(twice);
    const before = [await troubleOf(petition.no), await totals()];
    await record([twice[0]]);
    await record([...twice, ...twice]);
    expect([await troubleOf(petition.no), await totals()]).toEqual(before);
    expect(await totals()).toMatchObject({ bounced_hard: 1 });
  });

  test("two consumers at once count each event once", async () => {
    const { mail } = await signer();
    const at = Date.now();
    const ten = Array.from({ length: 10 }, () => [resendEvent("email.delivered", mail, { at })] as const);
    const messages = await hook(...ten);
    await Promise.all([record(messages.slice(0, 7)), record(messages.slice(3)), record(messages)]);
    expect(await totals()).toMatchObject({ delivered: 10 });
  });

  test("the worst stays, of the same kind the latest; the address is suppressed since the first", async () => {
    const now = Date.now();
    const inOrder = [
      ["email.bounced", { ...TRANSIENT, at: now - 5 * HOUR }],
      ["email.bounced", { ...PERMANENT, at: now - 4 * HOUR }],
      ["email.bounced", { ...PERMANENT, at: now - 3 * HOUR }],
      ["email.complained", { at: now - 2 * HOUR }],
      ["email.bounced", { ...TRANSIENT, at: now - HOUR }],
      ["email.delivered", { at: now }],
    ] as const;
    for (const order of [inOrder, inOrder.toReversed()]) {
      for (const alone of [true, false]) {
        const { email, petition, mail } = await signer();
        const messages = await hook(...order.map(([type, data]) => [resendEvent(type, mail, data)] as const));
        for (const batch of alone ? messages.map((message) => [message]) : [messages]) await record(batch);
        expect(await troubleOf(petition.no)).toEqual({ trouble: "complained", at: now - 2 * HOUR });
        expect(await suppression(await hashOf(email))).toEqual({ reason: "complained", since: now - 2 * HOUR });
      }
    }
    const { email, petition, mail } = await signer();
    await record(
      await hook(
        ...inOrder
          .slice(0, 3)
          .toReversed()
          .map(([type, data]) => [resendEvent(type, mail, data)] as const),
      ),
    );
    expect(await troubleOf(petition.no)).toEqual({ trouble: "bounced_hard", at: now - 3 * HOUR });
    expect(await suppression(await hashOf(email))).toEqual({ reason: "bounced_hard", since: now - 4 * HOUR });
  });

  test("one that comes after a week is noted, and moves no rate", async () => {
    const { email, petition, mail } = await signer();
    const at = Date.now() - 8 * DAY;
    await record(await hook([resendEvent("email.complained", mail, { at })]));
    expect(await troubleOf(petition.no)).toEqual({ trouble: "complained", at });
    expect(await suppression(await hashOf(email))).not.toBeNull();
    expect(await totals()).toMatchObject({ complained: 0 });
  });

  test("events that have been counted are forgotten after a week, and their counts stay", async () => {
    const { mail } = await signer();
    await record(await hook([resendEvent("email.delivered", mail, { at: Date.now() - 6 * DAY })]));
    const kept = () => env.DB.prepare("SELECT count(*) AS n FROM mail_events").first("n");
    await coldIsolate(settings).cron("17 * * * *");
    expect(await kept()).toBe(1);
    await env.DB.prepare("UPDATE mail_events SET moment = moment - ?")
      .bind(2 * DAY)
      .run();
    await coldIsolate(settings).cron("17 * * * *");
    expect(await kept()).toBe(0);
    expect(await totals()).toMatchObject({ delivered: 1 });
  });
});

describe("an event about a signature that is no longer there changes no signature", () => {
  test.each([
    ["deleted", "DELETE FROM signatures WHERE petition_no = ?"],
    ["erased", "UPDATE signatures SET sealed = NULL WHERE petition_no = ?"],
  ])("%s", async (_, sql) => {
    const { email, petition, mail } = await signer();
    await env.DB.prepare(sql).bind(petition.no).run();
    expect(await record(await hook([resendEvent("email.bounced", mail, PERMANENT)]))).toEqual([]);
    expect((await troubleOf(petition.no))?.trouble ?? null).toBeNull();
    expect(await suppression(await hashOf(email))).not.toBeNull();
    expect(await totals()).toMatchObject({ bounced_hard: 1 });
  });

  test("withdrawn: what was noted goes with the rest", async () => {
    const { petition, mail } = await signer();
    const bounce = await hook([resendEvent("email.bounced", mail, TRANSIENT)]);
    await record(bounce);
    const path = /\/w\/[\w-]+/.exec(resend.delivered.at(-1)?.text ?? "")?.[0] ?? "";
    const withdrawn = await postJson(coldIsolate(settings), "/v1/withdrawals", { token: tokenOf(path) });
    expect(withdrawn.status).toBe(200);
    await record(bounce);
    expect(await troubleOf(petition.no)).toEqual({ trouble: null, at: null });
  });
});

describe("Cloudflare's own events", () => {
  /** A deployed Worker that mails through the binding. */
  const bound = { ...settings, RESEND_API_KEY: undefined, RESEND_WEBHOOK_SECRET: undefined };

  test("a hard bounce is noted on every signature of the address, suppresses it, and the address is written nowhere", async () => {
    const sent: string[] = [];
    const MAILER = { send: async ({ to }: { to: string }) => sent.push(to) };
    const email = freshEmail();
    const petitions = [await openPetition({}, keys), await openPetition({}, keys), await openPetition({}, keys)];
    for (const { id } of petitions.slice(0, 2)) await mailTo(email, id, { ...bound, MAILER });
    await mailTo(freshEmail(), petitions[1]?.id ?? "", { ...bound, MAILER });
    const at = Date.now() - HOUR;
    expect(await record([cloudflareEvent("bounced", email, { ...HARD, at })], { ...bound, MAILER })).toEqual([]);
    for (const { no } of petitions.slice(0, 2)) expect(await troubleOf(no)).toEqual({ trouble: "bounced_hard", at });
    expect(await troubleOf(petitions[1]?.no ?? 0, 1)).toEqual({ trouble: null, at: null });
    await mailTo(email, petitions[2]?.id ?? "", { ...bound, MAILER });
    expect(sent.filter((to) => to === email).length).toBe(2);
    const dump = await env.DB.prepare("SELECT seen FROM mail_events").all();
    expect(JSON.stringify(dump.results)).not.toContain("@");
  });

  test.each([
    ["delivered", {}, { delivered: 1 }],
    ["complained", { complaint: { type: "abuse" } }, { complained: 1 }],
    ["bounced", HARD, { bounced_hard: 1 }],
    ["bounced", SOFT, { bounced_soft: 1 }],
    ["failed", { failure: { reason: "delivery_failed" } }, { bounced_soft: 1 }],
    ["rejected", { rejection: { reason: "spam", party: "platform" } }, { bounced_soft: 1 }],
    ["rejected", { rejection: { reason: "suppressed", party: "recipient" } }, {}],
    ["deferred", SOFT, {}],
    ["invented", {}, {}],
    ["delivered", { sender: "newsletter@brackwater.example" }, {}],
  ])("%s %j moves %j, twice or once", async (name, data, moved) => {
    const event = cloudflareEvent(name, freshEmail(), data);
    expect(await record([event])).toEqual([]);
    expect(await record([event, event])).toEqual([]);
    expect(await totals()).toEqual({ ...NONE, ...moved });
  });

  test("an address that Cloudflare refuses when it is sent to is noted as suppressed, and nothing is parked", async () => {
    const refuse = () => Promise.reject(Object.assign(new Error("x"), { code: "E_RECIPIENT_SUPPRESSED" }));
    const petition = await openPetition({}, keys);
    const job = await mailTo(freshEmail(), petition.id, { ...bound, MAILER: { send: refuse } });
    expect(await troubleOf(petition.no)).toMatchObject({ trouble: "suppressed" });
    expect(await env.DB.prepare("SELECT state FROM outbox WHERE id = ?").bind(job).first("state")).toBe("sent");
    expect(await totals()).toMatchObject({ suppressed: 1 });
  });
});

describe("a message that can't be used blocks no neighbour", () => {
  test.each([
    ["nothing", null],
    ["a text", "bounced"],
    ["a version of tomorrow", { v: 2, id: "a", kind: "delivered", at: 1, item: "x" }],
    ["no kind we know", { v: 1, id: "a", kind: "opened", at: 1, item: "x" }],
    ["an id that is none", { v: 1, id: 'a"}', kind: "delivered", at: 1, item: "x" }],
    ["an event of Cloudflare's without its payload", { type: "cf.email.sending.message.bounced", metadata: {} }],
    ["an event at no time", { ...cloudflareEvent("bounced", "x@example.org"), metadata: { eventTimestamp: "soon" } }],
  ])("%s", async (_, poison) => {
    const { petition, mail } = await signer();
    const [good] = await hook([resendEvent("email.bounced", mail, PERMANENT)]);
    expect(await record([poison, good])).toEqual([0]);
    expect(await troubleOf(petition.no)).toMatchObject({ trouble: "bounced_hard" });
  });

  test("an item that is no signature is counted and noted on none", async () => {
    const message = { v: 1, id: "x", kind: "complained", at: Date.now(), item: "no signature" };
    expect(await record([message])).toEqual([]);
    expect(await totals()).toMatchObject({ complained: 1 });
  });

  test("one that the database refuses is recorded without its neighbours", async () => {
    const { mail } = await signer();
    const [good] = await hook([resendEvent("email.delivered", mail)]);
    const refused = { v: 1, id: "x", kind: "complained", at: Date.now(), item: "x", recipient: "too short for a hash" };
    expect(await record([refused, good])).toEqual([0]);
    expect(await totals()).toMatchObject({ delivered: 1, complained: 0 });
  });

  test("a dead letter with an address in clear is kept sealed", async () => {
    const event = cloudflareEvent("bounced", "anna@example.org", HARD);
    expect(await coldIsolate(settings).deliver("mail-events-dead", [event])).toEqual([]);
    const letter = await env.DB.prepare(
      "SELECT id, body FROM dead_letters WHERE queue = 'folkmoot-mail-events-dead'",
    ).first<{
      id: string;
      body: string;
    }>();
    expect(letter?.body).not.toContain("anna");
    const { sealed } = JSON.parse(letter?.body ?? "{}") as { sealed: string };
    const opened = await keys.open("dead_letter", fromBase64Url(sealed) ?? new Uint8Array(), letter?.id ?? "");
    expect(JSON.parse(fromUtf8(opened ?? new Uint8Array()))).toEqual(event);
  });
});

test("while the database is down nothing is lost and nothing is half done", async () => {
  const { email, petition, mail } = await signer();
  const messages = await hook([resendEvent("email.bounced", mail, PERMANENT)], [resendEvent("email.delivered", mail)]);
  expect(await record(messages, { DB: faultyDatabase(() => true) })).toEqual([0, 1]);
  expect([await troubleOf(petition.no), await suppression(await hashOf(email))]).toEqual([
    { trouble: null, at: null },
    null,
  ]);
  expect(await record(messages)).toEqual([]);
  expect(await totals()).toMatchObject({ delivered: 1, bounced_hard: 1 });
});

test("through the real queue: what Resend posts is in the rates soon after", async () => {
  const { petition, mail } = await signer();
  const body = JSON.stringify(resendEvent("email.complained", mail));
  const response = await coldIsolate(settings).fetch("/hooks/resend", {
    method: "POST",
    body,
    headers: await signWebhook(body),
  });
  expect(response.status).toBe(204);
  await vi.waitFor(async () => expect(await troubleOf(petition.no)).toMatchObject({ trouble: "complained" }), {
    timeout: 15_000,
    interval: 50,
  });
  expect(await totals()).toMatchObject({ complained: 1 });
});

describe("while ROOT_KEY is being rotated", () => {
  const next = crypto.getRandomValues(new Uint8Array(32));
  const rotating = { ...settings, ROOT_KEY: toBase64(next), ROOT_KEY_PREVIOUS: toBase64(rootKey) };
  const rotated = { ...settings, ROOT_KEY: toBase64(next) };

  test("an address suppressed before stays so, and outlives the old key once it was met", async () => {
    const { email, mail } = await signer();
    await record(await hook([resendEvent("email.complained", mail)]));
    const during = await openPetition({}, new RootKeys(next));
    await mailTo(email, during.id, rotating);
    expect(await suppression(await hashOf(email))).toBeNull();
    expect(await suppression(await hashOf(email, new RootKeys(next)))).toMatchObject({ reason: "complained" });
    await mailTo(email, (await openPetition({}, new RootKeys(next))).id, rotated);
    expect(resend.received([email])).toEqual([1]);
  });

  test("an event about a mail sent before is ours", async () => {
    const { petition, mail } = await signer();
    const body = JSON.stringify(resendEvent("email.bounced", mail, PERMANENT));
    const MAIL_EVENTS = keepingQueue();
    const isolate = coldIsolate({ ...rotating, MAIL_EVENTS });
    await isolate.fetch("/hooks/resend", { method: "POST", body, headers: await signWebhook(body) });
    await isolate.deliver("mail-events", MAIL_EVENTS.sent);
    expect(await troubleOf(petition.no)).toMatchObject({ trouble: "bounced_hard" });
  });
});

describe("staff read what became of mail", () => {
  test("by the municipality's day, the newest first", async () => {
    const day = (iso: string) => cloudflareEvent("delivered", freshEmail(), { at: Date.parse(iso) });
    vi.setSystemTime(new Date("2026-07-03T12:00:00Z"));
    try {
      await record([day("2026-07-01T22:59:59Z"), day("2026-07-01T23:00:00Z"), day("2026-07-02T12:00:00Z")]);
      const { as_of, days } = await rates();
      expect(as_of).toBe("2026-07-03T12:00:00.000Z");
      expect(days).toEqual([
        { day: "2026-07-02", ...NONE, delivered: 2 },
        { day: "2026-07-01", ...NONE, delivered: 1 },
      ]);
      expect((await rates("?days=2")).days.map(({ day }) => day)).toEqual(["2026-07-02"]);
      expect((await rates("?days=1")).days).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });

  test.each(["0", "367", "x", "-1", "1&days=2", "1&more=1"])("not of %s days", async (days) => {
    const response = await coldIsolate().fetch(`/v1/admin/mail/rates?days=${days}`, {
      headers: { Authorization: "Bearer fm_staff_local" },
    });
    expect(response.status).toBe(400);
  });

  test("nobody else does", async () => {
    const response = await coldIsolate().fetch("/v1/admin/mail/rates", { headers: { Authorization: "Bearer x" } });
    expect(response.status).toBe(401);
  });
});

describe("what it costs", () => {
  const written = () =>
    [...logs.text.matchAll(/"event":"queue".*?"d1_rows_written":(\d+)/g)].map(([, n]) => Number(n)).at(-1);

  test("a hundred mails that arrive at once are two rows; repeated, none", async () => {
    const at = Date.now() - (Date.now() % 10_000);
    const events = Array.from({ length: 100 }, () => cloudflareEvent("delivered", freshEmail(), { at }));
    await record(events);
    expect(written()).toBe(2);
    await record(events);
    expect(written()).toBe(0);
    expect(await totals()).toMatchObject({ delivered: 100 });
  });

  test("a hard bounce is one row of the signature, one of the suppression, two of the rates", async () => {
    const { mail } = await signer();
    await record(await hook([resendEvent("email.bounced", mail, PERMANENT)]));
    expect(written()).toBe(4);
  });

  test("a signature is found by its key: no event reads the table", async () => {
    const { petition } = await signer();
    await env.DB.prepare(
      `INSERT INTO signatures (petition_no, email_hash, person_hash, submission, state, locale, sealed, accepted_at)
       WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
       SELECT ?1, randomblob(8), i, randomblob(16), 'pending', 'en', x'00', i FROM n`,
    )
      .bind(petition.no)
      .run();
    const { email, mail } = await signer(freshEmail(), petition);
    await record(await hook([resendEvent("email.bounced", mail, TRANSIENT)]));
    await record([cloudflareEvent("bounced", email, HARD)]);
    const read = [...logs.text.matchAll(/"event":"queue","queue":"folkmoot-mail-events".*?"d1_rows_read":(\d+)/g)];
    expect(read.length).toBe(2);
    for (const [, rows] of read) expect(Number(rows)).toBeLessThan(500);
  });
});
