import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Claim, ClaimAnswer } from "../../src/partners/idempotency/claim.ts";

const HOUR_MS = 3_600_000;

afterEach(() => void vi.useRealTimers());

const shard = () => env.IDEMPOTENCY.get(env.IDEMPOTENCY.newUniqueId());

/** A claim that no other test has made. */
const claimOf = (over: Partial<Claim> = {}): Claim => ({
  keys: ["key"],
  requests: ["request"],
  token: crypto.randomUUID(),
  acceptedAt: Date.now(),
  ...over,
});

const rowsOf = (stub: ReturnType<typeof shard>) =>
  runInDurableObject(stub, (_, state) => Number(state.storage.sql.exec("SELECT count(*) AS n FROM claims").one().n));

describe("an object that keeps claims", () => {
  test("gives one of ten claims at once, and its answer to all from then on, also after it was put away", async () => {
    const stub = shard();
    const claims = Array.from({ length: 10 }, () => claimOf());
    const answers = await Promise.all(claims.map((claim) => stub.claim(claim)));
    expect(answers.map(({ is }) => is).sort()).toEqual(["ours", ...Array.from({ length: 9 }, () => "under_way")]);
    const first = claims[answers.findIndex(({ is }) => is === "ours")] as Claim;
    await stub.settle({ keys: first.keys, token: first.token, as: "done", answer: "the answer" });
    await evictDurableObject(stub);
    expect(await stub.claim(claimOf())).toEqual({ is: "done", answer: "the answer" });
    expect(await stub.claim(claimOf({ requests: ["another"] }))).toEqual({ is: "other_request" });
  });

  test("gives the same seed and time to a try after one that never ended, which then changes nothing", async () => {
    const stub = shard();
    const start = Date.now();
    vi.useFakeTimers({ toFake: ["Date"], now: start });
    const lost = claimOf();
    expect(await stub.claim(lost)).toEqual({ is: "ours", seed: lost.token, acceptedAt: start, soFar: null });
    vi.setSystemTime(start + 59_999);
    expect(await stub.claim(claimOf())).toEqual({ is: "under_way", seconds: 1 });
    vi.setSystemTime(start + 60_000);
    const again = claimOf();
    expect(await stub.claim(again)).toEqual({ is: "ours", seed: lost.token, acceptedAt: start, soFar: null });
    await stub.settle({ keys: lost.keys, token: lost.token, as: "done", answer: "too late" });
    expect(await stub.claim(claimOf())).toEqual({ is: "under_way", seconds: 1 });
    // It can't be as if nothing had come: the lost one may have done something.
    await stub.settle({ keys: again.keys, token: again.token, as: "nothing", answer: null });
    expect(await stub.claim(claimOf({ requests: ["another"] }))).toEqual({ is: "other_request" });
    expect(await stub.claim(claimOf())).toMatchObject({ is: "ours", seed: lost.token, acceptedAt: start });
  });

  test("keeps what a try has come to for the next one", async () => {
    const stub = shard();
    const [one, two] = [claimOf(), claimOf()];
    await stub.claim(one);
    await stub.settle({ keys: one.keys, token: one.token, as: "open", answer: "half" });
    expect(await stub.claim(two)).toMatchObject({ is: "ours", seed: one.token, soFar: "half" });
    await stub.settle({ keys: two.keys, token: two.token, as: "open", answer: null });
    expect(await stub.claim(claimOf())).toMatchObject({ is: "ours", soFar: "half" });
  });

  test("forgets a first try that came to nothing, and any other after 24 hours", async () => {
    const stub = shard();
    const start = Date.now();
    vi.useFakeTimers({ toFake: ["Date"], now: start });
    const refused = claimOf();
    await stub.claim(refused);
    await stub.settle({ keys: refused.keys, token: refused.token, as: "nothing", answer: null });
    const kept = claimOf({ requests: ["another"] });
    expect(await stub.claim(kept)).toMatchObject({ is: "ours", seed: kept.token });
    await stub.settle({ keys: kept.keys, token: kept.token, as: "done", answer: "x" });
    vi.setSystemTime(start + 24 * HOUR_MS - 1);
    expect(await stub.claim(claimOf({ requests: ["another"] }))).toEqual({ is: "done", answer: "x" });
    vi.setSystemTime(start + 24 * HOUR_MS);
    const anew = claimOf();
    expect(await stub.claim(anew)).toMatchObject({ is: "ours", seed: anew.token });
  });

  test("knows a key by the hash of the previous root key, and its request likewise", async () => {
    const stub = shard();
    const before = claimOf({ keys: ["old"], requests: ["old request"] });
    await stub.claim(before);
    await stub.settle({ keys: ["new", "old"], token: before.token, as: "done", answer: "x" });
    const during = claimOf({ keys: ["new", "old"], requests: ["new request", "old request"] });
    expect(await stub.claim(during)).toEqual({ is: "done", answer: "x" });
  });

  test("reads and writes as much for the ten thousandth key as for the first, and is swept empty in parts", async () => {
    const stub = shard();
    const costs = await runInDurableObject(stub, async (instance, state) => {
      const exec = vi.spyOn(state.storage.sql, "exec");
      const cost = async (n: number) => {
        exec.mockClear();
        const claim = claimOf({ keys: [`key ${n}`, `previous ${n}`] });
        await instance.claim(claim);
        instance.settle({ keys: claim.keys, token: claim.token, as: "done", answer: "x" });
        const cursors = exec.mock.results.map(({ value }) => value as SqlStorageCursor<never>);
        return {
          statements: cursors.length,
          read: cursors.reduce((sum, { rowsRead }) => sum + rowsRead, 0),
          written: cursors.reduce((sum, { rowsWritten }) => sum + rowsWritten, 0),
        };
      };
      const first = await cost(0);
      for (let n = 1; n < 9_999; n++) {
        await instance.claim(claimOf({ keys: [`key ${n}`] }));
      }
      return [first, await cost(9_999)];
    });
    expect(costs[1]).toEqual(costs[0]);
    expect(costs[0]?.statements).toBe(4);
    expect(costs[0]?.read).toBeLessThanOrEqual(6);
    expect(costs[0]?.written).toBeLessThanOrEqual(3);
    expect(await rowsOf(stub)).toBe(10_000);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 25 * HOUR_MS });
    await runDurableObjectAlarm(stub);
    expect(await rowsOf(stub)).toBe(5_000);
    while (await runDurableObjectAlarm(stub));
    expect(await rowsOf(stub)).toBe(0);
  });

  test("in any order of tries, ends and hours does what a list on paper does", async () => {
    const act = fc.oneof(
      { weight: 4, arbitrary: fc.record({ does: fc.constant("claim" as const), key: fc.nat(1), request: fc.nat(1) }) },
      {
        weight: 3,
        arbitrary: fc.record({
          does: fc.constant("settle" as const),
          which: fc.nat(20),
          as: fc.constantFrom("done" as const, "open" as const, "nothing" as const),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          does: fc.constant("wait" as const),
          ms: fc.constantFrom(1_000, 61_000, HOUR_MS, 25 * HOUR_MS),
        }),
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 30 }), async (acts) => {
        const stub = shard();
        vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
        interface Entry {
          request: string;
          seed: string;
          at: number;
          token: string;
          until: number;
          tries: number;
          answer: string | null;
          done: boolean;
        }
        const paper = new Map<string, Entry>();
        const tries: { key: string; token: string }[] = [];
        const expected = ({ keys: [key = ""], requests: [request = ""], token }: Claim): ClaimAnswer => {
          const now = Date.now();
          const entry = paper.get(key);
          if (entry && entry.at > now - 24 * HOUR_MS) {
            if (entry.request !== request) return { is: "other_request" };
            if (entry.done) return { is: "done", answer: entry.answer as string };
            if (entry.until > now) return { is: "under_way", seconds: 1 };
            Object.assign(entry, { token, until: now + 60_000, tries: entry.tries + 1 });
            return { is: "ours", seed: entry.seed, acceptedAt: entry.at, soFar: entry.answer };
          }
          paper.set(key, {
            request,
            seed: token,
            at: now,
            token,
            until: now + 60_000,
            tries: 1,
            answer: null,
            done: false,
          });
          return { is: "ours", seed: token, acceptedAt: now, soFar: null };
        };
        for (const one of acts) {
          if (one.does === "wait") vi.setSystemTime(Date.now() + one.ms);
          else if (one.does === "claim") {
            const claim = claimOf({ keys: [`k${one.key}`], requests: [`r${one.request}`] });
            expect(await stub.claim(claim)).toEqual(expected(claim));
            tries.push({ key: `k${one.key}`, token: claim.token });
          } else {
            const ended = tries[one.which % Math.max(tries.length, 1)];
            if (!ended) continue;
            const answer = one.as === "nothing" ? null : crypto.randomUUID();
            await stub.settle({ keys: [ended.key], token: ended.token, as: one.as, answer });
            const entry = paper.get(ended.key);
            if (!entry || entry.token !== ended.token || entry.done) continue;
            if (one.as === "nothing" && entry.tries === 1) paper.delete(ended.key);
            else Object.assign(entry, { done: one.as === "done", answer: answer ?? entry.answer, until: 0 });
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});
