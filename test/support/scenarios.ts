import { Random } from "../../scripts/demo/random.ts";
import type { Dimension, IntakeHour } from "../../src/integrity/anomaly.ts";

/** Days that each generated petition has; what a scenario is about begins on the 16th. */
const SCENARIO_DAYS = 24;
/** The hour in which a scenario begins. */
export const EVENT = 15 * 24;

/** Some who sign in one hour. */
interface Crowd {
  /** On average. */
  readonly signatures: number;
  /** One network, domain, area or channel for all of them; else each has one as people have them. */
  readonly network?: string;
  readonly domain?: string;
  readonly area?: string;
  readonly channel?: string;
  /** The part that verifies; people's is four in five. */
  readonly verify?: number;
}

interface Scenario {
  /** Alarms of which at least one must be raised; none: no alarm may be. */
  readonly alarms: readonly string[];
  /** Ordinary signatures a day. */
  readonly daily: number;
  /** Who else comes in an hour. */
  readonly crowds?: (hour: number, day: number) => readonly Crowd[];
  /** How an ordinary day's signatures change. */
  readonly level?: (hour: number, day: number) => number;
  /** Withdrawals, and signatures that staff take out, in an hour. */
  readonly withdrawals?: (hour: number) => number;
  readonly invalidated?: (hour: number) => number;
}

// Of a day, from midnight on; not the one that the rule uses: people here are late.
const DAY = [20, 9, 5, 3, 3, 5, 14, 30, 45, 55, 60, 60, 64, 62, 55, 54, 56, 60, 66, 72, 76, 66, 50, 34];
const WEEK = [1.15, 1.2, 1.2, 1.15, 1.1, 0.6, 0.6];
const since = (hour: number): number => hour - EVENT;
const within = (hour: number, from: number, hours: number): boolean =>
  since(hour) >= from && since(hour) < from + hours;
// Readers of a morning's newspaper: they wake, read, and talk of it for days.
const readers = (hour: number): number => {
  const age = since(hour) - 6;
  if (age < 0) return 0;
  return ([0.15, 0.5, 0.9][age] ?? 1) * Math.exp(-age / 30);
};

/** Ten things that happen to petitions, and two more of them: what must alarm, and what must not. */
export const SCENARIOS = {
  quiet: { alarms: [], daily: 8 },
  "weekly rhythm with a newsletter": {
    alarms: [],
    daily: 60,
    level: (_, day) => WEEK[day % 7] as number,
    crowds: (hour, day) =>
      day % 7 === 2 && hour % 24 >= 10 && hour % 24 <= 13 ? [{ signatures: 30, channel: "letter" }] : [],
  },
  "viral by a newspaper": {
    alarms: [],
    daily: 25,
    crowds: (hour) => [{ signatures: 1200 * readers(hour) * ((DAY[hour % 24] as number) / 1000) }],
  },
  "school hour": {
    alarms: [],
    daily: 25,
    crowds: (hour) => (within(hour, 10, 1) ? [{ signatures: 28, network: "school", area: "a3" }] : []),
  },
  "holiday, then everyone is back": {
    alarms: [],
    daily: 300,
    level: (hour) => (since(hour) >= -14 * 24 && since(hour) < 7 ? 0.01 : 1),
  },
  "staff take out a fifth": { alarms: [], daily: 80, invalidated: (hour) => (within(hour, 11, 2) ? 100 : 0) },
  "night bot": {
    alarms: ["surge"],
    daily: 60,
    crowds: (hour) => (within(hour, 26, 3) ? [{ signatures: 150, verify: 1 }] : []),
  },
  "slow drip": {
    alarms: ["night"],
    daily: 60,
    crowds: (hour) => (since(hour) >= 0 ? [{ signatures: 5, verify: 1 }] : []),
  },
  "one network": {
    alarms: ["network"],
    daily: 100,
    crowds: (hour) => (within(hour, 9, 10) ? [{ signatures: 14, network: "farm" }] : []),
  },
  "one domain": {
    alarms: ["domain"],
    daily: 100,
    crowds: (hour) => (within(hour, 9, 10) ? [{ signatures: 14, domain: "throwaway" }] : []),
  },
  "made-up addresses": {
    alarms: ["unverified"],
    daily: 50,
    crowds: (hour) => (within(hour, 8, 12) ? [{ signatures: 20, verify: 0 }] : []),
  },
  "mass withdrawal": { alarms: ["withdrawals"], daily: 60, withdrawals: (hour) => (within(hour, 14, 5) ? 25 : 0) },
} as const satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof SCENARIOS;

/** What happened in an hour. */
export interface ScenarioHour extends IntakeHour {
  /** Counted signatures verified in it. */
  readonly verified: number;
  /** Counted signatures that staff took out in it. */
  readonly invalidated: number;
}

const DOMAINS = [
  ["gmail", 40],
  ["outlook", 15],
  ["local-provider", 12],
  ["icloud", 8],
  ["own", 25],
] as const;
const AREAS = [
  ["a1", 30],
  ["a2", 22],
  ["a3", 15],
  ["a4", 13],
  ["a5", 12],
  ["", 8],
] as const;
const CHANNELS = [
  ["", 50],
  ["poster", 25],
  ["letter", 15],
  ["site", 10],
] as const;

/** One course of a scenario: its hours, the first at midnight. The same for the same draw. */
export function drawScenario(name: ScenarioName, draw: number): ScenarioHour[] {
  const random = new Random(Object.keys(SCENARIOS).indexOf(name) * 7919 + draw * 104_729 + 1);
  const scenario: Scenario = SCENARIOS[name];
  return Array.from({ length: SCENARIO_DAYS * 24 }, (_, hour) => {
    const day = Math.floor(hour / 24);
    const ordinary = (scenario.daily * (DAY[hour % 24] as number) * (scenario.level?.(hour, day) ?? 1)) / 1024;
    const unrest = Math.exp(0.3 * normal(random) - 0.045);
    return drawHour(random, hour, {
      crowds: [{ signatures: ordinary * unrest }, ...(scenario.crowds?.(hour, day) ?? [])],
      withdrawals: poisson(random, scenario.withdrawals?.(hour) ?? scenario.daily * 0.0002),
      invalidated: poisson(random, scenario.invalidated?.(hour) ?? 0),
    });
  });
}

function drawHour(
  random: Random,
  hour: number,
  { crowds, ...moves }: { crowds: readonly Crowd[]; withdrawals: number; invalidated: number },
): ScenarioHour {
  const groups: Record<Dimension, Record<string, number>> = { network: {}, domain: {}, area: {}, channel: {} };
  const add = (kind: Dimension, key: string) => {
    if (key !== "") groups[kind][key] = (groups[kind][key] ?? 0) + 1;
  };
  let [submitted, verified] = [0, 0];
  for (const { signatures, network, domain, area, channel, verify = 0.8 } of crowds) {
    for (let left = poisson(random, signatures); left > 0; left--) {
      const own = random.pickWeighted(DOMAINS);
      add("network", network ?? (random.chance(0.15) ? `carrier${random.below(6)}` : `n${random.below(40_000)}`));
      add("domain", domain ?? (own === "own" ? `d${random.below(5_000)}` : own));
      add("area", area ?? random.pickWeighted(AREAS));
      add("channel", channel ?? random.pickWeighted(CHANNELS));
      submitted++;
      if (random.chance(verify)) verified++;
    }
  }
  return { hour, submitted, groups, ripe: submitted, unverified: submitted - verified, verified, ...moves };
}

/** By Box and Muller. */
const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());

/** By Knuth where few are to come; where many are, the normal distribution is as good. */
function poisson(random: Random, mean: number): number {
  if (mean > 60) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  const limit = Math.exp(-mean);
  let count = 0;
  for (let left = random.next(); left > limit; left *= random.next()) count++;
  return count;
}
