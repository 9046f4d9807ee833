import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { CountStore } from "../../src/limits/count-store.ts";
import { durableLimiter, type LimiterShard } from "../../src/limits/durable-limiter.ts";
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

type Stub = DurableObjectStub<LimiterShard>;

/** What an object will know when it wakes: current uses by key. */
const stored = (stub: Stub) =>
  runInDurableObject(stub, (_, { storage }) =>
    Object.fromEntries(
      [...new CountStore(storage.sql).load()].flatMap(([key, { current }]) => (current > 0 ? [[key, current]] : [])),
    ),
  );

const rowsIn = (stub: Stub, table: "pages" | "counts") =>
  runInDurableObject(stub, (_, { storage }) => Number(storage.sql.exec(`SELECT count(*) AS n FROM ${table}`).one().n));

describe("a shard of the Durable Object limiter", () => {
  const shard = () => env.LIMITER.get(env.LIMITER.newUniqueId());

  test("remembers long windows when the object is put away", async () => {
    const stub = shard();
    const day = use({ limit: 3, window: 86_400 });
    const count = async () => (await stub.count([day]))[0]?.allowed;
    expect([await count(), await count(), await count()]).toEqual([true, true, true]);
    await vi.waitFor(async () => expect(await stored(stub)).toEqual({ [day.key]: 3 }), STORED);
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
    await vi.waitFor(async () => expect(await stored(stub)).toEqual({ [short.key]: 4 }), STORED);
    await evictDurableObject(stub);
    expect(await count(5)).toBe(1);
  });

  test("what it forgets stays forgotten when it is put away, whether it had been stored or not", async () => {
    const stub = shard();
    const [old, fresh] = [
      use({ key: "old", limit: 1, window: 86_400 }),
      use({ key: "fresh", limit: 1, window: 86_400 }),
    ];
    await stub.count([old]);
    await vi.waitFor(async () => expect(await stored(stub)).toEqual({ old: 1 }), STORED);
    await stub.count([fresh]);
    await stub.forget([old, fresh]);
    expect((await stub.look([old, fresh])).map(({ remaining }) => remaining)).toEqual([1, 1]);
    await vi.waitFor(async () => expect(await stored(stub)).toEqual({}), STORED);
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

  test("forgets what it has only on its disk, after it was put away", async () => {
    const stub = shard();
    const [day, other] = [use({ limit: 1, window: 86_400 }), use({ limit: 1, window: 86_400 })];
    const count = async () => (await stub.count([day, other])).map(({ allowed }) => allowed);
    expect(await count()).toEqual([true, true]);
    await vi.waitFor(async () => expect(await stored(stub)).toEqual({ [day.key]: 1, [other.key]: 1 }), STORED);
    await evictDurableObject(stub);
    await stub.forget([day]);
    await vi.waitFor(async () => expect(await stored(stub)).toEqual({ [other.key]: 1 }), STORED);
    expect(await count()).toEqual([true, false]);
  });

  test("asks its disk once, when it wakes, however many keys it does not know", async () => {
    const stub = shard();
    const day = use({ limit: 1, window: 86_400 });
    await stub.count([day]);
    await vi.waitFor(async () => expect(await stored(stub)).toEqual({ [day.key]: 1 }), STORED);
    await evictDurableObject(stub);
    const [asked, again] = await runInDurableObject(stub, (instance, { storage }) => {
      const exec = vi.spyOn(storage.sql, "exec");
      for (let n = 0; n < 20; n++) instance.count([use(), use({ window: 86_400 })]);
      return [exec.mock.calls.length, instance.count([day])[0]?.allowed];
    });
    expect([asked, again]).toEqual([0, false]);
  });

  test("writes one row for all that a moment has changed, and none more for a key that changes again", async () => {
    const stub = shard();
    const days = Array.from({ length: 40 }, () => use({ window: 86_400 }));
    const written = await runInDurableObject(stub, async (instance, { storage }) => {
      const each: number[] = [];
      const exec = storage.sql.exec.bind(storage.sql);
      vi.spyOn(storage.sql, "exec").mockImplementation((...asked: Parameters<typeof exec>) => {
        const cursor = exec(...asked);
        each.push(cursor.rowsWritten);
        return cursor as never;
      });
      for (const times of [1, 2]) {
        instance.count(days);
        await vi.waitFor(() => expect(each).toHaveLength(times), STORED);
      }
      return each;
    });
    expect(written).toEqual([1, 1]);
    expect(await rowsIn(stub, "pages")).toBe(1);
    expect(new Set(Object.values(await stored(stub)))).toEqual(new Set([2]));
  });

  test("keeps no more rows for keys that change again and again than they need a few times over", async () => {
    vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
    const stub = shard();
    const days = Array.from({ length: 100 }, () => use({ window: 86_400, limit: 1_000 }));
    const pages = await runInDurableObject(stub, async (instance, { storage }) => {
      for (let n = 0; n < 60; n++) {
        instance.count(days);
        await vi.advanceTimersByTimeAsync(3_000);
      }
      return Number(storage.sql.exec("SELECT count(*) AS n FROM pages").one().n);
    });
    expect(pages).toBeLessThan(30);
    expect(new Set(Object.values(await stored(stub)))).toEqual(new Set([60]));
  });

  test("has on its disk, an hour after a window has ended, nothing of whoever was counted in it", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const stub = shard();
    const hours = (many: number) => vi.setSystemTime(Date.now() + many * 3_600_000);
    const text = () =>
      runInDurableObject(stub, (_, { storage }) =>
        JSON.stringify(["pages", "counts"].map((table) => storage.sql.exec(`SELECT * FROM ${table}`).toArray())),
      );
    const [early, late] = [use({ key: "early", window: 86_400 }), use({ key: "late", window: 86_400 })];
    await stub.count([early]);
    hours(30);
    const gone = use({ key: "forgotten", window: 86_400 });
    await stub.count([late, gone]);
    await vi.waitFor(async () => expect(await stored(stub)).toEqual({ early: 1, late: 1, forgotten: 1 }), STORED);
    await stub.forget([gone]);
    await vi.waitFor(async () => expect(await stored(stub)).toEqual({ early: 1, late: 1 }), STORED);
    hours(19);
    await runDurableObjectAlarm(stub);
    expect(await text()).toContain("late");
    expect(await text()).not.toMatch(/early|forgotten/);
  });

  test("nor of whoever was forgotten meanwhile, also when it was put away in between", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const stub = shard();
    const day = use({ key: "day", window: 86_400 });
    await stub.count([day]);
    await vi.waitFor(async () => expect(await stored(stub)).toEqual({ day: 1 }), STORED);
    await stub.forget([day]);
    await vi.waitFor(async () => expect(await stored(stub)).not.toEqual({ day: 1 }), STORED);
    await evictDurableObject(stub);
    vi.setSystemTime(Date.now() + 49 * 3_600_000);
    await runDurableObjectAlarm(stub);
    expect(await rowsIn(stub, "pages")).toBe(0);
    expect(await runInDurableObject(stub, (_, { storage }) => storage.getAlarm())).toBe(null);
  });

  test("finds on its disk what was too much for its memory, also what lay there a row a key from before", async () => {
    const stub = shard();
    const [last, unknown] = [use({ key: "zz", limit: 1, window: 86_400 }), use({ key: "zzz", limit: 1 })];
    await runInDurableObject(stub, (_, { storage }) => {
      const index = Math.floor(Date.now() / 86_400_000);
      storage.sql.exec("INSERT INTO counts SELECT 'zz', ?1, 1, 0, ?2", index, (index + 2) * 86_400_000);
    });
    await evictDurableObject(stub);
    expect(await runInDurableObject(stub, (instance) => instance.size)).toBe(0);
    expect((await stub.count([last, unknown])).map(({ allowed }) => allowed)).toEqual([false, true]);
    // It is in memory now, and still there when the object dies at once.
    await evictDurableObject(stub);
    expect((await stub.count([last]))[0]?.allowed).toBe(false);
    expect(await rowsIn(stub, "counts")).toBe(0);
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
      const verdicts = [flooder, idle].map((one) => instance.count([one])[0]?.allowed);
      return [instance.size, verdicts];
    });
    expect(kept).toBeLessThanOrEqual(50_000);
    expect(again).toEqual([false, false]);
    // In memory or spilled, each of the 60,052 is somewhere.
    expect((await rowsIn(stub, "counts")) + Number(kept)).toBeGreaterThanOrEqual(60_052);
    expect(await rowsIn(stub, "counts")).toBeLessThan(12_000);
    await vi.waitFor(async () =>
      expect(await runInDurableObject(stub, (_, state) => state.storage.getAlarm())).not.toBeNull(),
    );
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3 * 86_400_000 });
    await runDurableObjectAlarm(stub);
    const left = [await rowsIn(stub, "pages"), await rowsIn(stub, "counts")];
    expect([await runInDurableObject(stub, (instance) => instance.size), ...left]).toEqual([0, 0, 0]);
  });

  test("whom a flood has pushed out of its memory it finds as they were last, also when it dies", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const stub = shard();
    const [day, forgotten] = [use({ limit: 2, window: 86_400 }), use({ limit: 1, window: 86_400 })];
    await stub.count([day, forgotten]);
    await vi.waitFor(async () => expect(Object.keys(await stored(stub))).toHaveLength(2), STORED);
    await runInDurableObject(stub, (instance) => {
      instance.count([day]);
      instance.forget([forgotten]);
      for (let n = 0; n < 50_000; n++) instance.count([use({ key: `short-${n}` })]);
    });
    expect(await rowsIn(stub, "counts")).toBeGreaterThan(0);
    await evictDurableObject(stub);
    expect((await stub.count([day, forgotten])).map(({ allowed }) => allowed)).toEqual([false, true]);
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
    expect(Object.keys(await stored(stub)).length).toBeLessThanOrEqual(round * 3 * 1_000);
  });
});

describe("what the Durable Object limiter keeps on its disk", () => {
  const KEYS = 200;
  const key = fc.nat(KEYS - 1).map((n) => `key-${n}`);
  const counts = fc.record({ index: fc.constant(7), current: fc.nat(9), previous: fc.nat(9) });
  const changes = fc.array(fc.tuple(key, counts), { maxLength: 150, size: "max" });
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ does: fc.constant("put" as const), changes }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant("replace" as const), changes }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant("spill" as const), changes }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant("recall" as const), changes }) },
  );

  test("is, after any changes and whenever the object dies, the last that was said of each key, in few rows", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40, size: "max" }), async (steps) => {
        const stub = env.LIMITER.get(env.LIMITER.newUniqueId());
        const differs = await runInDurableObject(stub, (_, { storage: { sql } }) => {
          const [paged, spilled] = [new Map<string, unknown>(), new Map<string, unknown>()];
          let store = new CountStore(sql);
          for (const { does, changes } of steps) {
            const given = new Map(changes.map(([name, one]) => [name, { ...one, endsAt: 9e12 }]));
            const list = [...given];
            if (does === "put") {
              store.put(list, 1);
              for (const [name, one] of list)
                if (one.current + one.previous > 0) paged.set(name, one);
                else paged.delete(name);
              if (store.hasOldCopies(KEYS)) store.replace([...paged] as typeof list, 1);
            } else if (does === "replace") {
              store.replace(list, 1);
              paged.clear();
              for (const [name, one] of list) if (one.current + one.previous > 0) paged.set(name, one);
            } else if (does === "spill") {
              store.spill(list);
              for (const [name, one] of list) spilled.set(name, one);
            } else {
              const found = store.recall(() => [...given.keys()]);
              const expected = [...given.keys()].filter((name) => spilled.has(name));
              if (found.length !== expected.length) return `${found.length} of ${expected.length} recalled`;
              for (const [name, one] of found) {
                if (JSON.stringify(one) !== JSON.stringify(spilled.get(name))) return `recalled ${name} is another`;
                spilled.delete(name);
              }
            }
            store = new CountStore(sql);
            const loaded = new Map([...store.load()].filter(([, one]) => one.current + one.previous > 0));
            if (loaded.size !== paged.size) return `${loaded.size} of ${paged.size} loaded`;
            for (const [name, one] of loaded)
              if (JSON.stringify(one) !== JSON.stringify(paged.get(name))) return `${name} is another`;
          }
          const rows = Number(sql.exec("SELECT count(*) AS n FROM pages").one().n);
          return rows > 30 ? `${rows} rows` : null;
        });
        expect(differs).toBe(null);
      }),
      { numRuns: 30 },
    );
  });
});
