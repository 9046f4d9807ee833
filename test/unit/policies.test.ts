import { expect, test } from "vitest";
import { contradictions, DEFAULT_POLICIES, type Policies, policyNames } from "../../src/limits/policies.ts";
import { defaultPolicies, readPolicies, writePolicies } from "../../src/limits/settings.ts";

const withDay = (limit: number, window: number): Policies => ({
  ...DEFAULT_POLICIES,
  sign_day: { limit, window, consequence: "soft" },
});

test("the defaults are the figures that were agreed, and don't contradict each other", () => {
  const { policies, fastSeconds } = defaultPolicies(false);
  expect(
    Object.entries(policies).map(([name, { limit, window, consequence }]) => [name, limit, window, consequence]),
  ).toEqual([
    ["writes", 60, 60, "hard"],
    ["sign_burst", 5, 300, "soft"],
    ["sign_day", 20, 86_400, "soft"],
    ["burst_network", 200, 3_600, "soft"],
    ["burst_domain", 200, 3_600, "soft"],
    ["allowed_entry", 500, 86_400, "soft"],
    ["create", 2, 300, "soft"],
    ["verify", 10, 60, "hard"],
    ["data_request", 5, 300, "hard"],
    ["partner_requests", 600, 60, "hard"],
    ["partner_minute", 120, 60, "hard"],
    ["partner_day", 20_000, 86_400, "hard"],
    ["partner_counts", 10, 60, "hard"],
    ["partner_tests", 1_000, 86_400, "hard"],
    ["mail_signature", 5, 86_400, "wait"],
    ["mail_recipient", 5, 86_400, "wait"],
  ]);
  expect(fastSeconds).toBe(2);
  expect(contradictions(policies)).toEqual([]);
});

test.each([
  [6, 301, true],
  [5, 301, false], // allows no more
  [4, 301, false],
  [6, 300, false], // is no longer
  [4, 299, true], // the other one is the longer one now
  [6, 299, false],
])("a limit of %i in %i s beside 5 in 300 s: %s", (limit, window, fits) => {
  expect(contradictions(withDay(limit, window)).length).toBe(fits ? 0 : 1);
});

test("what is stored is read again; what it does not name, or can't be read, is the default; what it leads to is the code's", () => {
  const defaults = defaultPolicies(false);
  const set = { policies: withDay(40, 7_200), fastSeconds: 9 };
  expect(readPolicies(JSON.parse(writePolicies(set)), defaults)).toEqual(set);
  const old = { policies: { writes: { limit: 7, window: 70, consequence: "soft" }, gone: { limit: 1, window: 60 } } };
  const read = readPolicies({ ...old, fast_seconds: 0 }, defaults);
  expect(read.policies.writes).toEqual({ limit: 7, window: 70, consequence: "hard" });
  expect(Object.keys(read.policies)).toEqual(policyNames);
  expect(read.policies.sign_day).toEqual(DEFAULT_POLICIES.sign_day);
  for (const broken of [undefined, null, [], {}, { policies: { writes: { limit: 0, window: 60 } }, fast_seconds: 0 }]) {
    expect(readPolicies(broken, defaults)).toEqual(defaults);
  }
});
