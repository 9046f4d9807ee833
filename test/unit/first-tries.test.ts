import fc from "fast-check";
import { expect, test } from "vitest";
import { FirstTries } from "../../src/limits/first-tries.ts";

const MINUTE = 60;

const policy = (limit: number) => ({ limit, window: MINUTE, consequence: "hard" as const });

test("in one isolate exactly as many tries pass as the smallest limit allows, and fewer are asked about", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 200 }), (limit, more) => {
      const tries = new FirstTries(() => 0);
      let [told, passed, asked] = [0, 0, 0];
      for (let n = 0; n < limit + more; n++) {
        const due = tries.note("somebody", [policy(limit), policy(limit + more)]);
        told += due;
        if (due > 0) asked++;
        if (due === 0 || told <= limit) passed++;
      }
      expect(passed).toBe(limit);
      expect(told).toBe(limit + more);
      expect(asked).toBe(limit + more - Math.floor(limit / 5));
    }),
  );
});

test("slow tries do not pass a limit of a long window beside one of a short window", () => {
  let now = 0;
  const tries = new FirstTries(() => now);
  const hour = { ...policy(10), window: 3_600 };
  let [told, passed] = [0, 0];
  for (; now < 3_600_000; now += 61_000) {
    const due = tries.note("somebody", [policy(60), hour]);
    told += due;
    if (due === 0 || told <= hour.limit) passed++;
  }
  expect(passed).toBe(10);
});

test("a limit under five is asked about from the first try on", () => {
  const tries = new FirstTries(() => 0);
  expect(tries.note("somebody", [policy(4)])).toBe(1);
});

test("subjects are counted apart, and a window that is over begins anew, also when the clock jumps back", () => {
  let now = 1_000_000;
  const tries = new FirstTries(() => now);
  const note = (subject: string) => tries.note(subject, [policy(10)]);
  expect([note("one"), note("one"), note("other"), note("one")]).toEqual([0, 0, 0, 3]);
  now += MINUTE * 1000 - 1;
  expect(note("one")).toBe(1);
  now += 1;
  expect([note("one"), note("one"), note("one")]).toEqual([0, 0, 3]);
  now -= 500_000;
  expect(note("one")).toBe(0);
});

test("what is remembered has a bound, however many addresses try", () => {
  const tries = new FirstTries(() => 0);
  for (let n = 0; n < 2; n++) expect(tries.note("first", [policy(10)])).toBe(0);
  for (let n = 0; n < 5_000; n++) tries.note(`flood-${n}`, [policy(10)]);
  expect(tries.note("first", [policy(10)])).toBe(0);
});
