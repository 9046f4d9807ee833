import { describe, expect, test } from "vitest";
import { FreshCache } from "../../src/lib/fresh-cache.ts";

/** A cache on a clock that the test sets, over a source that says how often it was asked. */
function cacheAt(begin = 1_000_000, maxSize = 10) {
  const state = { now: begin, loads: 0, value: "v1" as string | undefined, fails: false };
  const cache = new FreshCache<string>(maxSize, () => state.now);
  const load = async (): Promise<string | undefined> => {
    state.loads++;
    if (state.fails) throw new Error("the source is down");
    return state.value;
  };
  return { state, cache, get: (key = "key") => cache.get(key, load) };
}

/** A load that ends when the test says so. */
function slowLoad<Value>() {
  let finish: (value: Value) => void = () => undefined;
  const promise = new Promise<Value>((resolve) => {
    finish = resolve;
  });
  return { load: () => promise, finish: (value: Value) => finish(value) };
}

describe("for 4 seconds", () => {
  test("what was read is served without asking again, and not a moment longer", async () => {
    const { state, get } = cacheAt();
    expect(await get()).toBe("v1");
    state.value = "v2";
    state.now += 3_999;
    expect(await get()).toBe("v1");
    expect(state.loads).toBe(1);
    state.now += 1;
    expect(await get()).toBe("v2");
    expect(state.loads).toBe(2);
  });

  test("every key is remembered by itself", async () => {
    const { state, get } = cacheAt();
    await get("a");
    state.value = "v2";
    expect(await get("b")).toBe("v2");
    expect(await get("a")).toBe("v1");
  });
});

test("what is remembered is told without asking, exactly while it need not be loaded", async () => {
  const { state, cache, get } = cacheAt();
  expect(cache.remembered("key")).toBeUndefined();
  await get();
  state.now += 3_999;
  expect([cache.remembered("key"), cache.remembered("other")]).toEqual(["v1", undefined]);
  state.now += 1;
  expect(cache.remembered("key")).toBeUndefined();
  // Somebody asks again meanwhile.
  const slow = slowLoad<string>();
  const refresh = cache.get("key", slow.load);
  expect(cache.remembered("key")).toBe("v1");
  state.now += 1_000;
  expect(cache.remembered("key")).toBeUndefined();
  slow.finish("v2");
  await refresh;
  // What was read is as old as the question.
  expect([cache.remembered("key"), state.loads]).toEqual(["v2", 1]);
});

describe("while one request asks again", () => {
  test("others are served what is known, until it is 5 seconds old", async () => {
    const { state, cache, get } = cacheAt();
    await get();
    state.value = "v2";
    state.now += 4_000;
    const slow = slowLoad<string>();
    const refresh = cache.get("key", slow.load);
    expect(await get()).toBe("v1");
    state.now += 999;
    expect(await get()).toBe("v1");
    expect(state.loads).toBe(1);
    state.now += 1;
    expect(await get()).toBe("v2");
    slow.finish("v2");
    expect(await refresh).toBe("v2");
  });

  test("who asks when nobody is asking asks the source, even in the last second", async () => {
    const { state, get } = cacheAt();
    await get();
    state.value = "v2";
    state.now += 4_999;
    expect(await get()).toBe("v2");
  });
});

describe("what an isolate knows is never more than 5 seconds old", () => {
  test("counted from when the source was asked, not from when it answered", async () => {
    const { state, cache, get } = cacheAt();
    const slow = slowLoad<string>();
    const first = cache.get("key", slow.load);
    state.now += 3_000;
    slow.finish("v1");
    await first;
    state.value = "v2";
    state.now += 2_000;
    expect(await get()).toBe("v2");
  });

  test("a slow answer does not replace a newer one", async () => {
    const { state, cache, get } = cacheAt();
    const slow = slowLoad<string>();
    const old = cache.get("key", slow.load);
    state.now += 3_000;
    state.value = "v2";
    expect(await get()).toBe("v2");
    state.now += 1;
    slow.finish("v1");
    await old;
    expect(await get()).toBe("v2");
  });
});

describe("while the source fails", () => {
  test("what was last read is served, however old", async () => {
    const { state, get } = cacheAt();
    await get();
    state.fails = true;
    for (const later of [4_000, 60_000, 86_400_000]) {
      state.now += later;
      expect(await get()).toBe("v1");
    }
  });

  test("the source is left alone for a second after it failed, then asked again", async () => {
    const { state, get } = cacheAt();
    await get();
    state.fails = true;
    state.now += 10_000;
    await get();
    state.fails = false;
    state.value = "v2";
    state.now += 999;
    expect(await get()).toBe("v1");
    expect(state.loads).toBe(2);
    state.now += 1;
    expect(await get()).toBe("v2");
  });

  test("who has nothing remembered learns of the failure", async () => {
    const { state, get } = cacheAt();
    state.fails = true;
    await expect(get()).rejects.toThrow("the source is down");
    state.fails = false;
    expect(await get()).toBe("v1");
  });
});

describe("`undefined` says that there is none", () => {
  test("and is not kept", async () => {
    const { state, get } = cacheAt();
    state.value = undefined;
    expect(await get()).toBeUndefined();
    state.value = "v1";
    expect(await get()).toBe("v1");
  });

  test("and what was remembered is forgotten, also when the source fails next", async () => {
    const { state, get } = cacheAt();
    await get();
    state.now += 5_000;
    state.value = undefined;
    expect(await get()).toBeUndefined();
    state.fails = true;
    await expect(get()).rejects.toThrow();
  });
});

test("a clock that jumps back makes nothing fresh: the source is asked", async () => {
  const { state, get } = cacheAt();
  await get();
  state.value = "v2";
  state.now -= 1;
  expect(await get()).toBe("v2");
  state.value = "v3";
  state.now -= 3_600_000;
  expect(await get()).toBe("v3");
  state.value = "v4";
  state.now += 4_000;
  expect(await get()).toBe("v4");
});

test("a clock that jumps back during a refresh does not keep the old value for longer", async () => {
  const { state, cache, get } = cacheAt();
  await get();
  state.now += 4_500;
  const slow = slowLoad<string>();
  const refresh = cache.get("key", slow.load);
  state.now -= 10_000;
  state.value = "v2";
  expect(await get()).toBe("v2");
  slow.finish("v2");
  await refresh;
});

test("memory is bounded: the oldest unused are forgotten, at least the newest are kept", async () => {
  const { state, get } = cacheAt(1_000_000, 10);
  const keys = Array.from({ length: 1_000 }, (_, n) => `key${n}`);
  for (const key of keys) await get(key);
  state.loads = 0;
  for (const key of keys.slice(-10)) await get(key);
  expect(state.loads).toBe(0);
  const { loads } = state;
  for (const key of keys.slice(0, -20)) await get(key);
  expect(state.loads - loads).toBe(980);
});
