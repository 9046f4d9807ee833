import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Gathered } from "../../src/lib/gathered.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Work that takes 10 ms, and what it was done for. */
function slowWork() {
  const done: (readonly string[])[] = [];
  const work = async (things: readonly string[]) => {
    done.push(things);
    await new Promise((resolve) => setTimeout(resolve, 10));
  };
  return { done, work };
}

test("whoever comes alone waits for nobody", async () => {
  const gathered = new Gathered<string>(500, Date.now);
  const { done, work } = slowWork();
  for (const thing of ["one", "two"]) {
    const own = gathered.add(thing, work);
    await vi.advanceTimersByTimeAsync(10);
    await own;
  }
  expect(done).toEqual([["one"], ["two"]]);
});

test("what comes meanwhile is done together a moment later, each thing once, by whoever came first", async () => {
  const gathered = new Gathered<string>(500, Date.now);
  const { done, work } = slowWork();
  const works = ["one", "two", "two", "three"].map((thing) => gathered.add(thing, work));
  expect(works.map((each) => each !== undefined)).toEqual([true, false, false, false]);
  await vi.advanceTimersByTimeAsync(300);
  expect(gathered.add("four", work)).toBeUndefined();
  await vi.advanceTimersByTimeAsync(209);
  expect(done).toEqual([["one"]]);
  await vi.advanceTimersByTimeAsync(11);
  await works[0];
  expect(done).toEqual([["one"], ["two", "three", "four"]]);
  expect(gathered.add("five", work)).toBeDefined();
});

test("nobody works for others longer than five seconds: the next to come takes over what is left", async () => {
  const gathered = new Gathered<string>(500, Date.now);
  const { done, work } = slowWork();
  let turns = 0;
  for (let n = 0; n < 1_500; n++) {
    if (gathered.add(`${n}`, work)) turns++;
    await vi.advanceTimersByTimeAsync(7);
  }
  expect(turns).toBeGreaterThanOrEqual(2);
  expect(turns).toBeLessThanOrEqual(4);
  gathered.add("last", work);
  await vi.advanceTimersByTimeAsync(6_000);
  gathered.add("very last", work);
  await vi.advanceTimersByTimeAsync(6_000);
  expect(done.flat().length).toBe(1_502);
  expect(new Set(done.flat()).size).toBe(1_502);
});

test("when whoever had the work has died, the next to come does what was left", async () => {
  const gathered = new Gathered<string>(500, Date.now);
  const { done, work } = slowWork();
  gathered.add("one", work);
  vi.clearAllTimers();
  await vi.advanceTimersByTimeAsync(14_999);
  expect(gathered.add("too early", work)).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  gathered.add("next", work);
  await vi.advanceTimersByTimeAsync(10);
  expect(done).toEqual([["one"], ["too early", "next"]]);
});

test("work that fails is told to whoever does it, and the next to come does their own", async () => {
  const gathered = new Gathered<string>(500, Date.now);
  await expect(gathered.add("one", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(gathered.add("two", async () => undefined)).toBeDefined();
});
