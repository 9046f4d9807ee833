import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { coldIsolate, faultyDatabase, keepingQueue } from "../support/isolate.ts";
import { asPartner, newKey, newPartner } from "../support/partners.ts";
import { foundTown, openPetition } from "../support/town.ts";
import { receivers, verified, type WebhookView, webhookStage } from "../support/webhooks.ts";

const PATH = "/v1/partner/webhooks";
const isolate = coldIsolate({ WEBHOOKS: keepingQueue() });
const terms = { url: "https://hooks.union.example/", events: ["petition.closed"] };

beforeAll(foundTown);
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const flawsOf = async (answer: Response) => {
  const { errors = [] } = (await answer.json()) as { errors?: { pointer: string; code: string }[] };
  return [answer.status, ...errors.map(({ pointer, code }) => `${pointer} ${code}`)];
};

describe("an endpoint", () => {
  test("is added, read, listed, changed and deleted by its owner, and its secret is shown once", async () => {
    const { webhook, ask, askIt, row } = await webhookStage({ label: "Members" });
    expect(webhook).toMatchObject({ label: "Members", petitions: null, state: "enabled", last_sequence: 0 });
    expect(webhook.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const { secret, ...shown } = webhook;
    expect(await (await askIt("GET")).json()).toEqual(shown);
    expect(await (await ask("GET", "")).json()).toEqual({ data: [shown], next_cursor: null });
    expect(JSON.stringify(await row())).not.toContain(secret.slice(6));
    const changed = await askIt("PUT", "", { ...terms, events: ["petition.opened", "petition.closed"] });
    expect([changed.status, await changed.json()]).toEqual([
      200,
      { ...shown, url: terms.url, label: null, events: ["petition.opened", "petition.closed"] },
    ]);
    expect(await (await askIt("DELETE")).json()).toEqual({ data: [], next_cursor: null });
    for (const [method, path, body] of [
      ["GET", "", undefined],
      ["PUT", "", terms],
      ["DELETE", "", undefined],
      ["POST", "/test", {}],
      ["GET", "/deliveries", undefined],
      ["POST", "/replay", { from_sequence: 1 }],
      ["POST", "/rotate-secret", {}],
      ["POST", "/enable", {}],
    ] as const) {
      expect((await askIt(method, path, body)).status, `${method} ${path}`).toBe(404);
    }
  });

  test("is its partner's alone: another partner's key reads everywhere what it reads of nothing", async () => {
    const { webhook, events, row } = await webhookStage();
    const { key } = await newKey(await newPartner());
    await events(2);
    const before = await row();
    const absent = "whk_01936d9e-8c4b-7f00-9a51-00005afe0201";
    for (const [method, path, body] of [
      ["GET", "", undefined],
      ["PUT", "", terms],
      ["DELETE", "", undefined],
      ["POST", "/test", {}],
      ["GET", "/deliveries", undefined],
      ["POST", "/replay", { from_sequence: 1 }],
      ["POST", "/rotate-secret", {}],
      ["POST", "/enable", {}],
    ] as const) {
      const read = async (id: string) => {
        const answer = await asPartner(
          isolate,
          key,
          method,
          `${PATH}/${id}${path}`,
          body === undefined ? {} : { body },
        );
        const { request_id: _, ...problem } = (await answer.json()) as Record<string, unknown>;
        return [answer.status, problem];
      };
      const [foreign, nothing] = [await read(webhook.id), await read(absent)];
      expect(foreign, `${method} ${path}`).toEqual(nothing);
      expect(foreign[0]).toBe(404);
    }
    expect(await row()).toEqual(before);
    expect(await (await asPartner(isolate, key, "GET", PATH)).json()).toEqual({ data: [], next_cursor: null });
  });

  test("needs the scope, and a key for some petitions manages only what hears of no others", async () => {
    const partner = await newPartner();
    const [petition, other] = [await openPetition(), await openPetition()];
    const without = await newKey(partner, { scopes: ["signatures:read"] });
    expect((await asPartner(isolate, without.key, "GET", PATH)).status).toBe(404);
    const { webhook: wide } = await webhookStage({}, { partner });
    const { webhook: others } = await webhookStage({ petitions: [petition.id, other.id] }, { partner });
    const limited = await webhookStage({}, { partner, keyTerms: { petitions: [petition.id] } });
    expect(limited.webhook.petitions).toEqual([petition.id]);
    const { data } = (await (await limited.ask("GET", "")).json()) as { data: WebhookView[] };
    expect(data.map(({ id }) => id)).toEqual([limited.webhook.id]);
    for (const { id } of [wide, others]) {
      expect((await limited.ask("PUT", `/${id}`, terms)).status).toBe(404);
      expect((await limited.ask("POST", `/${id}/rotate-secret`, {})).status).toBe(404);
    }
    expect(await flawsOf(await limited.ask("POST", "", { ...terms, petitions: [other.id] }))).toEqual([
      ...[400, "/petitions unknown_value"],
    ]);
  });

  test.each([
    [{ url: "http://hooks.union.example/" }, "/url https_address"],
    [{ url: "http://localhost:9/" }, null],
    [{ url: "https://10.0.0.1/" }, "/url public_host"],
    [{ url: "https://0x7f.1/" }, "/url public_host"],
    [{ url: "https://localhost/" }, "/url public_host"],
    [{ url: "https://hooks.union.example:8443/" }, "/url plain_address"],
    [{ url: "https://me:pass@hooks.union.example/" }, "/url plain_address"],
    [{ url: `https://hooks.union.example/${"x".repeat(2_000)}` }, "/url too_long"],
    [{ url: 7 }, "/url wrong_type"],
    [{ events: [] }, "/events empty"],
    [{ events: ["petition.eaten"] }, "/events/0 unknown_value"],
    [{ events: Array(7).fill("petition.closed") }, "/events too_many"],
    [{ label: "" }, "/label empty"],
    [{ label: "a\nb" }, "/label forbidden_characters"],
    [{ label: "x".repeat(101) }, "/label too_long"],
    [{ petitions: [] }, "/petitions empty"],
    [{ petitions: ["pet_1"] }, "/petitions/0 wrong_type"],
    [{ secret: "whsec_mine" }, " unknown_field"],
  ])("with %o is refused as it should be", async (field, flaw) => {
    const { key } = await newKey(await newPartner());
    const answer = await asPartner(isolate, key, "POST", PATH, { body: { ...terms, ...field } });
    expect(await flawsOf(answer)).toEqual(flaw === null ? [201] : [400, flaw]);
  });

  test("on this machine is refused by a deployed service, and so is the service itself", async () => {
    const partner = await newPartner();
    const { key } = await newKey(partner);
    const deployed = coldIsolate({
      ...{ ENVIRONMENT: "production", PUBLIC_URL: "https://petitions.brackwater.example", MAILER: {} },
      ...{ MAIL_CAPTURE: undefined, ROOT_KEY: btoa("k".repeat(32)), WEBHOOKS: keepingQueue() },
    });
    const create = async (url: string) =>
      flawsOf(await asPartner(deployed, key, "POST", PATH, { body: { ...terms, url } }));
    expect(await create("http://localhost:9000/")).toEqual([400, "/url https_address"]);
    expect(await create("https://petitions.brackwater.example/v/token")).toEqual([400, "/url public_host"]);
    expect(await create("https://hooks.union.example/")).toEqual([201]);
  });

  test("is one of ten at most, also when many are added at once; a deleted one makes room", async () => {
    const { key } = await newKey(await newPartner());
    const create = () => asPartner(isolate, key, "POST", PATH, { body: terms });
    const answers = await Promise.all(Array.from({ length: 14 }, create));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(10).fill(201), ...Array(4).fill(409)]);
    const added = answers.find(({ status }) => status === 201) as Response;
    const { id } = (await added.json()) as WebhookView;
    expect((await asPartner(isolate, key, "DELETE", `${PATH}/${id}`)).status).toBe(200);
    expect((await create()).status).toBe(201);
    expect((await create()).status).toBe(409);
  });

  test("is not half added or changed while the database fails", async () => {
    const { key } = await newKey(await newPartner());
    for (let call = 1; call <= 3; call++) {
      const at = coldIsolate({ DB: faultyDatabase((n) => n === call), WEBHOOKS: keepingQueue() });
      expect([201, 503]).toContain((await asPartner(at, key, "POST", PATH, { body: terms })).status);
    }
    const { data } = (await (await asPartner(isolate, key, "GET", PATH)).json()) as { data: WebhookView[] };
    for (const { url, last_sequence } of data) expect([url, last_sequence]).toEqual([terms.url, 0]);
  });
});

describe("a new secret", () => {
  const call = async (stage: Awaited<ReturnType<typeof webhookStage>>) => {
    const got = receivers();
    await stage.events(1);
    await stage.turn();
    const [received] = got.calls;
    if (!received) throw new Error("nothing came");
    return received;
  };

  test("signs beside the one before for 24 hours, and then alone", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    const stage = await webhookStage();
    const old = stage.webhook.secret;
    const { secret, previous_secret_until } = (await (
      await stage.askIt("POST", "/rotate-secret", {})
    ).json()) as WebhookView;
    expect(Date.parse(String(previous_secret_until)) - Date.now()).toBe(86_400_000);
    const during = await call(stage);
    expect(during.headers.get("webhook-signature")?.split(" ")).toHaveLength(2);
    expect([verified(old, during), verified(secret, during)]).toEqual([during.message, during.message]);
    vi.setSystemTime(Date.now() + 86_400_000);
    const after = await call(stage);
    expect(after.headers.get("webhook-signature")?.split(" ")).toHaveLength(1);
    expect(verified(secret, after)).toEqual(after.message);
    expect(() => verified(old, after)).toThrow("No matching signature");
    await coldIsolate().cron("17 * * * *");
    expect(await stage.row()).toMatchObject({ previous_key: null, previous_until: null });
    expect(await (await stage.askIt("GET")).json()).toMatchObject({ previous_secret_until: null });
  });

  test("made twice within a day ends the oldest at once", async () => {
    const stage = await webhookStage();
    const rotate = async () => ((await (await stage.askIt("POST", "/rotate-secret", {})).json()) as WebhookView).secret;
    const [second, third] = [await rotate(), await rotate()];
    const received = await call(stage);
    expect([verified(second, received), verified(third, received)]).toEqual([received.message, received.message]);
    expect(() => verified(stage.webhook.secret, received)).toThrow("No matching signature");
  });
});

describe("a test message", () => {
  test("is an example of the event, says that it is one, and takes the next number", async () => {
    const { webhook, askIt, turn, events, bells, uuid } = await webhookStage();
    await events(1);
    const answer = await askIt("POST", "/test", { type: "petition.opened" });
    const { message_id, sequence } = (await answer.json()) as { message_id: string; sequence: number };
    expect([answer.status, sequence]).toEqual([202, 2]);
    expect(bells.sent).toEqual([{ v: 1, endpoint_id: uuid }]);
    const got = receivers();
    await turn();
    const message = got.calls.find(({ id }) => id === message_id);
    expect(verified(webhook.secret, message as NonNullable<typeof message>)).toMatchObject({
      ...{ type: "petition.opened", sequence: 2, test: true, data: { reopened: false } },
    });
    expect(got.calls.filter(({ message: { test: isTest } }) => isTest)).toHaveLength(1);
  });
});

describe("deliveries", () => {
  type Page = { data: { sequence: number; status: string; message_id: string }[]; next_cursor: string | null };
  const pages = async (askIt: (method: string, path: string) => Promise<Response>, query: string) => {
    const found: Page["data"][] = [];
    let path = `/deliveries?${query}`;
    for (let n = 0; n < 50; n++) {
      const answer = await askIt("GET", path);
      expect(answer.status).toBe(200);
      const { data, next_cursor } = (await answer.json()) as Page;
      found.push(data);
      if (next_cursor === null) break;
      expect(answer.headers.get("Link")).toContain(encodeURIComponent(next_cursor));
      path = `/deliveries?${query}&cursor=${encodeURIComponent(next_cursor)}`;
    }
    return found;
  };
  const numbers = (found: Page["data"][]) => found.flat().map(({ sequence }) => sequence);

  test("are listed page by page, the newest first, each once, with what became of them and nothing of an answer", async () => {
    const { askIt, turn, events } = await webhookStage();
    await events(45);
    const got = receivers(
      ({ message }) => new Response("secret words", { status: message.sequence % 9 === 0 ? 500 : 200 }),
    );
    await turn();
    const found = await pages(askIt, "limit=20");
    expect(found.map(({ length }) => length)).toEqual([20, 20, 5]);
    expect(numbers(found)).toEqual(Array.from({ length: 45 }, (_, n) => 45 - n));
    expect(numbers(await pages(askIt, "status=failing"))).toEqual([45, 36, 27, 18, 9]);
    expect(numbers(await pages(askIt, "status=delivered&limit=7"))).toHaveLength(40);
    expect(numbers(await pages(askIt, "status=waiting"))).toEqual([]);
    expect(found.flat().find(({ sequence }) => sequence === 45)).toEqual({
      message_id: got.calls.find(({ message }) => message.sequence === 45)?.id,
      ...{ sequence: 45, type: "petition.closed", test: false, status: "failing", attempts: 1, error: "http" },
      ...{ response_status: 500, duration_ms: expect.any(Number), timestamp: expect.any(String) },
      ...{ last_attempt_at: expect.any(String), next_attempt_at: expect.any(String) },
    });
    expect(JSON.stringify(found)).not.toContain("secret words");
  });

  test("of a rare state are found behind thousands of others, a thousand looked through a page", async () => {
    const { askIt, events, uuid } = await webhookStage();
    await events(2_500);
    await env.DB.prepare("UPDATE webhook_deliveries SET state = 'delivered' WHERE endpoint_id = ? AND sequence > 3")
      .bind(uuid)
      .run();
    const found = await pages(askIt, "status=waiting");
    expect(found.map(({ length }) => length)).toEqual([0, 0, 3]);
  });
});

describe("a replay", () => {
  /** An endpoint that was told twelve events, two an hour. */
  async function told() {
    const stage = await webhookStage();
    const got = receivers();
    await stage.events(12);
    await env.DB.prepare("UPDATE webhook_deliveries SET at = ? + sequence / 2 * 3600000 WHERE endpoint_id = ?")
      .bind(Date.parse("2026-11-23T00:00:00Z"), stage.uuid)
      .run();
    await stage.turn();
    const first = new Map(got.calls.map(({ message, id }) => [message.sequence, id]));
    got.calls.length = 0;
    const replay = async (body: unknown) => {
      got.calls.length = 0;
      const answer = await stage.askIt("POST", "/replay", body);
      const { replayed } = (await answer.json()) as { replayed: number };
      await stage.turn();
      for (const { id, message } of got.calls)
        expect(id, "the same event, the same id").toBe(first.get(message.sequence));
      expect(got.calls).toHaveLength(replayed ?? 0);
      return [answer.status, ...got.calls.map(({ message }) => message.sequence)];
    };
    return { ...stage, first, replay, got };
  }

  test("delivers one message, a span of numbers or a span of time once more, under the ids that they had", async () => {
    const { first, replay, webhook, got } = await told();
    expect(await replay({ message_id: first.get(7) })).toEqual([202, 7]);
    expect(verified(webhook.secret, got.calls[0] as (typeof got.calls)[0]).sequence).toBe(7);
    expect(await replay({ from_sequence: 4, to_sequence: 6 })).toEqual([202, 4, 5, 6]);
    expect(await replay({ from_sequence: 11 })).toEqual([202, 11, 12]);
    expect(await replay({ from_sequence: 13 })).toEqual([202]);
    expect(await replay({ from_sequence: 9, to_sequence: 3 })).toEqual([202]);
    expect(await replay({ from: "2026-11-23T02:00:00Z", to: "2026-11-23T04:00:00Z" })).toEqual([202, 4, 5, 6, 7]);
    expect(await replay({ from: "2026-11-23T05:00:00.001Z" })).toEqual([202, 12]);
    expect(await replay({ from: "2026-11-20T00:00:00Z", to: "2026-11-23T00:00:00Z" })).toEqual([202]);
    expect(await replay({ from: "2027-11-20T00:00:00Z" })).toEqual([202]);
  });

  test("of another endpoint's message, or of two things at once, is refused", async () => {
    const [{ replay }, { first }] = [await told(), await told()];
    expect((await replay({ message_id: first.get(7) }))[0]).toBe(400);
    expect((await replay({ message_id: "msg_1" }))[0]).toBe(400);
    expect((await replay({ from_sequence: 1, from: "2026-11-23T00:00:00Z" }))[0]).toBe(400);
    expect((await replay({ from_sequence: 0 }))[0]).toBe(400);
    expect((await replay({}))[0]).toBe(400);
  });

  test("takes a thousand at once, and says where to go on", async () => {
    const { askIt, events, uuid } = await webhookStage();
    await events(1_500);
    await env.DB.batch([
      env.DB.prepare("UPDATE webhook_deliveries SET state = 'delivered' WHERE endpoint_id = ?").bind(uuid),
      env.DB.prepare("UPDATE webhook_endpoints SET begun_through = last_sequence WHERE id = ?").bind(uuid),
    ]);
    const replay = async (body: unknown) => (await askIt("POST", "/replay", body)).json();
    expect(await replay({ from_sequence: 1 })).toEqual({ replayed: 1_000, next_sequence: 1_001 });
    expect(await replay({ from_sequence: 1_001 })).toEqual({ replayed: 500, next_sequence: null });
  });

  test("of what is forgotten delivers what is left", async () => {
    const { replay, uuid } = await told();
    await env.DB.prepare("DELETE FROM webhook_deliveries WHERE endpoint_id = ? AND sequence < 10").bind(uuid).run();
    expect(await replay({ from_sequence: 1 })).toEqual([202, 10, 11, 12]);
    expect(await replay({ from: "2026-11-01T00:00:00Z" })).toEqual([202, 10, 11, 12]);
  });
});
