import { expect, test } from "vitest";
import { backoff } from "../../src/mail/deliver-mail.ts";

const MINUTE = 60_000;

test("a failed mail is tried again after 1, 2, 4 … minutes, and at least every hour", () => {
  const waits = Array.from({ length: 9 }, (_, attempts) => backoff(attempts) / MINUTE);
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
});

test("however often it failed, the wait is an hour: a number that the database takes", () => {
  for (const attempts of [10, 100, 10_000]) expect(backoff(attempts)).toBe(60 * MINUTE);
});
