import type { RootKeys } from "../../src/lib/root-keys.ts";
import type { Threshold } from "../../src/petitions/opening.ts";
import type { Flaws } from "./flaws.ts";
import type { Target } from "./target.ts";

/** What an import is told beside its files. */
export interface ImportSettings {
  /** Where petitions and counts come from, by a name that is shown with them. */
  readonly source: string;
  /** The address of a petition there, with `{id}` for its number; null when it has none. */
  readonly sourceUrl: string | null;
  /** The day of the figures, `YYYY-MM-DD`; null when nobody says. */
  readonly asOf: string | null;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** What only new petitions need; throws when it is not there. */
  readonly opening: () => Promise<Opening>;
}

/** With what a new petition opens. */
export interface Opening {
  readonly keys: RootKeys;
  readonly locale: string;
  /** Milliseconds since 1970. */
  readonly closesAt: number;
  readonly thresholds: readonly Threshold[];
  readonly thresholdsBy: "option" | "municipality";
}

/** What there is to do for one file: statements for one transaction (none: it is all there), and what to say of it. */
export interface Plan {
  readonly statements: readonly string[];
  readonly summary: string;
}

/** A file whose records are right as such; against the database it is checked only when its turn comes. */
export interface CheckedFile {
  readonly records: number;
  /** Reads what is there and plans the rest. What the database speaks against is added to `flaws`. */
  readonly plan: (target: Target, settings: ImportSettings, flaws: Flaws) => Promise<Plan>;
}

/** Finds a value that an earlier record has: gives that record's number. */
export class Seen {
  readonly #records = new Map<string, number>();

  /** The record that had the value first, if it was another one. */
  before(value: string, record: number): number | undefined {
    const first = this.#records.get(value);
    if (first === undefined) this.#records.set(value, record);
    return first;
  }
}

/** `23 petitions: 20 new, 3 unchanged`; what there is none of is left out. */
export function tally(records: number, noun: string, counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).filter(([, count]) => count > 0);
  const told = parts.map(([name, count]) => `${number(count)} ${name}`).join(", ");
  return `${number(records)} ${noun}: ${told}`;
}

/** A number as people read it: `1,234,567`. */
export const number = (value: number): string => value.toLocaleString("en-GB");
