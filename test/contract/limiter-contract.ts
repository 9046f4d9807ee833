import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type CountedUse, Limiter, type LimiterPort } from "../../src/limits/limiter.ts";
import { defaultRules } from "../../src/limits/rule-book.ts";
import { rootKeys } from "../support/town.ts";

/** One adapter in three conditions. */
export interface Conditions {
  readonly works: LimiterPort;
  /** What it counts with answers with an error, or not at all. */
  readonly fails: LimiterPort;
  /** What it counts with takes the call and never answers. */
  readonly hangs: LimiterPort;
}

/** A use of a key that no other test has. */
export const use = (over: Partial<CountedUse> = {}): CountedUse => ({
  key: crypto.randomUUID(),
  limit: 5,
  window: 300,
  consequence: "soft",
  ...over,
});

/** What every limiter must do, whatever counts for it. Declares the tests. */
export function limiterContract(name: string, { works, fails, hangs }: Conditions): void {
  const allowed = async (counted: CountedUse, times: number, shard = counted.key) => {
    const verdicts = await Promise.all(Array.from({ length: times }, () => works.count(shard, [counted])));
    return verdicts.filter(([verdict]) => verdict?.allowed).length;
  };

  describe(name, () => {
    // The clock stands still, so that no test falls on a window's edge unless it wants to.
    beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));

    afterEach(() => {
      vi.useRealTimers();
      vi.restoreAllMocks();
    });

    test.each([60, 300, 86_400])("allows exactly the limit out of 500 parallel calls in %i s", async (window) => {
      expect(await allowed(use({ limit: 20, window }), 500)).toBe(20);
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
      for (let n = 0; n < 4; n++) verdicts.push((await works.count(counted.key, [counted]))[0]);
      expect(verdicts.map((verdict) => verdict?.remaining)).toEqual([2, 1, 0, 0]);
      expect(verdicts.map((verdict) => verdict?.allowed)).toEqual([true, true, true, false]);
      const left = Number(verdicts[0]?.resetAt) - Date.now();
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThanOrEqual(300_000);
    });

    test("looks at what is left as often as one likes, without counting", async () => {
      const counted = use({ limit: 3 });
      const looks = async () =>
        (await works.look(counted.key, [counted, use({ limit: 7 })])).map((one) => one.remaining);
      expect(await looks()).toEqual([3, 7]);
      await allowed(counted, 2);
      for (let n = 0; n < 5; n++) expect(await looks()).toEqual([1, 7]);
      await allowed(counted, 2);
      expect(await looks()).toEqual([0, 7]);
      const [{ resetAt: told = 0 } = {}] = await works.look(counted.key, [counted]);
      expect(told).toBe((await works.count(counted.key, [{ ...counted, consequence: "wait" }]))[0]?.resetAt);
    });

    test("slides over the window's edge: half a window later half of the last window's uses still weigh", async () => {
      const counted = use({ limit: 10 });
      const start = Math.ceil(Date.now() / 300_000) * 300_000;
      const at = (moment: number, times: number) => {
        vi.setSystemTime(moment);
        return allowed(counted, times);
      };
      expect(await at(start + 299_999, 20)).toBe(10);
      expect(await at(start + 300_000, 20)).toBe(0);
      expect(await at(start + 450_000, 20)).toBe(5);
      expect(await at(start + 200_000, 20)).toBe(0); // a clock that jumps back lets nobody through twice
      expect(await at(start + 1_500_000, 20)).toBe(10);
    });

    test.each(["hard", "wait"] as const)("says when a use over a %s limit is allowed again", async (consequence) => {
      const counted = use({ limit: 4, consequence });
      const next = Math.ceil(Date.now() / 300_000 + 1) * 300_000;
      const refusedUntil = async () => (await works.count(counted.key, [counted]))[0]?.resetAt;
      vi.setSystemTime(next - 1);
      expect(await allowed(counted, 5)).toBe(4);
      // In the next window these four weigh less than four at once, and less than three after a quarter.
      for (const free of [next + 1, next + 75_001]) {
        expect(await refusedUntil()).toBe(free);
        vi.setSystemTime(free - 1);
        expect(await allowed(counted, 5)).toBe(0);
        vi.setSystemTime(free);
        expect(await allowed(counted, 5)).toBe(1);
      }
    });

    test("a refused hard limit of one group refuses nothing of another, wherever they are counted", async () => {
      const hard = use({ limit: 1, consequence: "hard" });
      const [own, others] = [use({ limit: 9 }), use({ limit: 9 })];
      for (const shard of [undefined, crypto.randomUUID()]) {
        await works.count(hard.key, [hard]);
        const verdicts = await works.count(hard.key, [
          { ...hard, group: 0 },
          { ...own, group: 0, ...(shard && { shard }) },
          { ...others, group: 1, ...(shard && { shard }) },
          { ...others, group: 2 },
        ]);
        expect(verdicts.map(({ allowed: yes }) => yes)).toEqual([false, false, true, true]);
      }
      expect(await allowed(own, 20, hard.key)).toBe(9);
    });

    test("after a refused hard limit counts nothing more of the call, and what came before it", async () => {
      const before = use();
      const hard = use({ limit: 1, consequence: "hard" });
      const behind = use({ limit: 3 });
      await works.count(hard.key, [hard]);
      const verdicts = await works.count(hard.key, [before, hard, behind]);
      expect(verdicts.map(({ allowed: yes, remaining }) => [yes, remaining])).toEqual([
        [true, 4],
        [false, 0],
        [false, 3],
      ]);
      await Promise.all(Array.from({ length: 20 }, () => works.count(hard.key, [hard, behind])));
      expect(await allowed(before, 10, hard.key)).toBe(4);
      expect(await allowed(behind, 10, hard.key)).toBe(3);
    });

    test("counts a use under its own shard together with the others, and not when it is behind a refused hard one", async () => {
      const hard = use({ limit: 2, consequence: "hard" });
      const own = use({ limit: 3, shard: crypto.randomUUID() });
      for (let n = 0; n < 2; n++) {
        const verdicts = await works.count(hard.key, [hard, own]);
        expect(verdicts.map(({ allowed: yes, remaining }) => [yes, remaining])).toEqual([
          [true, 1 - n],
          [true, 2 - n],
        ]);
      }
      const refused = await works.count(hard.key, [hard, own]);
      expect(refused.map(({ allowed: yes, remaining }) => [yes, remaining])).toEqual([
        [false, 0],
        [false, 1],
      ]);
      // Whoever else counts it counts it there, whatever the call's own shard is.
      expect(await allowed(own, 5, crypto.randomUUID())).toBe(1);
      await works.giveBack(crypto.randomUUID(), [own]);
      expect(await allowed(own, 5, crypto.randomUUID())).toBe(1);
      await works.forget(crypto.randomUUID(), [own]);
      expect(await allowed(own, 5, crypto.randomUUID())).toBe(3);
    });

    test("a refused soft limit costs the other uses of the call nothing", async () => {
      const [full, other] = [use({ limit: 1 }), use({ limit: 3 })];
      await works.count(full.key, [full]);
      const verdicts = await works.count(full.key, [full, other]);
      expect(verdicts.map(({ allowed: yes }) => yes)).toEqual([false, true]);
      expect(await allowed(other, 5, full.key)).toBe(2);
    });

    test("gives a use back, and never more than were counted", async () => {
      const counted = use({ limit: 2, window: 86_400 });
      expect(await allowed(counted, 3)).toBe(2);
      await works.giveBack(counted.key, [counted]);
      expect(await allowed(counted, 3)).toBe(1);
      for (let n = 0; n < 5; n++) await works.giveBack(counted.key, [counted]);
      expect(await allowed(counted, 5)).toBe(2);
      await works.giveBack(counted.key, []);
    });

    test("forgets a key, the last window's uses too, and no other", async () => {
      const [counted, other] = [use({ limit: 2 }), use({ limit: 2 })];
      expect([await allowed(counted, 3), await allowed(other, 3, counted.key)]).toEqual([2, 2]);
      vi.setSystemTime((Math.floor(Date.now() / 300_000) + 1) * 300_000);
      expect(await allowed(counted, 3)).toBe(0);
      await works.forget(counted.key, [counted]);
      expect([await allowed(counted, 3), await allowed(other, 3, counted.key)]).toEqual([2, 0]);
    });

    test("forgets several subjects in one call, each where it is counted, and no other", async () => {
      const limiter = new Limiter(works, rootKeys, Date.now, async () => defaultRules(true));
      const names = Array.from({ length: 4 }, () => `${crypto.randomUUID()}@example.org`);
      const uses = [{ policy: "mail_recipient", scope: "" }] as const;
      const left = async () =>
        Promise.all(names.map(async (name) => (await limiter.look(name, uses)).map(({ remaining }) => remaining)));
      for (const name of names) for (let n = 0; n < 3; n++) await limiter.count(name, uses);
      expect(await left()).toEqual([[2], [2], [2], [2]]);
      const hashes = await Promise.all(names.slice(1).map((name) => limiter.hash(name)));
      const calls = vi.spyOn(works, "forget");
      await limiter.forget(hashes, uses);
      expect(calls).toHaveBeenCalledTimes(1);
      expect(await left()).toEqual([[2], [5], [5], [5]]);
    });

    test.each([
      ["fails", fails],
      ["hangs", hangs],
    ])("while it %s everything is allowed in time, and each call logs one line that names nobody", async (_, port) => {
      const limiter = new Limiter(port, rootKeys, Date.now, async () => defaultRules(true));
      const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
      const subject = "203.0.113.77";
      const hash = await limiter.hash(subject);
      const uses = [
        { policy: "writes", scope: "" },
        { policy: "sign_day", scope: "pet_of_mine" },
      ] as const;
      const begun = performance.now();
      expect(await limiter.count(subject, uses)).toMatchObject([
        { policy: "writes", allowed: true, remaining: 60, resetAt: 0 },
        { policy: "sign_day", allowed: true, remaining: 20, resetAt: 0 },
      ]);
      await limiter.giveBack(subject, uses);
      await limiter.forget([hash], uses);
      expect(performance.now() - begun).toBeLessThan(3 * 1_500); // 600 ms each, on a machine that has other work
      const lines = log.mock.calls.map(([line]) => String(line));
      expect(lines.map((line) => JSON.parse(line).event)).toEqual(Array(3).fill("limiter_outage"));
      expect(lines.join()).not.toMatch(/203\.0\.113|pet_of_mine/);
      expect(lines.join()).not.toContain(hash);
    });
  });
}
