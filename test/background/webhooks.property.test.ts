import { env } from "cloudflare:workers";
import fc from "fast-check";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { faultyDatabase } from "../support/isolate.ts";
import { foundTown } from "../support/town.ts";
import { receivers, webhookStage } from "../support/webhooks.ts";

const HOUR = 3_600_000;

beforeAll(foundTown);
beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2026-11-27T10:00:00Z") }));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** What may happen to an endpoint, in any order. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("events" as const), count: fc.integer({ min: 1, max: 12 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("turn" as const), diesAt: fc.option(fc.integer({ min: 1, max: 4 })) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("two turns" as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("time" as const), minutes: fc.integer({ min: 1, max: 120 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("replay" as const),
      from: fc.integer({ min: 1, max: 30 }),
      span: fc.nat({ max: 9 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("enable" as const) }) },
);

test("whatever fails, dies, comes twice or is replayed: every event arrives, its number and its id are its own, and there is no gap", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 20 }),
      fc.array(fc.constantFrom("ok", "ok", "error", "timeout", "connection"), { minLength: 1, maxLength: 40 }),
      async (steps, answers) => {
        const got = receivers((_, count) => {
          const answer = answers[count % answers.length];
          if (answer === "ok") return new Response();
          if (answer === "error") return new Response(null, { status: 500 });
          throw answer === "timeout" ? new DOMException("", "TimeoutError") : new TypeError("lost");
        });
        const arrived = new Map<number, string>();
        const stage = await webhookStage();
        let events = 0;
        for (const one of steps) {
          if (one.kind === "events") {
            await stage.events(one.count);
            events += one.count;
          }
          if (one.kind === "turn") {
            const { diesAt } = one;
            await stage.turn(diesAt === null ? {} : { DB: faultyDatabase((call) => call >= diesAt) });
          }
          if (one.kind === "two turns") await Promise.all([stage.turn(), stage.turn()]);
          if (one.kind === "time") vi.setSystemTime(Date.now() + one.minutes * 60_000);
          if (one.kind === "replay") {
            const { from, span } = one;
            const answer = await stage.askIt("POST", "/replay", { from_sequence: from, to_sequence: from + span });
            expect(answer.status).toBe(202);
          }
          if (one.kind === "enable") await stage.askIt("POST", "/enable", {});
        }
        // The receiver is mended, and time goes on.
        got.answer = () => new Response();
        await stage.askIt("POST", "/enable", {});
        for (let hours = 0; hours < 4; hours++) {
          vi.setSystemTime(Date.now() + HOUR + 60_000);
          await stage.turn();
        }
        for (const { id, message } of got.calls) {
          expect(arrived.get(message.sequence) ?? id, "an event keeps its id").toBe(id);
          arrived.set(message.sequence, id);
        }
        const numbers = Array.from({ length: events }, (_, n) => n + 1);
        expect([...arrived.keys()].sort((a, b) => a - b)).toEqual(numbers);
        expect(new Set(arrived.values()).size).toBe(events);
        const rows = await stage.deliveries();
        expect(rows.map(({ sequence, state }) => [sequence, state])).toEqual(numbers.map((n) => [n, "delivered"]));
        const waiting = await env.DB.prepare(
          "SELECT count(*) AS n FROM webhook_deliveries WHERE due_at IS NOT NULL AND endpoint_id = ?",
        )
          .bind(stage.uuid)
          .first("n");
        expect([waiting, Number((await stage.row()).begun_through)]).toEqual([0, events]);
      },
    ),
    { numRuns: 25 },
  );
});

test("events from many transactions at once get numbers without a gap, each endpoint its own", async () => {
  receivers();
  const [one, other] = [await webhookStage(), await webhookStage()];
  await Promise.all(Array.from({ length: 60 }, (_, n) => (n % 3 === 0 ? other : one).events(1 + (n % 4))));
  for (const stage of [one, other]) {
    const sequences = (await stage.deliveries()).map(({ sequence }) => sequence);
    expect(sequences).toEqual(sequences.map((_, n) => n + 1));
    expect(Number((await stage.row()).last_sequence)).toBe(sequences.length);
  }
});

test("an endpoint that fails half the time receives all of 500 deliveries, each at least once, and slows no other", async () => {
  const [flaky, sound] = [await webhookStage(), await webhookStage()];
  const arrived = new Set<number>();
  let seed = 7;
  const got = receivers(({ url, message }) => {
    if (url === sound.webhook.url) return new Response();
    seed = (seed * 48_271) % 2_147_483_647;
    if (seed % 2 === 0) return new Response(null, { status: 503 });
    arrived.add(message.sequence);
    return new Response();
  });
  await flaky.events(500);
  for (let hours = 0; arrived.size < 500 && hours < 24; hours += 0.25) {
    await flaky.turn();
    await sound.events(1);
    await sound.turn();
    const last = got.calls.at(-1);
    expect([last?.url, last?.message.sequence]).toEqual([sound.webhook.url, hours * 4 + 1]);
    vi.setSystemTime(Date.now() + HOUR / 4);
  }
  expect(arrived.size).toBe(500);
  expect((await flaky.row()).disabled_at).toBeNull();
  expect((await flaky.deliveries()).every(({ state }) => state === "delivered")).toBe(true);
});
