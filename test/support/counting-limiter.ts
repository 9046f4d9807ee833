import { env } from "cloudflare:workers";
import type { LimiterShard } from "../../src/limits/durable-limiter.ts";

/** The limiter's objects, with a count of the calls that count. */
export function countingLimiter(counter: { calls: number }) {
  return new Proxy(env.LIMITER, {
    get(namespace, name) {
      const value = Reflect.get(namespace, name);
      if (typeof value !== "function") return value;
      if (name !== "get") return value.bind(namespace);
      return (id: DurableObjectId) => {
        const stub = namespace.get(id) as unknown as LimiterShard;
        return {
          count: (uses: Parameters<LimiterShard["count"]>[0]) => {
            counter.calls++;
            return stub.count(uses);
          },
          giveBack: (uses: Parameters<LimiterShard["giveBack"]>[0]) => stub.giveBack(uses),
          forget: (uses: Parameters<LimiterShard["forget"]>[0]) => stub.forget(uses),
        };
      };
    },
  });
}
