import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { durableLimiter } from "../../src/limits/durable-limiter.ts";
import { limiterContract, use } from "./limiter-contract.ts";

/** A namespace whose objects answer every call as `answer` does. */
const answering = (answer: () => Promise<never>) =>
  ({
    idFromName: () => ({}),
    get: () => ({ count: answer, giveBack: answer, forget: answer }),
  }) as unknown as typeof env.LIMITER;

limiterContract("the Durable Object limiter", {
  works: durableLimiter(env.LIMITER),
  fails: durableLimiter(answering(() => Promise.reject(new Error("no room for 203.0.113.77 at pet_of_mine")))),
  hangs: durableLimiter(answering(() => new Promise(() => undefined))),
});

afterEach(() => void vi.useRealTimers());

// What was counted amid a rush is in the table within two seconds.
const STORED = { timeout: 5_000 };

describe("a shard of the Durable Object limiter", () => {
  const shard = () => env.LIMITER.get(env.LIMITER.newUniqueId());

  test("remembers long windows when the object is put away", async () => {
    const stub = shard();
    const day = use({ limit: 3, window: 86_400 });
    const count = async () => (await stub.count([day]))[0]?.allowed;
    expect([await count(), await count(), await count()]).toEqual([true, true, true]);
    const stored = () =>
      runInDurableObject(stub, (_, state) => state.storage.sql.exec("SELECT current FROM counts").toArray());
    await vi.waitFor(async () => expect(await stored()).toEqual([{ current: 3 }]), STORED);
    await evictDurableObject(stub);
    expect(await count()).toBe(false);
  });

  test("remembers short windows too when it is put away, from half of what they allow on", async () => {
    const stub = shard();
    const short = use({ limit: 5 });
    const count = async (times: number) => {
      const verdicts = [];
      for (let n = 0; n < times; n++) verdicts.push((await stub.count([short]))[0]?.allowed);
      return verdicts.filter(Boolean).length;
    };
    expect(await count(4)).toBe(4);
    const stored = () =>
      runInDurableObject(stub, (_, state) => state.storage.sql.exec("SELECT current FROM counts").toArray());
    await vi.waitFor(async () => expect(await stored()).toEqual([{ current: 4 }]), STORED);
    await evictDurableObject(stub);
    expect(await count(5)).toBe(1);
  });

  test("what it forgets stays forgotten when it is put away, whether it had been stored or not", async () => {
    const stub = shard();
    const [old, fresh] = [
      use({ key: "old", limit: 1, window: 86_400 }),
      use({ key: "fresh", limit: 1, window: 86_400 }),
    ];
    const stored = () =>
      runInDurableObject(stub, (_, state) => state.storage.sql.exec("SELECT key FROM counts").toArray());
    await stub.count([old]);
    await vi.waitFor(async () => expect(await stored()).toEqual([{ key: "old" }]), STORED);
    await stub.count([fresh]);
    await stub.forget([old, fresh]);
    expect((await stub.look([old, fresh])).map(({ remaining }) => remaining)).toEqual([1, 1]);
    await vi.waitFor(async () => expect(await stored()).toEqual([]), STORED);
    await evictDurableObject(stub);
    expect((await stub.count([old, fresh])).map(({ allowed }) => allowed)).toEqual([true, true]);
  });

  test("stores soon what comes alone, and amid a rush no more than once in two seconds", async () => {
    const stub = shard();
    const stored = await runInDurableObject(stub, async (instance, { storage }) => {
      const exec = vi.spyOn(storage.sql, "exec");
      const at: number[] = [];
      while (at.length < 2) {
        instance.count([use({ window: 86_400 })]);
        await new Promise((resolve) => setTimeout(resolve, 50));
        const inserts = exec.mock.calls.filter(([statement]) => statement.startsWith("INSERT")).length;
        while (at.length < inserts) at.push(Date.now());
      }
      return at;
    });
    expect(Number(stored[1]) - Number(stored[0])).toBeGreaterThan(1_800);
  });

  test("forgets what was never counted without a row", async () => {
    const stub = shard();
    await stub.forget([use(), use({ window: 86_400 })]);
    await stub.count([use({ window: 86_400 })]);
    const written = await runInDurableObject(stub, async (_, { storage }) => {
      const exec = vi.spyOn(storage.sql, "exec");
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      return exec.mock.calls.map(([statement]) => statement.split(" ")[0]);
    });
    expect(written).toEqual(["INSERT"]);
  });

  test("forgets what it has only in its table, after it was put away", async () => {
    const stub = shard();
    const [day, other] = [use({ limit: 1, window: 86_400 }), use({ limit: 1, window: 86_400 })];
    const count = async () => (await stub.count([day, other])).map(({ allowed }) => allowed);
    expect(await count()).toEqual([true, true]);
    const stored = () =>
      runInDurableObject(stub, (_, state) => state.storage.sql.exec("SELECT key FROM counts").toArray().length);
    await vi.waitFor(async () => expect(await stored()).toBe(2), STORED);
    await evictDurableObject(stub);
    await stub.forget([day]);
    await vi.waitFor(async () => expect(await stored()).toBe(1), STORED);
    expect(await count()).toEqual([true, false]);
  });

  test("asks its table once, when it wakes, however many keys it does not know", async () => {
    const stub = shard();
    const day = use({ limit: 1, window: 86_400 });
    await stub.count([day]);
    await vi.waitFor(async () => {
      const stored = await runInDurableObject(stub, (_, state) =>
        state.storage.sql.exec("SELECT * FROM counts").toArray(),
      );
      expect(stored).toHaveLength(1);
    }, STORED);
    await evictDurableObject(stub);
    const [asked, again] = await runInDurableObject(stub, (instance, { storage }) => {
      const exec = vi.spyOn(storage.sql, "exec");
      for (let n = 0; n < 20; n++) instance.count([use(), use({ window: 86_400 })]);
      return [exec.mock.calls.length, instance.count([day])[0]?.allowed];
    });
    expect([asked, again]).toEqual([0, false]);
  });

  test("finds in its table what was too much to take along when it woke", async () => {
    const stub = shard();
    const [last, unknown] = [use({ key: "zz", limit: 1, window: 86_400 }), use({ key: "zzz", limit: 1 })];
    await runInDurableObject(stub, (_, { storage }) => {
      const index = Math.floor(Date.now() / 86_400_000);
      storage.sql.exec(
        `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
         INSERT INTO counts SELECT 'key-' || i, ?1, 1, 0, ?2 FROM n UNION ALL SELECT 'zz', ?1, 1, 0, ?2`,
        ...[index, (index + 2) * 86_400_000],
      );
    });
    await evictDurableObject(stub);
    expect(await runInDurableObject(stub, (instance) => instance.size)).toBe(2_000);
    expect((await stub.count([last, unknown])).map(({ allowed }) => allowed)).toEqual([false, true]);
  });

  test("keeps its memory bounded in a flood of keys, forgets nobody for it, and its table is swept", async () => {
    // The clock stands still: a flood takes so long that it could meet the edge of a window.
    vi.useFakeTimers({ toFake: ["Date"] });
    const stub = shard();
    const [flooder, idle] = [use({ key: "flooder", limit: 2 }), use({ key: "idle", limit: 1 })];
    const [kept, again] = await runInDurableObject(stub, (instance) => {
      const first = [flooder, flooder, idle].map((one) => instance.count([one])[0]?.allowed);
      expect(first).toEqual([true, true, true]);
      for (let n = 0; n < 60_000; n++) instance.count([use({ key: `short-${n}` })]);
      for (let n = 0; n < 50; n++) instance.count([use({ key: `long-${n}`, window: 86_400 })]);
      return [instance.size, [flooder, idle].map((one) => instance.count([one])[0]?.allowed)];
    });
    expect(kept).toBeLessThanOrEqual(50_000);
    expect(again).toEqual([false, false]);
    const rows = () =>
      runInDurableObject(stub, (_, state) =>
        Number(state.storage.sql.exec("SELECT count(*) AS n FROM counts").one().n),
      );
    // In memory or in the table, each of the 60,052 is somewhere.
    await vi.waitFor(async () => expect((await rows()) + Number(kept)).toBeGreaterThanOrEqual(60_052), STORED);
    expect(await rows()).toBeLessThan(12_000);
    await vi.waitFor(async () =>
      expect(await runInDurableObject(stub, (_, state) => state.storage.getAlarm())).not.toBeNull(),
    );
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3 * 86_400_000 });
    await runDurableObjectAlarm(stub);
    expect(
      await runInDurableObject(stub, (instance, state) => [
        instance.size,
        state.storage.sql.exec("SELECT count(*) AS n FROM counts").one().n,
      ]),
    ).toEqual([0, 0]);
  });

  test("over 1,000 keys and a clock that jumps lets nobody through twice, and keeps no more than the keys", async () => {
    const stub = shard();
    const start = Math.ceil(Date.now() / 86_400_000) * 86_400_000;
    const windows = [60, 300, 86_400];
    const limit = 3;
    const step = fc.record({
      key: fc.nat(999),
      window: fc.constantFrom(...windows),
      // Mostly forward, by less than a window; at times far ahead, and back.
      jump: fc.oneof(
        { weight: 8, arbitrary: fc.nat(40_000) },
        { weight: 1, arbitrary: fc.integer({ min: -400_000, max: 400_000 }) },
        { weight: 1, arbitrary: fc.integer({ min: -200_000_000, max: 200_000_000 }) },
      ),
    });
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 150, maxLength: 300 }), async (steps) => {
        round++;
        const passed = new Map<string, number>();
        vi.useFakeTimers({ toFake: ["Date"], now: start });
        await runInDurableObject(stub, async (instance) => {
          for (const { key, window, jump } of steps) {
            vi.setSystemTime(Date.now() + jump);
            // Few keys are asked often, all are asked.
            const one = use({ key: `${round}:${window}:${key % (key < 900 ? 5 : 1_000)}`, window, limit });
            for (let n = 0; n < limit + 1; n++) {
              const index = Math.floor(Date.now() / (window * 1_000));
              const name = `${one.key}@${index}`;
              if (instance.count([one])[0]?.allowed) passed.set(name, (passed.get(name) ?? 0) + 1);
            }
          }
          expect(instance.size).toBeLessThanOrEqual(round * 3 * 1_000);
        });
        for (const count of passed.values()) expect(count).toBeLessThanOrEqual(limit);
      }),
      { numRuns: 30 },
    );
    const rows = await runInDurableObject(stub, (_, state) =>
      state.storage.sql.exec("SELECT key FROM counts").toArray(),
    );
    expect(rows.length).toBeLessThanOrEqual(round * 3 * 1_000);
  });
});
