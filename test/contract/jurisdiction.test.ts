import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { ConfigError, readConfig } from "../../src/config.ts";
import { durableLimiter } from "../../src/limits/durable-limiter.ts";

const settings = (over: Record<string, string> = {}) => ({
  ...Object.fromEntries(
    ["DB", "INTAKE", "MAIL", "MAIL_EVENTS", "REVIEW", "WEBHOOKS", "LIMITER", "IDEMPOTENCY", "MAILER"].map((name) => [
      name,
      {},
    ]),
  ),
  ENVIRONMENT: "production",
  PUBLIC_URL: "https://petitions.example.org",
  MUNICIPALITY: "Town of Brackwater",
  TIME_ZONE: "Europe/London",
  LOCALES: "en",
  MAIL_FROM: "petitions@example.org",
  CONTACT: "petitions@example.org",
  PRIVACY_NOTICE_URL: "https://example.org/privacy",
  ROOT_KEY: btoa("k".repeat(32)),
  ...over,
});

test("the jurisdiction of the limits is the one that was chosen; unset or none means anywhere; local mode has none", () => {
  expect(readConfig(settings()).jurisdiction).toBeUndefined();
  expect(readConfig(settings({ JURISDICTION: "none" })).jurisdiction).toBeUndefined();
  for (const one of ["eu", "us"] as const) expect(readConfig(settings({ JURISDICTION: one })).jurisdiction).toBe(one);
  for (const odd of ["EU", "", "uk"]) expect(() => readConfig(settings({ JURISDICTION: odd }))).toThrow(ConfigError);
  expect(readConfig({ ...env, JURISDICTION: "eu" }).jurisdiction).toBeUndefined();
});

// workerd has no jurisdictions: what is held is that no object of another namespace is ever asked.
test("limits are counted by objects of the jurisdiction only", async () => {
  const asked: unknown[] = [];
  const namespace = (where: string | undefined) => ({
    idFromName: (name: string) => ({ name, where }),
    get: (id: unknown) => ({
      count: async () => {
        asked.push(id);
        return [];
      },
    }),
    jurisdiction: namespace,
  });
  const base = namespace(undefined) as unknown as Parameters<typeof durableLimiter>[0];
  const uses = [{ key: "key", limit: 1, window: 60, consequence: "soft" }] as const;
  await durableLimiter(base, "eu").count("subject", uses);
  await durableLimiter(base).count("subject", uses);
  expect(asked).toEqual([expect.objectContaining({ where: "eu" }), expect.objectContaining({ where: undefined })]);
});
