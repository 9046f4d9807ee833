import { afterEach, expect, test, vi } from "vitest";
import { describeError, log } from "../../src/lib/log.ts";

afterEach(() => vi.restoreAllMocks());

const said = (error: unknown): string => JSON.stringify(describeError(error));

test("a line is one JSON object", () => {
  const write = vi.spyOn(console, "log").mockImplementation(() => undefined);
  log("request", { status: 200, route: "/v1/petitions\n/:id", missing: undefined });
  expect(write.mock.calls).toHaveLength(1);
  const line = String(write.mock.calls[0]?.[0]);
  expect(line).not.toContain("\n");
  expect(JSON.parse(line)).toEqual({ event: "request", status: 200, route: "/v1/petitions\n/:id" });
});

test("of an error its class, its code and its place are said", () => {
  const described = describeError(Object.assign(new TypeError("x"), { code: "SQLITE_BUSY" }));
  expect(described).toMatchObject({ error: "TypeError", code: "SQLITE_BUSY" });
  expect(described.at).toContain("log.test");
});

test("never its message, nor its cause's", () => {
  const cause = new Error("UNIQUE constraint failed for anna@example.org");
  const told = said(new Error("Failed query: params: anna@example.org", { cause }));
  expect(told).not.toContain("anna");
  expect(told).not.toContain("UNIQUE");
});

test.each(["anna@example.org", "Anna Beispiel", "x".repeat(41), "", 7, { toString: () => "x" }])(
  "a code that is no plain word is not said: %j",
  (code) => expect(describeError(Object.assign(new Error("x"), { code })).code).toBeUndefined(),
);

test("not even a message whose lines look like a place", () => {
  // Drizzle's errors quote parameters, and a resident's text has lines of its own.
  const text =
    "Failed query: insert into petitions\nparams: Benches\n  at the market, says anna@example.org\n    at home";
  expect(said(new Error(text))).not.toContain("anna");
});

test("of what is no error only its type is said", () => {
  expect(describeError("anna@example.org")).toEqual({ error: "string" });
  expect(describeError({ message: "anna@example.org" })).toEqual({ error: "object" });
  expect(describeError(undefined)).toEqual({ error: "undefined" });
});

test("an error without a stack is described too", () => {
  const error = new Error("x");
  delete error.stack;
  expect(describeError(error)).toMatchObject({ error: "Error" });
});
