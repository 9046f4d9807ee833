import { bars, perThousand } from "./counts.ts";
import { rate } from "./funnel.ts";
import type { Labels } from "./labels.ts";

interface Row {
  readonly key: string;
  readonly count: number;
}

/** How areas are judged, for whoever reads it. */
export const REACH_METHOD =
  "Of all residents half live in areas with more signatures for each 1,000 people than the typical area, and half in areas with fewer. An area is missing when it has less than half of what it would have if people there signed as in the typical area, and this is more than three standard deviations of chance (the square root of what is expected).";

// Less than this share of what is expected.
const FAR_BELOW = 0.5;
// One area in a thousand would be so far below by chance alone.
const DEVIATIONS = 3;

const oneDecimal = (value: number): number => Math.round(value * 10) / 10;

/**
 * Signatures by area compared with where people live: every area of the municipality's list, those that lack most first.
 * The typical rate is the median of the residents', so that one area that is on fire makes no other look cold. An area
 * without a population, or one that is retired, is compared with nothing.
 */
export function reachByArea(rows: readonly Row[], { areas }: Labels) {
  const counts = new Map(rows.map(({ key, count }) => [key, count]));
  const current = [...areas.keys()].filter((key) => areas.get(key)?.retired === undefined);
  const all = [...new Set([...current, ...counts.keys()])].map((key) => {
    const { name = key, population = 0, retired } = areas.get(key) ?? {};
    // Who lived in an area that is retired lives in others of the list now.
    return { key, label: name, population: retired === undefined ? population : 0, verified: counts.get(key) ?? 0 };
  });
  const inhabited = all.filter(({ population }) => population > 0);
  const people = inhabited.reduce((sum, { population }) => sum + population, 0);
  const signed = inhabited.reduce((sum, { verified }) => sum + verified, 0);
  const typical = typicalRate(inhabited, people);
  return {
    typical_per_1000: Math.round(typical * 100_000) / 100,
    areas: all
      .map(({ key, label, population, verified }) => {
        const expected = typical * population;
        const lacks = expected - verified;
        const compared = population > 0;
        return {
          key,
          label,
          population: compared ? population : null,
          population_share: compared ? rate(population, people) : null,
          verified,
          share: compared ? rate(verified, signed) : null,
          per_1000: perThousand(verified, population),
          expected: compared ? oneDecimal(expected) : null,
          missing: compared && verified < FAR_BELOW * expected && lacks > DEVIATIONS * Math.sqrt(expected),
          lacks,
        };
      })
      .sort((a, b) => b.lacks - a.lacks || (a.key < b.key ? -1 : 1))
      .map(({ lacks: _, ...area }) => area),
  };
}

/** The rate of the area in which the middle one of all residents lives, areas ordered by their rates. */
function typicalRate(areas: readonly { population: number; verified: number }[], people: number): number {
  const ordered = areas
    .map(({ population, verified }) => ({ population, rate: verified / population }))
    .sort((a, b) => a.rate - b.rate);
  let passed = 0;
  for (const { population, rate: here } of ordered) {
    passed += population;
    if (passed * 2 >= people) return here;
  }
  return 0;
}

/** What each channel brought, the most first, and its share of all; a blank key: who came without one. */
export function reachByChannel(rows: readonly Row[], { channels }: Labels, total: number) {
  return bars(rows, total)
    .map(({ key, count }) => {
      const { label = key, owner = null, partner = null } = channels.get(key) ?? {};
      return { key, label, owner, partner, verified: count, share: rate(count, total) };
    })
    .sort((a, b) => b.verified - a.verified);
}
