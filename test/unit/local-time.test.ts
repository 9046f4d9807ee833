import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { localDay, localHour } from "../../src/lib/local-time.ts";

const at = (iso: string): number => Date.parse(iso);
const HOUR = 3_600_000;

test.each([
  ["Europe/Berlin", "2026-11-23T14:59:59.999Z", "2026-11-23T15"],
  ["Europe/Berlin", "2026-11-23T15:00:00Z", "2026-11-23T16"],
  ["Europe/London", "2026-07-01T11:30:00Z", "2026-07-01T12"],
  ["America/St_Johns", "2026-01-15T03:29:59Z", "2026-01-14T23"],
  ["America/St_Johns", "2026-01-15T03:30:00Z", "2026-01-15T00"],
  ["America/Los_Angeles", "2026-01-01T07:59:59Z", "2025-12-31T23"],
  ["Pacific/Honolulu", "2026-03-01T09:00:00Z", "2026-02-28T23"],
  ["Pacific/Kiritimati", "2026-12-31T10:00:00Z", "2027-01-01T00"],
  ["Asia/Kathmandu", "2026-05-05T18:14:59Z", "2026-05-05T23"],
  ["UTC", "2028-02-29T23:59:59Z", "2028-02-29T23"],
])("in %s, %s is in the hour %s", (zone, iso, hour) => expect(localHour(at(iso), zone)).toBe(hour));

test("midnight is hour 00 of the new day, never hour 24 of the old", () => {
  expect(localHour(at("2026-11-22T22:59:59.999Z"), "Europe/Berlin")).toBe("2026-11-22T23");
  expect(localHour(at("2026-11-22T23:00:00Z"), "Europe/Berlin")).toBe("2026-11-23T00");
});

describe("the night when clocks go forward", () => {
  test("has no hour 02 in Berlin", () => {
    expect(localHour(at("2026-03-29T00:59:59Z"), "Europe/Berlin")).toBe("2026-03-29T01");
    expect(localHour(at("2026-03-29T01:00:00Z"), "Europe/Berlin")).toBe("2026-03-29T03");
  });

  test("has no hour 02 in New York", () => {
    expect(localHour(at("2026-03-08T06:59:59Z"), "America/New_York")).toBe("2026-03-08T01");
    expect(localHour(at("2026-03-08T07:00:00Z"), "America/New_York")).toBe("2026-03-08T03");
  });

  test("has 23 hours in its day", () => {
    const hours = Array.from({ length: 23 }, (_, n) =>
      localHour(at("2026-03-28T23:00:00Z") + n * HOUR, "Europe/Berlin"),
    );
    expect(new Set(hours).size).toBe(23);
    expect(new Set(hours.map((hour) => hour.slice(0, 10)))).toEqual(new Set(["2026-03-29"]));
    expect(localHour(at("2026-03-28T23:00:00Z") + 23 * HOUR, "Europe/Berlin")).toBe("2026-03-30T00");
  });
});

describe("the night when clocks go back", () => {
  test("counts the hour that is repeated as one", () => {
    expect(localHour(at("2026-10-24T23:59:59Z"), "Europe/Berlin")).toBe("2026-10-25T01");
    expect(localHour(at("2026-10-25T00:00:00Z"), "Europe/Berlin")).toBe("2026-10-25T02");
    expect(localHour(at("2026-10-25T01:59:59Z"), "Europe/Berlin")).toBe("2026-10-25T02");
    expect(localHour(at("2026-10-25T02:00:00Z"), "Europe/Berlin")).toBe("2026-10-25T03");
  });

  test("has 25 hours in its day, under 24 names", () => {
    const hours = Array.from({ length: 25 }, (_, n) =>
      localHour(at("2026-10-24T22:00:00Z") + n * HOUR, "Europe/Berlin"),
    );
    expect(new Set(hours).size).toBe(24);
    expect(hours.every((hour) => hour.startsWith("2026-10-25T"))).toBe(true);
  });
});

test("every hour has the form that the tallies sort by, and later moments never sort before earlier days", () => {
  const zone = fc.constantFrom("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC");
  const moment = fc.integer({ min: at("2000-01-01T00:00:00Z"), max: at("2099-12-31T00:00:00Z") });
  fc.assert(
    fc.property(zone, moment, fc.nat(400 * 24 * HOUR), (timeZone, begin, later) => {
      const [from, to] = [localHour(begin, timeZone), localHour(begin + later, timeZone)];
      for (const hour of [from, to])
        expect(hour).toMatch(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3])$/);
      expect(from.slice(0, 10) <= to.slice(0, 10)).toBe(true);
    }),
  );
});

test("a day ends when the municipality's does", () => {
  expect(localDay(at("2026-11-22T22:59:59.999Z"), "Europe/Berlin")).toBe("2026-11-22");
  expect(localDay(at("2026-11-22T23:00:00Z"), "Europe/Berlin")).toBe("2026-11-23");
});

test("an hour is the same whatever was asked before it", () => {
  const MINUTE = HOUR / 60;
  const fresh = (moment: number, timeZone: string) =>
    new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" })
      .format(moment)
      .replace(" ", "T")
      .slice(0, 13);
  const moments = fc.array(fc.integer({ min: -180, max: 180 }), { minLength: 2, maxLength: 40 });
  // Around clock changes, of an hour and of half of one.
  const around = fc.constantFrom(
    "2026-03-29T01:00:00Z",
    "2026-10-25T01:00:00Z",
    "2026-10-03T15:30:00Z",
    "2026-06-01T00:00:00Z",
  );
  const zone = fc.constantFrom("Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC");
  fc.assert(
    fc.property(zone, around, moments, (timeZone, begin, minutes) => {
      for (const minute of minutes) {
        const moment = at(begin) + minute * MINUTE;
        expect(localHour(moment, timeZone)).toBe(fresh(moment, timeZone));
      }
    }),
  );
});
