import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { localHour } from "../../src/lib/local-time.ts";
import { closingMoment, parseThresholds } from "../../src/petitions/opening.ts";

describe("thresholds in a setting", () => {
  test("are names and numbers of signatures, in any order, or none", () => {
    const both = [
      { name: "hearing", signatures: 1000 },
      { name: "response", signatures: 1 },
    ];
    expect(parseThresholds("hearing=1000, response = 1")).toEqual(both);
    expect(parseThresholds("response=100000000")).toEqual([{ name: "response", signatures: 100_000_000 }]);
    expect(parseThresholds(" none ")).toEqual([]);
  });

  test.each([
    "",
    "response",
    "response=0",
    "response=-1",
    "response=1.5",
    "response=100000001",
    "debate=5",
    "response=1,response=2",
    "response=1,",
  ])("%j is refused", (text) => expect(parseThresholds(text)).toBeNull());
});

describe("a petition closes at the end of the municipality's day, calendar months after it opened", () => {
  test.each([
    ["Europe/London", 6, "2026-11-23T09:00:00Z", "2027-05-23T23:00:00.000Z"],
    ["Europe/London", 6, "2026-08-31T22:59:59Z", "2027-03-01T00:00:00.000Z"], // 31 August: the end of February
    ["Europe/London", 6, "2026-08-31T23:00:00Z", "2027-03-02T00:00:00.000Z"], // 1 September there
    ["Europe/Berlin", 6, "2027-08-31T12:00:00Z", "2028-02-29T23:00:00.000Z"], // a leap year
    ["Pacific/Kiritimati", 1, "2026-01-31T00:00:00Z", "2026-02-28T10:00:00.000Z"],
    ["Pacific/Pago_Pago", 12, "2026-01-01T10:59:59Z", "2027-01-01T11:00:00.000Z"],
    ["Asia/Kathmandu", 1, "2026-12-15T00:00:00Z", "2027-01-15T18:15:00.000Z"],
  ])("in %s, %i months from %s: %s", (zone, months, opens, closes) => {
    expect(new Date(closingMoment(Date.parse(opens), months, zone)).toISOString()).toBe(closes);
  });

  test("in every zone the moment before is still the last day, and the moment itself is not", () => {
    const zones = fc.constantFrom(
      "Europe/London",
      "America/St_Johns",
      "Pacific/Chatham",
      "Asia/Tehran",
      "Australia/Lord_Howe",
    );
    const opens = fc.integer({ min: Date.parse("2024-01-01"), max: Date.parse("2034-01-01") });
    fc.assert(
      fc.property(zones, opens, fc.integer({ min: 1, max: 60 }), (zone, at, months) => {
        const closes = closingMoment(at, months, zone);
        const day = (moment: number) => localHour(moment, zone).slice(0, 10);
        expect(day(closes - 1) < day(closes)).toBe(true);
        const [year, month] = day(at).split("-").map(Number) as [number, number];
        const due = new Date(Date.UTC(year, month - 1 + months, 1)).toISOString().slice(0, 7);
        expect(day(closes - 1).slice(0, 7)).toBe(due);
      }),
    );
  });
});
