import { Redis } from "@upstash/redis/cloudflare";
import { afterEach, describe, expect, inject, test, vi } from "vitest";
import { upstashLimiter } from "../../src/limits/upstash-limiter.ts";
import { limiterContract, use } from "../contract/limiter-contract.ts";

const { url, token } = inject("upstash");

const clock = () => Date.now();
const at = (base: string, bearer = token) => upstashLimiter({ url: base, token: bearer }, clock);

// 500 calls at once may take a busy machine longer than a resident would be kept waiting.
const works = upstashLimiter({ url, token }, clock, 20_000);

limiterContract("the Upstash limiter", {
  works,
  fails: at(`${url}/failing`),
  hangs: at(`${url}/hanging`),
});

afterEach(() => void vi.restoreAllMocks());

describe("the Upstash limiter", () => {
  test("asks once however many policies a call has, and once more when it tells of a refusal", async () => {
    const [hard, soft, other] = [use({ limit: 1, consequence: "hard" }), use(), use()];
    await works.count("", [hard]);
    const fetch = vi.spyOn(globalThis, "fetch");
    await works.count("", [soft, other, use({ consequence: "hard" })]);
    expect(fetch).toHaveBeenCalledTimes(1);
    await works.count("", [hard, soft, other]);
    expect(fetch).toHaveBeenCalledTimes(3);
  });

  test("takes no longer when a soft limit is reached, so that nobody notices", async () => {
    const full = use({ limit: 1 });
    await works.count("", [full]);
    const fetch = vi.spyOn(globalThis, "fetch");
    expect(await works.count("", [use(), full])).toMatchObject([{ allowed: true }, { allowed: false }]);
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  test("tries a second time when the network fails, and not a third", async () => {
    const counted = use();
    await works.count("", [counted]);
    const fetch = vi.spyOn(globalThis, "fetch").mockRejectedValueOnce(new TypeError("Network connection lost"));
    expect(await works.count("", [counted])).toMatchObject([{ allowed: true, remaining: 3 }]);
    expect(fetch).toHaveBeenCalledTimes(2);
    fetch.mockClear().mockRejectedValue(new TypeError("Network connection lost"));
    await expect(works.count("", [counted])).rejects.toThrow("Network connection lost");
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  test("lets go of a request that hangs", async () => {
    const hanging = upstashLimiter({ url: `${url}/hanging`, token }, clock, 50);
    const fetch = vi.spyOn(globalThis, "fetch");
    for (const call of ["count", "giveBack", "forget"] as const) {
      await expect(hanging[call]("", [use()])).rejects.toMatchObject({ name: "TimeoutError" });
    }
    expect(fetch.mock.calls.map(([, init]) => init?.signal?.aborted)).toEqual([true, true, true]);
  });

  test("fails under a wrong token", async () => {
    await expect(at(url, "wrong").count("", [use()])).rejects.toThrow("Unauthorized");
  });

  test("leaves no key that stays, and walks through no keys to forget one", async () => {
    const counted = use();
    await works.count("", [counted]);
    await works.giveBack("", [counted]);
    await works.giveBack("", [use()]);
    const redis = new Redis({ url, token, enableTelemetry: false });
    const keys = await redis.keys("*");
    const lifetimes = await Promise.all(keys.map((key) => redis.pttl(key)));
    expect(keys.filter((key) => key.startsWith(`folkmoot:${counted.key}:`)).length).toBe(1);
    expect(Math.min(...lifetimes)).toBeGreaterThan(0);
    expect(Math.max(...lifetimes)).toBeLessThanOrEqual((2 * 86_400 + 1) * 1000);
    await works.forget("", [counted]);
    expect(await redis.keys(`folkmoot:${counted.key}:*`)).toEqual([]);
    expect(await redis.exec<string>(["INFO", "commandstats"])).not.toContain("cmdstat_scan");
  });
});
