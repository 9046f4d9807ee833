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

/** Connections that are kept busy. */
export const CONNECTIONS = 16;

/** An address of its own for each request, so that no limit is met. */
function anyAddress(): string {
  const group = () => Math.floor(Math.random() * 0x10000).toString(16);
  return `2001:db8:${group()}:${group()}::1`;
}

/** Headers of somebody who sends JSON. */
export const jsonHeaders = () => ({ "Content-Type": "application/json", "CF-Connecting-IP": anyAddress() });

/** Sends requests over 16 connections for some seconds; throws when any answer is not 2xx. */
export async function load(url: string, shot: Shot, seconds: number): Promise<Measured> {
  const result = await autocannon({
    url,
    connections: CONNECTIONS,
    duration: seconds,
    sampleInt: 100, // milliseconds: by them it also looks whether the time is over
    requests: [{ setupRequest: (request) => ({ ...request, ...shot() }) }],
  });
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${result.non2xx} answers were not 2xx, ${result.errors} failed: ${shot().path}`);
  }
  return { perSecond: result["2xx"] / result.duration, median: result.latency.p50, p99: result.latency.p99 };
}
