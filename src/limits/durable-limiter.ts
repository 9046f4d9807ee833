import { DurableObject } from "cloudflare:workers";
import { behindRefused, type CountedUse, type LimiterPort } from "./limiter.ts";
import { MAX_WINDOW } from "./policies.ts";
import { advance, freeAt, leftOf, type WindowCounts, weigh } from "./sliding-window.ts";

// An object for every address would be slow to wake and stay in memory; 64 spread the load of a viral day.
const SHARDS = 64;

// Keys that a shard remembers; each is some 150 bytes of an object's 128 MB. What is beyond goes into storage.
const MAX_KEYS = 50_000;
const SPILLED_AT_ONCE = 1_000;

// An object that nobody asks is put away after ten seconds. A day's windows are stored from the first use on; shorter
// ones from half of what they allow, so that whoever comes once costs no row, and nobody gets twice what is allowed.
const STORED_FROM_SECONDS = 86_400;

/** What a crash may forget at a quiet time; far less than the ten seconds after which an idle object is put away. */
const STORE_AFTER_MS = 500;

/** At least this lies between two storings: each is a wait for the disk, whatever it holds. So much a crash may forget amid a rush. */
const STORE_EVERY_MS = 2_000;

// Rows that an object takes from its table when it wakes, in one go; only with more must it ask for a key that it does not
// know. One that wakes every ten seconds reads 500 million rows a month so: 64 of them 33 billion, of which 25 are free.
const TAKEN_ALONG = 2_000;

const SWEEP_MS = 3_600_000;

// No window ends later: what says so was counted by a clock that was wrong.
const MAX_LIFE_MS = 2 * MAX_WINDOW * 1000;

/** Calls the Durable Object that owns a subject's shard. `jurisdiction`: where the objects run and keep their data. */
export function durableLimiter(
  namespace: DurableObjectNamespace<LimiterShard>,
  jurisdiction?: DurableObjectJurisdiction,
): LimiterPort {
  const objects = jurisdiction ? namespace.jurisdiction(jurisdiction) : namespace;
  // To find an object's id takes a hash each time.
  const ids = new Map<number, DurableObjectId>();
  const stub = (number: number) => {
    const id = ids.get(number) ?? objects.idFromName(`shard-${number}`);
    ids.set(number, id);
    return objects.get(id);
  };
  /** Calls each object that has some of the uses, all at once. A part: its uses, and their places among all of them. */
  const each = async (
    shard: string,
    uses: readonly CountedUse[],
    call: (object: ReturnType<typeof stub>, part: CountedUse[], places: number[]) => Promise<void>,
  ): Promise<void> => {
    const parts = Map.groupBy(uses.keys(), (place) => shardNumber(uses[place]?.shard ?? shard));
    const useAt = (place: number) => uses[place] as CountedUse;
    await Promise.all([...parts].map(([number, places]) => call(stub(number), places.map(useAt), places)));
  };
  const giveBack = (shard: string, uses: readonly CountedUse[]) =>
    each(shard, uses, async (object, part) => object.giveBack(part));
  return {
    async count(shard, uses) {
      const verdicts: Awaited<ReturnType<LimiterPort["count"]>> = [];
      await each(shard, uses, async (object, part, places) => {
        for (const [n, verdict] of (await object.count(part)).entries()) verdicts[places[n] as number] = verdict;
      });
      const refused = behindRefused(uses, (index) => verdicts[index]?.allowed === false);
      const isBehind = (index: number) => refused.has(index) && verdicts[index]?.allowed === true;
      // Another object did not know of the refusal.
      const behind = uses.filter((_, index) => isBehind(index));
      if (behind.length === 0) return verdicts;
      await giveBack(shard, behind);
      return verdicts.map((verdict, index) =>
        isBehind(index) ? { ...verdict, allowed: false, remaining: verdict.remaining + 1 } : verdict,
      );
    },
    async look(shard, uses) {
      const found: Awaited<ReturnType<LimiterPort["look"]>> = [];
      await each(shard, uses, async (object, part, places) => {
        for (const [n, left] of (await object.look(part)).entries()) found[places[n] as number] = left;
      });
      return found;
    },
    giveBack,
    forget: (shard, uses) => each(shard, uses, async (object, part) => object.forget(part)),
  };
}

const shardNumber = (hash: string): number => (hash.charCodeAt(0) * 31 + hash.charCodeAt(1)) % SHARDS;

type StoredCounts = WindowCounts & { readonly endsAt: number };

/** One shard of the limits: keyed hashes and numbers, nothing else. */
export class LimiterShard extends DurableObject {
  readonly #counts = new Map<string, StoredCounts>();
  /** What is not in storage yet; null for a key that is to go from there. */
  readonly #unstored = new Map<string, StoredCounts | null>();
  #storing = false;
  #storedAt = 0;
  /** All that is in the table is in memory, too. */
  #knowsAll: boolean;

  constructor(state: DurableObjectState, env: Cloudflare.Env) {
    super(state, env);
    state.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS counts (key TEXT PRIMARY KEY, i INTEGER, current INTEGER, previous INTEGER, ends_at INTEGER) WITHOUT ROWID",
    );
    this.#knowsAll = this.#take("LIMIT ?", TAKEN_ALONG) < TAKEN_ALONG;
  }

  /** See `LimiterPort.count`. The uses of a group after a refused hard one are not counted. */
  count(uses: CountedUse[]): { allowed: boolean; remaining: number; resetAt: number }[] {
    const now = Date.now();
    const refused = new Set<number | undefined>();
    this.#recall(uses);
    return uses.map((use) => {
      const windowMs = use.window * 1000;
      const counts = advance(this.#read(use), windowMs, now);
      const weight = weigh(counts, windowMs, now);
      const fits = weight < use.limit;
      const resetAt = fits ? (counts.index + 1) * windowMs : freeAt(counts, use.limit, windowMs);
      const allowed = !refused.has(use.group) && fits;
      if (allowed) this.#write(use, { ...counts, current: counts.current + 1 });
      if (!allowed && use.consequence === "hard") refused.add(use.group);
      return { allowed, remaining: Math.max(use.limit - weight - (allowed ? 1 : 0), 0), resetAt };
    });
  }

  /** See `LimiterPort.look`. */
  look(uses: CountedUse[]): { remaining: number; resetAt: number }[] {
    const now = Date.now();
    this.#recall(uses);
    return uses.map((use) => leftOf(advance(this.#read(use), use.window * 1000, now), use, now));
  }

  /** See `LimiterPort.giveBack`. */
  giveBack(uses: CountedUse[]): void {
    this.#recall(uses);
    for (const use of uses) {
      const counts = advance(this.#read(use), use.window * 1000, Date.now());
      if (counts.current > 0) this.#write(use, { ...counts, current: counts.current - 1 });
    }
  }

  /** See `LimiterPort.forget`. */
  forget(uses: CountedUse[]): void {
    this.#recall(uses);
    for (const use of uses) {
      // A row that goes is paid like one that comes: what is not there needs none.
      if (!this.#read(use)) continue;
      this.#counts.delete(use.key);
      this.#unstored.set(use.key, null);
      this.#storeSoon();
    }
  }

  /** Keys held in memory. */
  get size(): number {
    return this.#counts.size;
  }

  /** Drops what can't weigh any more. */
  override async alarm(): Promise<void> {
    const now = Date.now();
    const never = now + MAX_LIFE_MS;
    for (const [key, { endsAt }] of this.#counts) if (endsAt < now || endsAt > never) this.#counts.delete(key);
    this.ctx.storage.sql.exec("DELETE FROM counts WHERE ends_at < ? OR ends_at > ?", now, never);
    const left = this.ctx.storage.sql.exec("SELECT 1 FROM counts LIMIT 1").toArray().length > 0;
    this.#sweepScheduled = left;
    if (left) await this.ctx.storage.setAlarm(now + SWEEP_MS);
  }

  #read({ key }: CountedUse): WindowCounts | undefined {
    return this.#counts.get(key) ?? this.#unstored.get(key) ?? undefined;
  }

  /** Brings what is only in storage into memory, in one statement: each costs more than all the counting. */
  #recall(uses: readonly CountedUse[]): void {
    if (this.#knowsAll) return;
    const unknown = uses.filter(({ key }) => !this.#counts.has(key) && !this.#unstored.has(key));
    if (unknown.length === 0) return;
    this.#take("WHERE key IN (SELECT value FROM json_each(?))", JSON.stringify(unknown.map(({ key }) => key)));
    this.#bound();
  }

  /** Takes rows of the table into memory; gives how many. */
  #take(which: string, parameter: string | number): number {
    const rows = this.ctx.storage.sql
      .exec<{ key: string; i: number; current: number; previous: number; ends_at: number }>(
        `SELECT key, i, current, previous, ends_at FROM counts ${which}`,
        parameter,
      )
      .toArray();
    for (const { key, i, ends_at, ...counts } of rows) this.#counts.set(key, { index: i, ...counts, endsAt: ends_at });
    return rows.length;
  }

  #write(use: CountedUse, counts: WindowCounts): void {
    const endsAt = (counts.index + 2) * use.window * 1000;
    this.#counts.delete(use.key);
    this.#counts.set(use.key, { ...counts, endsAt });
    this.#bound();
    const used = counts.current + counts.previous;
    if (use.window < STORED_FROM_SECONDS && 2 * used < use.limit) return;
    this.#unstored.set(use.key, { ...counts, endsAt });
    this.#storeSoon();
  }

  /** What has changed is stored together a moment later: an answer that waited for the disk would take ten times as long. */
  #storeSoon(): void {
    if (this.#storing) return;
    this.#storing = true;
    const since = Date.now() - this.#storedAt;
    const wait =
      since >= 0 && since < STORE_EVERY_MS ? Math.max(STORE_EVERY_MS - since, STORE_AFTER_MS) : STORE_AFTER_MS;
    const pause = new Promise((resolve) => setTimeout(resolve, wait));
    this.ctx.waitUntil(pause.then(() => this.#store()));
  }

  #store(): void {
    this.#storing = false;
    this.#storedAt = Date.now();
    const [kept, gone]: [[string, StoredCounts][], string[]] = [[], []];
    for (const [key, counts] of this.#unstored) {
      if (counts) kept.push([key, counts]);
      else gone.push(key);
    }
    this.#put(kept);
    if (gone.length > 0) {
      this.ctx.storage.sql.exec(
        "DELETE FROM counts WHERE key IN (SELECT value FROM json_each(?))",
        JSON.stringify(gone),
      );
    }
    this.#unstored.clear();
    this.#sweepLater();
  }

  #put(rows: readonly [key: string, StoredCounts][]): void {
    if (rows.length === 0) return;
    this.ctx.storage.sql.exec(
      `INSERT OR REPLACE INTO counts SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?)`,
      JSON.stringify(
        rows.map(([key, { index, current, previous, endsAt }]) => [key, index, current, previous, endsAt]),
      ),
    );
  }

  /**
   * A flood of new keys pushes those that were used longest ago out of memory. What still weighs goes into storage:
   * forgetting it would let somebody through twice, who had only to flood the shard.
   */
  #bound(): void {
    if (this.#counts.size <= MAX_KEYS) return;
    this.#knowsAll = false;
    const now = Date.now();
    const spilled: [string, StoredCounts][] = [];
    let left = SPILLED_AT_ONCE;
    for (const [key, counts] of this.#counts) {
      if (left-- === 0) break;
      this.#counts.delete(key);
      if (counts.endsAt < now || counts.current + counts.previous === 0) continue;
      // What was forgotten before has been counted again since.
      if (this.#unstored.get(key) === null) this.#unstored.delete(key);
      spilled.push([key, counts]);
    }
    this.#put(spilled);
    this.#sweepLater();
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
