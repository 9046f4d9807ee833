import QuickLRU from "quick-lru";
import type { Policy } from "./policies.ts";

// Of how many subjects an isolate remembers the tries, at least; whoever is forgotten begins anew.
const REMEMBERED = 1_000;

// An isolate lets so much of a limit pass before it asks, and then tells of all of it. So in one isolate a limit holds to
// the letter; whoever reaches others too gains as much again in each.
const UNASKED_SHARE = 5;

interface Tries {
  readonly since: number;
  untold: number;
  asked: boolean;
}

/**
 * Tries of subjects far from their limit, which the limiter is not asked about: nearly everybody tries once, and to ask
 * takes as long as a quarter of what they came for. Only for what can't be guessed by trying.
 */
export class FirstTries {
  readonly #tries = new QuickLRU<string, Tries>({ maxSize: REMEMBERED });
  readonly #clock: () => number;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /**
   * Notes a try of a subject under some limits. Gives how many tries the limiter is to count now, this one among them, or 0
   * when it need not be asked. When the longest window is over all is forgotten, and what was not told of it.
   */
  note(subject: string, limits: readonly Policy[]): number {
    const now = this.#clock();
    const windowMs = Math.max(...limits.map(({ window }) => window)) * 1000;
    const known = this.#tries.get(subject);
    const since = now - (known?.since ?? Number.NEGATIVE_INFINITY);
    const tries = known && since >= 0 && since < windowMs ? known : { since: now, untold: 0, asked: false };
    if (tries !== known) this.#tries.set(subject, tries);
    if (tries.asked) return 1;
    tries.untold++;
    if (tries.untold <= Math.min(...limits.map(({ limit }) => limit)) / UNASKED_SHARE) return 0;
    tries.asked = true;
    return tries.untold;
  }
}
