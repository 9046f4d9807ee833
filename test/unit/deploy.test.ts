import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { rehearsal as begin } from "./rehearsal/rehearsal.ts";

function rehearsal(...args: Parameters<typeof begin>) {
  const one = begin(...args);
  onTestFinished(one.end);
  return one;
}

type Calls = { called: string }[];
const CHANGES = /^(d1 create|queues create|d1 migrations|deploy)/;
const changes = (calls: Calls) => calls.map(({ called }) => called).filter((called) => CHANGES.test(called));
const QUEUES = [
  "intake",
  "mail",
  "mail-events",
  "review",
  "webhooks",
  "intake-dead",
  "mail-dead",
  "mail-events-dead",
  "review-dead",
  "webhooks-dead",
].map((queue) => `folkmoot-${queue}`);
const SECRETS = ["ROOT_KEY", "STAFF_BOOTSTRAP_KEY"];

describe("the first deploy", () => {
  test("writes the file to fill in, and asks for nothing but that", async () => {
    const one = rehearsal();
    expect(await one.run()).toEqual({ code: 1, calls: [] });
    expect(readFileSync(join(one.root, "production.toml"), "utf8")).toContain('jurisdiction = ""');
    expect((await one.run()).code).toBe(1);
    expect(one.account.calls).toEqual([]);
  });

  test("creates database and queues in the jurisdiction, stops for the secrets, and goes on where it was", async () => {
    const one = rehearsal();
    one.fillIn();
    const first = await one.run();
    expect(first.code).toBe(1);
    expect(changes(first.calls)).toEqual([
      "d1 create folkmoot --jurisdiction eu",
      ...QUEUES.map((queue) => `queues create ${queue} --jurisdiction eu`),
    ]);
    expect(one.printed()).toContain("ROOT_KEY is missing");
    expect(one.printed()).toContain("npx wrangler secret put ROOT_KEY --config wrangler.production.json");

    Object.assign(one.account, { secrets: ["ROOT_KEY"] });
    const second = await one.run();
    expect(second.code).toBe(0);
    expect(changes(second.calls)).toEqual([
      "d1 migrations apply folkmoot --remote --config wrangler.production.json",
      "deploy --config wrangler.production.json",
    ]);
    expect(one.account).toMatchObject({
      migrated: "wrangler.production.json",
      deployed: "wrangler.production.json",
    });
    // Without it a partner's webhook could reach what stands behind the firewall of the municipality's own zone.
    expect(JSON.parse(readFileSync(join(one.root, "wrangler.production.json"), "utf8"))).toMatchObject({
      compatibility_flags: ["global_fetch_strictly_public"],
    });
    expect(one.printed()).toContain("secret put STAFF_BOOTSTRAP_KEY");
    expect(one.printed()).toMatch(/time-travel restore folkmoot --timestamp=20\d\d-/);
  });

  test("migrates before it deploys, and is not asked whether", async () => {
    const one = rehearsal({ secrets: SECRETS });
    one.fillIn();
    const { calls } = await one.run();
    expect(calls.slice(-2).map(({ called, ci }) => [called.split(" ")[0], ci])).toEqual([
      ["d1", true],
      ["deploy", false],
    ]);
  });

  test("without a jurisdiction creates nothing; asked, takes the answer; none is an answer", async () => {
    const one = rehearsal({ secrets: SECRETS });
    one.fillIn({ jurisdiction: "" });
    expect((await one.run()).code).toBe(1);
    expect(one.account.calls).toEqual([]);
    one.world.ask = async () => "none";
    expect((await one.run()).code).toBe(0);
    expect(one.account.databases).toMatchObject([{ name: "folkmoot", jurisdiction: null }]);
    expect(one.config().vars.JURISDICTION).toBe("none");
  });
});

describe("what wrangler is given", () => {
  test("is the production part of wrangler.toml with the municipality's settings, and nothing of local mode", async () => {
    const one = rehearsal({ secrets: SECRETS });
    one.fillIn({ name: "brackwater", custom_domain: "petitions.example.org" });
    await one.run();
    const config = one.config();
    expect(config).toMatchObject({
      name: "brackwater",
      account_id: "0123456789abcdef0123456789abcdef",
      main: "src/index.ts",
      routes: [{ pattern: "petitions.example.org", custom_domain: true }],
      workers_dev: false,
      vars: { ENVIRONMENT: "production", JURISDICTION: "eu", LOCALES: "de,en" },
      d1_databases: [{ binding: "DB", database_name: "brackwater", database_id: one.account.databases[0]?.uuid }],
      observability: { logs: { enabled: true, invocation_logs: false } },
    });
    const text = JSON.stringify(config);
    for (const local of ['MAIL_CAPTURE"', "ROOT_KEY", "localhost", '"env"', "folkmoot-", "00000000-0000-0000"]) {
      expect(text).not.toContain(local);
    }
    expect(one.account.queues.map(({ name }) => name)).toEqual(
      QUEUES.map((queue) => queue.replace("folkmoot", "brackwater")),
    );
    expect(config.queues.consumers[0].dead_letter_queue).toBe("brackwater-intake-dead");
  });

  test("the longest name leaves room for the longest queue's", async () => {
    const one = rehearsal({ secrets: SECRETS });
    one.fillIn({ name: "n".repeat(46) });
    expect((await one.run()).code).toBe(0);
    // Cloudflare's limit for the name of a queue.
    expect(Math.max(...one.account.queues.map(({ name }) => name.length))).toBe(63);
    one.fillIn({ name: "n".repeat(47) });
    expect((await one.run()).code).toBe(1);
  });

  test("every call after the sign-in names the account", async () => {
    const other = { id: "f".repeat(32), name: "Private" };
    const one = rehearsal({ secrets: SECRETS });
    one.account.accounts.push(other);
    one.fillIn();
    expect((await one.run()).code).toBe(1);
    expect(one.printed()).toContain(`account_id = "${other.id}" is Private`);
    one.fillIn({ account_id: other.id });
    const { code, calls } = await one.run();
    expect(code).toBe(0);
    expect(new Set(calls.map(({ account }) => account))).toEqual(new Set([other.id]));
  });
});

describe("a second run", () => {
  test("changes nothing but the schema and the Worker", async () => {
    const one = rehearsal({ secrets: SECRETS });
    one.fillIn();
    await one.run();
    const config = one.config();
    const { code, calls } = await one.run();
    expect(code).toBe(0);
    expect(changes(calls).map((called) => called.split(" ")[0])).toEqual(["d1", "deploy"]);
    expect(one.config()).toEqual(config);
    expect(one.account).toMatchObject({ databases: { length: 1 }, queues: { length: QUEUES.length } });
  });

  test.each([
    "d1 list",
    "d1 create",
    "queues info folkmoot-mail",
    "queues create folkmoot-intake-dead",
    "secret list",
    "d1 migrations",
    "deploy",
  ])("makes up for a failure of %s", async (command) => {
    const one = rehearsal({ secrets: SECRETS, fails: command });
    one.fillIn();
    const first = await one.run();
    expect(first.code).toBe(1);
    expect(first.calls.at(-1)?.called).toContain(command);
    expect(one.printed()).toContain(`wrangler ${command}`);
    expect((await one.run()).code).toBe(0);
    expect(one.account).toMatchObject({ databases: { length: 1 }, queues: { length: QUEUES.length } });
    expect(one.account.deployed).toBe("wrangler.production.json");
  });

  test("never uses a database other than the last deploy's", async () => {
    const one = rehearsal({ secrets: SECRETS });
    one.fillIn();
    await one.run();
    Object.assign(one.account, { databases: [] });
    const gone = await one.run();
    expect([gone.code, changes(gone.calls)]).toEqual([1, []]);
    Object.assign(one.account, { databases: [{ uuid: "another", name: "folkmoot", jurisdiction: "eu" }] });
    const other = await one.run();
    expect([other.code, changes(other.calls)]).toEqual([1, []]);
    expect(one.printed()).toContain("right account");
  });

  test("never deploys over another jurisdiction, whoever names it", async () => {
    const one = rehearsal({ secrets: SECRETS });
    one.fillIn();
    await one.run();
    expect(await one.run("--jurisdiction", "us")).toEqual({ code: 1, calls: [] });
    one.fillIn({ jurisdiction: "us" });
    expect(await one.run()).toEqual({ code: 1, calls: [] });
    expect(one.printed()).toContain("says us");
  });

  test.each([
    ["a database", { databases: [{ uuid: "1", name: "folkmoot", jurisdiction: null }] }],
    ["a queue", { queues: [{ name: "folkmoot-mail" }] }],
    ["a queue of another jurisdiction", { queues: [{ name: "folkmoot-mail", jurisdiction: "us" }] }],
  ])("refuses %s that was created elsewhere", async (_, account) => {
    const one = rehearsal({ secrets: SECRETS, ...account });
    one.fillIn();
    const { code, calls } = await one.run();
    expect(code).toBe(1);
    expect(calls.some(({ called }) => called.startsWith("deploy"))).toBe(false);
    expect(one.printed()).toContain("instead of eu");
  });
});

describe("settings are refused before anything is asked of Cloudflare", () => {
  test.each<[string, Record<string, string>, Record<string, string | undefined>, string]>([
    ["missing", {}, { TIME_ZONE: undefined }, "TIME_ZONE is missing"],
    ["malformed", {}, { TIME_ZONE: "Europe/Brackwater" }, "TIME_ZONE is not an IANA time zone"],
    ["not https", {}, { PUBLIC_URL: "http://petitions.example.org" }, "PUBLIC_URL is not https"],
    ["misspelt", {}, { PETITON_PAGE: "https://example.org/{id}" }, "PETITON_PAGE is not a setting"],
    ["a secret in a readable file", {}, { ROOT_KEY: "x" }, "ROOT_KEY is a secret"],
    ["a secret nobody knows", {}, { SOME_API_TOKEN: "x" }, "SOME_API_TOKEN is a secret"],
    ["another address than the domain's", { custom_domain: "sign.example.org" }, {}, "PUBLIC_URL is not https://sign."],
    ["a domain that is none", { custom_domain: "https://sign.example.org" }, {}, "custom_domain is not a host name"],
    ["an unknown jurisdiction", { jurisdiction: "uk" }, {}, "jurisdiction is none of"],
    ["an unknown key", { databse: "x" }, {}, "databse is not a setting"],
    ["a name that Cloudflare refuses", { name: "Folk_moot" }, {}, "name is not"],
  ])("%s", async (_, keys, vars, said) => {
    const one = rehearsal({ secrets: SECRETS });
    one.fillIn(keys, vars);
    expect(await one.run()).toEqual({ code: 1, calls: [] });
    expect(one.printed()).toContain(said);
  });

  test("all of them at once, and no value is repeated", async () => {
    const one = rehearsal();
    one.fillIn({}, { MAIL_FROM: "nobody-knows", ROOT_KEY: "very-secret", LOCALES: "" });
    await one.run();
    for (const name of ["MAIL_FROM", "ROOT_KEY", "LOCALES"]) expect(one.printed()).toContain(name);
    for (const value of ["nobody-knows", "very-secret"]) expect(one.printed()).not.toContain(value);
  });

  test("a file that is no TOML", async () => {
    const one = rehearsal();
    writeFileSync(join(one.root, "production.toml"), "name = folkmoot\n[vars");
    expect(await one.run()).toEqual({ code: 1, calls: [] });
    expect(one.printed()).toContain("can't be read");
  });

  test("a secret that is also a setting", async () => {
    const one = rehearsal({ secrets: [...SECRETS, "CONTACT"] });
    one.fillIn();
    expect((await one.run()).code).toBe(1);
    expect(one.printed()).toContain("CONTACT is both");
  });
});

test.each([
  ["RESEND_API_KEY", "RESEND_WEBHOOK_SECRET"],
  ["RESEND_WEBHOOK_SECRET", "RESEND_API_KEY"],
  ["UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN"],
  ["UPSTASH_REDIS_REST_TOKEN", "UPSTASH_REDIS_REST_URL"],
])("%s without %s is not deployed, and the other is asked for", async (name, other) => {
  const one = rehearsal({ secrets: [...SECRETS, name] });
  one.fillIn();
  const { code, calls } = await one.run();
  expect([code, calls.some(({ called }) => called.startsWith("deploy"))]).toEqual([1, false]);
  expect(one.printed()).toContain(`${other} is missing`);
  expect(one.printed()).toContain(`npx wrangler secret put ${other} --config wrangler.production.json`);
  expect(one.printed()).not.toContain("secret put ROOT_KEY");

  Object.assign(one.account, { secrets: [...SECRETS, name, other] });
  expect((await one.run()).code).toBe(0);
});

test("what is said of mail afterwards is about the provider that sends it", async () => {
  const one = rehearsal({ secrets: SECRETS });
  one.fillIn({ name: "brackwater" });
  expect((await one.run()).code).toBe(0);
  expect(one.printed()).toContain("npx wrangler queues subscription list brackwater-mail-events");
  expect(one.printed()).not.toContain("Resend");
  Object.assign(one.account, { secrets: [...SECRETS, "RESEND_API_KEY", "RESEND_WEBHOOK_SECRET"] });
  expect((await one.run()).code).toBe(0);
  expect(one.printed()).toContain("https://petitions.example.org/hooks/resend");
  expect(one.printed()).not.toContain("onboarded");
});

test("without a sign-in it says how to sign in", async () => {
  const one = rehearsal({ signedIn: false });
  one.fillIn();
  const { code, calls } = await one.run();
  expect([code, calls.map(({ called }) => called)]).toEqual([1, ["whoami --json"]]);
  expect(one.printed()).toContain("npx wrangler login");
});

test("unknown arguments are answered with the usage, and change nothing", async () => {
  const one = rehearsal({ secrets: SECRETS });
  one.fillIn();
  for (const args of [["--jursdiction", "eu"], ["now"], ["--jurisdiction"]]) {
    expect(await one.run(...args)).toEqual({ code: 1, calls: [] });
    expect(one.printed()).toContain("--smoke-url URL");
  }
  expect(await one.run("--help")).toEqual({ code: 0, calls: [] });
});

test("a dry run says what it would do and does nothing, before and after the first deploy", async () => {
  const one = rehearsal();
  expect((await one.run("--dry-run")).code).toBe(1);
  expect(existsSync(join(one.root, "production.toml"))).toBe(false);
  one.fillIn();
  const first = await one.run("--dry-run");
  expect([first.code, changes(first.calls)]).toEqual([0, []]);
  expect(one.printed()).toContain("would run: wrangler d1 create folkmoot --jurisdiction eu");
  expect(one.printed()).toContain("ROOT_KEY is missing");
  expect(existsSync(join(one.root, "wrangler.production.json"))).toBe(false);
  Object.assign(one.account, { secrets: SECRETS });
  await one.run();
  const later = await one.run("--dry-run");
  expect([later.code, changes(later.calls)]).toEqual([0, []]);
  expect(one.printed()).not.toContain("would run: wrangler d1 create");
  expect(one.printed()).toContain("would run: wrangler deploy");
});

test("a service that comes up late passes; one that stays ill fails, and is named", async () => {
  const one = rehearsal({ secrets: SECRETS });
  one.fillIn();
  const healthy = one.world.fetch;
  let calls = 0;
  one.world.fetch = (...args) => (++calls <= 8 ? Promise.reject(new TypeError("fetch failed")) : healthy(...args));
  expect((await one.run()).code).toBe(0);
  one.world.fetch = async () => Response.json({ code: "not_found" }, { status: 404 });
  expect((await one.run()).code).toBe(1);
  expect(one.printed()).toContain("GET /v1/petitions: 404 instead of 200: the database can't be read");
  const asked: string[] = [];
  one.world.fetch = (input, init) => {
    asked.push(String(input));
    return healthy(input, init);
  };
  expect((await one.run("--smoke-url", "https://other.example.org/")).code).toBe(0);
  expect(new Set(asked.map((url) => new URL(url).origin))).toEqual(new Set(["https://other.example.org"]));
});

describe("single sign-on", () => {
  const access = { ACCESS_TEAM_DOMAIN: "brackwater.cloudflareaccess.com", ACCESS_AUDIENCE: "0a".repeat(32) };

  test("is deployed with both of its settings, and tried by hand afterwards", async () => {
    const one = rehearsal({ secrets: SECRETS });
    one.fillIn({}, access);
    expect((await one.run()).code).toBe(0);
    expect(one.config().vars).toMatchObject(access);
    expect(one.printed()).toContain("/v1/admin/me in a browser");
    const without = rehearsal({ secrets: SECRETS });
    without.fillIn();
    expect((await without.run()).code).toBe(0);
    expect(without.printed()).not.toContain("/v1/admin/me");
  });

  test.each([
    ["ACCESS_AUDIENCE", { ACCESS_TEAM_DOMAIN: access.ACCESS_TEAM_DOMAIN }],
    ["ACCESS_TEAM_DOMAIN", { ACCESS_AUDIENCE: access.ACCESS_AUDIENCE }],
    ["ACCESS_TEAM_DOMAIN", { ...access, ACCESS_TEAM_DOMAIN: "https://brackwater.cloudflareaccess.com" }],
    ["ACCESS_AUDIENCE", { ...access, ACCESS_AUDIENCE: "Petitions" }],
  ])("half of it, or malformed, is named by %s, and nothing is deployed", async (name, vars) => {
    const one = rehearsal({ secrets: SECRETS });
    one.fillIn({}, vars);
    const { code, calls } = await one.run();
    expect([code, changes(calls)]).toEqual([1, []]);
    expect(one.printed()).toContain(`${name} is m`);
  });
});
