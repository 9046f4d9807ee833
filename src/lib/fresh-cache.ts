import QuickLRU from "quick-lru";
import { inTime } from "./in-time.ts";

// 4 s fresh and 1 s of grace while one request asks again: what an isolate knows is never more than 5 s old,
// unless the source fails.
const FRESH_MS = 4_000;
const REFRESH_GRACE_MS = 1_000;
// Longer than a healthy source takes, and as long as a person waits.
const LOAD_MS = 5_000;

interface Entry<Value> {
  readonly value: Value;
  readonly loadedAt: number;
  refreshingSince: number;
  failedAt: number;
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
    const entry = this.#entries.get(key);
    if (entry && this.#mayServe(entry)) return entry.value as Loaded;
    if (entry) entry.refreshingSince = this.#clock();
    try {
      // Who can be served something old waits less for something new.
      return await inTime(this.refresh(key, load), entry ? REFRESH_GRACE_MS : LOAD_MS);
    } catch (error) {
      if (!entry) throw error;
      entry.failedAt = this.#clock();
      return entry.value as Loaded;
    }
  }

  /** The value under `key` if it is remembered and need not be loaded. */
  remembered(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    return entry && this.#mayServe(entry) ? entry.value : undefined;
  }

  /** Loads the value anew, whatever is remembered; throws what `load` throws. */
  async refresh<Loaded extends Value | undefined>(key: string, load: () => Promise<Loaded>): Promise<Loaded> {
    // What is read is as old as the question, not as the answer; and a slow answer must not replace a newer one.
    const loadedAt = this.#clock();
    const value = await load();
    if ((this.#entries.peek(key)?.loadedAt ?? loadedAt) > loadedAt) return value;
    if (value === undefined) this.#entries.delete(key);
    else this.#entries.set(key, { value, loadedAt, refreshingSince: -Infinity, failedAt: -Infinity });
    return value;
  }

  /** Fresh; or nearly, while another request asks again; or the source has just failed and is left alone for a second. */
  #mayServe({ loadedAt, refreshingSince, failedAt }: Entry<Value>): boolean {
    const now = this.#clock();
    const within = (since: number, span: number) => now >= since && now - since < span;
    if (within(loadedAt, FRESH_MS)) return true;
    if (within(loadedAt, FRESH_MS + REFRESH_GRACE_MS) && within(refreshingSince, REFRESH_GRACE_MS)) return true;
    return within(failedAt, REFRESH_GRACE_MS);
  }
}
