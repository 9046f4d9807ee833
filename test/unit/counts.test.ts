import fc from "fast-check";
import { expect, test } from "vitest";
import { bars, regroup } from "../../src/counts/counts.ts";

const rows = fc.uniqueArray(fc.record({ key: fc.string({ minLength: 1 }), count: fc.nat(1000) }), {
  selector: ({ key }) => key,
});
const sum = (list: readonly { count: number }[]): number => list.reduce((total, { count }) => total + count, 0);

test("bars always add up to the total: what is not known is the blank bar", () => {
  fc.assert(
    fc.property(rows, fc.nat(1000), (known, unknown) => {
      const total = sum(known) + unknown;
      const shown = bars(known, total);
      expect(sum(shown)).toBe(total);
      expect(shown.every(({ count }) => count >= 0)).toBe(true);
      expect(shown.filter(({ key }) => key === "")).toHaveLength(unknown > 0 ? 1 : 0);
    }),
  );
});

test("a bar says its label, or its key where there is none", () => {
  const shown = bars(
    [
      { key: "north", label: "North Ward", count: 2 },
      { key: "south", label: null, count: 1 },
    ],
    3,
  );
  expect(shown).toEqual([
    { key: "north", label: "North Ward", count: 2 },
    { key: "south", label: "south", count: 1 },
  ]);
});

test("an empty bar stays, and nothing at all is no bar", () => {
  expect(bars([{ key: "north", count: 0 }], 0)).toEqual([{ key: "north", label: "north", count: 0 }]);
  expect(bars([], 0)).toEqual([]);
  expect(bars([], 5)).toEqual([{ key: "", label: "", count: 5 }]);
});

test("no bar is ever negative, even when the rows say more than the total", () => {
  expect(bars([{ key: "north", count: 3 }], 2)).toEqual([{ key: "north", label: "north", count: 3 }]);
});

test("grouping loses and invents nothing, and keeps the order in which keys appear", () => {
  fc.assert(
    fc.property(rows, (known) => {
      const grouped = regroup(known, ({ key }) => key.slice(0, 1));
      expect(sum(grouped)).toBe(sum(known));
      expect(grouped.map(({ key }) => key)).toEqual([...new Set(known.map(({ key }) => key.slice(0, 1)))]);
    }),
  );
});

test("hours become days", () => {
  const hours = [
    { key: "2026-05-01T09", count: 2 },
    { key: "2026-05-01T23", count: 3 },
    { key: "2026-05-02T00", count: 4 },
  ];
  expect(regroup(hours, ({ key }) => key.slice(0, 10))).toEqual([
    { key: "2026-05-01", count: 5 },
    { key: "2026-05-02", count: 4 },
  ]);
});
