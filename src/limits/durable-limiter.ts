import { DurableObject } from "cloudflare:workers";
import { CountStore, type KeyCounts } from "./count-store.ts";
import { behindRefused, type CountedUse, type LimiterPort } from "./limiter.ts";
import { MAX_WINDOW } from "./policies.ts";
import { advance, freeAt, leftOf, type WindowCounts, weigh } from "./sliding-window.ts";

// An object for every address would be slow to wake and stay in memory; 64 spread the load of a viral day.
const SHARDS = 64;

// Keys that a shard remembers; each is some 150 bytes of an object's 128 MB. What is beyond goes onto its disk.
const MAX_KEYS = 50_000;
const SPILLED_AT_ONCE = 1_000;

// An object that nobody asks is put away after ten seconds. A day's windows are stored from the first use on; shorter
// ones from half of what they allow, so that whoever comes once costs no row, and nobody gets twice what is allowed.
const STORED_FROM_SECONDS = 86_400;

/** What a crash may forget at a quiet time; far less than the ten seconds after which an idle object is put away. */
const STORE_AFTER_MS = 500;

/** At least this lies between two storings: each is a wait for the disk, whatever it holds. So much a crash may forget amid a rush. */
const STORE_EVERY_MS = 2_000;

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

/** What an object knows of a key. */
interface Known extends KeyCounts {
  /** It is on the disk, too, in this state or an earlier one. */
  readonly kept: boolean;
}

/** One shard of the limits: keyed hashes and numbers, nothing else. */
export class LimiterShard extends DurableObject {
  readonly #store: CountStore;
  readonly #known = new Map<string, Known>();
  /** Keys whose counts are not on the disk yet. */
  readonly #unstored = new Set<string>();
  #storing = false;
  #storedAt = 0;

  constructor(state: DurableObjectState, env: Cloudflare.Env) {
    super(state, env);
    this.#store = new CountStore(state.storage.sql);
    for (const [key, counts] of this.#store.load()) this.#known.set(key, { ...counts, kept: true });
  }

  /** See `LimiterPort.count`. The uses of a group after a refused hard one are not counted. */
  count(uses: CountedUse[]): { allowed: boolean; remaining: number; resetAt: number }[] {
    const now = Date.now();
    const refused = new Set<number | undefined>();
    this.#recall(uses);
    return uses.map((use) => {
      const windowMs = use.window * 1000;
      const counts = advance(this.#known.get(use.key), windowMs, now);
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
    return uses.map((use) => leftOf(advance(this.#known.get(use.key), use.window * 1000, now), use, now));
  }

  /** See `LimiterPort.giveBack`. */
  giveBack(uses: CountedUse[]): void {
    this.#recall(uses);
    for (const use of uses) {
      const counts = advance(this.#known.get(use.key), use.window * 1000, Date.now());
      if (counts.current > 0) this.#write(use, { ...counts, current: counts.current - 1 });
    }
  }

  /** See `LimiterPort.forget`. */
  forget(uses: CountedUse[]): void {
    this.#recall(uses);
    for (const { key } of uses) {
      const known = this.#known.get(key);
      // What is on no disk needs no row to be forgotten.
      if (!known?.kept) {
        this.#known.delete(key);
        this.#unstored.delete(key);
      } else if (known.current + known.previous > 0) {
        this.#known.set(key, { ...known, current: 0, previous: 0 });
        this.#storeSoon(key);
      }
    }
  }

  /** Keys held in memory. */
  get size(): number {
    return this.#known.size;
  }

  /** Drops what can't weigh any more. */
  override async alarm(): Promise<void> {
    const now = Date.now();
    const never = now + MAX_LIFE_MS;
    let dropped = false;
    for (const [key, { endsAt, kept }] of this.#known) {
      if (endsAt >= now && endsAt <= never) continue;
      this.#known.delete(key);
      this.#unstored.delete(key);
      dropped ||= kept;
    }
    // Of a key that was spilled pages may hold old copies, of which memory does not know.
    if (dropped || this.#store.hasSpilled) this.#store.replace(this.#kept(), now);
    this.#store.sweepSpilled(now, never);
    this.#sweepScheduled = this.#store.holdsAny;
    if (this.#sweepScheduled) await this.ctx.storage.setAlarm(now + SWEEP_MS);
  }

  /** What the disk is to have, and no more: who was forgotten is not there. */
  #kept(): [string, Known][] {
    return [...this.#known].filter(([, { kept, current, previous }]) => kept && current + previous > 0);
  }

  /** Brings back into memory what was too much for it. */
  #recall(uses: readonly CountedUse[]): void {
    const unknown = () => uses.map(({ key }) => key).filter((key) => !this.#known.has(key));
    const found = this.#store.recall(unknown);
    if (found.length === 0) return;
    this.#store.put(found, Date.now());
    for (const [key, counts] of found) this.#known.set(key, { ...counts, kept: true });
    this.#bound();
  }

  #write({ key, limit, window }: CountedUse, counts: WindowCounts): void {
    const kept = this.#known.get(key)?.kept === true;
    this.#known.delete(key);
    this.#known.set(key, { ...counts, endsAt: (counts.index + 2) * window * 1000, kept });
    if (window >= STORED_FROM_SECONDS || 2 * (counts.current + counts.previous) >= limit) this.#storeSoon(key);
    this.#bound();
  }

  /** What has changed is stored together a moment later: an answer that waited for the disk would take ten times as long. */
  #storeSoon(key: string): void {
    this.#unstored.add(key);
    if (this.#storing) return;
    this.#storing = true;
    const since = Date.now() - this.#storedAt;
    const wait =
      since >= 0 && since < STORE_EVERY_MS ? Math.max(STORE_EVERY_MS - since, STORE_AFTER_MS) : STORE_AFTER_MS;
    const pause = new Promise((resolve) => setTimeout(resolve, wait));
    this.ctx.waitUntil(pause.then(() => this.#storeNow()));
  }

  #storeNow(): void {
    const now = Date.now();
    this.#storing = false;
    this.#storedAt = now;
    const changed = [...this.#unstored].map((key) => [key, this.#known.get(key) as Known] as const);
    this.#unstored.clear();
    for (const [key, counts] of changed) this.#known.set(key, { ...counts, kept: true });
    if (this.#store.hasOldCopies(this.#known.size)) this.#store.replace(this.#kept(), now);
    else this.#store.put(changed, now);
    this.#sweepLater();
  }

  /**
   * A flood of new keys pushes those that were used longest ago out of memory. What still weighs goes onto the disk:
   * forgetting it would let somebody through twice, who had only to flood the shard.
   */
  #bound(): void {
    if (this.#known.size <= MAX_KEYS) return;
    const now = Date.now();
    const spilled: [string, Known][] = [];
    const gone: [string, Known][] = [];
    let left = SPILLED_AT_ONCE;
    for (const [key, known] of this.#known) {
      if (left-- === 0) break;
      this.#known.delete(key);
      this.#unstored.delete(key);
      if (known.kept) gone.push([key, { ...known, current: 0, previous: 0 }]);
      if (known.endsAt >= now && known.current + known.previous > 0) spilled.push([key, known]);
    }
    this.#store.put(gone, now);
    this.#store.spill(spilled);
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
