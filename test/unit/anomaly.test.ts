import { describe, expect, test } from "vitest";
import {
  type AlarmKind,
  type Finding,
  HOUR_LEAST,
  type IntakeHour,
  unusualHours,
  unusuallyUnverified,
  unusualShares,
  unusualWithdrawals,
} from "../../src/integrity/anomaly.ts";
import { type Raised, raisedBy } from "../support/raised.ts";
import { drawScenario, EVENT, SCENARIOS, type ScenarioName } from "../support/scenarios.ts";

const DRAWS = 30;
const names = Object.keys(SCENARIOS) as ScenarioName[];

/** The table of docs/staff.md. */
const figures: Record<string, { raised: string; after: string; others: number }> = {};

describe.each(names)("in thirty courses of the scenario “%s”", (name) => {
  const wanted: readonly string[] = SCENARIOS[name].alarms;
  const courses = Array.from({ length: DRAWS }, (_, draw) => raisedBy(drawScenario(name, draw)));
  const isWanted = ({ kind }: { kind: AlarmKind }) => wanted.includes(kind);
  const first = courses.flatMap((raised) => raised.filter(isWanted).slice(0, 1));

  test("the alarm that must be raised is, in each, and no other", () => {
    expect(first).toHaveLength(wanted.length === 0 ? 0 : DRAWS);
    expect(courses.flatMap((raised) => raised.filter((alarm) => !isWanted(alarm)))).toEqual([]);
  });

  test("nothing is raised before it has begun, and what is raised comes soon", () => {
    const hours = first.map(({ at }) => at - EVENT);
    for (const hour of hours) expect([hour >= 0, hour <= 48]).toEqual([true, true]);
    figures[name] = {
      raised: wanted.length === 0 ? "-" : `${first.length} of ${DRAWS}`,
      after: hours.length === 0 ? "-" : `${Math.min(...hours)} to ${Math.max(...hours)} h`,
      others: courses.flat().filter((alarm) => !isWanted(alarm)).length,
    };
    if (Object.keys(figures).length === names.length) console.table(figures);
  });
});

test("a night that a surge explains is no second alarm, and a cause that lasts is one", () => {
  const kinds = (name: ScenarioName) => raisedBy(drawScenario(name, 1)).map(({ kind }: Raised) => kind);
  expect(kinds("night bot")).toEqual(["surge"]);
  expect(kinds("one network")).toEqual(["network"]);
});

// A Monday at noon, of a petition that has been open for long.
const NOON = 24 * 400 + 12;
const MIDNIGHT = NOON + 12;
const known = { opened: 0, unusual: new Map<number, number>() };
const at = (counts: Record<number, number>, hour: number, options = known) =>
  unusualHours(new Map(Object.entries(counts).map(([when, n]) => [Number(when), n])), hour, options);
const kindsOf = (findings: readonly Finding[]) => findings.map(({ kind }) => kind);

describe("an hour is unusual", () => {
  test.each([
    ["by day beyond 30 times what was expected, 3 at least", NOON, 90, 91],
    ["at night beyond 5 times", MIDNIGHT + 1, HOUR_LEAST - 1, HOUR_LEAST],
  ])("%s", (_, hour, usual, unusual) => {
    expect(kindsOf(at({ [hour]: usual }, hour))).not.toContain("surge");
    expect(kindsOf(at({ [hour]: unusual }, hour))).toContain("surge");
  });

  test("by the hour before it, continued", () => {
    expect(at({ [NOON - 1]: 10, [NOON]: 300 }, NOON)).toEqual([]);
    expect(at({ [NOON - 1]: 10, [NOON]: 301 }, NOON)).toMatchObject([{ kind: "surge", count: 301, expected: 10 }]);
  });

  test("by the same hour on most of the fourteen days before", () => {
    const days = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, day) => [NOON - 24 * (day + 1), 40]));
    expect(at({ ...days(8), [NOON]: 1200 }, NOON)).toEqual([]);
    expect(at({ ...days(8), [NOON]: 1201 }, NOON)).toHaveLength(1);
    expect(at({ ...days(6), [NOON]: 400 }, NOON)).toHaveLength(1);
  });

  test("not on an opening day, but in its night", () => {
    const opened = NOON - 23;
    expect(at({ [NOON]: 5000 }, NOON, { ...known, opened })).toEqual([]);
    expect(at({ [NOON]: 5000 }, NOON, { ...known, opened: opened - 1 })).toHaveLength(1);
    expect(kindsOf(at({ [MIDNIGHT + 2]: 500 }, MIDNIGHT + 2, { ...known, opened }))).toEqual(["surge"]);
  });

  test("also when the hours before it were: they are no measure", () => {
    const counts = { [NOON - 1]: 500, [NOON]: 500 };
    expect(at(counts, NOON)).toEqual([]);
    expect(at(counts, NOON, { ...known, unusual: new Map([[NOON - 1, 3]]) })).toHaveLength(1);
  });
});

test("a night is unusual beyond 20 signatures, five times what was expected", () => {
  const night = (n: number) => at({ [MIDNIGHT]: n - 10, [MIDNIGHT + 3]: 10 }, MIDNIGHT + 5);
  expect(night(20)).toEqual([]);
  expect(night(21)).toMatchObject([{ kind: "night", count: 21, expected: 4, from: MIDNIGHT, to: MIDNIGHT + 6 }]);
});

const HOUR = 500;
const intake = (hour: number, submitted: number, own: Partial<IntakeHour> = {}): IntakeHour => ({
  ...{
    hour,
    submitted,
    groups: { network: {}, domain: {}, area: {}, channel: {} },
    ripe: 0,
    unverified: 0,
    withdrawals: 0,
  },
  ...own,
});
const group = (kind: "network" | "domain" | "area" | "channel", n: number, hour: number, submitted: number) =>
  intake(hour, submitted, { groups: { ...intake(0, 0).groups, [kind]: { k: n } } });
const shares = (...hours: IntakeHour[]) => unusualShares(hours, HOUR, new Set(["common"]));

describe("a share is unusual", () => {
  test.each([
    ["network", 50, 200],
    ["domain", 50, 200],
  ] as const)("of one %s from 50 signatures and a quarter on", (kind, n, of) => {
    expect(shares(group(kind, n, HOUR, of))).toMatchObject([{ kind, key: "k", count: n, of }]);
    expect(shares(group(kind, n - 1, HOUR, of - 4))).toEqual([]);
    expect(shares(group(kind, n, HOUR, of + 1))).toEqual([]);
  });

  test("from three times what it was in the week before on", () => {
    const week = (n: number) => group("network", n, HOUR - 24, 100);
    expect(shares(week(20), group("network", 60, HOUR, 100))).toHaveLength(1);
    expect(shares(week(21), group("network", 60, HOUR, 100))).toEqual([]);
  });

  test.each([
    ["area", 100, 0.85],
    ["channel", 200, 0.9],
  ] as const)("of one %s only against a past of its own", (kind, n, share) => {
    const total = Math.floor(n / share);
    expect(shares(group(kind, n, HOUR, total))).toEqual([]);
    expect(shares(group(kind, 10, HOUR - 30, 60), group(kind, n, HOUR, total))).toHaveLength(1);
    expect(shares(group(kind, 10, HOUR - 30, 60), group(kind, n - 1, HOUR, total))).toEqual([]);
    expect(shares(group(kind, 10, HOUR - 30, 60), group(kind, n, HOUR, total + 5))).toEqual([]);
  });

  test("within the last 24 hours only, and of a large provider as of an area", () => {
    expect(shares(group("network", 60, HOUR - 23, 60))).toHaveLength(1);
    expect(shares(group("network", 60, HOUR - 24, 60))).toEqual([]);
    const common = intake(HOUR, 60, { groups: { ...intake(0, 0).groups, domain: { common: 60 } } });
    expect(shares(common)).toEqual([]);
  });
});

test("never verified is unusual from 50, three in five, and twice what it was, a day later", () => {
  const ripe = (unverified: number, of: number, hour = HOUR - 24) => intake(hour, 0, { ripe: of, unverified });
  expect(unusuallyUnverified([ripe(60, 100)], HOUR)).toMatchObject([{ kind: "unverified", count: 60, of: 100 }]);
  expect(unusuallyUnverified([ripe(60, 101)], HOUR)).toEqual([]);
  expect(unusuallyUnverified([ripe(49, 49)], HOUR)).toEqual([]);
  expect(unusuallyUnverified([ripe(60, 100, HOUR - 23)], HOUR)).toEqual([]);
  expect(unusuallyUnverified([ripe(31, 100, HOUR - 60), ripe(61, 100)], HOUR)).toEqual([]);
});

test("withdrawals are unusual from 20, one in twenty, and five times an average day's", () => {
  const left = (withdrawals: number, hour = HOUR) => intake(hour, 0, { withdrawals });
  expect(unusualWithdrawals([left(20)], HOUR, 380)).toMatchObject([{ kind: "withdrawals", count: 20, of: 400 }]);
  expect(unusualWithdrawals([left(19)], HOUR, 100)).toEqual([]);
  expect(unusualWithdrawals([left(20)], HOUR, 381)).toEqual([]);
  expect(unusualWithdrawals([left(20), left(28, HOUR - 50)], HOUR, 100)).toHaveLength(1);
  expect(unusualWithdrawals([left(20), left(29, HOUR - 50)], HOUR, 100)).toEqual([]);
});
