import { env, exports } from "cloudflare:workers";
import { Redis } from "@upstash/redis/cloudflare";
import { beforeAll, expect, inject, test, vi } from "vitest";
import type { IntakeMessage } from "../../src/signatures/submission.ts";
import { coldIsolate, keepingQueue } from "../support/isolate.ts";
import { freshEmail, sign } from "../support/resident.ts";
import { foundTown, openPetition } from "../support/town.ts";

const { url, token } = inject("upstash");

// The whole Worker over HTTP, configured for Upstash.
const town = {
  fetch: (path: string, init?: RequestInit) => exports.default.fetch(new Request(`http://localhost:8787${path}`, init)),
};
const holds = async (no: number) => {
  const { results } = await env.DB.prepare("SELECT hold FROM signatures WHERE petition_no = ?")
    .bind(no)
    .all<{ hold: string | null }>();
  return results.map(({ hold }) => hold);
};

beforeAll(foundTown);

test("the sixth signature from one address is held, its sender sees nothing unusual, and Upstash learns nobody", async () => {
  const { id, no } = await openPetition();
  const [address, email] = ["203.0.113.9", freshEmail()];
  for (let n = 1; n <= 6; n++) {
    const answer = await sign(town, id, n === 6 ? { email } : {}, address);
    expect(answer.status).toBe(202);
    expect(await answer.json()).toEqual({ submission_id: expect.stringMatching(/^sub_/), status: "pending" });
  }
  await vi.waitFor(async () => expect((await holds(no)).length).toBe(6), { timeout: 15_000, interval: 50 });
  expect((await holds(no)).toSorted()).toEqual(["rate", null, null, null, null, null].toSorted());
  const keys = await new Redis({ url, token, enableTelemetry: false }).keys("folkmoot:*");
  expect(keys.filter((key) => key.startsWith(`folkmoot:sign_burst:${id.slice(4)}:`)).length).toBe(1);
  expect(keys.join()).not.toMatch(/203\.0\.113|example\.org/);
});

test("while Upstash fails or hangs a signature is accepted, and not held", async () => {
  const { id } = await openPetition();
  const log = vi.spyOn(console, "log");
  for (const fault of ["failing", "hanging"]) {
    const isolate = coldIsolate({ UPSTASH_REDIS_REST_URL: `${url}/${fault}` });
    const answer = await sign(isolate, id, {}, "203.0.113.10");
    expect(answer.status).toBe(202);
  }
  const outages = log.mock.calls.filter(([line]) => String(line).includes("limiter_outage"));
  expect(outages.length).toBe(2);
  expect(outages.join()).not.toContain("203.0.113");
});

test("of 500 submissions from one address, ten at once, exactly five count, 55 are held and 440 refused", async () => {
  const { id } = await openPetition();
  const INTAKE = keepingQueue<IntakeMessage>();
  const isolate = coldIsolate({ INTAKE });
  const log = vi.spyOn(console, "log");
  // Amid a window, so that none ends while the test counts.
  vi.useFakeTimers({ toFake: ["Date"], now: Math.floor(Date.now() / 3_600_000) * 3_600_000 + 1_930_000 });
  const statuses: number[] = [];
  for (let wave = 0; wave < 50; wave++) {
    const answers = await Promise.all(Array.from({ length: 10 }, () => sign(isolate, id, {}, "203.0.113.11")));
    statuses.push(...answers.map(({ status }) => status));
  }
  vi.useRealTimers();
  expect(log.mock.calls.filter(([line]) => String(line).includes("limiter_outage"))).toEqual([]);
  const count = (status: number) => statuses.filter((one) => one === status).length;
  expect([count(202), count(429)]).toEqual([60, 440]);
  const held = INTAKE.sent.map(({ hold }) => hold);
  expect([held.filter((hold) => hold === null).length, held.filter((hold) => hold === "rate").length]).toEqual([5, 55]);
});
