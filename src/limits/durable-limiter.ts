import { DurableObject } from "cloudflare:workers";
import type { CountedUse, LimiterPort } from "./limiter.ts";
import { advance, freeAt, type WindowCounts, weigh } from "./sliding-window.ts";

// An object for every address would be slow to wake and stay in memory; 64 spread the load of a viral day.
const SHARDS = 64;

// Keys remembered by a shard between sweeps; each is some 150 bytes of an object's 128 MB.
const MAX_KEYS = 50_000;

// Shorter windows are over before an idle object is put away, so only longer ones need storage (a row written each).
const STORED_FROM_SECONDS = 3_600;

// What a crash may forget of the long windows; far less than the ten seconds after which an idle object is put away.
const STORE_AFTER_MS = 500;

const SWEEP_MS = 86_400_000;

/** Calls the Durable Object that owns a subject's shard. `jurisdiction`: where the objects run and keep their data. */
export function durableLimiter(
  namespace: DurableObjectNamespace<LimiterShard>,
  jurisdiction?: DurableObjectJurisdiction,
): LimiterPort {
  const objects = jurisdiction ? namespace.jurisdiction(jurisdiction) : namespace;
  const stub = (shard: string) => objects.get(objects.idFromName(`shard-${shardNumber(shard)}`));
  return {
    count: (shard, uses) => stub(shard).count([...uses]),
    giveBack: (shard, uses) => stub(shard).giveBack([...uses]),
    forget: (shard, uses) => stub(shard).forget(uses.map(({ key }) => key)),
  };
}

const shardNumber = (hash: string): number => (hash.charCodeAt(0) * 31 + hash.charCodeAt(1)) % SHARDS;

/** One shard of the limits: keyed hashes and numbers, nothing else. */
export class LimiterShard extends DurableObject {
  readonly #counts = new Map<string, WindowCounts & { endsAt: number }>();
  readonly #unstored = new Map<string, WindowCounts & { endsAt: number }>();
  #storing = false;

  constructor(state: DurableObjectState, env: Cloudflare.Env) {
    super(state, env);
    state.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS counts (key TEXT PRIMARY KEY, i INTEGER, current INTEGER, previous INTEGER, ends_at INTEGER) WITHOUT ROWID",
    );
  }

  /** See `LimiterPort.count`. The uses of a call after a refused hard one are not counted. */
  count(uses: CountedUse[]): { allowed: boolean; remaining: number; resetAt: number }[] {
    const now = Date.now();
    let refused = false;
    return uses.map((use) => {
      const windowMs = use.window * 1000;
      const counts = advance(this.#read(use), windowMs, now);
      const weight = weigh(counts, windowMs, now);
      const fits = weight < use.limit;
      const resetAt = fits ? (counts.index + 1) * windowMs : freeAt(counts, use.limit, windowMs);
      const allowed = !refused && fits;
      if (allowed) this.#write(use, { ...counts, current: counts.current + 1 });
      refused ||= !allowed && use.consequence === "hard";
      return { allowed, remaining: Math.max(use.limit - weight - (allowed ? 1 : 0), 0), resetAt };
    });
  }

  /** See `LimiterPort.giveBack`. */
  giveBack(uses: CountedUse[]): void {
    for (const use of uses) {
      const counts = advance(this.#read(use), use.window * 1000, Date.now());
      if (counts.current > 0) this.#write(use, { ...counts, current: counts.current - 1 });
    }
  }

  /** See `LimiterPort.forget`. */
  forget(keys: string[]): void {
    for (const key of keys) {
      this.#counts.delete(key);
      this.#unstored.delete(key);
      this.ctx.storage.sql.exec("DELETE FROM counts WHERE key = ?", key);
    }
  }

  /** Keys held in memory. */
  get size(): number {
    return this.#counts.size;
  }

  /** Drops what can't weigh any more. */
  override async alarm(): Promise<void> {
    const now = Date.now();
    for (const [key, { endsAt }] of this.#counts) if (endsAt < now) this.#counts.delete(key);
    this.ctx.storage.sql.exec("DELETE FROM counts WHERE ends_at < ?", now);
    const left = this.ctx.storage.sql.exec("SELECT 1 FROM counts LIMIT 1").toArray().length > 0;
    this.#sweepScheduled = left;
    if (left) await this.ctx.storage.setAlarm(now + SWEEP_MS);
  }

  #read(use: CountedUse): WindowCounts | undefined {
    const held = this.#counts.get(use.key) ?? this.#unstored.get(use.key);
    if (held || use.window < STORED_FROM_SECONDS) return held;
    const rows = this.ctx.storage.sql.exec<{ i: number; current: number; previous: number }>(
      "SELECT i, current, previous FROM counts WHERE key = ?",
      use.key,
    );
    const row = rows.toArray()[0];
    return row && { index: row.i, current: row.current, previous: row.previous };
  }

  #write(use: CountedUse, counts: WindowCounts): void {
    const endsAt = (counts.index + 2) * use.window * 1000;
    this.#counts.delete(use.key);
    this.#counts.set(use.key, { ...counts, endsAt });
    this.#bound();
    if (use.window < STORED_FROM_SECONDS) return;
    this.#unstored.set(use.key, { ...counts, endsAt });
    this.#storeSoon();
  }

  /** What has changed is stored together a moment later: an answer that waited for the disk would take ten times as long. */
  #storeSoon(): void {
    if (this.#storing) return;
    this.#storing = true;
    const pause = new Promise((resolve) => setTimeout(resolve, STORE_AFTER_MS));
    this.ctx.waitUntil(pause.then(() => this.#store()));
  }

  #store(): void {
    this.#storing = false;
    for (const [key, { index, current, previous, endsAt }] of this.#unstored) {
      const row = [key, index, current, previous, endsAt];
      this.ctx.storage.sql.exec("INSERT OR REPLACE INTO counts VALUES (?, ?, ?, ?, ?)", ...row);
    }
    this.#unstored.clear();
    this.#sweepLater();
  }

  /** A flood of new keys pushes out the key that was used longest ago, not the memory limit. */
  #bound(): void {
    if (this.#counts.size <= MAX_KEYS) return;
    const [oldest] = this.#counts.keys();
    if (oldest !== undefined) this.#counts.delete(oldest);
  }

  #sweepScheduled = false;

  #sweepLater(): void {
    if (this.#sweepScheduled) return;
    this.#sweepScheduled = true;
    this.ctx.waitUntil(
      this.ctx.storage.getAlarm().then(async (due) => {
        if (due === null) await this.ctx.storage.setAlarm(Date.now() + SWEEP_MS);
      }),
    );
  }
}
