import { type Context, Hono } from "hono";
import { timeOrNull } from "../http/answer-fields.ts";
import { publicId } from "../lib/ids.ts";
import type { Limiter } from "../limits/limiter.ts";
import type { KeyHolder } from "./key-book.ts";
import { type Asked, keySubject, signatureUses } from "./require-partner.ts";

export interface UsageDeps {
  readonly limiter: Limiter;
  /** Raises `unauthorized`, `rate_limited`, `server_key` and `not_found`. */
  readonly requirePartner: (headers: Headers, asked: Asked) => Promise<KeyHolder>;
}

/** What a partner reads of its own key. */
export const usageRoutes = (depsOf: (c: Context) => UsageDeps) =>
  new Hono().get("/v1/partner/usage", async (c) => {
    const { limiter, requirePartner } = depsOf(c);
    const { partner, key } = await requirePartner(c.req.raw.headers, { scope: null, tests: "too" });
    const requests = { policy: "partner_requests", scope: "" } as const;
    const limits = await limiter.look(keySubject(key), [requests, ...signatureUses(key)]);
    return c.json({
      partner: { ...partner, id: publicId("par", partner.id) },
      key: {
        id: publicId("key", key.id),
        test: key.test,
        scopes: key.scopes,
        petitions: key.petitions?.map((id) => publicId("pet", id)) ?? null,
        expires_at: timeOrNull(key.expiresAt),
      },
      limits: limits.map(({ policy, limit, window, remaining, resetAt }) => ({
        name: policy,
        ...{ limit, window, remaining },
        resets_at: timeOrNull(resetAt || null),
      })),
    });
  });
