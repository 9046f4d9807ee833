import fc from "fast-check";
import { expect, test } from "vitest";
import { cellsOf, nextReport, type Report } from "../../src/integrity/integrity-report.ts";

/** Reports of days, from the exact numbers on each. */
function reportsOf(days: readonly Record<string, number>[]): Report[] {
  let report: Report | null = null;
  return days.map((exact) => {
    report = nextReport(report, exact);
    return report;
  });
}

const days = fc.array(
  fc.dictionary(fc.constantFrom("assurance:email", "assurance:paper", "invalidated:bots", "held"), fc.nat(60)),
  { minLength: 1, maxLength: 30 },
);

test("a cell is a multiple of five, at most what was in it then, and at most nine off by the day's number", () => {
  fc.assert(
    fc.property(days, (exact) => {
      for (const [day, { taken, cells }] of reportsOf(exact).entries()) {
        for (const [cell, shown] of Object.entries(cells)) {
          expect(shown % 5).toBe(0);
          expect(shown).toBeLessThanOrEqual(taken[cell] as number);
          expect(Math.abs((exact[day]?.[cell] ?? 0) - shown)).toBeLessThan(9);
        }
      }
    }),
  );
});

// Who knows everything about a day but one person's signature: with it and without it, the day is published the same.
test("whoever compares two days sees no move of fewer than five signatures", () => {
  fc.assert(
    fc.property(
      days,
      fc.constantFrom("assurance:email", "held"),
      fc.integer({ min: -4, max: 4 }),
      (exact, cell, move) => {
        const before = reportsOf(exact).at(-1) as Report;
        const settled = nextReport(before, before.taken);
        expect(settled.cells).toEqual(before.cells);
        const now = Math.max(0, (before.taken[cell] ?? 0) + move);
        expect(nextReport(before, { ...before.taken, [cell]: now }).cells).toEqual({
          ...before.cells,
          ...(before.cells[cell] === undefined ? { [cell]: 0 } : {}),
        });
      },
    ),
  );
});

test("five more move a cell, and five fewer", () => {
  const [first, second, third] = reportsOf([{ held: 12 }, { held: 17 }, { held: 12 }]);
  expect([first?.cells.held, second?.cells.held, third?.cells.held]).toEqual([10, 15, 10]);
  expect(nextReport(first as Report, { held: 16 }).cells.held).toBe(10);
});

test("cells that are nothing are left out", () => {
  expect(cellsOf({ "invalidated:bots": 5, "invalidated:test": 0, held: 5 }, "invalidated")).toEqual({ bots: 5 });
});
