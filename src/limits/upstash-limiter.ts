import { Ratelimit } from "@upstash/ratelimit";
import type { Redis } from "@upstash/redis";
import { ANSWER_WITHIN_MS, behindRefused, type CountedUse, type LimiterPort } from "./limiter.ts";
import { freeAt, leftOf, type WindowCounts } from "./sliding-window.ts";
import { UpstashRest } from "./upstash-rest.ts";

const PREFIX = "folkmoot";

// The library's own way to take a use back (`rate: -1`) goes below zero where nothing was counted, which lends a use.
const GIVE_BACK = `if tonumber(redis.call("GET", KEYS[1]) or 0) > 0 then redis.call("DECR", KEYS[1]) end`;

// As a script, so that it goes into the same request as what writes.
const COUNTS = `return redis.call("MGET", KEYS[1], KEYS[2])`;

/**
 * Counts in Upstash Redis, the uses of a call in parallel and in one request. When one that is not soft is refused, a
 * second request asks when it is allowed again, and takes back the uses behind a refused hard one: they weigh until then.
 * Nothing is kept in memory. Throws when Upstash refuses, is not reached at the second try, or does not answer in time.
 *
 * `clock`: milliseconds since 1970, as `Date.now` has it, which is what the library goes by. `answerWithinMs`: what one
 * call may take, retry included.
 */
export function upstashLimiter(
  account: { readonly url: string; readonly token: string },
  clock: () => number,
  answerWithinMs = ANSWER_WITHIN_MS,
): LimiterPort {
  // One for each call: events of an isolate must not share a request.
  const connect = () => new UpstashRest(account, AbortSignal.timeout(answerWithinMs));
  return {
    async count(_shard, uses) {
      const redis = connect();
      return settle(redis, await Promise.all(uses.map((use) => countOne(redis, use))), clock());
    },
    async look(_shard, uses) {
      const redis = connect();
      const now = clock();
      return Promise.all(uses.map(async (use) => leftOf(await countsOf(redis, use, now), use, now)));
    },
    giveBack: (_shard, uses) => giveBack(connect(), uses, clock()),
    async forget(_shard, uses) {
      const redis = connect();
      const now = clock();
      // The library's `resetUsedTokens` walks through every key of the database, and Redis answers nobody meanwhile.
      await redis.del(...uses.flatMap((use) => [windowKey(use, now), windowKey(use, now - use.window * 1000)]));
    },
  };
}

interface Counted {
  readonly use: CountedUse;
  readonly verdict: Awaited<ReturnType<LimiterPort["count"]>>[number];
}

async function countOne(redis: UpstashRest, use: CountedUse): Promise<Counted> {
  const { success, remaining, reset } = await slidingWindow(redis, use).limit(use.key);
  return { use, verdict: { allowed: success, remaining, resetAt: reset } };
}

/** Takes back what is behind a refused hard use, and asks when the refused ones are allowed again: one request, or none. */
function settle(redis: UpstashRest, counted: readonly Counted[], now: number): Promise<Counted["verdict"][]> {
  const uses = counted.map(({ use }) => use);
  const behind = behindRefused(uses, (place) => counted[place]?.verdict.allowed === false);
  return Promise.all(
    counted.map(async ({ use, verdict }, index) => {
      if (!verdict.allowed) {
        // Whoever is over a soft limit must not notice, not by the time it takes either.
        return use.consequence === "soft" ? verdict : { ...verdict, resetAt: await freeMoment(redis, use, now) };
      }
      if (!behind.has(index)) return verdict;
      await giveBack(redis, [use], now);
      return { ...verdict, allowed: false, remaining: verdict.remaining + 1 };
    }),
  );
}

const freeMoment = async (redis: UpstashRest, use: CountedUse, now: number): Promise<number> =>
  freeAt(await countsOf(redis, use, now), use.limit, use.window * 1000);

async function countsOf(redis: UpstashRest, use: CountedUse, now: number): Promise<WindowCounts> {
  const windowMs = use.window * 1000;
  const keys = [windowKey(use, now), windowKey(use, now - windowMs)];
  const [current, previous] = await redis.eval<(string | null)[]>(COUNTS, keys, []);
  return { index: Math.floor(now / windowMs), current: Number(current ?? 0), previous: Number(previous ?? 0) };
}

async function giveBack(redis: UpstashRest, uses: readonly CountedUse[], now: number): Promise<void> {
  await Promise.all(uses.map((use) => redis.eval(GIVE_BACK, [windowKey(use, now)], [])));
}

function slidingWindow(redis: UpstashRest, { limit, window }: CountedUse): Ratelimit {
  return new Ratelimit({
    redis: redis as unknown as Redis, // all that counting in a sliding window asks of it
    prefix: PREFIX,
    limiter: Ratelimit.slidingWindow(limit, `${window} s`),
    timeout: 0, // its own timeout lets everyone pass without a word; the deadline of `redis` sets the time instead
    ephemeralCache: false, // a Map without bounds
    analytics: false,
    enableTelemetry: false,
  });
}

/** The key under which the library counts the uses of the window that a moment belongs to. */
const windowKey = ({ key, window }: CountedUse, moment: number): string =>
  `${PREFIX}:${key}:${Math.floor(moment / (window * 1000))}`;
