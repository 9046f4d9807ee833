import { randomBytes } from "node:crypto";
import type { TestProject } from "vitest/node";
import { startRedis } from "./redis-server.ts";
import { startRestFront } from "./rest-front.ts";

/** Starts Redis and the front for a test run, tells the tests where they are, and ends both after it. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const redis = await startRedis();
  const token = randomBytes(16).toString("hex");
  const front = await startRestFront(redis.socket, token);
  project.provide("upstash", { url: front.url, token });
  return async () => {
    await front.stop();
    await redis.stop();
  };
}
