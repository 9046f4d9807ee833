import { describe, expect, test } from "vitest";
import { cloudflareSender } from "../../src/mail/cloudflare-sender.ts";

const mail = {
  tag: "opaque",
  to: "anna@example.org",
  subject: "Please confirm",
  text: "text",
  html: "<p>text</p>",
  headers: { "Auto-Submitted": "auto-generated" },
};
const from = { email: "petitions@example.org", name: "Town of Brackwater" };

/** A sender on a binding that throws what it is told to. */
const failing = async (thrown: unknown) => {
  const binding = { send: () => Promise.reject(thrown) } as unknown as SendEmail;
  return (await cloudflareSender(binding, from).send([mail], "key"))[0];
};
const withCode = (code: unknown) => Object.assign(new Error("550 anna@example.org: no such user"), { code });

test("a mail is handed over whole, from the municipality", async () => {
  const handed: unknown[] = [];
  const binding = { send: async (message: unknown) => handed.push(message) } as unknown as SendEmail;
  expect(await cloudflareSender(binding, from).send([mail], "key")).toEqual([{ status: "sent" }]);
  const { tag: _, ...content } = mail;
  expect(handed).toEqual([{ from, ...content }]);
});

test("of several mails each has its own result, in step", async () => {
  const binding = {
    send: async ({ to }: { to: string }) => {
      if (to.startsWith("b")) throw withCode("E_RECIPIENT_NOT_ALLOWED");
      if (to.startsWith("c")) throw withCode("E_RATE_LIMIT_EXCEEDED");
    },
  } as unknown as SendEmail;
  const mails = ["a", "b", "c"].map((name) => ({ ...mail, to: `${name}@example.org` }));
  expect((await cloudflareSender(binding, from).send(mails, "key")).map(({ status }) => status)).toEqual([
    "sent",
    "permanent",
    "transient",
  ]);
});

test("an address that Cloudflare itself suppresses is suppressed: there is nothing to park and to try again", async () => {
  expect(await failing(withCode("E_RECIPIENT_SUPPRESSED"))).toEqual({ status: "suppressed" });
});

describe("what the same mail would meet again is permanent", () => {
  test.each([
    "E_VALIDATION_ERROR",
    "E_FIELD_MISSING",
    "E_RECIPIENT_NOT_ALLOWED",
    "E_CONTENT_TOO_LARGE",
    "E_HEADER_NOT_ALLOWED",
    "E_HEADER_VALUE_TOO_LONG",
  ])("%s", async (code) => expect(await failing(withCode(code))).toEqual({ status: "permanent", code }));
});

describe("what passes is tried again", () => {
  test.each(["E_RATE_LIMIT_EXCEEDED", "E_DAILY_LIMIT_EXCEEDED", "E_DELIVERY_FAILED", "E_INTERNAL_SERVER_ERROR"])(
    "%s",
    async (code) => expect(await failing(withCode(code))).toEqual({ status: "transient", code }),
  );
});

describe("what is not known is tried again, and named as unknown", () => {
  test.each([
    ["no code", new Error("anna@example.org")],
    ["a number", withCode(550)],
    ["a sentence", withCode("550 anna@example.org: no such user")],
    ["an address after a code", withCode("E_RECIPIENT_SUPPRESSED anna@example.org")],
    ["a code on a second line", withCode("anna\nE_VALIDATION_ERROR")],
    ["a code that is too long", withCode(`E_${"A".repeat(61)}`)],
    ["lower case", withCode("e_validation_error")],
    ["a text", "E_VALIDATION_ERROR anna@example.org"],
    ["null", null],
    ["undefined", undefined],
  ])("%s", async (_, thrown) => expect(await failing(thrown)).toEqual({ status: "transient", code: "E_UNKNOWN" }));

  test("a code that nobody has heard of keeps its name", async () => {
    expect(await failing(withCode("E_SOMETHING_NEW"))).toEqual({ status: "transient", code: "E_SOMETHING_NEW" });
  });
});

test("no provider's message comes through, and no failure is thrown", async () => {
  const thrown = [withCode("E_DELIVERY_FAILED"), withCode("anna"), new TypeError("anna@example.org"), { code: "anna" }];
  for (const result of await Promise.all(thrown.map(failing))) expect(JSON.stringify(result)).not.toContain("anna");
});

test("a binding that throws at once, without a promise, is a failed mail too", async () => {
  const binding = {
    send: () => {
      throw withCode("E_RATE_LIMIT_EXCEEDED");
    },
  } as unknown as SendEmail;
  const [result] = await cloudflareSender(binding, from).send([mail], "key");
  expect(result).toEqual({ status: "transient", code: "E_RATE_LIMIT_EXCEEDED" });
});
