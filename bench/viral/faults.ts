import type { Random } from "../../scripts/demo/random.ts";

/** What is broken at the moment. */
export interface Broken {
  /** How likely a queue's message comes a second time, now and once more later. */
  readonly repeats: number;
  /** Whether the messages of a batch come in another order. */
  readonly reorders: boolean;
  /** The database: as it should be, not there, or failing now and then, before or after it has committed. */
  readonly database: "up" | "down" | "flaky";
}

export const NOTHING_BROKEN: Broken = { repeats: 0, reorders: false, database: "up" };

const FLAKY = 0.2;

/** What breaks, drawn from a seed. */
export class Faults {
  readonly #random: Random;
  #broken: Broken = NOTHING_BROKEN;
  readonly #dying = new Map<string, number>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** From now on. */
  set(broken: Broken): void {
    this.#broken = broken;
  }

  /** The next batch of a queue kills its consumer, after what it wrote is committed and before a message is acknowledged. */
  killNext(queue: string): void {
    this.#dying.set(queue, (this.#dying.get(queue) ?? 0) + 1);
  }

  /** Whether the consumer of this batch dies. */
  dies(queue: string): boolean {
    const left = this.#dying.get(queue) ?? 0;
    if (left > 0) this.#dying.set(queue, left - 1);
    return left > 0;
  }

  /** What happens to a call of the database. */
  database(): "before" | "after" | null {
    if (this.#broken.database === "up") return null;
    if (this.#broken.database === "down") return "before";
    if (!this.#random.chance(FLAKY)) return null;
    return this.#random.chance(0.5) ? "before" : "after";
  }

  /** Whether a message comes again. */
  repeats(): boolean {
    return this.#broken.repeats > 0 && this.#random.chance(this.#broken.repeats);
  }

  /** Messages in the order in which they come. */
  ordered<Item>(items: readonly Item[]): Item[] {
    return this.#broken.reorders ? this.#random.shuffled(items) : [...items];
  }
}
