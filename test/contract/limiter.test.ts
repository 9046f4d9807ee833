import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { durableLimiter } from "../../src/limits/durable-limiter.ts";
import type { CountedUse, LimiterPort } from "../../src/limits/limiter.ts";

afterEach(() => void vi.useRealTimers());

const use = (over: Partial<CountedUse> = {}): CountedUse => ({
  key: crypto.randomUUID(),
  limit: 5,
  window: 300,
  consequence: "soft",
  ...over,
});

/** What every limiter must do, whatever counts for it. */
function limiterContract(name: string, limiter: LimiterPort) {
  const allowed = async (counted: CountedUse, times: number, shard = counted.key) => {
    const verdicts = await Promise.all(Array.from({ length: times }, () => limiter.count(shard, [counted])));
    return verdicts.filter(([verdict]) => verdict?.allowed).length;
  };

  describe(name, () => {
    test("allows exactly the limit out of 500 parallel calls", async () => {
      for (const window of [60, 300, 86_400]) expect(await allowed(use({ limit: 20, window }), 500)).toBe(20);
    });

    test("counts keys apart, also within one shard", async () => {
      const shard = crypto.randomUUID();
      const [one, other] = [use(), use()];
      expect(await allowed(one, 10, shard)).toBe(5);
      expect(await allowed(other, 10, shard)).toBe(5);
    });

    test("says what remains, and when the window ends", async () => {
      const counted = use({ limit: 3 });
      const verdicts = [];
      for (let n = 0; n < 4; n++) verdicts.push((await limiter.count(counted.key, [counted]))[0]);
      expect(verdicts.map((verdict) => verdict?.remaining)).toEqual([2, 1, 0, 0]);
      expect(verdicts.map((verdict) => verdict?.allowed)).toEqual([true, true, true, false]);
      const left = Number(verdicts[0]?.resetAt) - Date.now();
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThanOrEqual(300_000);
    });

    test("after a refused hard limit counts nothing more of the call", async () => {
      const hard = use({ limit: 1, consequence: "hard" });
      const soft = use();
      await limiter.count(hard.key, [hard]);
      const verdicts = await limiter.count(hard.key, [hard, soft]);
      expect(verdicts.map(({ allowed: yes }) => yes)).toEqual([false, false]);
      expect(await allowed(soft, 10, hard.key)).toBe(5);
    });

    test("gives a use back, and forgets a key", async () => {
      const counted = use({ limit: 2, window: 86_400 });
      expect(await allowed(counted, 3)).toBe(2);
      await limiter.giveBack(counted.key, [counted]);
      expect(await allowed(counted, 3)).toBe(1);
      await limiter.forget(counted.key, [counted]);
      expect(await allowed(counted, 3)).toBe(2);
    });
  });
}

limiterContract("the Durable Object limiter", durableLimiter(env.LIMITER));

describe("a shard of the Durable Object limiter", () => {
  const shard = () => env.LIMITER.get(env.LIMITER.newUniqueId());

  test("slides over the window's edge: half a window later half of the last window's uses still weigh", async () => {
    const stub = shard();
    const counted = use({ limit: 10, window: 300 });
    const start = Math.ceil(Date.now() / 300_000) * 300_000;
    const at = async (moment: number, times: number) => {
      vi.useFakeTimers({ toFake: ["Date"], now: moment });
      return runInDurableObject(stub, (instance) => {
        let count = 0;
        for (let n = 0; n < times; n++) if (instance.count([counted])[0]?.allowed) count++;
        return count;
      });
    };
    expect(await at(start + 299_999, 20)).toBe(10);
    expect(await at(start + 300_000, 20)).toBe(0);
    expect(await at(start + 450_000, 20)).toBe(5);
    expect(await at(start + 200_000, 20)).toBe(0); // a clock that jumps back lets nobody through twice
    expect(await at(start + 1_500_000, 20)).toBe(10);
  });

  test("remembers long windows when the object is put away", async () => {
    const stub = shard();
    const day = use({ limit: 3, window: 86_400 });
    const count = async () => (await stub.count([day]))[0]?.allowed;
    expect([await count(), await count(), await count()]).toEqual([true, true, true]);
    const stored = () =>
      runInDurableObject(stub, (_, state) => state.storage.sql.exec("SELECT current FROM counts").toArray());
    await vi.waitFor(async () => expect(await stored()).toEqual([{ current: 3 }]));
    await evictDurableObject(stub);
    expect(await count()).toBe(false);
  });

  test("keeps its memory and its table bounded", async () => {
    const stub = shard();
    const kept = await runInDurableObject(stub, (instance) => {
      for (let n = 0; n < 60_000; n++) instance.count([use({ key: `short-${n}` })]);
      for (let n = 0; n < 50; n++) instance.count([use({ key: `long-${n}`, window: 86_400 })]);
      return instance.size;
    });
    expect(kept).toBe(50_000);
    const rows = () =>
      runInDurableObject(stub, (_, state) => state.storage.sql.exec("SELECT count(*) AS n FROM counts").one().n);
    await vi.waitFor(async () => expect(await rows()).toBe(50));
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
});
