import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FORECAST_METHOD, isTelling, reachOf } from "../../src/counts/forecast.ts";

const repeat = (count: number, days: number): number[] => Array<number>(days).fill(count);
const steady = { days: repeat(10, 30), today: 0 };

describe("there is too little data", () => {
  test("before seven full days, however many have signed, and with fewer than ten signatures in them", () => {
    expect(isTelling({ days: repeat(1000, 6), today: 1000 })).toBe(false);
    expect(isTelling({ days: repeat(1000, 7), today: 0 })).toBe(true);
    expect(isTelling({ days: [9, 0, 0, 0, 0, 0, 0], today: 50 })).toBe(false);
    expect(isTelling({ days: [10, 0, 0, 0, 0, 0, 0], today: 0 })).toBe(true);
    expect(isTelling({ days: [], today: 0 })).toBe(false);
  });

  test("until four weeks of silence say enough", () => {
    expect(isTelling({ days: repeat(0, 27), today: 0 })).toBe(false);
    expect(isTelling({ days: repeat(0, 28), today: 0 })).toBe(true);
    expect(reachOf({ days: repeat(0, 28), today: 0 }, 100, 120)).toBeNull();
  });
});

describe("a range", () => {
  const courses = fc.record({
    days: fc.array(fc.oneof(fc.nat(3), fc.nat(40), fc.nat(5000), fc.constant(0)), { minLength: 7, maxLength: 200 }),
    today: fc.oneof(fc.nat(20), fc.nat(20_000)),
  });
  const inOrder = (...days: (number | null)[]) => {
    const late = days.map((day) => day ?? Number.POSITIVE_INFINITY);
    expect(late).toEqual(late.toSorted((a, b) => a - b));
  };

  test("is in order, within the time that is left, and the same each time", () => {
    fc.assert(
      fc.property(courses, fc.integer({ min: 1, max: 100_000 }), fc.nat(400), (course, missing, daysLeft) => {
        const reach = reachOf(course, missing, daysLeft);
        expect(reachOf(course, missing, daysLeft)).toEqual(reach);
        if (reach === null) return;
        inOrder(0, reach.earliest, reach.likely, reach.latest);
        for (const day of Object.values(reach)) if (day !== null) expect(day).toBeLessThanOrEqual(daysLeft);
      }),
    );
  });

  test("of a higher threshold never comes before that of a lower one", () => {
    fc.assert(
      fc.property(courses, fc.integer({ min: 1, max: 5000 }), fc.nat(5000), (course, missing, more) => {
        const [low, high] = [reachOf(course, missing, 300), reachOf(course, missing + more, 300)];
        for (const part of ["earliest", "likely", "latest"] as const)
          inOrder(low?.[part] ?? null, high?.[part] ?? null);
      }),
    );
  });

  test("does not depend on how long the petition stays open, but for what comes after", () => {
    const near = reachOf(steady, 100, 200);
    expect(near).toEqual({ earliest: 7, likely: 10, latest: 14 });
    for (let daysLeft = 0; daysLeft < 30; daysLeft++) {
      const within = (day: number | null | undefined) => (day != null && day <= daysLeft ? day : null);
      const cut = reachOf(steady, 100, daysLeft);
      expect(cut?.earliest ?? null).toBe(within(near?.earliest));
      expect(cut?.likely ?? null).toBe(within(near?.likely));
      expect(cut?.latest ?? null).toBe(within(near?.latest));
    }
  });
});

describe("today, which is not over,", () => {
  const at = (today: number, missing: number) => reachOf({ ...steady, today }, missing, 100)?.likely;

  test("pulls nothing down by what it still lacks", () => {
    // What is missing shrinks by what today has brought, so the day stays the same.
    for (let today = 0; today <= 9; today++) expect(at(today, 100 - today)).toBe(at(0, 100));
  });

  test("counts as soon as it has brought more than a whole day was to bring", () => {
    expect(at(40, 100)).toBeLessThan(at(0, 100) as number);
  });

  test("is itself the day when enough is expected of what is left of it", () => {
    expect(reachOf({ ...steady, today: 4 }, 2, 100)?.likely).toBe(0);
    expect(reachOf({ ...steady, today: 4 }, 2, 0)?.likely).toBe(0);
  });
});

describe("a forecast", () => {
  const likely = (days: number[], missing: number, daysLeft = 170) =>
    reachOf({ days, today: 0 }, missing, daysLeft)?.likely;

  test("knows the rhythm of the week", () => {
    // Nobody signs at weekends; after 60 full days it is a Friday.
    const days = Array.from({ length: 60 }, (_, day) => (day % 7 >= 5 ? 0 : 20));
    expect([20, 40, 60, 80].map((missing) => likely(days, missing))).toEqual([1, 3, 5, 6]);
  });

  test("does not carry a viral week on", () => {
    // It falls as 1/age^1.3; what is to come by that law in the 170 days left is 2.6 times the last week.
    const viral = Array.from({ length: 14 }, (_, day) => Math.round(2000 / (day + 2) ** 1.3));
    const lastWeek = viral.slice(-7).reduce((sum, count) => sum + count, 0);
    expect(likely(viral, lastWeek * 2)).toBeGreaterThan(30);
    expect(likely(viral, lastWeek * 3)).toBeNull();
    expect(reachOf({ days: viral, today: 0 }, lastWeek * 6, 170)).toBeNull();
  });

  test("takes one odd day for an odd day, and two for a new wave", () => {
    const quiet = repeat(4, 40);
    const calm = likely(quiet, 200) as number;
    // At that day's pace it would take three days.
    expect(likely([...quiet, 80], 200)).toBeGreaterThan(calm / 3);
    expect(likely([...quiet, 80, ...repeat(4, 21)], 200)).toBe(calm);
    expect(likely([...quiet, 80, 90], 200)).toBeLessThan(calm / 10);
  });

  test("forgets the times before a stop, and names no last day for what has stopped", () => {
    const stopped = [...repeat(30, 30), ...repeat(0, 21)];
    expect(reachOf({ days: stopped, today: 0 }, 300, 120)?.latest ?? null).toBeNull();
    expect(reachOf({ days: stopped, today: 0 }, 300, 120)?.likely ?? null).toBeNull();
  });

  test("is made of any numbers that there can be, and quickly", () => {
    const begun = performance.now();
    for (const days of [repeat(0, 1800), repeat(1_000_000, 1800), [...repeat(0, 900), 1_000_000, ...repeat(0, 899)]]) {
      for (const missing of [1, 1_000_000_000]) {
        const reach = reachOf({ days, today: 0 }, missing, 1800);
        for (const day of Object.values(reach ?? {})) expect(day === null || Number.isInteger(day)).toBe(true);
      }
    }
    expect(performance.now() - begun).toBeLessThan(2000);
  });
});

test("the method is one sentence", () => {
  expect(FORECAST_METHOD).toMatch(/^[A-Z][^.!?]{50,320}\.$/);
});
