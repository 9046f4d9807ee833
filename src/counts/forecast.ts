/*
 * A petition's level is how many signatures a day brings, the rhythm of the week taken out. It is followed day by day on
 * a logarithmic scale (an extended Kalman filter), as petitions behave: the level falls with the age of the latest wave,
 * as age to the power of a `fall` that is estimated too; and it strays, by as much a day as explains this petition's days
 * best. Two days in succession far off what was to be expected begin a new wave. No chance and no clock is involved.
 * test/unit/forecast-backtest.test.ts says how often the ranges held.
 */

/** The method for whoever reads a forecast. */
export const FORECAST_METHOD =
  "The number of signatures a day, without the rhythm of the week and with recent days weighing most, is continued to the closing day: it falls with the age of the latest wave and strays as much as it has strayed so far, and the range leaves out the quickest and the slowest tenth of such courses.";

/** What a petition has brought so far. */
export interface Course {
  /** Signatures of each full day since the day after the opening, oldest first. */
  readonly days: readonly number[];
  /** Signatures of today so far. */
  readonly today: number;
}

/** When a number of signatures is reached: days from today (0) on; null where that is after the closing day. */
export interface Reach {
  readonly earliest: number;
  readonly likely: number | null;
  readonly latest: number | null;
}

const WEEK = 7;
// A weekday can't be told from a trend with less than a week; and ten signatures may come from one family.
const MIN_DAYS = 7;
const MIN_SIGNATURES = 10;
// Four weeks of silence say something, too.
const TELLING_SILENCE_DAYS = 28;

// The tenth quantile of the normal distribution: the range is meant to hold four days of five.
const Z = 1.2816;
// Straying a day, in logarithms: from next to nothing to near doubling. Which of them fits is found for each petition.
const STRAYS = [0.02, 0.06, 0.2, 0.6];
// However much it strays, the quickest course stays below 13 times the middle one: else all would always be possible.
const MAX_DEVIATION = 2;
// Days scatter more than chance alone makes them (a poster, a fair): by 35 % of the level, where many sign.
const SCATTER = 1 / 8;
// What is assumed before a petition's own days say more: a fall as 1/age, give or take half a power of it. That attention
// decays fast: Yasseri, Hale and Margetts, EPJ Data Science 6:20 (2017).
const FALL = { mean: 1, variance: 0.25, drift: 0.005 };
// What one day may move the level by: a factor of 4.5; of 2 when it is far off, and may be a single odd day.
const MAX_STEP = { usual: 1.5, farOff: 0.7 };
// A day is far off when it is three times, or a third of, what was expected, and that is no chance.
const FAR_OFF = { factor: 3, deviations: 3.5, cost: 10 };
// One signature in a hundred days: below it a level is nothing, and would need weeks to rise again.
const MIN_LEVEL = Math.log(0.01);

/** Whether there is enough to continue from: a full week, and ten signatures in it or four weeks. */
export const isTelling = ({ days }: Course): boolean =>
  days.length >= MIN_DAYS && (days.length >= TELLING_SILENCE_DAYS || sum(days) >= MIN_SIGNATURES);

/**
 * When a course that `isTelling` brings so many more signatures; null when not even its quickest continuation does
 * within `daysLeft`, the days that follow today up to the closing day.
 */
export function reachOf(course: Course, missing: number, daysLeft: number): Reach | null {
  const expected = continuation(course);
  const dayAt = (z: number) => firstDay(expected, { missing, daysLeft, z });
  const earliest = dayAt(Z);
  return earliest === null ? null : { earliest, likely: dayAt(0), latest: dayAt(-Z) };
}

/** What a day is expected to bring. */
interface Expected {
  readonly middle: number;
  /** Standard deviation of the level's logarithm. */
  readonly deviation: number;
}

/** What the days from today (0) on are expected to bring, today's less what it has brought. */
function continuation({ days, today }: Course): (ahead: number) => Expected {
  const rhythm = weekRhythm(days);
  const level = follow(days, rhythm);
  const usual = Math.exp(level.log - level.fall * aging(level.age, 1)) * weekday(rhythm, days.length);
  // A day that is not over says nothing by what it lacks; what it has more than a whole day was to bring, it says already.
  const seen = today > usual ? [...days, today] : days;
  const state = seen === days ? level : follow(seen, rhythm);
  return (ahead) => {
    const aged = aging(state.age, days.length + ahead + 1 - seen.length);
    const variance =
      state.variance - 2 * aged * state.covariance + aged * aged * state.fallVariance + state.stray ** 2 * (ahead + 1);
    const middle = Math.exp(state.log - state.fall * aged) * weekday(rhythm, days.length + ahead);
    return {
      middle: ahead === 0 ? Math.max(0, middle - today) : middle,
      deviation: Math.min(MAX_DEVIATION, Math.sqrt(Math.max(0, variance))),
    };
  };
}

/** The first day by whose end enough have signed on the course `z` deviations above (below) the middle one. */
function firstDay(
  expected: (ahead: number) => Expected,
  { missing, daysLeft, z }: { missing: number; daysLeft: number; z: number },
): number | null {
  let [middle, course] = [0, 0];
  for (let ahead = 0; ahead <= daysLeft; ahead++) {
    const day = expected(ahead);
    middle += day.middle;
    course += day.middle * Math.exp(z * day.deviation);
    // Where few sign, chance alone makes a sum uncertain by its root.
    if (middle + Math.sign(z) * Math.hypot(course - middle, z * Math.sqrt(middle)) >= missing - 0.5) return ahead;
  }
  return null;
}

/** A level after the days that were seen. Variances are of `log` and `fall`, and between them. */
interface Level {
  readonly log: number;
  readonly fall: number;
  readonly variance: number;
  readonly covariance: number;
  readonly fallVariance: number;
  /** Days since the latest wave began. */
  readonly age: number;
  /** Standard deviation by which `log` moves in a day. */
  readonly stray: number;
}

/** Follows days with each of the strays, and weighs the results by how well each foresaw the days. */
function follow(days: readonly number[], rhythm: readonly number[]): Level {
  const runs = STRAYS.map((stray) => followWith(stray, days, rhythm));
  const best = Math.max(...runs.map(({ fit }) => fit));
  const weights = runs.map(({ fit }) => Math.exp(fit - best));
  const mean = (of: (level: Level) => number): number =>
    sum(runs.map(({ level }, run) => (weights[run] as number) * of(level))) / sum(weights);
  return {
    log: mean(({ log }) => log),
    fall: mean(({ fall }) => fall),
    variance: mean(({ variance }) => variance),
    covariance: mean(({ covariance }) => covariance),
    fallVariance: mean(({ fallVariance }) => fallVariance),
    age: mean(({ age }) => age),
    stray: Math.sqrt(mean(({ stray }) => stray ** 2)),
  };
}

/** `fit` is the logarithm of how likely the days were, from the second week on, up to a constant. */
function followWith(stray: number, days: readonly number[], rhythm: readonly number[]): { level: Level; fit: number } {
  let level = begin(sum(days.slice(0, WEEK)) / WEEK, { age: 1, stray, variance: 4 });
  let fit = 0;
  let farOffBefore = 0;
  for (const [index, count] of days.entries()) {
    const share = weekday(rhythm, index);
    level = index === 0 ? { ...level, age: level.age + 1 } : nextDay(level);
    const surprise = surpriseOf(level, share, count);
    const farOff = index === 0 ? 0 : surprise.farOff;
    if (farOff !== 0 && farOff === farOffBefore) {
      const before = (days[index - 1] as number) / weekday(rhythm, index - 1);
      // What has become quiet ages on; what has become loud is young.
      const age = farOff > 0 ? 2 : level.age;
      level = begin((count / share + before) / 2, { age, stray, variance: 0.5 });
      fit -= FAR_OFF.cost;
      farOffBefore = 0;
      continue;
    }
    farOffBefore = farOff;
    if (index >= WEEK || farOff !== 0) fit += surprise.fit;
    level = learn(level, surprise);
  }
  return { level, fit };
}

const begin = (perDay: number, { age, stray, variance }: Pick<Level, "age" | "stray" | "variance">): Level => ({
  log: Math.log(perDay + 0.5),
  fall: FALL.mean,
  variance,
  covariance: 0,
  fallVariance: FALL.variance,
  age,
  stray,
});

/** How far a level that falls with its age has aged, some days on: the difference of the ages' logarithms. */
const aging = (age: number, days: number): number => Math.log((age + days + 0.5) / (age + 0.5));

function nextDay(level: Level): Level {
  const aged = aging(level.age, 1);
  return {
    ...level,
    age: level.age + 1,
    log: Math.max(MIN_LEVEL, level.log - level.fall * aged),
    variance: level.variance - 2 * aged * level.covariance + aged * aged * level.fallVariance + level.stray ** 2,
    covariance: level.covariance - aged * level.fallVariance,
    fallVariance: level.fallVariance + FALL.drift,
  };
}

interface Surprise {
  /** What the day brought beyond what it was to bring, by the scatter of days. */
  readonly relative: number;
  /** How much the day tells of the level: the inverse of a variance. */
  readonly information: number;
  /** 1: far above what was expected; -1: far below; 0: neither. */
  readonly farOff: number;
  readonly fit: number;
}

function surpriseOf(level: Level, share: number, count: number): Surprise {
  const expected = Math.exp(level.log) * share;
  const scatter = 1 + expected * SCATTER;
  const variance = expected * scatter + expected ** 2 * Math.min(level.variance, 2);
  const error = count - expected;
  const factor = error > 0 ? (count + 1) / (expected + 1) : (expected + 1) / (count + 1);
  const isFarOff = factor > FAR_OFF.factor && Math.abs(error) > FAR_OFF.deviations * Math.sqrt(variance);
  return {
    relative: error / scatter,
    information: expected / scatter,
    farOff: isFarOff ? Math.sign(error) : 0,
    // Student's t with four degrees of freedom: one odd day must not decide how much a petition strays.
    fit: -0.5 * Math.log(variance) - 2.5 * Math.log(1 + error ** 2 / variance / 4),
  };
}

function learn(level: Level, { relative, information, farOff }: Surprise): Level {
  const gain = 1 / (1 + level.variance * information);
  const step = level.variance * gain * relative;
  const held = Math.min(1, (farOff === 0 ? MAX_STEP.usual : MAX_STEP.farOff) / Math.abs(step));
  return {
    ...level,
    log: Math.max(MIN_LEVEL, level.log + step * held),
    fall: level.fall + level.covariance * gain * relative * held,
    variance: level.variance * gain,
    covariance: level.covariance * gain,
    fallVariance: level.fallVariance - level.covariance ** 2 * information * gain,
  };
}

// A rhythm needs three weeks to be told from chance, and follows the last eight: holidays end.
const RHYTHM_WEEKS = { least: 3, most: 8 };
// Loud days count no more than days of 20; and each weekday begins with 15 signatures that say it is like the others.
const LOUD = 20;
const ALIKE = 15;

/** What each weekday brings as a share of the mean day: 1 where that is not known. Index 0 is the first day's weekday. */
function weekRhythm(days: readonly number[]): number[] {
  const shares = Array<number>(WEEK).fill(1);
  if (days.length < RHYTHM_WEEKS.least * WEEK) return shares;
  const [own, all] = [shares.map(() => ALIKE), shares.map(() => ALIKE)];
  for (let index = Math.max(3, days.length - RHYTHM_WEEKS.most * WEEK); index < days.length - 3; index++) {
    const { share, mean } = shareOfWeek(days.slice(index - 3, index + 4));
    const weight = Math.min(mean, LOUD);
    own[index % WEEK] = (own[index % WEEK] as number) + weight * share;
    all[index % WEEK] = (all[index % WEEK] as number) + weight;
  }
  const raw = own.map((share, day) => share / (all[day] as number));
  const mean = sum(raw) / WEEK;
  return raw.map((share) => share / mean);
}

/** What the middle one of seven days brought as a share of their mean, with odd days cut down to thrice the median. */
function shareOfWeek(days: readonly number[]): { share: number; mean: number } {
  const cut = 3 * ((days.toSorted((a, b) => a - b)[3] as number) + 1);
  const mean = sum(days.map((count) => Math.min(count, cut))) / WEEK;
  return { share: mean === 0 ? 1 : Math.min(days[3] as number, cut) / mean, mean };
}

const weekday = (rhythm: readonly number[], index: number): number => rhythm[index % WEEK] as number;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
