import type * as v from "valibot";
import { FLAWS } from "../../src/http/validation.ts";

/** One thing that is wrong with a file: in a record (from 1 on) and field, or with the file as such. */
export interface Flaw {
  readonly record?: number | undefined;
  /** Of a CSV file, where the record ends. */
  readonly line?: number | undefined;
  readonly field?: string | undefined;
  /** What is wrong. Never what stands there. */
  readonly says: string;
}

// Whoever sees fifty of them sees the pattern; a file may have a million.
const MAX_KEPT = 50;

/** All that is wrong with one file: every flaw is counted, the first fifty are kept. */
export class Flaws {
  readonly #kept: Flaw[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(flaw: Flaw): void {
    this.#count++;
    if (this.#kept.length < MAX_KEPT) this.#kept.push(flaw);
  }

  /** Lines such as `petitions.json: record 7, title: is too long`. */
  lines(file: string): string[] {
    const more = this.#count - this.#kept.length;
    const kept = this.#kept.map((flaw) => `${file}: ${describe(flaw)}`);
    return more > 0 ? [...kept, `${file}: … and ${more} more`] : kept;
  }
}

/** A file that can't be read any further: the one flaw ends it. */
export class FileFlaw extends Error {
  readonly flaw: Flaw;

  constructor(flaw: Flaw) {
    super(flaw.says);
    this.name = "FileFlaw";
    this.flaw = flaw;
  }
}

/** How records are checked: what is wrong with a field already need not be wrong in a second way. */
export const ONE_FLAW_A_FIELD = { abortPipeEarly: true } as const;

/** A schema's issue with a record, in the words that the API uses for the same flaw. */
export function flawOf(issue: v.BaseIssue<unknown>, record: number, line?: number): Flaw {
  const field = issue.path?.map(({ key }) => String(key)).join(".");
  return { record, line, field, says: wordsFor(issue) };
}

function wordsFor(issue: v.BaseIssue<unknown>): string {
  if (issue.received === "undefined") return FLAWS.missing;
  if (issue.message in FLAWS) return FLAWS[issue.message as keyof typeof FLAWS];
  // Valibot's own messages quote what stands there.
  return issue.kind === "schema" ? FLAWS.wrong_type : issue.message;
}

function describe({ record, line, field, says }: Flaw): string {
  const place = [
    record === undefined ? undefined : `record ${record}${line === undefined ? "" : ` (line ${line})`}`,
    record === undefined && line !== undefined ? `line ${line}` : undefined,
    field,
  ].filter((part) => part !== undefined && part !== "");
  return place.length > 0 ? `${place.join(", ")}: ${says}` : says;
}
