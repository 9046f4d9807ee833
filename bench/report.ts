import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";

/** A target: what was measured, and what it must be. */
export interface Target {
  readonly name: string;
  readonly limit: number;
  /** Whether the limit is the least or the most that it may be. */
  readonly bound: "at least" | "at most";
  readonly measured: number;
  readonly holds: boolean;
}

/** Judges a figure by its limit. */
export function judged(name: string, bound: Target["bound"], limit: number, figure: number): Target {
  const measured = rounded(figure, 3);
  return { name, limit, bound, measured, holds: bound === "at least" ? measured >= limit : measured <= limit };
}

/** A number with so many digits behind the point. */
export const rounded = (number: number, digits: number): number => Math.round(number * 10 ** digits) / 10 ** digits;

/** The middle one of some numbers. */
export const middle = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

/** Prints a line with the time. */
export function say(line: string): void {
  console.log(`${new Date().toISOString().slice(11, 19)} ${line}`);
}

/** Prints a table under a heading. */
export function table(heading: string, rows: readonly object[] | Readonly<Record<string, object>>): void {
  console.log(`\n${heading}`);
  console.table(rows);
}

/** Prints every target with its limit, what was measured, and whether it holds. */
export function tellTargets(targets: readonly Target[]): void {
  table(
    "Targets",
    targets.map(({ name, bound, limit, measured, holds }) => ({
      target: name,
      must: `${bound} ${limit}`,
      measured,
      holds,
    })),
  );
}

/** What a result must be read with. */
export const machine = () => ({
  cores: cpus().length,
  model: cpus()[0]?.model,
  memory_gib: rounded(totalmem() / 2 ** 30, 1),
  node: process.version,
  load_average: rounded(loadavg()[0] ?? 0, 2),
});

/** Writes what is known so far, so that a run that breaks off leaves what it has measured. */
export function writeResult(result: Readonly<Record<string, unknown>>): void {
  mkdirSync("bench-results", { recursive: true });
  writeFileSync("bench-results/latest.json", `${JSON.stringify(result, null, 2)}\n`);
}
