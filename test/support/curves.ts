import { Random } from "../../scripts/demo/random.ts";

/** Days that each generated curve has: half a year, the opening day first. */
export const CURVE_DAYS = 184;

const MONDAY_TO_SUNDAY = [1.15, 1.2, 1.2, 1.15, 1.1, 0.6, 0.6];
const week = (day: number): number => MONDAY_TO_SUNDAY[day % 7] as number;
const since = (day: number, begin: number, wave: (age: number) => number): number =>
  day < begin ? 0 : wave(day - begin);

/** Ten ways in which petitions go, as the signatures that a day is to bring. */
export const SHAPES = {
  steady: () => 9,
  "weekly rhythm": (day) => 40 * week(day),
  viral: (day) => 900 * (day + 1) ** -1.3 + 1,
  "viral, then a rhythm": (day) => (350 * Math.exp(-day / 5) + 6) * week(day + 2),
  stalled: (day) => (day < 25 ? 22 * week(day) : 0.15),
  fading: (day) => 60 * Math.exp(-day / 30) * week(day + 4),
  "second wave": (day) => (300 * (day + 1) ** -1.1 + 3 + since(day, 70, (age) => 250 * Math.exp(-age / 6))) * week(day),
  "small town": (day) => 1.1 * week(day),
  growing: (day) => (6 + 30 / (1 + Math.exp((70 - day) / 15))) * week(day),
  "newsletters each four weeks": (day) => 3 * week(day) + since(day % 28, 10, (age) => 60 * Math.exp(-age / 1.5)),
} as const satisfies Record<string, (day: number) => number>;

export type Shape = keyof typeof SHAPES;

// Beyond chance, days differ by a quarter: weather, other news.
const UNREST = 0.25;

/** One course that a shape can take: signatures of each day. The same for the same draw. */
export function drawCurve(shape: Shape, draw: number): number[] {
  const random = new Random(Object.keys(SHAPES).indexOf(shape) * 1000 + draw);
  const mean: (day: number) => number = SHAPES[shape];
  return Array.from({ length: CURVE_DAYS }, (_, day) =>
    poisson(random, mean(day) * Math.exp(UNREST * normal(random) - UNREST ** 2 / 2)),
  );
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
