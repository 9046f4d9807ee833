import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { coldIsolate, faultyDatabase, keepingQueue, refusingQueue } from "../support/isolate.ts";
import { meteredDatabase } from "../support/metered-database.ts";
import { asPartner } from "../support/partners.ts";
import { listenToLogs } from "../support/resend.ts";
import { mailsTo } from "../support/resident.ts";
import { asStaff } from "../support/staff.ts";
import { foundTown } from "../support/town.ts";
import { receivers, verified, webhookStage } from "../support/webhooks.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
let now = Date.parse("2026-11-27T10:00:00Z");

beforeAll(foundTown);
beforeEach(() => {
  now += 40 * 24 * HOUR;
  vi.useFakeTimers({ toFake: ["Date"], now });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const pass = (ms: number) => void vi.setSystemTime(Date.now() + ms);
const refusing = () => new Response("no", { status: 503 });

describe("a message", () => {
  test("is what the library of Standard Webhooks lets through, once, with a sequence from 1 on", async () => {
    const got = receivers();
    const { webhook, turn, events } = await webhookStage();
    await events(2);
    expect(await turn()).toEqual([]);
    expect(got.calls.map(({ message }) => message.sequence)).toEqual([1, 2]);
    for (const call of got.calls) {
      expect(verified(webhook.secret, call)).toEqual({
        type: "petition.closed",
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        sequence: call.message.sequence,
        data: { petition_id: null, withheld: true },
      });
      expect(call.url).toBe(webhook.url);
      expect(call.id).toMatch(/^msg_[0-9a-f-]{36}$/);
      expect(call.init).toMatchObject({ method: "POST", redirect: "manual" });
      expect(call.headers.get("Content-Type")).toBe("application/json");
      expect(call.headers.get("User-Agent")).toBe("Folkmoot-Webhooks/1 (+http://localhost:8787)");
    }
    expect(await turn()).toEqual([]);
    expect(got.calls).toHaveLength(2);
  });

  test("that was forged, altered, made for somebody else or kept for longer than five minutes does not pass", async () => {
    const got = receivers();
    const { webhook, turn, events } = await webhookStage();
    const other = await webhookStage();
    await events(1);
    await turn();
    const [call] = got.calls;
    if (!call) throw new Error("nothing came");
    const changed = (name: string, value: string) => {
      const headers = new Headers(call.headers);
      headers.set(name, value);
      return { ...call, headers };
    };
    expect(() => verified(other.webhook.secret, call)).toThrow("No matching signature");
    expect(() => verified(webhook.secret, { ...call, body: call.body.replace("1", "2") })).toThrow("No matching");
    expect(() => verified(webhook.secret, changed("webhook-id", "msg_other"))).toThrow("No matching");
    expect(() => verified(webhook.secret, changed("webhook-timestamp", String(Date.now() / 1000 + 60)))).toThrow(
      "No matching",
    );
    expect(verified(webhook.secret, call).sequence).toBe(1);
    pass(5 * MINUTE + 1_000);
    expect(() => verified(webhook.secret, call)).toThrow("too old");
  });

  test("is signed anew for each attempt, and keeps its id and its number", async () => {
    const got = receivers((_, count) => (count === 1 ? refusing() : new Response()));
    const { webhook, turn, events } = await webhookStage();
    await events(1);
    await turn();
    pass(10 * MINUTE);
    await turn();
    expect(got.calls.map(({ id }) => id)).toEqual([got.calls[0]?.id, got.calls[0]?.id]);
    expect(got.calls[1]?.body).toBe(got.calls[0]?.body);
    expect(verified(webhook.secret, got.calls[1] as (typeof got.calls)[0]).sequence).toBe(1);
  });
});

describe("what fails", () => {
  const lost = (error: unknown) => () => Promise.reject(error);
  test.each<[string, () => Response | Promise<Response>, object]>([
    ["an error", refusing, { error: "http", status: 503 }],
    ["a refusal", () => new Response(null, { status: 404 }), { error: "http", status: 404 }],
    [
      "a redirect, which is not followed",
      () => new Response(null, { status: 302, headers: { Location: "https://elsewhere.example/" } }),
      { error: "redirect", status: 302 },
    ],
    ["a permanent redirect", () => new Response(null, { status: 308 }), { error: "redirect", status: 308 }],
    [
      "a connection that is refused",
      lost(new TypeError("https://secret.example")),
      { error: "connection", status: null },
    ],
    ["silence for ten seconds", lost(new DOMException("x", "TimeoutError")), { error: "timeout", status: null }],
  ])("%s is tried again, and never costs another delivery", async (_, answer, noted) => {
    const logs = listenToLogs();
    const got = receivers(answer);
    const { uuid, turn, events, deliveries, later } = await webhookStage();
    await events(1);
    expect(await turn()).toEqual([]);
    expect(await deliveries()).toMatchObject([{ state: "failing", attempts: 1, ...noted }]);
    got.answer = () => new Response();
    await later();
    await turn();
    expect(await deliveries()).toMatchObject([{ state: "delivered", attempts: 2, error: null, status: 200 }]);
    expect(got.calls).toHaveLength(2);
    expect(logs.text).toContain(uuid);
    expect(logs.text).not.toContain("example");
  });

  test("the ten seconds are real: the call is given a signal that ends it", async () => {
    const signals = vi
      .spyOn(AbortSignal, "timeout")
      .mockImplementation(() => AbortSignal.abort(new DOMException("", "TimeoutError")));
    receivers(({ init }) => new Promise((_, reject) => reject((init.signal as AbortSignal).reason)));
    const { turn, events, deliveries } = await webhookStage();
    await events(1);
    await turn();
    expect(signals).toHaveBeenCalledWith(10_000);
    expect(await deliveries()).toMatchObject([{ error: "timeout" }]);
  });

  test("an answer's body is not read: one that never ends is cut off, and counts by its status", async () => {
    let [pulled, cancelled] = [0, false];
    const endless = () =>
      new ReadableStream<Uint8Array>({
        pull(controller) {
          pulled++;
          controller.enqueue(new Uint8Array(64 * 1024));
        },
        cancel() {
          cancelled = true;
        },
      });
    receivers(() => new Response(endless()));
    const { turn, events, deliveries } = await webhookStage();
    await events(1);
    await turn();
    expect(await deliveries()).toMatchObject([{ state: "delivered" }]);
    expect([pulled <= 2, cancelled]).toEqual([true, true]);
  });

  test("is tried again after 1, 2, 5, 10, 20 and 30 minutes and then each hour, not before", async () => {
    const got = receivers(refusing);
    const { turn, events } = await webhookStage();
    await events(1);
    await turn();
    for (const minutes of [1, 2, 5, 10, 20, 30, 60, 60]) {
      const before = got.calls.length;
      pass(minutes * MINUTE - 1);
      await turn();
      expect(got.calls.length, `just before ${minutes} minutes`).toBe(before);
      pass(1);
      await turn();
      expect(got.calls.length, `after ${minutes} minutes`).toBe(before + 1);
    }
  });

  test("does not hold up what comes after it", async () => {
    const got = receivers(({ message }) => (message.sequence === 2 ? refusing() : new Response()));
    const { turn, events, deliveries } = await webhookStage();
    await events(5);
    await turn();
    expect(got.calls.map(({ message }) => message.sequence).sort()).toEqual([1, 2, 3, 4, 5]);
    expect((await deliveries()).map(({ state }) => state)).toEqual([
      ...["delivered", "failing", "delivered", "delivered", "delivered"],
    ]);
  });

  test("an endpoint that fails ten times in a row rests, and is then asked once before it gets more", async () => {
    const got = receivers(refusing);
    const { turn, events, row } = await webhookStage();
    await events(50);
    await turn();
    expect(got.calls).toHaveLength(10);
    expect(Number((await row()).rests_until)).toBe(Date.now() + MINUTE);
    await turn();
    expect(got.calls).toHaveLength(10);
    pass(MINUTE);
    await turn();
    expect(got.calls).toHaveLength(11);
    pass(2 * MINUTE);
    got.answer = () => new Response();
    await turn();
    expect(new Set(got.calls.map(({ id }) => id)).size).toBe(50);
  });
});

describe("an endpoint that is too busy", () => {
  const busy = (status: number, retryAfter?: string) => () =>
    new Response(null, { status, headers: retryAfter === undefined ? {} : { "Retry-After": retryAfter } });

  test.each<[string, () => Response, number]>([
    ["503 for ten minutes", busy(503, "600"), 10],
    ["429 for ten minutes", busy(429, "600"), 10],
    ["429 without saying for how long", busy(429), 1],
    ["429 for a second", busy(429, "1"), 1],
    ["503 for a day", busy(503, "86400"), 60],
    ["503 for longer than there are numbers", busy(503, "9".repeat(400)), 60],
  ])("%s is left alone for so long, with all that waits for it, and not longer", async (_, answer, minutes) => {
    const got = receivers(answer);
    const { turn, events, deliveries } = await webhookStage();
    await events(5);
    await turn();
    expect(got.calls).toHaveLength(1);
    expect(await deliveries()).toMatchObject([{ due_at: Date.now() + minutes * MINUTE }, ...Array(4).fill({})]);
    pass(minutes * MINUTE - 1);
    await turn();
    expect(got.calls).toHaveLength(1);
    pass(1);
    got.answer = () => new Response();
    await turn();
    expect(got.calls.map(({ message }) => message.sequence).sort()).toEqual([1, 1, 2, 3, 4, 5]);
  });

  test("until a moment is left alone until then", async () => {
    const got = receivers(() => busy(503, new Date(Date.now() + 7 * MINUTE).toUTCString())());
    const { turn, events, row } = await webhookStage();
    await events(5);
    await turn();
    expect(got.calls).toHaveLength(1);
    expect(Number((await row()).rests_until) - Date.now()).toBeGreaterThan(7 * MINUTE - 1_001);
    expect(Number((await row()).rests_until) - Date.now()).toBeLessThanOrEqual(7 * MINUTE);
  });

  test.each<[string, () => Response]>([
    ["503 and asks for nothing", busy(503)],
    ["503 until a moment that is over", busy(503, "Wed, 21 Oct 2015 07:28:00 GMT")],
    ["503 for no time", busy(503, "0")],
    ["503 and words", busy(503, "soon")],
    ["500, which asks for nothing", busy(500, "600")],
    ["404, which asks for nothing", busy(404, "600")],
  ])("%s is one that fails", async (_, answer) => {
    const got = receivers(answer);
    const { turn, events, deliveries } = await webhookStage();
    await events(5);
    await turn();
    expect(got.calls).toHaveLength(5);
    expect(await deliveries()).toMatchObject(Array(5).fill({ due_at: Date.now() + MINUTE }));
  });
});

describe("the owner of an endpoint that rests", () => {
  const act = (sequence: number) =>
    ({
      "sends a test": ["POST", "/test", {}],
      "replays a message": ["POST", "/replay", { from_sequence: sequence, to_sequence: sequence }],
      "changes the address": ["PUT", "", { url: "https://new.example/hook", events: ["petition.closed"] }],
    }) as const;

  test.each(["sends a test", "replays a message", "changes the address"] as const)(
    "%s, and it is told at once again",
    async (what) => {
      const got = receivers(refusing);
      const { turn, events, askIt, row } = await webhookStage();
      await events(20);
      await turn();
      pass(30_000);
      got.answer = () => new Response();
      await turn();
      expect(got.calls).toHaveLength(10);
      const [method, path, body] = act(1)[what];
      expect((await askIt(method, path, body)).ok).toBe(true);
      await turn();
      expect(got.calls.length).toBeGreaterThanOrEqual(20);
      expect(await row()).toMatchObject({ failures: 0, rests_until: 0 });
    },
  );
});

describe("after a day of failing", () => {
  /** Turns as the sweeper rings for them, each minute that something is due, until `hours` have passed. */
  async function live(stage: Awaited<ReturnType<typeof webhookStage>>, hours: number): Promise<void> {
    const end = Date.now() + hours * HOUR;
    while (Date.now() < end) {
      await stage.turn();
      const row = await stage.row();
      if (row.disabled_at !== null) return;
      const due = await env.DB.prepare("SELECT min(due_at) AS at FROM webhook_deliveries WHERE endpoint_id = ?")
        .bind(stage.uuid)
        .first<number>("at");
      vi.setSystemTime(Math.min(end, Math.max(due ?? end, Number(row.rests_until))));
    }
  }

  test("the endpoint is disabled, its owner is told once by mail, and staff see it", async () => {
    const got = receivers(refusing);
    const stage = await webhookStage();
    const { partner, row, turn, events, askIt, isolate } = stage;
    await events(3);
    const begun = Date.now();
    await live(stage, 23.9);
    expect((await row()).disabled_at).toBeNull();
    await live(stage, 1);
    expect(Number((await row()).disabled_at) - begun).toBeGreaterThanOrEqual(24 * HOUR);
    expect(Number((await row()).disabled_at) - begun).toBeLessThan(25 * HOUR);
    expect(got.calls.length).toBeGreaterThan(25);
    const calls = got.calls.length;
    await events(2);
    pass(HOUR);
    await turn();
    expect(got.calls).toHaveLength(calls);
    expect(await (await askIt("GET")).json()).toMatchObject({ state: "disabled", disabled_reason: "failing" });

    const bells = keepingQueue();
    await coldIsolate({ MAIL: bells }).cron("* * * * *");
    expect(await coldIsolate().deliver("mail", bells.sent)).toEqual([]);
    await coldIsolate({ MAIL: bells }).cron("* * * * *");
    const mails = await mailsTo(`${partner.code}@partner.example`);
    expect(mails).toHaveLength(1);
    expect(mails[0]?.subject).toContain("Your webhook is switched off");
    expect(mails[0]?.text.replace(/\s+/g, " ")).toContain(`/v1/partner/webhooks/${stage.webhook.id}/enable`);
    expect(mails[0]?.text).not.toContain("/hook ");

    const overview = (await (await asStaff(isolate, "GET", "/overview")).json()) as {
      sections: { name: string; items: { code: string }[] }[];
    };
    const section = overview.sections.find(({ name }) => name === "webhooks_disabled");
    expect(section?.items.map(({ code }) => code)).toContain(partner.name);
  });

  test("enabling it delivers all that has waited, and gives it a day again", async () => {
    const got = receivers(refusing);
    const stage = await webhookStage();
    const { turn, events, askIt, row, deliveries, bells } = stage;
    await events(3);
    await live(stage, 25);
    await events(2);
    pass(20 * 24 * HOUR);
    const answer = await askIt("POST", "/enable", {});
    expect([answer.status, await answer.json()]).toEqual([
      200,
      expect.objectContaining({ state: "enabled", failures: 0 }),
    ]);
    expect(bells.sent).toContainEqual({ v: 1, endpoint_id: stage.uuid });
    await turn();
    expect((await row()).disabled_at).toBeNull();
    got.answer = () => new Response();
    await stage.later();
    await turn();
    expect((await deliveries()).map(({ state }) => state)).toEqual(Array(5).fill("delivered"));
    expect((await askIt("POST", "/enable", {})).status).toBe(200);
  });

  test("an endpoint that says that it is gone (410) is disabled at once", async () => {
    const got = receivers(() => new Response(null, { status: 410 }));
    const { turn, events, askIt } = await webhookStage();
    await events(20);
    await turn();
    expect(got.calls).toHaveLength(1);
    expect(await (await askIt("GET")).json()).toMatchObject({ state: "disabled", disabled_reason: "gone" });
    expect((await askIt("POST", "/test", {})).status).toBe(409);
  });

  test("one that works in between never is", async () => {
    receivers((_, count) => (count % 3 === 0 ? new Response() : refusing()));
    const stage = await webhookStage();
    for (let day = 0; day < 4; day++) {
      await stage.events(2);
      await live(stage, 12);
    }
    expect((await stage.row()).disabled_at).toBeNull();
    expect((await stage.deliveries()).map(({ state }) => state)).toEqual(Array(8).fill("delivered"));
  });

  test("what happens to one that has been disabled for 30 days is not kept for it", async () => {
    receivers(() => new Response(null, { status: 410 }));
    const { turn, events, uuid, row } = await webhookStage();
    await events(1);
    await turn();
    const age = (days: number) =>
      env.DB.prepare("UPDATE webhook_endpoints SET disabled_at = unixepoch() * 1000 - ? WHERE id = ?")
        .bind(days * 24 * HOUR, uuid)
        .run();
    await age(29.9);
    await events(1);
    expect((await row()).last_sequence).toBe(2);
    await age(30.1);
    await events(1);
    expect((await row()).last_sequence).toBe(2);
  });
});

describe("who dies between sending and noting it", () => {
  test("sends it again under its id, and loses nothing", async () => {
    const got = receivers();
    const { turn, events, later, deliveries } = await webhookStage();
    await events(3);
    expect(await turn({ DB: faultyDatabase((call) => call > 2) })).toEqual([0]);
    expect(got.calls).toHaveLength(3);
    expect(await turn()).toEqual([]); // its lease is not over
    expect(got.calls).toHaveLength(3);
    await later();
    await turn();
    expect(got.calls).toHaveLength(6);
    expect(new Set(got.calls.map(({ id }) => id)).size).toBe(3);
    expect((await deliveries()).map(({ state }) => state)).toEqual(Array(3).fill("delivered"));
  });

  test.each([1, 2, 3])(
    "also when the database fails at its call %i, each message comes at least once",
    async (call) => {
      const got = receivers();
      const { turn, events, later } = await webhookStage();
      await events(3);
      expect(await turn({ DB: faultyDatabase((n) => n === call) })).toEqual([0]);
      await later();
      expect(await turn()).toEqual([]);
      expect(new Set(got.calls.map(({ message }) => message.sequence))).toEqual(new Set([1, 2, 3]));
      expect(got.calls.length).toBeLessThanOrEqual(6);
    },
  );

  test("what happens while an endpoint is being told is rung for when its turn ends", async () => {
    const stage = await webhookStage();
    const got = receivers(async (_, count) => {
      if (count === 1) await stage.events(1);
      return new Response();
    });
    await stage.events(1);
    await stage.turn();
    expect([got.calls.length, stage.bells.sent]).toEqual([1, [{ v: 1, endpoint_id: stage.uuid }]]);
    await stage.turn();
    expect([got.calls.length, stage.bells.sent.length]).toEqual([2, 1]);
  });

  test("two workers at once send each message once", async () => {
    const got = receivers();
    const { turn, events } = await webhookStage();
    await events(20);
    await Promise.all([turn(), turn(), turn()]);
    expect(got.calls).toHaveLength(20);
  });

  test("when the queue takes nothing, the sweeper rings a minute later", async () => {
    receivers();
    const { uuid, askIt, ask, webhook, key } = await webhookStage();
    const answer = await asPartner(
      coldIsolate({ WEBHOOKS: refusingQueue }),
      key,
      "POST",
      `/v1/partner/webhooks/${webhook.id}/test`,
      { body: {} },
    );
    expect(answer.status).toBe(202);
    const bells = keepingQueue<{ endpoint_id: string }>();
    await coldIsolate({ WEBHOOKS: bells }).cron("* * * * *");
    expect(bells.sent.map(({ endpoint_id }) => endpoint_id)).toContain(uuid);
    expect((await askIt("GET")).status + (await ask("GET", "")).status).toBe(400);
  });

  test("a message that names nothing, or an endpoint that is not there, ends or is retried", async () => {
    expect(
      await coldIsolate().deliver("webhooks", [null, { v: 1 }, { v: 1, endpoint_id: crypto.randomUUID() }]),
    ).toEqual([0, 1]);
  });
});

describe("an endpoint that hangs", () => {
  test("holds up no other: others of the same batch, and of the next one, get theirs while it is waited for", async () => {
    let letGo = (): void => undefined;
    const hanging = new Promise<Response>((_, reject) => {
      letGo = () => reject(new DOMException("", "TimeoutError"));
    });
    const [slow, quick, third] = [await webhookStage(), await webhookStage(), await webhookStage()];
    const got = receivers(({ url }) => (url === slow.webhook.url ? hanging : new Response()));
    for (const stage of [slow, quick, third]) await stage.events(10);
    const isolate = coldIsolate();
    const first = isolate.deliver(
      "webhooks",
      [slow, quick].map(({ uuid }) => ({ v: 1, endpoint_id: uuid })),
    );
    await vi.waitFor(async () =>
      expect((await quick.deliveries()).every(({ state }) => state === "delivered")).toBe(true),
    );
    expect(await isolate.deliver("webhooks", [{ v: 1, endpoint_id: third.uuid }])).toEqual([]);
    expect((await third.deliveries()).every(({ state }) => state === "delivered")).toBe(true);
    const calls = () => got.calls.filter(({ url }) => url === slow.webhook.url).length;
    expect(calls()).toBe(1);
    letGo();
    expect(await first).toEqual([]);
    // It is left alone for a minute, instead of taking ten seconds of each turn.
    expect(calls()).toBe(1);
    expect(Number((await slow.row()).rests_until)).toBeGreaterThan(Date.now());
  });

  test.each([
    [1, 4],
    [2, 4],
    [3, 3],
    [5, 5],
  ])(
    "when %i share an invocation, no more than %i calls are open: a seventh would wait its time out",
    async (n, calls) => {
      let [open, most] = [0, 0];
      receivers(async () => {
        most = Math.max(most, ++open);
        await new Promise((resolve) => setTimeout(resolve, 5));
        open--;
        return new Response();
      });
      const stages = await Promise.all(Array.from({ length: n }, () => webhookStage()));
      for (const { events } of stages) await events(20);
      await coldIsolate().deliver(
        "webhooks",
        stages.map(({ uuid }) => ({ v: 1, endpoint_id: uuid })),
      );
      expect(most).toBe(calls);
    },
  );
});

describe("whoever is suspended", () => {
  test("is told nothing: neither what waits nor what happens; what waited comes when they are back", async () => {
    const got = receivers();
    const { partner, turn, events, row } = await webhookStage();
    await events(2);
    const staff = coldIsolate();
    expect(
      (await asStaff(staff, "POST", `/partners/${partner.id}/suspend`, { body: { reason: "Misuse." } })).status,
    ).toBe(200);
    await events(3);
    expect(await turn()).toEqual([]);
    expect([got.calls.length, (await row()).last_sequence]).toEqual([0, 2]);
    expect(
      (await asStaff(staff, "POST", `/partners/${partner.id}/resume`, { body: { reason: "Settled." } })).status,
    ).toBe(200);
    await turn();
    expect(got.calls.map(({ message }) => message.sequence)).toEqual([1, 2]);
  });

  test("in the middle of a turn, gets no more than what is under way, and nothing twice afterwards", async () => {
    const { partner, turn, events, later, deliveries } = await webhookStage();
    const got = receivers(async (_, count) => {
      if (count === 1)
        await asStaff(coldIsolate(), "POST", `/partners/${partner.id}/suspend`, { body: { reason: "Misuse." } });
      return new Response();
    });
    await events(120);
    await turn();
    expect(got.calls.length).toBe(50);
    await asStaff(coldIsolate(), "POST", `/partners/${partner.id}/resume`, { body: { reason: "Settled." } });
    await later();
    await turn();
    expect(got.calls.length).toBe(120);
    expect((await deliveries()).every(({ attempts }) => attempts === 1)).toBe(true);
  });
});

test("an address that was allowed once and is not any more is not called", async () => {
  const got = receivers();
  const { turn, events, uuid, deliveries } = await webhookStage();
  await env.DB.prepare("UPDATE webhook_endpoints SET url = 'https://10.0.0.1/' WHERE id = ?").bind(uuid).run();
  await events(1);
  await turn();
  expect(got.calls).toHaveLength(0);
  expect(await deliveries()).toMatchObject([{ state: "failing", error: "address" }]);
});

test("delivering 200 events writes a row for each and a few for the turn, and reads some six for each", async () => {
  receivers();
  const { turn, events } = await webhookStage();
  await events(200);
  const { DB, measure } = meteredDatabase();
  const cost = await measure(() => turn({ DB }));
  expect(cost.written).toBeLessThanOrEqual(200 * 1.05);
  expect(cost.read).toBeLessThanOrEqual(200 * 7);
  expect(cost.calls).toBeLessThanOrEqual(12);
});
