import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { advance, type WindowCounts, weigh } from "../../src/limits/sliding-window.ts";

const WINDOW = 300_000;
const LIMIT = 5;
const EDGE = 4_000_000 * WINDOW;

/** Lets someone try at each moment; answers which tries were allowed. */
function tries(moments: readonly number[], limit = LIMIT): boolean[] {
  let counts: WindowCounts | undefined;
  return moments.map((now) => {
    counts = advance(counts, WINDOW, now);
    if (weigh(counts, WINDOW, now) >= limit) return false;
    counts = { ...counts, current: counts.current + 1 };
    return true;
  });
}

const times = (count: number, at: number): number[] => Array.from({ length: count }, () => at);
const allowed = (moments: readonly number[]): number => tries(moments).filter(Boolean).length;

describe("the limit", () => {
  test("allows as many as it says, and not one more", () => {
    expect(tries(times(7, EDGE))).toEqual([true, true, true, true, true, false, false]);
  });

  test("holds until the last moment of the window", () => {
    expect(tries([...times(5, EDGE), EDGE + WINDOW - 1])).toEqual([true, true, true, true, true, false]);
  });

  test("is not reset by the window's edge: who used it up just before is refused at the edge", () => {
    expect(tries([...times(5, EDGE - 1), EDGE]).at(-1)).toBe(false);
  });

  test("lets at most one more through right after the edge", () => {
    expect(allowed([...times(5, EDGE - 1), ...times(20, EDGE + 1)])).toBeLessThanOrEqual(LIMIT + 1);
  });

  test("is free again when a whole window has passed", () => {
    expect(allowed([...times(5, EDGE), ...times(6, EDGE + 2 * WINDOW)])).toBe(10);
    expect(allowed([...times(5, EDGE + WINDOW - 1), ...times(6, EDGE + 2 * WINDOW)])).toBe(10);
    expect(allowed([...times(5, EDGE + WINDOW), EDGE + 2 * WINDOW])).toBe(5);
  });

  test("never lets more through in one window, however the tries fall", () => {
    const moments = fc.array(fc.nat(6 * WINDOW), { maxLength: 200 }).map((list) => list.toSorted((a, b) => a - b));
    fc.assert(
      fc.property(moments, (list) => {
        const passed = tries(list.map((moment) => EDGE + moment));
        const inWindow = new Map<number, number>();
        for (const [n, moment] of list.entries()) {
          const index = Math.floor(moment / WINDOW);
          if (passed[n]) inWindow.set(index, (inWindow.get(index) ?? 0) + 1);
        }
        for (const count of inWindow.values()) expect(count).toBeLessThanOrEqual(LIMIT);
      }),
    );
  });
});

describe("the last window weighs by the part of it that still overlaps", () => {
  const counts: WindowCounts = { index: EDGE / WINDOW, current: 1, previous: 10 };

  test.each([
    [0, 11],
    [WINDOW / 2, 6],
    [WINDOW * 0.75, 3],
    [WINDOW - 1, 1],
    [WINDOW, 1],
  ])("%i ms after the edge", (elapsed, weight) => expect(weigh(counts, WINDOW, EDGE + elapsed)).toBe(weight));

  test("and never grows while time passes", () => {
    fc.assert(
      fc.property(fc.nat(WINDOW), fc.nat(WINDOW), (a, b) => {
        const [early, late] = [Math.min(a, b), Math.max(a, b)];
        expect(weigh(counts, WINDOW, EDGE + late)).toBeLessThanOrEqual(weigh(counts, WINDOW, EDGE + early));
      }),
    );
  });
});

describe("from one window to the next", () => {
  const counts: WindowCounts = { index: EDGE / WINDOW, current: 3, previous: 2 };

  test("the current becomes the previous, exactly at the edge", () => {
    expect(advance(counts, WINDOW, EDGE + WINDOW - 1)).toEqual(counts);
    expect(advance(counts, WINDOW, EDGE + WINDOW)).toEqual({ index: counts.index + 1, current: 0, previous: 3 });
  });

  test("two windows later nothing is left", () => {
    expect(advance(counts, WINDOW, EDGE + 2 * WINDOW - 1).previous).toBe(3);
    expect(advance(counts, WINDOW, EDGE + 2 * WINDOW)).toEqual({ index: counts.index + 2, current: 0, previous: 0 });
  });

  test("who was never seen begins at nothing", () => {
    expect(advance(undefined, WINDOW, EDGE)).toEqual({ index: EDGE / WINDOW, current: 0, previous: 0 });
  });
});

describe("a clock that jumps back", () => {
  const counts: WindowCounts = { index: EDGE / WINDOW, current: 5, previous: 5 };

  test("frees nobody, and counts nothing twice", () => {
    for (const back of [1, WINDOW, 3 * WINDOW, EDGE]) {
      expect(advance(counts, WINDOW, EDGE - back)).toEqual(counts);
      expect(weigh(counts, WINDOW, EDGE - back)).toBe(10);
    }
  });

  test("does not shut anybody out for longer than the window", () => {
    expect(tries([...times(5, EDGE), EDGE - WINDOW, EDGE + 2 * WINDOW])).toEqual([
      ...times(5, 0).map(() => true),
      false,
      true,
    ]);
  });
});
