import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
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

describe("a shard of the Durable Object limiter", () => {
  const shard = () => env.LIMITER.get(env.LIMITER.newUniqueId());

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
    expect(kept).toBeLessThanOrEqual(50_000);
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
