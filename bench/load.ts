import autocannon from "autocannon";

/** What a load has shown. */
export interface Measured {
  /** Answers of the expected kind a second. */
  readonly perSecond: number;
  /** Milliseconds. */
  readonly median: number;
  readonly p99: number;
}

/** One request of a load, made anew each time when it is a function. */
export type Shot = () => { method: "GET" | "POST"; path: string; body?: string; headers?: Record<string, string> };

const CONNECTIONS = 16;

/** Sends requests over 16 connections for some seconds; throws when any answer is not 2xx. */
export async function load(url: string, shot: Shot, seconds: number): Promise<Measured> {
  const result = await autocannon({
    url,
    connections: CONNECTIONS,
    duration: seconds,
    requests: [{ setupRequest: (request) => ({ ...request, ...shot() }) }],
  });
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${result.non2xx} answers were not 2xx, ${result.errors} failed: ${shot().path}`);
  }
  return { perSecond: result["2xx"] / result.duration, median: result.latency.p50, p99: result.latency.p99 };
}

/** The middle one of some numbers. */
export const middle = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
