import { listDurableObjectIds, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { IntakeMessage } from "../../src/signatures/submission.ts";
import { countingLimiter } from "../support/counting-limiter.ts";
import { expectDocumentedAnswer } from "../support/documented.ts";
import { coldIsolate, faultyDatabase, keepingQueue, refusingQueue } from "../support/isolate.ts";
import { meteredDatabase } from "../support/metered-database.ts";
import { newKey, newPartner, publicAddress, sendBatch, signVia, someone } from "../support/partners.ts";
import { expectTalliesToEqualRecount } from "../support/recount.ts";
import { freshEmail, mailsTo, nextMail } from "../support/resident.ts";
import { foundTown, openPetition } from "../support/town.ts";

const isolate = coldIsolate();

beforeAll(foundTown);
afterEach(() => void vi.useRealTimers());

interface Result {
  readonly status: number;
  readonly submission_id?: string;
  readonly reference?: string;
  readonly problem?: { code: string; status: number; errors?: { pointer: string; code: string }[] };
}

const keyed = async (terms: Record<string, unknown> = {}) => {
  const partner = await newPartner();
  const { id, no } = await openPetition();
  return { partner, key: (await newKey(partner, terms)).key, id, no };
};

/** An isolate that keeps what it accepts. */
function keeping(overrides = {}) {
  const INTAKE = keepingQueue<IntakeMessage>();
  return { at: coldIsolate({ INTAKE, ...overrides }), sent: INTAKE.sent };
}

async function resultsOf(answer: Response): Promise<Result[]> {
  const text = await answer.text();
  if (answer.status !== 207) throw new Error(`${answer.status}: ${text}`);
  return (JSON.parse(text) as { results: Result[] }).results;
}

const statuses = (results: readonly Result[]) => results.map(({ status }) => status);

const people = (count: number, fields: Record<string, unknown> = {}) =>
  Array.from({ length: count }, () => someone(fields));

const rows = async (no: number) =>
  (await env.DB.prepare("SELECT state, hold, partner FROM signatures WHERE petition_no = ?").bind(no).all()).results;

describe("a batch", () => {
  test("gives the partner's own ids back, of what is refused too, and again under the same key; it keeps none", async () => {
    const { key, id } = await keyed();
    const own = `Mara Quill, ${crypto.randomUUID()}`;
    const entries = [
      someone({ reference: own }),
      someone({ email: "x", reference: "b" }),
      someone(),
      null,
      someone({ reference: 5 }),
    ];
    const under = { "Idempotency-Key": crypto.randomUUID() };
    for (const at of [isolate, coldIsolate()]) {
      const answer = await sendBatch(at, key, id, entries, under);
      const { results } = (await expectDocumentedAnswer("submitSignatures", answer)) as { results: Result[] };
      expect(results.map(({ reference }) => reference)).toEqual([own, "b", undefined, undefined, undefined]);
    }
    const objects = await listDurableObjectIds(env.IDEMPOTENCY);
    const kept = await Promise.all(
      objects.map((object) =>
        runInDurableObject(env.IDEMPOTENCY.get(object), (_, state) =>
          state.storage.sql.exec("SELECT answer FROM claims WHERE answer IS NOT NULL").toArray(),
        ),
      ),
    );
    expect(kept.flat().length).toBeGreaterThan(0);
    expect(JSON.stringify(kept)).not.toContain(own);
  });

  test("has a result for each entry, in their order; what is wrong with one stops no other", async () => {
    const { key, id, no, partner } = await keyed();
    const { signer_address: _, ...withoutAddress } = someone();
    const entries = [
      someone({ reference: "one" }),
      someone({ email: "nobody" }),
      withoutAddress,
      "not an object",
      null,
      someone({ unknown: 1 }),
      someone({ notices: { privacy: 99 } }),
      someone({ signer_address: "10.0.0.1" }),
      someone({ supporter_token: "made-up" }),
      someone({ reference: "last" }),
    ];
    const answer = await sendBatch(isolate, key, id, entries);
    const { results } = (await expectDocumentedAnswer("submitSignatures", answer)) as { results: Result[] };
    expect(statuses(results)).toEqual([202, 400, 400, 400, 400, 400, 400, 400, 422, 202]);
    expect(results.map(({ problem }) => problem?.errors?.[0]?.pointer)).toEqual([
      undefined,
      "/email",
      "/signer_address",
      "",
      "",
      "",
      "/notices/privacy",
      "/signer_address",
      undefined,
      undefined,
    ]);
    expect(results.slice(3, 6).map(({ problem }) => problem?.errors?.[0]?.code)).toEqual([
      "wrong_type",
      "wrong_type",
      "unknown_field",
    ]);
    expect(results[8]?.problem?.code).toBe("token_invalid");
    expect(JSON.stringify(results)).not.toMatch(/nobody|10\.0\.0\.1|made-up|request_id/);
    for (const one of [results[0], results[9]]) expect(one?.submission_id).toMatch(/^sub_[0-9a-f]{8}-[0-9a-f]{4}-7/);
    await nextMail(String(entries[0] && (entries[0] as { email: string }).email));
    const sent = await env.DB.prepare("SELECT lower(hex(submission)) AS hex FROM partner_submissions WHERE partner = ?")
      .bind(partner.code)
      .all<{ hex: string }>();
    expect(sent.results.map(({ hex }) => hex).sort()).toEqual(
      [results[0], results[9]].map((one) => one?.submission_id?.slice(4).replaceAll("-", "")).sort(),
    );
    expect(await rows(no)).toEqual([
      { state: "pending", hold: null, partner: partner.code },
      { state: "pending", hold: null, partner: partner.code },
    ]);
    await expectTalliesToEqualRecount(no);
  });

  test("that comes again under its key is answered the same and sends nothing", async () => {
    const { key, id } = await keyed();
    const entries = [...people(3), "nothing"];
    const fresh = keeping();
    const headers = { "Idempotency-Key": "monday's" };
    const first = await (await sendBatch(fresh.at, key, id, entries, headers)).text();
    const again = await sendBatch(fresh.at, key, id, entries, headers);
    expect([again.status, await again.text(), fresh.sent.length]).toEqual([207, first, 3]);
    expect((await sendBatch(fresh.at, key, id, entries.slice(1), headers)).status).toBe(422);
    expect((await signVia(fresh.at, key, id, {}, headers)).status).toBe(422);
  });

  test("answers the same for somebody new, somebody who has signed, who is held and who is blocked", async () => {
    const { key, id } = await keyed();
    const email = freshEmail();
    await signVia(isolate, key, id, { email });
    await nextMail(email);
    const flooder = publicAddress();
    const entries = [
      someone(),
      someone({ email }),
      someone({ email: `x${crypto.randomUUID()}@mailinator.com` }),
      ...people(7, { signer_address: flooder }),
    ];
    const results = await resultsOf(await sendBatch(isolate, key, id, entries));
    const neutral = results.map((one) => JSON.stringify(one).replace(/sub_[0-9a-f-]{36}/, "ID"));
    expect(new Set(neutral)).toEqual(new Set(['{"status":202,"submission_id":"ID"}']));
    expect(new Set(results.map(({ submission_id }) => submission_id)).size).toBe(10);
  });

  test.each([
    ["no entry is refused", [], 400],
    ["101 entries is refused", Array.from({ length: 101 }, () => ({})), 400],
    ["100 entries is taken", Array.from({ length: 100 }, () => ({})), 207],
  ])("of %s", async (_, entries, status) => {
    const { key, id } = await keyed();
    expect((await sendBatch(isolate, key, id, entries)).status).toBe(status);
  });

  test("is for servers' keys that may sign there, and needs a key of its own", async () => {
    const { partner, key, id } = await keyed();
    const origin = "https://tenants.example";
    const browser = await newKey(partner, { scopes: ["signatures:write"], origins: [origin] });
    const reader = await newKey(partner, { scopes: ["signatures:read"] });
    const elsewhere = await newKey(partner, { petitions: [(await openPetition()).id] });
    const batch = (own: string, at: string, headers = {}) => sendBatch(isolate, own, at, people(1), headers);
    const hidden = await openPetition({ state: "hidden", rejection_code: "offensive" });
    const refused = [
      await batch(browser.key, id, { Origin: origin }),
      await batch(reader.key, id),
      await batch(elsewhere.key, id),
      await batch(key, hidden.id),
      await batch(key, "pet_01936d9e-8c4b-7f00-9a51-0123deadbeef"),
      await batch(key, "pet_made-up"),
      await batch(key, id, { "Idempotency-Key": null }),
      await batch("fm_partner_x", id),
    ];
    expect(refused.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 404, 400, 401]);
  });

  test("of first supporters needs their token, entry by entry", async () => {
    const { key } = await keyed();
    const { id } = await openPetition({ state: "gathering" });
    expect((await sendBatch(isolate, key, id, people(2))).status).toBe(404);
    const results = await resultsOf(
      await sendBatch(isolate, key, id, [someone({ supporter_token: "made-up" }), someone()]),
    );
    expect(statuses(results)).toEqual([422, 404]);
  });
});

describe("the limits of a batch", () => {
  test("are those of as many requests: for each declared address, whatever the order", async () => {
    const partner = await newPartner();
    const generous = { signatures_per_minute: 10_000, signatures_per_day: 100_000 };
    const [one, other] = [(await newKey(partner, generous)).key, (await newKey(partner, generous)).key];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(3), { minLength: 5, maxLength: 40 }),
        fc.integer({ min: 1, max: 40 }),
        async (whose, size) => {
          const [{ id: together }, { id: alone }] = [await openPetition(), await openPetition()];
          const networks = () => Array.from({ length: 4 }, publicAddress);
          const [batched, single] = [networks(), networks()];
          const fresh = keeping();
          vi.useFakeTimers({ toFake: ["Date"], now: Math.ceil(Date.now() / 3_600_000) * 3_600_000 });
          const entries = whose.map((n) => someone({ signer_address: batched[n] }));
          for (let n = 0; n < entries.length; n += size) {
            await sendBatch(fresh.at, one, together, entries.slice(n, n + size));
          }
          for (const n of whose) await signVia(fresh.at, other, alone, { signer_address: single[n] });
          vi.useRealTimers();
          const holds = (id: string) =>
            fresh.sent.filter(({ petition_id }) => `pet_${petition_id}` === id).map(({ hold }) => hold);
          expect(holds(together)).toEqual(holds(alone));
        },
      ),
      { numRuns: 8 },
    );
  });

  test("refuse the 61st of a minute from one address, and nobody else's", async () => {
    const { key, id } = await keyed();
    vi.useFakeTimers({ toFake: ["Date"], now: Math.ceil(Date.now() / 60_000) * 60_000 });
    const one = publicAddress();
    const entries = [...people(62, { signer_address: one }), ...people(3)];
    const answer = await sendBatch(isolate, key, id, entries);
    expect(Number(answer.headers.get("Retry-After"))).toBeGreaterThan(0);
    const results = await resultsOf(answer);
    expect(statuses(results)).toEqual([...Array(60).fill(202), 429, 429, 202, 202, 202]);
    expect(results[60]?.problem?.code).toBe("rate_limited");
  });

  test("of the key refuse what is beyond, which the same request sends when there is room, and nothing twice", async () => {
    const { key, id } = await keyed({ signatures_per_minute: 3 });
    vi.useFakeTimers({ toFake: ["Date"], now: Math.ceil(Date.now() / 60_000) * 60_000 });
    const fresh = keeping();
    const entries = [...people(2), "wrong", ...people(3)];
    const headers = { "Idempotency-Key": "k" };
    const first = await sendBatch(fresh.at, key, id, entries, headers);
    expect(first.headers.get("RateLimit")).toMatch(/"partner_minute";r=0;t=\d+, "partner_day";r=\d+;t=\d+$/);
    const before = await resultsOf(first);
    expect(statuses(before)).toEqual([202, 202, 400, 202, 429, 429]);
    vi.setSystemTime(Date.now() + 120_000);
    const after = await resultsOf(await sendBatch(fresh.at, key, id, entries, headers));
    expect(statuses(after)).toEqual([202, 202, 400, 202, 202, 202]);
    for (const place of [0, 1, 3]) expect(after[place]).toEqual(before[place]);
    expect(fresh.sent.length).toBe(5);
    expect(await resultsOf(await sendBatch(fresh.at, key, id, entries, headers))).toEqual(after);
    expect(fresh.sent.length).toBe(5);
  });

  test("cost one call of each object that has some of them, however many entries", async () => {
    const { key, id } = await keyed();
    const calls: number[] = [];
    for (const size of [1, 100]) {
      const counter = { calls: 0 };
      const fresh = keeping({ LIMITER: countingLimiter(counter) });
      const answer = await sendBatch(fresh.at, key, id, people(size));
      expect([answer.status, fresh.sent.length]).toEqual([207, size]);
      calls.push(counter.calls);
    }
    // The request itself is counted in one call more; there are 64 objects.
    expect(calls[0]).toBeLessThanOrEqual(5);
    expect(calls[1]).toBeLessThanOrEqual(65);
  });
});

describe("what becomes of a batch when something fails", () => {
  test("nothing, while only the database is down: a warm isolate makes no call of it", async () => {
    const { key, id } = await keyed();
    const { DB, measure } = meteredDatabase();
    const fresh = keeping({ DB });
    await sendBatch(fresh.at, key, id, people(1));
    expect(await measure(() => sendBatch(fresh.at, key, id, people(50)))).toEqual({ calls: 0, read: 0, written: 0 });
    expect(fresh.sent.length).toBe(51);
  });

  test("a queue that takes 256 KB at once gets parts that are no larger", async () => {
    const { key, id } = await keyed();
    const parts: { messages: number; bytes: number }[] = [];
    const INTAKE = {
      async sendBatch(messages: Iterable<{ body: IntakeMessage }>) {
        const all = [...messages];
        parts.push({ messages: all.length, bytes: JSON.stringify(all).length });
      },
    };
    const long = { name: "𠀀".repeat(255), reference: "𠀀".repeat(100), country: "GB", postcode: "BW1 1AA" };
    const results = await resultsOf(await sendBatch(coldIsolate({ INTAKE }), key, id, people(100, long)));
    expect(statuses(results)).toEqual(Array(100).fill(202));
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.reduce((sum, { messages }) => sum + messages, 0)).toBe(100);
    for (const { bytes } of parts) expect(bytes).toBeLessThan(250 * 1024);
  });

  test("a queue that refuses: the database records them directly, once", async () => {
    const { key, id, no } = await keyed();
    const entries = people(4);
    const results = await resultsOf(await sendBatch(coldIsolate({ INTAKE: refusingQueue }), key, id, entries));
    expect(statuses(results)).toEqual([202, 202, 202, 202]);
    expect((await rows(no)).length).toBe(4);
    for (const { email } of entries) await nextMail(String(email));
  });

  test("queue and database: none is accepted, all may be sent again under the same key, and each counts once", async () => {
    const { key, id, no } = await keyed();
    const entries = [...people(3), "wrong"];
    let down = false;
    const bad = coldIsolate({ INTAKE: refusingQueue, DB: faultyDatabase(() => down) });
    expect((await signVia(bad, key, id)).status).toBe(202);
    down = true;
    const headers = { "Idempotency-Key": "outage" };
    const answer = await sendBatch(bad, key, id, entries, headers);
    expect(answer.headers.get("Retry-After")).toBe("10");
    expect(statuses(await resultsOf(answer))).toEqual([503, 503, 503, 400]);
    const fresh = keeping();
    expect(statuses(await resultsOf(await sendBatch(fresh.at, key, id, entries, headers)))).toEqual([
      202, 202, 202, 400,
    ]);
    expect(await isolate.deliver("intake", [...fresh.sent, ...fresh.sent])).toEqual([]);
    expect((await rows(no)).length).toBe(4);
    for (const one of entries.slice(0, 3)) await nextMail(String((one as { email: string }).email));
  });

  test("a queue that took what it did not acknowledge: every id that was answered is the one that is recorded", async () => {
    const { key, id, no } = await keyed();
    const kept: IntakeMessage[] = [];
    const INTAKE = {
      send: () => Promise.reject(new Error("refused")),
      sendBatch: (messages: Iterable<{ body: IntakeMessage }>) => {
        kept.push(...[...messages].map(({ body }) => body));
        return Promise.reject(new Error("lost on the way back"));
      },
    };
    const entries = people(3);
    const results = await resultsOf(await sendBatch(coldIsolate({ INTAKE }), key, id, entries));
    expect(statuses(results)).toEqual([202, 202, 202]);
    expect(await isolate.deliver("intake", kept)).toEqual([]);
    expect((await rows(no)).length).toBe(3);
    for (const { email } of entries) {
      await nextMail(String(email));
      expect((await mailsTo(String(email))).length).toBe(1);
    }
    expect(kept.map(({ submission_id }) => `sub_${submission_id}`)).toEqual(results.map((one) => one.submission_id));
  });
});
