// So long one event does the work of others; then the next to come takes over.
const TURN_MS = 5_000;
// Longer than a turn can take: whoever had it has died.
const GIVEN_UP_MS = 15_000;

/**
 * Gathers what events of an isolate want done alike. Whoever comes alone does it at once; what comes meanwhile is a rush,
 * and is gathered for a moment and done together, behind the answer of the same event. What an isolate that dies has
 * gathered is lost.
 */
export class Gathered<Thing> {
  readonly #things = new Set<Thing>();
  readonly #pauseMs: number;
  readonly #clock: () => number;
  #since = Number.NEGATIVE_INFINITY;

  /** `pauseMs`: how long things are gathered in a rush. */
  constructor(pauseMs: number, clock: () => number) {
    this.#pauseMs = pauseMs;
    this.#clock = clock;
  }

  /** Adds a thing. Gives the work that is to go on behind the answer to whoever has to do it, and nothing to the others. */
  add(thing: Thing, work: (things: readonly Thing[]) => Promise<void>): Promise<void> | undefined {
    this.#things.add(thing);
    const since = this.#clock() - this.#since;
    if (since >= 0 && since < GIVEN_UP_MS) return undefined;
    this.#since = this.#clock();
    return this.#work(work, this.#since);
  }

  async #work(work: (things: readonly Thing[]) => Promise<void>, begun: number): Promise<void> {
    try {
      while (this.#things.size > 0 && this.#clock() - begun < TURN_MS) {
        const things = [...this.#things];
        this.#things.clear();
        await work(things);
        if (this.#things.size > 0) await new Promise((resolve) => setTimeout(resolve, this.#pauseMs));
      }
    } finally {
      this.#since = Number.NEGATIVE_INFINITY;
    }
  }
}
