import QuickLRU from "quick-lru";

// 4 s fresh and 1 s of grace while one request asks again: what an isolate knows is never more than 5 s old,
// unless the source fails.
const FRESH_MS = 4_000;
const REFRESH_GRACE_MS = 1_000;

interface Entry<Value> {
  readonly value: Value;
  readonly loadedAt: number;
  refreshingSince: number;
}

/**
 * What an isolate remembers for a few seconds: bounded in number, one refresh at a time for each key, and served stale
 * when the source fails. Promises are not shared between requests: on Workers one request may not await another's I/O.
 */
export class FreshCache<Value> {
  readonly #entries: QuickLRU<string, Entry<Value>>;
  readonly #clock: () => number;

  /** `maxSize`: entries kept at least; the oldest unused go first (at most twice as many are held). */
  constructor(maxSize: number, clock: () => number) {
    this.#entries = new QuickLRU({ maxSize });
    this.#clock = clock;
  }

  /**
   * The value under `key`, loaded when it is not fresh. `undefined` from `load` means "there is none" and is not kept.
   * Throws what `load` throws when nothing is remembered.
   */
  async get<Loaded extends Value | undefined>(key: string, load: () => Promise<Loaded>): Promise<Loaded> {
    const now = this.#clock();
    const entry = this.#entries.get(key);
    const age = entry ? now - entry.loadedAt : Number.POSITIVE_INFINITY;
    if (entry && age >= 0 && age < FRESH_MS) return entry.value as Loaded;
    const refreshing = entry !== undefined && now - entry.refreshingSince < REFRESH_GRACE_MS;
    if (entry && refreshing && age >= 0 && age < FRESH_MS + REFRESH_GRACE_MS) return entry.value as Loaded;
    if (entry) entry.refreshingSince = now;
    try {
      const value = await load();
      if (value === undefined) this.#entries.delete(key);
      else this.#entries.set(key, { value, loadedAt: this.#clock(), refreshingSince: 0 });
      return value;
    } catch (error) {
      if (entry) return entry.value as Loaded;
      throw error;
    }
  }
}
