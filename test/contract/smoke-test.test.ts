import { beforeAll, expect, test } from "vitest";
import { smokeTest } from "../../scripts/deployment/smoke-test.ts";
import { coldIsolate } from "../support/isolate.ts";
import { foundTown } from "../support/town.ts";

beforeAll(foundTown);

const PRODUCTION = {
  ENVIRONMENT: "production",
  PUBLIC_URL: "https://petitions.example.org",
  ROOT_KEY: btoa("k".repeat(32)),
  JURISDICTION: "none",
  MAILER: {},
  MAIL_CAPTURE: undefined,
};

/** The smoke test of a Worker with these bindings over those of local mode. */
function smokeTestOf(bindings: Record<string, unknown>): Promise<string[]> {
  const isolate = coldIsolate(bindings);
  return smokeTest("https://petitions.example.org", ((url: string, init: RequestInit) =>
    isolate.fetch(new URL(url).pathname, init)) as typeof fetch);
}

test("a Worker in production passes, and the test leaves nothing behind", async () => {
  expect(await smokeTestOf(PRODUCTION)).toEqual([]);
});

test("local mode on the net is called what it is", async () => {
  expect(await smokeTestOf({})).toEqual([expect.stringContaining("LOCAL MODE IS ON")]);
});

test("a Worker that refuses to serve names the setting at fault", async () => {
  const problems = await smokeTestOf({ ...PRODUCTION, TIME_ZONE: "Europe/Brackwater" });
  expect(problems[0]).toContain("GET /health: 503 instead of 200");
  expect(problems[0]).toContain("TIME_ZONE is not an IANA time zone");
  expect(problems.join()).not.toContain("Brackwater");
});

test("a database that is out of order is found", async () => {
  const DB = {
    prepare: () => ({ bind: () => ({}) }),
    batch: () => Promise.reject(new Error("D1_ERROR: no such table")),
  };
  expect(await smokeTestOf({ ...PRODUCTION, DB })).toEqual([expect.stringContaining("GET /v1/petitions: 5")]);
});
