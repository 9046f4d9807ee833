import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Labels } from "../../src/counts/labels.ts";
import { reachByArea, reachByChannel } from "../../src/counts/reach.ts";

const town = (populations: Record<string, number>): Labels => ({
  areas: new Map(Object.entries(populations).map(([code, population]) => [code, { name: code, population }])),
  channels: new Map([["poster", { label: "Poster", owner: "Press office" }]]),
});

const missing = (populations: Record<string, number>, counts: Record<string, number>): string[] =>
  reachByArea(
    Object.entries(counts).map(([key, count]) => ({ key, count })),
    town(populations),
  )
    .areas.filter((area) => area.missing)
    .map(({ key }) => key);

/** How many events there are when `mean` are expected, from numbers between 0 and 1 (Knuth). */
function poisson(mean: number, random: () => number): number {
  let [count, product] = [0, random()];
  while (product > Math.exp(-mean)) {
    count++;
    product *= random();
  }
  return count;
}

describe("an area is missing", () => {
  const people = { a: 5000, b: 5000, c: 5000, d: 5000 };

  test("when it has less than half of what the typical area has, and that is no chance", () => {
    expect(missing(people, { a: 100, b: 100, c: 100, d: 49 })).toEqual(["d"]);
    expect(missing(people, { a: 100, b: 100, c: 100, d: 50 })).toEqual([]);
    expect(missing(people, { a: 100, b: 100, c: 100 })).toEqual(["d"]);
    // Nine expected: not even none at all is three deviations below. Ten: it is.
    expect(missing(people, { a: 9, b: 9, c: 9 })).toEqual([]);
    expect(missing(people, { a: 10, b: 10, c: 10 })).toEqual(["d"]);
  });

  test("not because another one is on fire", () => {
    expect(missing(people, { a: 4000, b: 50, c: 50, d: 50 })).toEqual([]);
    expect(missing(people, { a: 4000, b: 50, c: 50, d: 10 })).toEqual(["d"]);
  });

  test("by people, not by areas: half of the residents are the measure", () => {
    expect(missing({ city: 20_000, village: 400, hamlet: 300 }, { city: 400, village: 1, hamlet: 0 })).toEqual([]);
    expect(missing({ city: 20_000, suburb: 4000, hamlet: 300 }, { city: 400, suburb: 20 })).toEqual(["suburb"]);
  });

  test("hardly ever by chance, where people sign alike everywhere", () => {
    let state = 1;
    const random = () => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    };
    let [judged, alarms] = [0, 0];
    for (let run = 0; run < 500; run++) {
      const means = Array.from({ length: 20 }, () => 2 + 60 * random());
      const populations = Object.fromEntries(means.map((mean, index) => [`area${index}`, Math.round(mean * 100)]));
      const counts = Object.fromEntries(means.map((mean, index) => [`area${index}`, poisson(mean, random)]));
      judged += 20;
      alarms += missing(populations, counts).length;
    }
    expect(alarms / judged).toBeLessThan(0.002);
  });
});

test("shares are of the areas whose people are known, and add up; those that lack most come first", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 9000 }), { minKeys: 1 }),
      fc.array(fc.nat(500), { minLength: 1, maxLength: 10 }),
      (populations, numbers) => {
        const counts = Object.keys(populations).map((key, index) => ({ key, count: numbers[index] ?? 0 }));
        const { areas } = reachByArea([...counts, { key: "elsewhere?", count: 7 }], town(populations));
        expect(areas.length).toBe(Object.keys(populations).length + 1);
        const sum = (list: (number | null)[]) => list.reduce((total: number, one) => total + (one ?? 0), 0);
        expect(sum(areas.map((area) => area.population_share))).toBeCloseTo(1, 2);
        if (counts.some(({ count }) => count > 0)) expect(sum(areas.map(({ share }) => share))).toBeCloseTo(1, 2);
        const unknown = areas.find(({ key }) => key === "elsewhere?");
        expect(unknown).toMatchObject({ population: null, share: null, expected: null, missing: false, verified: 7 });
      },
    ),
  );
  const { areas } = reachByArea([{ key: "north", count: 90 }], town({ north: 1000, south: 1000, west: 900 }));
  expect(areas[0]).toMatchObject({ key: "south", verified: 0 });
});

test("channels come with their share of all, the most first, and with who came without one", () => {
  const rows = [
    { key: "letter", count: 1 },
    { key: "poster", count: 6 },
  ];
  expect(reachByChannel(rows, town({}), 10)).toEqual([
    { key: "poster", label: "Poster", owner: "Press office", partner: null, verified: 6, share: 0.6 },
    { key: "", label: "", owner: null, partner: null, verified: 3, share: 0.3 },
    { key: "letter", label: "letter", owner: null, partner: null, verified: 1, share: 0.1 },
  ]);
});
