import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Gathered } from "../../src/lib/gathered.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("what comes within a moment is done together, once, by whoever came first", async () => {
  const gathered = new Gathered<string>(500, Date.now);
  const done: (readonly string[])[] = [];
  const work = async (things: readonly string[]) => void done.push(things);
  const works = ["one", "two", "one", "three"].map((thing) => gathered.add(thing, work));
  expect(works.map((each) => each !== undefined)).toEqual([true, false, false, false]);
  await vi.advanceTimersByTimeAsync(499);
  expect(done).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(done).toEqual([["one", "two", "three"]]);
  const again = gathered.add("four", work);
  await vi.advanceTimersByTimeAsync(500);
  await again;
  expect(done.slice(1)).toEqual([["four"]]);
});

test("when whoever gathered has died, the next one to come ten seconds later does what was left", async () => {
  const gathered = new Gathered<string>(500, Date.now);
  gathered.add("left", async () => undefined);
  vi.clearAllTimers();
  await vi.advanceTimersByTimeAsync(9_999);
  expect(gathered.add("too early", async () => undefined)).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  const done: (readonly string[])[] = [];
  const work = gathered.add("next", async (things) => void done.push(things));
  await vi.advanceTimersByTimeAsync(500);
  await work;
  expect(done).toEqual([["left", "too early", "next"]]);
});

test("work that fails is told to whoever does it, and the next is gathered anew", async () => {
  const gathered = new Gathered<string>(500, Date.now);
  const failing = expect(gathered.add("one", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  await vi.advanceTimersByTimeAsync(500);
  await failing;
  expect(gathered.add("two", async () => undefined)).toBeDefined();
});
