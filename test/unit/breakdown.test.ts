import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BATCH, type Breakdown, type ExactBreakdown, renewBreakdown, UNEXPLAINED } from "../../src/counts/breakdown.ts";

/*
 * The attacker reads the live total after every event, and every published number of every night; signs and withdraws
 * when and where they like. `mine` marks what they did themselves.
 */
interface Event {
  readonly act: "sign" | "withdraw" | "night";
  readonly area: string;
  readonly channel: string;
  readonly mine: boolean;
  readonly pick: number;
}

interface Person {
  readonly area: string;
  readonly channel: string;
  readonly mine: boolean;
  here: boolean;
}

/** What the attacker sees of a petition, and beside it what they don't: who signed between which rises. */
interface Life {
  /** After each event the total; after each night what is published. */
  readonly view: readonly unknown[];
  readonly nights: readonly (Breakdown | null)[];
  readonly people: readonly Person[];
  /** The night of the rise in which a person was taken; undefined when there was none since. */
  readonly batchOf: ReadonlyMap<number, number>;
  readonly falls: readonly number[];
}

const AREAS = ["north", "south", "harbour", ""];
const CHANNELS = ["poster", "letter", ""];

const tallied = (people: readonly Person[], key: "area" | "channel") => {
  const counts = new Map<string, number>();
  for (const person of people) {
    if (person[key] !== "") counts.set(person[key], (counts.get(person[key]) ?? 0) + (person.here ? 1 : 0));
  }
  return [...counts].map(([code, count]) => ({ key: code, label: code, count }));
};

/** Plays events; `areaOf` and `channelOf` may exchange where people come from. */
function play(events: readonly Event[], exchanged?: readonly [number, number]): Life {
  const people: Person[] = [];
  const signs = events.filter(({ act }) => act === "sign");
  const from = (index: number): Event => {
    const [a, b] = exchanged ?? [];
    return signs[index === a ? (b as number) : index === b ? (a as number) : index] as Event;
  };
  const [view, nights, falls]: [unknown[], (Breakdown | null)[], number[]] = [[], [], []];
  const batchOf = new Map<number, number>();
  let published: Breakdown | null = null;
  let gone = 0;
  for (const { act, pick, mine } of events) {
    if (act === "sign") {
      const { area, channel } = from(people.length);
      people.push({ area, channel, mine, here: true });
    } else if (act === "withdraw") {
      const here = people.filter((person) => person.here && person.mine === mine);
      const leaves = here[pick % Math.max(here.length, 1)];
      if (leaves) {
        leaves.here = false;
        gone++;
      }
    } else {
      const now: ExactBreakdown = {
        verified: people.filter((person) => person.here).length,
        gone,
        cells: { area: tallied(people, "area"), channel: tallied(people, "channel"), day: [] },
      };
      const renewed: Breakdown | null = renewBreakdown(published, now);
      if (renewed && now.verified - (published?.verified ?? 0) >= BATCH) {
        for (const index of people.keys()) if (!batchOf.has(index)) batchOf.set(index, nights.length);
      }
      if (renewed && renewed.gone > (published?.gone ?? 0)) falls.push(nights.length);
      published = renewed ?? published;
      nights.push(published);
      view.push(published?.cells);
    }
    view.push(people.filter((person) => person.here).length);
  }
  return { view, nights, people, batchOf, falls };
}

const event = (withdrawals: number): fc.Arbitrary<Event> =>
  fc.record({
    act: fc.oneof(
      { weight: 12, arbitrary: fc.constant("sign" as const) },
      { weight: withdrawals, arbitrary: fc.constant("withdraw" as const) },
      { weight: 3, arbitrary: fc.constant("night" as const) },
    ),
    area: fc.constantFrom(...AREAS),
    channel: fc.constantFrom(...CHANNELS),
    mine: fc.boolean(),
    pick: fc.nat(50),
  });
const course = (withdrawals: number) => fc.array(event(withdrawals), { minLength: 30, maxLength: 150 });

const sum = (cells: readonly { count: number }[]): number => cells.reduce((total, { count }) => total + count, 0);
const countsOf = (cells: readonly { key: string; count: number }[]) =>
  new Map(cells.map(({ key, count }) => [key, count]));

describe("whoever reads every number, signs and withdraws at will", () => {
  test("can't tell who of a batch came from where: exchanging any two who stay gives the same view", () => {
    let tried = 0;
    fc.assert(
      fc.property(course(0), fc.nat(), fc.nat(), (events, one, other) => {
        const life = play(events);
        const taken = [...life.batchOf.keys()].filter((index) => !life.people[index]?.mine);
        const first = taken[one % Math.max(taken.length, 1)];
        fc.pre(first !== undefined);
        const same = taken.filter((index) => life.batchOf.get(index) === life.batchOf.get(first as number));
        const second = same[other % same.length] as number;
        if (life.people[first as number]?.area !== life.people[second]?.area) tried++;
        expect(play(events, [first as number, second]).view).toEqual(life.view);
      }),
      { numRuns: 2_000 },
    );
    expect(tried).toBeGreaterThan(500);
  });

  test("sees numbers rise only for ten who stand, however often the same mailbox signs and withdraws", () => {
    fc.assert(
      fc.property(course(6), (events) => {
        const { nights } = play(events);
        for (const [night, published] of nights.entries()) {
          const before = nights[night - 1] ?? null;
          if (published === before || !published) continue;
          for (const by of ["area", "channel"] as const) {
            const old = countsOf(before?.cells[by] ?? []);
            const rises = published.cells[by].map(({ key, count }) => Math.max(0, count - (old.get(key) ?? 0)));
            const people = published.verified - (before?.verified ?? 0);
            if (rises.some((rise) => rise > 0)) {
              expect(people).toBeGreaterThanOrEqual(BATCH);
              // Never all of a batch: some of it are in no number.
              expect(rises.reduce((all, rise) => all + rise, 0)).toBeLessThanOrEqual(people - UNEXPLAINED);
            }
            const fell = [...old].some(([key, count]) => (countsOf(published.cells[by]).get(key) ?? 0) < count);
            if (fell) expect(published.gone - (before?.gone ?? 0)).toBeGreaterThanOrEqual(BATCH);
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test("gets nothing by toggling one mailbox at the edge of a number", () => {
    const sign: Event = { act: "sign", area: "north", channel: "", mine: false, pick: 0 };
    const night: Event = { ...sign, act: "night" };
    const settled = [...Array(24).fill(sign), night];
    const toggle = [{ ...sign, mine: true }, night, { ...sign, act: "withdraw" as const, mine: true }, night];
    const probe = (middle: readonly Event[]) =>
      play([...settled, ...Array.from({ length: 9 }, () => toggle).flat(), ...middle, night]).nights.at(-1)?.cells;
    // One more resident, from wherever, changes nothing that is published.
    expect(probe([sign])).toEqual(probe([{ ...sign, area: "south" }]));
    expect(probe([sign])).toEqual(probe([]));
  });

  test("finds no remainder of one person: what is in no number is several people, or nobody is in any", () => {
    fc.assert(
      fc.property(course(0), (events) => {
        for (const published of play(events).nights.filter((night) => night !== null)) {
          for (const by of ["area", "channel"] as const) {
            const shown = sum(published.cells[by]);
            if (shown > 0) expect(published.verified - shown).toBeGreaterThanOrEqual(UNEXPLAINED);
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test("finds none either where people have gone: when numbers change, some of those who stand are in none", () => {
    let fallen = 0;
    fc.assert(
      fc.property(course(9), (events) => {
        const { nights, people, falls } = play(events);
        fallen += falls.length;
        for (const [night, published] of nights.entries()) {
          if (!published || published === (nights[night - 1] ?? null)) continue;
          for (const by of ["area", "channel"] as const) {
            const shown = sum(published.cells[by]);
            if (shown > 0) expect(published.verified - shown).toBeGreaterThanOrEqual(UNEXPLAINED);
          }
        }
        expect(people.length).toBeGreaterThanOrEqual(nights.at(-1)?.verified ?? 0);
      }),
      { numRuns: 1_000 },
    );
    expect(fallen).toBeGreaterThan(100);
  });

  test("does not learn from a fall that all who are left come from one place", () => {
    const of = (north: number, gone: number): ExactBreakdown => ({
      ...{ verified: north, gone },
      cells: { area: [{ key: "north", label: "North Ward", count: north }], day: [], channel: [] },
    });
    const before = renewBreakdown(null, of(30, 0));
    expect(before?.cells.area[0]?.count).toBe(25);
    expect(renewBreakdown(before, of(20, 10))?.cells.area[0]?.count).toBe(15);
    expect(renewBreakdown(before, of(4, 26))?.cells.area).toEqual([]);
  });
});

describe("a published number", () => {
  const now = (count: number, more: Partial<ExactBreakdown> = {}): ExactBreakdown => ({
    ...{ verified: count + 40, gone: 0 },
    cells: { area: [{ key: "north", label: "North Ward", count }], day: [], channel: [] },
    ...more,
  });
  const north = (breakdown: Breakdown | null) => breakdown?.cells.area[0]?.count ?? 0;

  test.each([
    [4, 0],
    [5, 5],
    [9, 5],
    [10, 10],
    [44, 40],
  ])("of %i is %i", (count, published) => {
    expect(north(renewBreakdown(null, now(count)))).toBe(published);
  });

  test("waits for ten people to come, and for ten to go", () => {
    const before = renewBreakdown(null, now(20)) as Breakdown;
    expect(before.verified).toBe(60);
    expect(renewBreakdown(before, { ...now(29), verified: 69 })).toBeNull();
    expect(north(renewBreakdown(before, { ...now(30), verified: 70 }))).toBe(25);
    expect(renewBreakdown(before, { ...now(11), verified: 51, gone: 9 })).toBeNull();
    expect(north(renewBreakdown(before, { ...now(10), verified: 50, gone: 10 }))).toBe(10);
    // Who is released or signs again makes up for nobody: the next fall is measured from here.
    const fallen = renewBreakdown(before, { ...now(10), verified: 50, gone: 10 });
    expect(renewBreakdown(fallen, { ...now(9), verified: 49, gone: 11 })).toBeNull();
    expect(renewBreakdown(fallen, { ...now(19), verified: 59, gone: 11 })).toBeNull();
    expect(north(renewBreakdown(fallen, { ...now(20), verified: 60, gone: 11 }))).toBe(15);
  });

  test("of an area where hardly anybody lives is none", () => {
    const of = (population: number | undefined) =>
      north(
        renewBreakdown(null, {
          ...now(20),
          cells: { area: [{ key: "isle", label: "Isle", count: 20, population }], day: [], channel: [] },
        }),
      );
    expect([of(99), of(100), of(undefined)]).toEqual([0, 20, 20]);
  });
});
