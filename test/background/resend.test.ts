import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { MailMessage } from "../../src/bindings.ts";
import { coldIsolate, faultyDatabase, keepingQueue } from "../support/isolate.ts";
import {
  API_KEY,
  listenToLogs,
  mailingThroughResend,
  problem,
  type ResendMail,
  standInForResend,
} from "../support/resend.ts";
import { freshEmail, postJson, sign } from "../support/resident.ts";
import { foundTown, openPetition } from "../support/town.ts";

beforeAll(foundTown);

let logs: ReturnType<typeof listenToLogs>;

beforeEach(() => {
  logs = listenToLogs();
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  expect(logs.text).not.toContain("example.org");
  expect(logs.text).not.toContain(API_KEY);
});

/** A deployed Worker with one job of mail to some people, for a petition of its own. */
async function jobTo(people: readonly string[], deployed = mailingThroughResend()) {
  const { settings, keys } = deployed;
  const petition = await openPetition({}, keys);
  const INTAKE = keepingQueue();
  const MAIL = keepingQueue<MailMessage>();
  const signing = coldIsolate({ ...settings, INTAKE });
  for (const email of people) expect((await sign(signing, petition.id, { email })).status).toBe(202);
  await coldIsolate({ ...settings, MAIL }).deliver("intake", INTAKE.sent);
  const [message] = MAIL.sent;
  const id = message?.job_id ?? "";
  const row = () =>
    env.DB.prepare("SELECT * FROM outbox WHERE id = ?").bind(id).first<Record<string, string | number>>();
  const deliver = (overrides: Record<string, unknown> = {}) =>
    coldIsolate({ ...settings, ...overrides }).deliver("mail", [message]);
  /** Rings as the sweeper does once the time has come. */
  const deliverLater = async () => {
    await env.DB.prepare("UPDATE outbox SET due_at = 0, lease_until = 0 WHERE id = ?").bind(id).run();
    return deliver();
  };
  const parked = async () =>
    (
      await env.DB.prepare("SELECT error FROM outbox WHERE state = 'parked' AND items LIKE ?")
        .bind(`%"${petition.no.toString(16).padStart(8, "0")}%`)
        .all<{ error: string }>()
    ).results.map(({ error }) => error);
  return { deployed, petition, row, deliver, deliverLater, parked };
}

const people = (count: number) => Array.from({ length: count }, () => freshEmail());
const once = (addresses: readonly string[]) => addresses.map(() => 1);
/** A database that is gone as soon as Resend has been called. */
const goneAfter = (resend: { calls: readonly unknown[] }) => {
  const before = resend.calls.length;
  return faultyDatabase(() => resend.calls.length > before);
};

test("a job goes out in one call, from the municipality, each mail with a tag that names nobody", async () => {
  const resend = standInForResend();
  const signers = people(30);
  const { deliver, row } = await jobTo(signers);
  expect(await deliver()).toEqual([]);
  expect(resend.calls.length).toBe(1);
  expect(resend.received(signers)).toEqual(once(signers));
  expect((await row())?.state).toBe("sent");
  const [{ headers, mails } = { headers: new Headers(), mails: [] as ResendMail[] }] = resend.calls;
  expect(headers.get("Authorization")).toBe(`Bearer ${API_KEY}`);
  expect(headers.get("Idempotency-Key")?.length).toBeLessThanOrEqual(256);
  expect(new Set(mails.map(({ from }) => from))).toEqual(
    new Set(['"Town of Brackwater" <petitions@brackwater.example>']),
  );
  const tags = mails.map(({ tags }) => tags[0]?.value ?? "");
  expect(new Set(tags).size).toBe(30);
  for (const tag of tags) expect(tag).toMatch(/^[\w-]{1,256}$/); // what Resend takes
});

describe("no mail too many: whoever dies between sending and noting it", () => {
  test("the call goes again under its key, and everyone has one mail", async () => {
    const resend = standInForResend();
    const signers = people(25);
    const { deliver, deliverLater, row } = await jobTo(signers);
    expect(await deliver({ DB: goneAfter(resend) })).toEqual([0]);
    expect(resend.calls.length).toBe(1);
    await deliverLater();
    expect(resend.calls.map(({ key }) => key)).toEqual([resend.calls[0]?.key, resend.calls[0]?.key]);
    expect(resend.received(signers)).toEqual(once(signers));
    expect(await row()).toMatchObject({ state: "sent", remaining: "[]", sending: "[]" });
  });

  test("also when one has withdrawn in between, so that the call is no longer what it was", async () => {
    const resend = standInForResend();
    const signers = people(5);
    const { deployed, deliver, deliverLater, row } = await jobTo(signers);
    expect(await deliver({ DB: goneAfter(resend) })).toEqual([0]);
    const token = /\/w\/([\w-]+)/.exec(resend.mailTo(signers[2] as string)?.text ?? "")?.[1];
    const withdrawal = await postJson(coldIsolate({ ...deployed.settings }), "/v1/withdrawals", { token });
    expect(withdrawal.status).toBe(200);
    await deliverLater();
    expect(resend.calls.length).toBe(2);
    expect(resend.received(signers)).toEqual(once(signers));
    expect((await row())?.state).toBe("sent");
  });

  test("also at the day's limit: what was counted is not counted again", async () => {
    const resend = standInForResend();
    const deployed = mailingThroughResend();
    const signers = people(3);
    for (let n = 0; n < 4; n++) await (await jobTo(signers.slice(0, 1), deployed)).deliver();
    const { deliver, deliverLater, row } = await jobTo(signers, deployed);
    expect(await deliver({ DB: goneAfter(resend) })).toEqual([0]);
    await deliverLater();
    expect(resend.received(signers)).toEqual([5, 1, 1]);
    expect((await row())?.state).toBe("sent");
  });

  test.each([
    ["the answer is lost on the way", { lost: new TypeError("network connection to somebody@example.org lost") }],
    ["the answer comes too late", { lost: new DOMException("somebody@example.org", "TimeoutError") }],
    ["the answer is not readable", { taken: new Response("<html>somebody@example.org</html>", { status: 200 }) }],
    ["the answer names too few mails", { taken: Response.json({ data: [{ id: "1" }] }) }],
  ])("also when %s", async (_, fault) => {
    const resend = standInForResend({ fault: (call) => (call === 1 ? fault : undefined) });
    const signers = people(4);
    const { deliver, deliverLater, row } = await jobTo(signers);
    await deliver();
    expect(await row()).toMatchObject({ state: "waiting", attempts: 1 });
    await deliverLater();
    expect(resend.received(signers)).toEqual(once(signers));
    expect((await row())?.state).toBe("sent");
  });

  test("also when two workers have the job at once", async () => {
    const resend = standInForResend();
    const signers = people(3);
    const { deliver, row } = await jobTo(signers);
    await Promise.all([deliver(), deliver()]);
    expect(resend.received(signers)).toEqual(once(signers));
    expect((await row())?.state).toBe("sent");
  });
});

test("a worker that was thought dead comes to its end when another has done the job: nothing counts twice", async () => {
  const signers = people(3);
  const sentToday = async () => Number((await env.DB.prepare("SELECT sum(sent) AS n FROM mail_rates").first("n")) ?? 0);
  let another = async (): Promise<unknown> => undefined;
  const resend = standInForResend({
    invalid: (mail) => mail.to[0] === signers[1],
    fault: async (call) => {
      if (call === 1) await another();
      return undefined;
    },
  });
  const { deliver, deliverLater, row, parked } = await jobTo(signers);
  another = deliverLater;
  const before = await sentToday();
  await deliver();
  expect(resend.calls.length).toBe(2);
  expect(resend.received(signers)).toEqual([1, 0, 1]);
  expect((await sentToday()) - before).toBe(2);
  expect(await parked()).toEqual(["validation_error"]);
  expect(await row()).toMatchObject({ state: "sent", remaining: "[]" });
});

test("a worker that has lost the job before it sends, sends nothing", async () => {
  const resend = standInForResend();
  const signers = people(2);
  const { deliver, row } = await jobTo(signers);
  const DB = faultyDatabase(() => false);
  const losing = new Proxy(DB, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (name !== "batch") return typeof value === "function" ? value.bind(target) : value;
      return async (statements: D1PreparedStatement[]) => {
        // Once it has read what to send, its lease is another's.
        if (DB.calls === 4)
          await env.DB.prepare("UPDATE outbox SET lease_until = lease_until + 1 WHERE lease_until > 0").run();
        return value.call(target, statements);
      };
    },
  });
  await deliver({ DB: losing });
  expect(resend.calls).toEqual([]);
  expect(await row()).toMatchObject({ state: "waiting", sending: "[]" });
});

describe("what passes is tried again, under the same key", () => {
  test.each([
    ["a failure of Resend", () => problem(500, "application_error")],
    ["a gateway's page", () => new Response("<html>", { status: 502 })],
    ["another call under the same key", () => problem(409, "concurrent_idempotent_requests")],
    ["too many calls without a time", () => problem(429, "rate_limit_exceeded")],
    ["a key that the operator has yet to mend", () => problem(403, "invalid_api_key")],
    ["a redirect", () => new Response(null, { status: 302, headers: { Location: "https://elsewhere.example" } })],
  ])("%s", async (_, answer) => {
    const resend = standInForResend({ fault: (call) => (call <= 2 ? { answer: answer() } : undefined) });
    const signers = people(2);
    const { deliver, deliverLater, row, parked } = await jobTo(signers);
    await deliver();
    const { due_at, attempts } = (await row()) ?? {};
    expect([Math.round((Number(due_at) - Date.now()) / 60_000), attempts]).toEqual([1, 1]);
    await deliverLater();
    expect(Math.round((Number((await row())?.due_at) - Date.now()) / 60_000)).toBe(2);
    await deliverLater();
    expect(new Set(resend.calls.map(({ key }) => key)).size).toBe(1);
    expect(resend.received(signers)).toEqual([1, 1]);
    expect(await parked()).toEqual([]);
  });

  test("no answer within ten seconds", async () => {
    const timeout = vi
      .spyOn(AbortSignal, "timeout")
      .mockImplementation(() => AbortSignal.abort(new DOMException("somebody@example.org", "TimeoutError")));
    const resend = standInForResend();
    const { deliver, deliverLater, row } = await jobTo(people(1));
    await deliver();
    expect(timeout.mock.calls).toEqual([[10_000]]);
    expect(await row()).toMatchObject({ state: "waiting", attempts: 1 });
    expect(resend.delivered).toEqual([]);
    timeout.mockRestore();
    await deliverLater();
    expect(resend.delivered.length).toBe(1);
  });

  test("until its tries are used up: then it is parked with Resend's code", async () => {
    standInForResend({ fault: () => ({ answer: problem(500, "application_error") }) });
    const { deliver, deliverLater, row, parked } = await jobTo(people(2));
    await deliver();
    for (let n = 0; n < 8; n++) await deliverLater();
    expect(await parked()).toEqual([]);
    await deliverLater();
    expect(await parked()).toEqual(["application_error", "application_error"]);
    expect(await row()).toMatchObject({ state: "sent", remaining: "[]", sending: "[]" });
  });
});

describe("Resend says when to come again", () => {
  test.each([
    ["in seconds", () => "240", 240],
    ["as a date", () => new Date(Date.now() + 180_000).toUTCString(), 180],
    ["never more than a day", () => "9999999", 86_400],
  ])("%s, and that is not a failed try", async (_, header, seconds) => {
    const busy = () => problem(429, "daily_quota_exceeded", { "Retry-After": header() });
    const resend = standInForResend({ fault: (call) => (call <= 12 ? { answer: busy() } : undefined) });
    const signers = people(2);
    const { deliver, deliverLater, row, parked } = await jobTo(signers);
    await deliver();
    const { due_at, attempts, state } = (await row()) ?? {};
    expect({ attempts, state }).toEqual({ attempts: 0, state: "waiting" });
    expect(Math.abs(Number(due_at) - Date.now() - seconds * 1000)).toBeLessThan(5_000);
    for (let n = 0; n < 11; n++) await deliverLater();
    expect(await parked()).toEqual([]);
    await deliverLater();
    expect(resend.received(signers)).toEqual([1, 1]);
  });
});

describe("what Resend will not take is parked with its code, and its neighbours are sent", () => {
  const bad = (address: string) => (mail: ResendMail) => mail.to[0] === address;

  test("one of a batch", async () => {
    const signers = people(7);
    const resend = standInForResend({ invalid: bad(signers[3] as string) });
    const { deliver, parked, row } = await jobTo(signers);
    await deliver();
    expect(resend.calls.length).toBe(1);
    expect(resend.received(signers)).toEqual([1, 1, 1, 0, 1, 1, 1]);
    expect(await parked()).toEqual(["validation_error"]);
    expect((await row())?.state).toBe("sent");
  });

  test("one that makes Resend refuse the whole call", async () => {
    const signers = people(7);
    const poisoned = bad(signers[3] as string);
    const resend = standInForResend({
      fault: (_, mails) => (mails.some(poisoned) ? { answer: problem(422, "invalid_parameter") } : undefined),
    });
    const { deliver, parked, row } = await jobTo(signers);
    await deliver();
    expect(resend.received(signers)).toEqual([1, 1, 1, 0, 1, 1, 1]);
    expect(await parked()).toEqual(["invalid_parameter"]);
    expect((await row())?.state).toBe("sent");
  });

  test("and of a call that fell apart, the half that failed goes again alone", async () => {
    const signers = people(4);
    const poisoned = bad(signers[3] as string);
    let down = true;
    const resend = standInForResend({
      fault: (_, mails) => {
        if (mails.some(poisoned)) return { answer: problem(422, "invalid_parameter") };
        return down && mails.some(bad(signers[0] as string))
          ? { answer: problem(500, "application_error") }
          : undefined;
      },
    });
    const { deliver, deliverLater, parked } = await jobTo(signers);
    await deliver();
    expect(resend.received(signers)).toEqual([0, 0, 1, 0]);
    down = false;
    await deliverLater();
    expect(resend.received(signers)).toEqual([1, 1, 1, 0]);
    expect(await parked()).toEqual(["invalid_parameter"]);
  });
});
