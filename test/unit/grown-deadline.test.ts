import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { localDay, localHour } from "../../src/lib/local-time.ts";
import { grownDeadline } from "../../src/petitions/grown-deadline.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const BERLIN = "Europe/Berlin";
const at = (iso: string) => Date.parse(iso);

const CLOSES = at("2026-11-30T23:00:00Z"); // the end of 30 November in Berlin
const deadline = { closesAt: CLOSES, pauseCredit: 0 };

const lastDay = ({ closesAt }: { closesAt: number }) => localDay(closesAt - 1, BERLIN);
const paused = (from: string, ms: number, before = deadline) =>
  grownDeadline(before, { from: at(from), until: at(from) + ms }, BERLIN);

describe("a deadline grows by the days of a pause", () => {
  test.each([
    [0, "2026-11-30"],
    [1, "2026-12-01"],
    [DAY, "2026-12-01"],
    [DAY + 1, "2026-12-02"],
    [10 * DAY, "2026-12-10"],
  ])("of %i ms: to the end of %s", (ms, day) => expect(lastDay(paused("2026-11-20T10:00:00Z", ms))).toBe(day));

  test("two pauses of an hour on one day add one day, and so do twenty-four", () => {
    let grown = paused("2026-11-20T10:00:00Z", HOUR);
    grown = paused("2026-11-20T15:00:00Z", HOUR, grown);
    expect(lastDay(grown)).toBe("2026-12-01");
    for (let pause = 3; pause <= 24; pause++) grown = paused("2026-11-22T10:00:00Z", HOUR, grown);
    expect(grown).toEqual({ closesAt: CLOSES + DAY, pauseCredit: 0 });
    expect(lastDay(paused("2026-11-23T10:00:00Z", 1, grown))).toBe("2026-12-02");
  });

  test("a pause over the last evening moves it, whatever it was given before", () => {
    const credited = { closesAt: CLOSES, pauseCredit: 20 * HOUR };
    expect(lastDay(paused("2026-11-30T22:30:00Z", HOUR / 2 - 1, credited))).toBe("2026-11-30");
    expect(lastDay(paused("2026-11-30T22:30:00Z", HOUR / 2, credited))).toBe("2026-12-01");
  });

  test("over a clock change it stays at the end of a day", () => {
    const october = { closesAt: at("2026-10-24T22:00:00Z"), pauseCredit: 0 }; // Berlin turns its clocks on the 25th
    const grown = paused("2026-10-20T10:00:00Z", DAY, october);
    expect(grown).toEqual({ closesAt: at("2026-10-25T23:00:00Z"), pauseCredit: HOUR });
  });
});

test("however pauses come, a deadline grows by no less than they took, by no day that is not needed, and never passes in one", () => {
  const zone = fc.constantFrom(BERLIN, "Europe/London", "Pacific/Chatham", "America/St_Johns");
  const pause = fc.record({
    before: fc.integer({ min: 0, max: 3 * DAY }),
    ms: fc.oneof(fc.integer({ min: 1, max: 2 * HOUR }), fc.integer({ min: 1, max: 40 * DAY })),
  });
  fc.assert(
    fc.property(zone, fc.integer({ min: 0, max: 400 }), fc.array(pause, { maxLength: 12 }), (timeZone, day, pauses) => {
      const begin = at("2026-01-01T00:00:00Z") + day * DAY;
      // The end of a day some days off.
      let end = begin + 3 * DAY;
      while (localHour(end, timeZone).slice(11) !== "00") end += HOUR;
      while (localDay(end - 1, timeZone) === localDay(end, timeZone)) end -= HOUR / 4;
      let now = begin;
      let lost = 0;
      let current = { closesAt: end, pauseCredit: 0 };
      for (const { before: quiet, ms } of pauses) {
        now += quiet;
        if (now >= current.closesAt) break;
        const before = current.closesAt;
        current = grownDeadline(current, { from: now, until: now + ms }, timeZone);
        now += ms;
        lost += ms;
        const given = current.closesAt - end;
        expect(given - lost).toBe(current.pauseCredit);
        expect(current.pauseCredit).toBeGreaterThanOrEqual(0);
        // A day less would have given back too little, or would have ended within the pause.
        const spare = Math.min(current.pauseCredit, current.closesAt - now);
        if (current.closesAt !== before) expect(spare).toBeLessThanOrEqual(DAY + 2 * HOUR);
        expect(current.closesAt).toBeGreaterThan(now);
        expect(localDay(current.closesAt, timeZone)).not.toBe(localDay(current.closesAt - 1, timeZone));
      }
    }),
  );
});
