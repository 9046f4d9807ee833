import { FolkmootProblem, PartlyDone, UnexpectedAnswer } from "./problem.ts";

/** How often and how long it is tried again. */
export interface RetryRules {
  /** Tries after the first; 3 unless said. */
  readonly retries: number;
  /** Milliseconds before the first of them, doubled for each; 300 unless said. */
  readonly firstWaitMs: number;
  /** Milliseconds that are waited at most; whoever is told to wait longer gets the problem. 30,000 unless said. */
  readonly longestWaitMs: number;
  /** From 0 up to 1: waits differ, so that clients that failed together don't come back together. */
  readonly random: () => number;
}

export const RETRY_RULES: RetryRules = {
  retries: 3,
  firstWaitMs: 300,
  longestWaitMs: 30_000,
  random: Math.random,
};

/**
 * Milliseconds until something is tried again, or `undefined` if it is not, as when there was no error.
 * `failed`: how often it has failed, from 1 on. `repeatable`: whether doing it twice is as good as once.
 * A refusal for too many requests did nothing, so anything may follow it; after a failed connection or a 5xx nobody knows
 * what has been done.
 */
export function waitBefore(
  error: unknown,
  { failed, repeatable, rules }: { failed: number; repeatable: boolean; rules: RetryRules },
): number | undefined {
  if (failed > rules.retries) return undefined;
  if (!(isRefusal(error) || (repeatable && isPassing(error)))) return undefined;
  const told = error instanceof FolkmootProblem || error instanceof PartlyDone ? error.retryAfter : undefined;
  const backoff = Math.min(rules.firstWaitMs * 2 ** (failed - 1), rules.longestWaitMs);
  // What the service asks for is the least; without it the wait lies between half and the whole.
  const wait = told === undefined ? backoff * (0.5 + rules.random() / 2) : told * 1000 + backoff * rules.random();
  return told !== undefined && told * 1000 > rules.longestWaitMs ? undefined : wait;
}

const isRefusal = (error: unknown): boolean =>
  (error instanceof FolkmootProblem || error instanceof UnexpectedAnswer) && error.status === 429;

/** What may be over in a moment: no connection, no answer in time, 502 to 504, the same request still under way. */
function isPassing(error: unknown): boolean {
  if (error === undefined) return false;
  if (error instanceof FolkmootProblem) return error.status === 503 || String(error.code) === "idempotency_under_way";
  if (error instanceof UnexpectedAnswer) return error.status >= 502 && error.status <= 504;
  return true;
}

/** Waits, unless a signal ends it: then it throws the signal's reason. */
export function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const end = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", end);
      resolve();
    }, ms);
    signal?.addEventListener("abort", end, { once: true });
  });
}
