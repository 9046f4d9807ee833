import { env } from "cloudflare:workers";
import type { IdempotencyShard } from "../../src/partners/idempotency/durable-claims.ts";

type Method = "claim" | "settle";

/** The real store of idempotency keys with a fault: `act` says what becomes of a call instead of going through. */
export const faultyClaims = (act: (method: Method) => Promise<never> | undefined) =>
  overStore((stub) => ({
    claim: async (claim) => (await act("claim")) ?? stub.claim(claim),
    settle: async (settlement) => (await act("settle")) ?? stub.settle(settlement),
  }));

/** The real store, whose answers to claims come when `until` is fulfilled. */
export const lateClaims = (until: Promise<void>) =>
  overStore((stub) => ({
    async claim(claim) {
      const answer = await stub.claim(claim);
      await until;
      return answer;
    },
    settle: (settlement) => stub.settle(settlement),
  }));

type Store = {
  [Name in Method]: (
    ...args: Parameters<IdempotencyShard[Name]>
  ) => ReturnType<IdempotencyShard[Name]> | Promise<Awaited<ReturnType<IdempotencyShard[Name]>>>;
};

const overStore = (over: (stub: IdempotencyShard) => Store): typeof env.IDEMPOTENCY =>
  new Proxy(env.IDEMPOTENCY, {
    get(target, name) {
      if (name === "get") return (id: DurableObjectId) => over(target.get(id) as unknown as IdempotencyShard);
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
