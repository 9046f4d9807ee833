// Longer than whoever gathers can take: it has died, and the next one gathers.
const GIVEN_UP_MS = 10_000;

/**
 * Gathers what events of an isolate want done alike, so that it is done for all of them together. Whoever comes first does
 * it a moment later: things wait, not the events. What an isolate that dies has gathered is lost.
 */
export class Gathered<Thing> {
  readonly #things = new Set<Thing>();
  readonly #afterMs: number;
  readonly #clock: () => number;
  #since = Number.NEGATIVE_INFINITY;

  /** `afterMs`: how long things are gathered. */
  constructor(afterMs: number, clock: () => number) {
    this.#afterMs = afterMs;
    this.#clock = clock;
  }

  /** Adds a thing. Gives the work that is to go on behind the answer to whoever gathers, and nothing to the others. */
  add(thing: Thing, work: (things: readonly Thing[]) => Promise<void>): Promise<void> | undefined {
    this.#things.add(thing);
    const since = this.#clock() - this.#since;
    if (since >= 0 && since < GIVEN_UP_MS) return undefined;
    this.#since = this.#clock();
    return this.#doLater(work);
  }

  async #doLater(work: (things: readonly Thing[]) => Promise<void>): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.#afterMs));
    const things = [...this.#things];
    this.#things.clear();
    this.#since = Number.NEGATIVE_INFINITY;
    if (things.length > 0) await work(things);
  }
}
