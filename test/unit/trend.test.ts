import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type TrendTimes, trendDays, trendSpan } from "../../src/counts/trend.ts";
import { dayAfter, daysBetween } from "../../src/lib/local-time.ts";

const FROM = "2026-10-20"; // summer time ends on 25 October

const anHour = fc.record({ ahead: fc.nat(40), hour: fc.nat(23), count: fc.nat(50) });
const someHours = fc
  .uniqueArray(anHour, { selector: ({ ahead, hour }) => `${ahead} ${hour}`, maxLength: 200 })
  .map((hours) =>
    hours
      .map(({ ahead, hour, count }) => ({ key: `${dayAfter(FROM, ahead)}T${String(hour).padStart(2, "0")}`, count }))
      .toSorted((a, b) => (a.key < b.key ? -1 : 1)),
  );

describe("days", () => {
  test("follow each other from the opening day to today, and lose or invent no signature", () => {
    fc.assert(
      fc.property(someHours, fc.integer({ min: 40, max: 60 }), (hours, length) => {
        const today = dayAfter(FROM, length);
        const days = trendDays(hours, { from: FROM, today, end: null });
        expect(days.map(({ day }) => day)).toEqual(Array.from({ length: length + 1 }, (_, at) => dayAfter(FROM, at)));
        const shown = days.flatMap(({ day, hours: own }) =>
          own.map(({ hour, count }) => ({ key: `${day}T${String(hour).padStart(2, "0")}`, count })),
        );
        expect(shown).toEqual(hours);
        for (const { count, hours: own } of days) expect(count).toBe(own.reduce((sum, each) => sum + each.count, 0));
        expect(days.filter(({ partial }) => partial).map(({ day }) => day)).toEqual([today]);
      }),
    );
  });

  test("have the mean of seven full days, which today never pulls down", () => {
    fc.assert(
      fc.property(someHours, (hours) => {
        const days = trendDays(hours, { from: FROM, today: dayAfter(FROM, 41), end: null });
        for (const [index, { mean7d }] of days.entries()) {
          if (index < 6 || index === 41) expect(mean7d).toBeNull();
          else {
            const week = days.slice(index - 6, index + 1).reduce((sum, { count }) => sum + count, 0);
            expect(mean7d).toBeCloseTo(week / 7, 2);
          }
        }
      }),
    );
  });

  test("end with the petition, unless somebody verified on the day of grace", () => {
    const hours = [{ key: "2026-10-21T09", count: 2 }];
    const late = [...hours, { key: "2026-10-24T11", count: 1 }];
    const span = { from: FROM, today: "2026-11-23", end: "2026-10-23" };
    expect(trendDays(hours, span).map(({ count }) => count)).toEqual([0, 2, 0, 0]);
    expect(trendDays(late, span).map(({ count }) => count)).toEqual([0, 2, 0, 0, 1]);
    expect(trendDays(late, span).some(({ partial }) => partial)).toBe(false);
    const endedToday = trendDays(hours, { ...span, today: "2026-10-23" });
    expect(endedToday.map(({ partial }) => partial)).toEqual([false, false, false, false]);
  });

  test("leave out what came before the petition opened, and what can't have come yet", () => {
    const hours = [
      { key: "2026-10-19T23", count: 3 },
      { key: "2026-10-20T00", count: 1 },
      { key: "2026-10-22T00", count: 5 },
    ];
    expect(trendDays(hours, { from: FROM, today: "2026-10-21", end: null }).map(({ count }) => count)).toEqual([1, 0]);
  });
});

describe("a petition's span", () => {
  const at = (iso: string) => Date.parse(iso);
  const times: TrendTimes = {
    state: "open",
    opensAt: at("2026-05-01T22:30:00Z"), // in Berlin on 2 May
    closesAt: at("2026-11-02T23:00:00Z"), // the end of 2 November
    endedAt: null,
    pausedSince: null,
  };
  const span = (change: Partial<TrendTimes>, now = "2026-10-30T12:00:00Z") =>
    trendSpan({ ...times, ...change }, at(now), "Europe/Berlin");

  test("is the municipality's, and its closing day is the last that it is open", () => {
    expect(span({})).toEqual({ from: "2026-05-02", today: "2026-10-30", end: null, closing: "2026-11-02" });
  });

  test("goes on while signing is paused, and its last day is today at the earliest", () => {
    const pausedSince = at("2026-11-01T12:00:00Z");
    const going = { from: "2026-05-02", end: null };
    expect(span({ pausedSince }, "2026-11-02T10:00:00Z")).toEqual({
      ...going,
      today: "2026-11-02",
      closing: "2026-11-02",
    });
    expect(span({ pausedSince }, "2026-11-05T10:00:00Z")).toEqual({
      ...going,
      today: "2026-11-05",
      closing: "2026-11-05",
    });
  });

  test("ends with its time, whether or not the job has closed it, and to the moment", () => {
    const closed = { from: "2026-05-02", today: "2026-11-03", end: "2026-11-02", closing: null };
    expect(span({}, "2026-11-02T23:00:00Z")).toEqual(closed);
    expect(span({}, "2026-11-02T22:59:59.999Z")).toMatchObject({ end: null, closing: "2026-11-02" });
    expect(span({ state: "closed", endedAt: times.closesAt }, "2026-11-03T10:00:00Z")).toEqual(closed);
  });

  test("ends early when it is stopped", () => {
    expect(span({ state: "stopped", endedAt: at("2026-07-01T10:00:00Z") })).toMatchObject({
      end: "2026-07-01",
      closing: null,
    });
  });

  test("goes on when it is reopened, and nobody can sign what is hidden", () => {
    expect(span({ endedAt: at("2026-07-01T10:00:00Z") })).toMatchObject({ end: null, closing: "2026-11-02" });
    expect(span({ state: "hidden" })).toMatchObject({ end: null, closing: null });
  });

  test("has not begun before it opens", () => {
    expect(span({ state: "gathering", opensAt: null, closesAt: null })).toBeNull();
    expect(span({}, "2026-05-01T22:29:59Z")).toBeNull();
    expect(span({}, "2026-05-01T22:30:00Z")).toMatchObject({ from: "2026-05-02", today: "2026-05-02" });
  });
});

test("days are counted over clock changes and leap days", () => {
  expect(dayAfter("2024-02-28")).toBe("2024-02-29");
  expect(dayAfter("2026-12-31")).toBe("2027-01-01");
  expect(daysBetween("2026-03-28", "2026-03-30")).toBe(2);
  fc.assert(fc.property(fc.nat(5000), (days) => daysBetween(FROM, dayAfter(FROM, days)) === days));
});
