import fc from "fast-check";
import { expect, test } from "vitest";
import { BATCH, UNEXPLAINED } from "../../src/counts/breakdown.ts";
import { cellsOf, nextReport, type Report } from "../../src/integrity/integrity-report.ts";

/** Reports of days, from the exact numbers on each. */
function reportsOf(days: readonly Record<string, number>[]): Report[] {
  let report: Report | null = null;
  return days.map((exact) => {
    report = nextReport(report, exact);
    return report;
  });
}

const CELLS = ["assurance:email", "assurance:paper", "invalidated:bots", "invalidated:test", "held:any"];
const numbers = fc.dictionary(fc.constantFrom(...CELLS), fc.nat(60));
const days = fc.array(numbers, { minLength: 1, maxLength: 30 });

const sumOf = (cells: Readonly<Record<string, number>>, group: string): number =>
  Object.entries(cells).reduce((sum, [cell, count]) => sum + (cell.startsWith(`${group}:`) ? count : 0), 0);
const GROUPS = ["assurance", "invalidated", "held"];

test("a cell is a multiple of five, and five of a group are in no cell when it changes", () => {
  fc.assert(
    fc.property(days, (exact) => {
      let before: Report | null = null;
      for (const report of reportsOf(exact)) {
        for (const shown of Object.values(report.cells)) expect([shown % 5, shown >= 0]).toEqual([0, true]);
        for (const group of GROUPS) {
          const unchanged = before && sumOf(before.cells, group) === sumOf(report.cells, group);
          if (!unchanged && sumOf(report.cells, group) > 0) {
            expect(sumOf(report.cells, group)).toBeLessThanOrEqual((report.taken[group] ?? 0) - UNEXPLAINED);
          }
        }
        before = report;
      }
    }),
  );
});

// The attacker knows the exact total of every moment, and the number of those that come and go. Where one person belongs
// must not show: as long as the group has moved by fewer than ten, nothing does, whoever of them belongs where.
test("nothing changes while fewer than ten have come or gone, wherever they belong", () => {
  fc.assert(
    fc.property(
      days,
      fc.array(fc.constantFrom("assurance:email", "assurance:paper"), { maxLength: BATCH - 1 }),
      (exact, who) => {
        const start = { "assurance:email": 33, "assurance:paper": 17 };
        const before = reportsOf([...exact, start]).at(-1) as Report;
        const fixed = { ...before, taken: { ...before.taken, assurance: 50 } };
        const more: Record<string, number> = { ...start };
        const fewer: Record<string, number> = { ...start };
        for (const cell of who) {
          more[cell] = (more[cell] ?? 0) + 1;
          fewer[cell] = (fewer[cell] ?? 0) - 1;
        }
        for (const now of [more, fewer]) {
          const { cells } = nextReport(fixed, now);
          for (const cell of Object.keys(start)) expect(cells[cell]).toBe(before.cells[cell] ?? 0);
        }
      },
    ),
  );
});

test("when a group changes depends on how many it has, not on where they belong", () => {
  fc.assert(
    fc.property(fc.nat(40), fc.nat(40), fc.nat(40), (email, paper, moved) => {
      const before = reportsOf([{ "assurance:email": 20, "assurance:paper": 20 }])[0] as Report;
      const change = Math.min(moved, email);
      const [one, other] = [
        nextReport(before, { "assurance:email": email, "assurance:paper": paper }),
        nextReport(before, { "assurance:email": email - change, "assurance:paper": paper + change }),
      ];
      expect(one.taken).toEqual(other.taken);
    }),
  );
});

test("ten more raise a number, ten fewer lower it, nine do neither", () => {
  const shown = (...counts: number[]) =>
    reportsOf(counts.map((n) => ({ "held:any": n }))).map(({ cells }) => cells["held:any"]);
  expect(shown(9, 10, 19, 20, 11, 10, 0)).toEqual([0, 5, 5, 15, 15, 5, 0]);
});

test("a large number lags by less than ten, however many days it took", () => {
  const many = Array.from({ length: 200 }, (_, day) => ({ "assurance:email": 11 * (day + 1) }));
  expect(reportsOf(many).at(-1)?.cells["assurance:email"]).toBe(2195);
});

test("cells that are nothing are left out", () => {
  expect(cellsOf({ "invalidated:bots": 5, "invalidated:test": 0, "held:any": 5 }, "invalidated")).toEqual({ bots: 5 });
});
