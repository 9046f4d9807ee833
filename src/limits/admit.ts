import { Problem } from "../http/problems.ts";
import type { Limiter, Use, Verdict } from "./limiter.ts";
import { policies } from "./policies.ts";

/**
 * Counts a request in one call of the limiter. Over a hard limit it raises `rate_limited` with `Retry-After`, `RateLimit`
 * and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers); over a soft one the request goes on, held.
 */
export async function admit(limiter: Limiter, subject: string, uses: readonly Use[]): Promise<{ held: boolean }> {
  const verdicts = await limiter.count(subject, uses);
  const refused = verdicts.filter(({ allowed }) => !allowed);
  const hard = refused.find(({ policy }) => policies[policy].consequence === "hard");
  if (hard) throw new Problem("rate_limited", { headers: rateLimitHeaders(hard, limiter.clock()) });
  return { held: refused.length > 0 };
}

function rateLimitHeaders({ policy, remaining, resetAt }: Verdict, now: number): Record<string, string> {
  const seconds = Math.max(Math.ceil((resetAt - now) / 1000), 1);
  const { limit, window } = policies[policy];
  return {
    "Retry-After": String(seconds),
    RateLimit: `"${policy}";r=${remaining};t=${seconds}`,
    "RateLimit-Policy": `"${policy}";q=${limit};w=${window}`,
  };
}
