import type { alarmKinds } from "../db/integrity-schema.ts";

/** What an alarm can be about. */
export type AlarmKind = (typeof alarmKinds)[number];

/** The dimensions of which one value may have too large a share. */
export const DIMENSIONS = ["network", "domain", "area", "channel"] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** Something unusual, with the numbers that say so. Hours are counted from 1970 on. */
export interface Finding {
  readonly kind: AlarmKind;
  /** Of which network, domain, area or channel; else blank. */
  readonly key: string;
  /** Signatures (withdrawals) that it is about, and what they are compared with. */
  readonly count: number;
  readonly expected: number;
  /** Of how many signatures they are a share; null where it is not about a share. */
  readonly of: number | null;
  /** The first hour, and the one after the last. */
  readonly from: number;
  readonly to: number;
}

// How a day's signatures lie in its hours, from midnight on, in thousandths: what is common to petitions.
const RHYTHM = [12, 6, 4, 3, 3, 6, 18, 38, 52, 59, 62, 62, 62, 60, 58, 57, 58, 60, 62, 66, 66, 59, 42, 25];
/** A night is the hours from 0 to 6. */
export const NIGHT_HOURS = 6;
const rhythm = (hour: number): number => (RHYTHM[((hour % 24) + 24) % 24] as number) / 1000;
const NIGHT = RHYTHM.slice(0, NIGHT_HOURS).reduce((sum, part) => sum + part, 0) / 1000;

/** Days of a petition's own past that an hour is compared with. */
export const PAST_DAYS = 14;

/** Fewer signatures in an hour, and in a night, are never unusual. */
export const HOUR_LEAST = 30;
export const NIGHT_LEAST = 20;

// News makes an hour thirty times what it would have been, a bot hundreds; at night nobody reads news.
const DAY_FACTOR = 30;
const NIGHT_FACTOR = 5;
// What is expected of an hour and of a night at least: of very little, any multiple is little.
const HOUR_FLOOR = 3;
const NIGHT_FLOOR = 4;

/** Counted signatures by local hour. */
export type Hours = ReadonlyMap<number, number>;

/**
 * Whether a local hour, so far, has far more signatures than the petition's own past and the time of day lead to expect;
 * and whether the night has. What is expected of an hour is the greatest of: the median of this hour on the fourteen days
 * before; the last 24 hours' total by the usual rhythm of a day; the hour before, continued by that rhythm; and 3. By day
 * thirty times that is unusual, at night (0 to 6) five times; of a whole night likewise, by its six hours together.
 * @param opened the local hour in which the petition opened: an opening day has no past, and is judged at night only
 * @param unusual hours found unusual before: they are no measure for those after them
 */
export function unusualHours(
  hours: Hours,
  at: number,
  { opened, unusual }: { opened: number; unusual: Hours },
): Finding[] {
  const past = (hour: number): number => unusual.get(hour) ?? hours.get(hour) ?? 0;
  const count = hours.get(at) ?? 0;
  const day = span(at - 24, at).reduce((sum, hour) => sum + past(hour), 0);
  const night = at % 24 < NIGHT_HOURS;
  const same = median(pastDays(at, opened).map(past));
  const expected = Math.max(HOUR_FLOOR, same, day * rhythm(at), (past(at - 1) * rhythm(at)) / rhythm(at - 1));
  const findings: Finding[] = [];
  const found = (kind: "surge" | "night", from: number, n: number, expectedThen: number) =>
    findings.push({ kind, key: "", count: n, expected: expectedThen, of: null, from, to: at + 1 });
  const young = at - opened < 24;
  const surges = count >= HOUR_LEAST && count > (night ? NIGHT_FACTOR : DAY_FACTOR) * expected && (night || !young);
  if (surges) found("surge", at, count, expected);
  if (night) {
    const midnight = at - (at % 24);
    const sum = (from: number, to: number) => span(from, to).reduce((total, hour) => total + past(hour), 0);
    // What a surge explains is one cause, not two.
    const total = sum(midnight, at) + (surges ? expected : count);
    const nights = pastDays(midnight, opened).map((begin) => sum(begin, begin + NIGHT_HOURS));
    const evening = (past(midnight - 1) * NIGHT) / rhythm(23);
    const expectedNight = Math.max(NIGHT_FLOOR, median(nights), sum(midnight - 24, midnight) * NIGHT, evening);
    if (total > NIGHT_LEAST && total > NIGHT_FACTOR * expectedNight) found("night", midnight, total, expectedNight);
  }
  return findings;
}

/** The same hour on days before, since the petition opened. */
const pastDays = (at: number, opened: number): number[] =>
  Array.from({ length: PAST_DAYS }, (_, day) => at - 24 * (day + 1)).filter((hour) => hour >= opened);

const span = (from: number, to: number): number[] => Array.from({ length: Math.max(0, to - from) }, (_, n) => from + n);

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return 0;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** What is known of the signatures that came in an hour: of those not held, by network, domain, area and channel. */
export interface IntakeHour {
  /** Hours since 1970. */
  readonly hour: number;
  readonly submitted: number;
  readonly groups: Readonly<Record<Dimension, Readonly<Record<string, number>>>>;
  /** Of these, looked at again a day later, and how many were not verified then. */
  readonly ripe: number;
  readonly unverified: number;
  /** Withdrawals from the petition in that hour. */
  readonly withdrawals: number;
}

/** Hours that shares are taken over, and days of past that they are compared with. */
export const SHARE_HOURS = 24;
export const SHARE_PAST_DAYS = 7;

// least: signatures of one value in 24 hours; share: of all in these hours. `usual` stands for a past that is too short
// to tell; where it is null, nothing is unusual without a past: a petition may be about one ward.
const SHARES: Readonly<
  Record<Dimension, { least: number; share: number; usual: readonly [part: number, whole: number] | null }>
> = {
  network: { least: 50, share: 0.25, usual: [1, 20] },
  domain: { least: 50, share: 0.25, usual: [1, 20] },
  area: { least: 100, share: 0.85, usual: null },
  channel: { least: 200, share: 0.9, usual: null },
};
// A large provider has a third of everybody's addresses.
const COMMON_DOMAIN = { least: 100, share: 0.85, usual: null };
/** Fewer signatures, or withdrawals, in a day are never unusual by any rule but those of hours. */
export const SHARE_LEAST = 20;
const PAST_LEAST = 50;
// A share is unusual at three times what it was.
const SHARE_FACTOR = 3;

/**
 * Networks, domains, areas and channels with an unusual share of the last 24 hours' signatures: at least so many, at
 * least such a share, and three times the share that they had in the seven days before.
 * @param hours of the petition, in whatever order; `at`: the current hour
 * @param common domains of large providers: they are judged like areas
 */
export function unusualShares(hours: readonly IntakeHour[], at: number, common: ReadonlySet<string>): Finding[] {
  const recent = hours.filter(({ hour }) => hour > at - SHARE_HOURS && hour <= at);
  const before = hours.filter(({ hour }) => hour <= at - SHARE_HOURS && hour > at - SHARE_HOURS - 24 * SHARE_PAST_DAYS);
  const total = sumOf(recent, ({ submitted }) => submitted);
  const past = sumOf(before, ({ submitted }) => submitted);
  return DIMENSIONS.flatMap((kind) => {
    const keys = new Set(recent.flatMap(({ groups }) => Object.keys(groups[kind])));
    return [...keys].flatMap((key): Finding[] => {
      const of = (list: readonly IntakeHour[]) => sumOf(list, ({ groups }) => groups[kind][key] ?? 0);
      const rule = kind === "domain" && common.has(key) ? COMMON_DOMAIN : SHARES[kind];
      const count = of(recent);
      if (count < rule.least || count < rule.share * total) return [];
      const usual = past >= PAST_LEAST ? ([of(before), past] as const) : rule.usual;
      if (usual === null || count * usual[1] < SHARE_FACTOR * usual[0] * total) return [];
      const own = recent.filter(({ groups }) => (groups[kind][key] ?? 0) > 0).map(({ hour }) => hour);
      const expected = (usual[0] * total) / usual[1];
      return [{ kind, key, count, expected, of: total, from: Math.min(...own), to: Math.max(...own) + 1 }];
    });
  });
}

const UNVERIFIED = { least: 50, share: 0.6, usual: 0.3 };
const UNVERIFIED_FACTOR = 2;

/**
 * Whether unusually many of a day's signatures were not verified a day later: at least 50, three in five, and twice the
 * share of the seven days before.
 */
export function unusuallyUnverified(hours: readonly IntakeHour[], at: number): Finding[] {
  const end = at - 24;
  const recent = hours.filter(({ hour, ripe }) => ripe > 0 && hour > end - SHARE_HOURS && hour <= end);
  const before = hours.filter(
    ({ hour }) => hour <= end - SHARE_HOURS && hour > end - SHARE_HOURS - 24 * SHARE_PAST_DAYS,
  );
  const total = sumOf(recent, ({ ripe }) => ripe);
  const count = sumOf(recent, ({ unverified }) => unverified);
  const past = sumOf(before, ({ ripe }) => ripe);
  const usual = past >= PAST_LEAST ? sumOf(before, ({ unverified }) => unverified) / past : UNVERIFIED.usual;
  if (count < UNVERIFIED.least || count < UNVERIFIED.share * total || count < UNVERIFIED_FACTOR * usual * total)
    return [];
  const own = recent.filter(({ unverified }) => unverified > 0).map(({ hour }) => hour);
  return [
    {
      kind: "unverified",
      key: "",
      count,
      expected: usual * total,
      of: total,
      from: Math.min(...own),
      to: Math.max(...own) + 1,
    },
  ];
}

const WITHDRAWALS = { least: 20, share: 0.05, factor: 5 };

/**
 * Whether unusually many withdrew in the last 24 hours: at least 20, one in twenty of those who had signed, and five times
 * as many as on an average day of the seven before.
 * @param verified counted signatures now
 */
export function unusualWithdrawals(hours: readonly IntakeHour[], at: number, verified: number): Finding[] {
  const recent = hours.filter(({ hour, withdrawals }) => withdrawals > 0 && hour > at - SHARE_HOURS && hour <= at);
  const before = hours.filter(({ hour }) => hour <= at - SHARE_HOURS && hour > at - SHARE_HOURS - 24 * SHARE_PAST_DAYS);
  const count = sumOf(recent, ({ withdrawals }) => withdrawals);
  const usual = sumOf(before, ({ withdrawals }) => withdrawals) / SHARE_PAST_DAYS;
  const of = verified + count;
  if (count < WITHDRAWALS.least || count < WITHDRAWALS.share * of || count < WITHDRAWALS.factor * usual) return [];
  const own = recent.map(({ hour }) => hour);
  return [
    { kind: "withdrawals", key: "", count, expected: usual, of, from: Math.min(...own), to: Math.max(...own) + 1 },
  ];
}

const sumOf = <Item>(items: readonly Item[], value: (item: Item) => number): number =>
  items.reduce((sum, item) => sum + value(item), 0);

/** An alarm is over when its cause has not been seen for so many hours; one that comes again within the longer is the same. */
export const OVER_HOURS = 6;
export const QUIET_HOURS = 48;
