import { describe, expect, test } from "vitest";
import { ConfigError, LOCAL_ROOT_KEY, readConfig, readPetitionPolicy, readRootKeys } from "../../src/config.ts";
import { toBase64 } from "../../src/lib/bytes.ts";

const key = toBase64(new Uint8Array(32).fill(9));
const bindings = {
  DB: {},
  INTAKE: {},
  MAIL: {},
  MAIL_EVENTS: {},
  REVIEW: {},
  WEBHOOKS: {},
  LIMITER: {},
  IDEMPOTENCY: {},
  MAILER: {},
};
const settings = {
  ENVIRONMENT: "production",
  PUBLIC_URL: "https://petitions.example.org",
  MUNICIPALITY: "Town of Brackwater",
  TIME_ZONE: "Europe/Berlin",
  LOCALES: "de,en",
  MAIL_FROM: "petitions@example.org",
  CONTACT: "petitions@example.org",
  PRIVACY_NOTICE_URL: "https://example.org/privacy",
  ROOT_KEY: key,
};
const production = { ...bindings, ...settings };
const { MAILER: _, ...shared } = bindings;
const local = { ...shared, ...settings, ENVIRONMENT: "local", ROOT_KEY: LOCAL_ROOT_KEY, MAIL_CAPTURE: {} };

function problemsOf(env: object): readonly string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

const namesOf = (env: object): string[] => [
  ...new Set(problemsOf(env).map((problem) => problem.replace(/^binding /, "").split(" ")[0] as string)),
];

const without = (name: string): object =>
  Object.fromEntries(Object.entries(production).filter(([key]) => key !== name));

test("complete settings are read, in production and locally", () => {
  expect(readConfig(production)).toMatchObject({
    environment: "production",
    local: false,
    publicUrl: "https://petitions.example.org",
    timeZone: "Europe/Berlin",
    locales: ["de", "en"],
    rootKey: new Uint8Array(32).fill(9),
    rootKeyPrevious: undefined,
    staffBootstrapKey: undefined,
    unverifiedDays: 14,
  });
  expect(readConfig(local)).toMatchObject({ local: true });
  expect(readConfig({ ...local, PUBLIC_URL: "http://localhost:8787" }).publicUrl).toBe("http://localhost:8787");
});

test("the public address ends without a slash, and the list of languages without blanks", () => {
  expect(readConfig({ ...production, PUBLIC_URL: "https://example.org//" }).publicUrl).toBe("https://example.org");
  expect(readConfig({ ...production, LOCALES: " de , en" }).locales).toEqual(["de", "en"]);
});

test("where a petition is read is the municipality's page, or else the API's", () => {
  const page = "https://example.org/petitions/{id}";
  expect(readConfig({ ...production, PETITION_PAGE: page }).petitionPage).toBe(page);
  expect(readConfig(production).petitionPage).toBe("https://petitions.example.org/v1/petitions/{id}");
});

test.each(Object.keys(settings))("%s is named when it is missing, alone", (name) => {
  expect(namesOf(without(name))).toEqual([name]);
});

test("a setting that is missing is called missing, not malformed", () => {
  const problems = Object.keys(settings).flatMap((name) => problemsOf(without(name)));
  expect(problems).toEqual(Object.keys(settings).map((name) => `${name} is missing`));
});

test.each(Object.keys(settings))("%s is named when it is empty", (name) => {
  expect(namesOf({ ...production, [name]: "" })).toEqual([name]);
});

test.each(Object.keys(settings))("%s is named when it is no text", (name) => {
  for (const value of [7, null, {}, ["x"], true]) expect(namesOf({ ...production, [name]: value })).toEqual([name]);
});

test.each([
  ["ENVIRONMENT", "Production"],
  ["ENVIRONMENT", "local "],
  ["ENVIRONMENT", "a".repeat(33)],
  ["PUBLIC_URL", "petitions.example.org"],
  ["MUNICIPALITY", "x".repeat(101)],
  ["TIME_ZONE", "Europe/Brackwater"],
  ["TIME_ZONE", "+25:00"],
  ["LOCALES", "de,,en"],
  ["LOCALES", "de;en"],
  ["LOCALES", "deutsch!"],
  ["MAIL_FROM", "Town <petitions@example.org>"],
  ["PRIVACY_NOTICE_URL", "privacy"],
  ["PETITION_PAGE", "https://example.org/petitions/"],
  ["PETITION_PAGE", "petitions/{id}"],
  ["ROOT_KEY", "secret-but-short"],
  ["ROOT_KEY", toBase64(new Uint8Array(31))],
  ["ROOT_KEY", toBase64(new Uint8Array(33))],
  ["ROOT_KEY", "not~base64~but~long~enough~to~look~like~a~key"],
  ["ROOT_KEY_PREVIOUS", toBase64(new Uint8Array(16))],
  ["ROOT_KEY_PREVIOUS", ""],
  ["STAFF_BOOTSTRAP_KEY", "short-staff-secret"],
  ["STAFF_BOOTSTRAP_KEY", ""],
  ["RESPONSE_DUE_DAYS", "0"],
  ["RESPONSE_DUE_DAYS", "731"],
  ["UNVERIFIED_DAYS", "0"],
  ["ADDRESS_DAYS", "6"],
  ["ADDRESS_DAYS", "366"],
  ["RETENTION_MONTHS", "0"],
  ["RETENTION_MONTHS", "121"],
  ["RETENTION_MONTHS", "six"],
  ["UNVERIFIED_DAYS", "91"],
  ["UNVERIFIED_DAYS", "14 days"],
  ["UNVERIFIED_DAYS", "-1"],
  ["UNVERIFIED_DAYS", "1e1"],
  ["MAILINGS_PER_MINUTE", "0"],
  ["MAILINGS_PER_MINUTE", "60001"],
])("a malformed %s is named, and its value (%j) is not repeated", (name, value) => {
  const env = { ...production, [name]: value };
  expect(namesOf(env)).toEqual([name]);
  if (value.length > 3) expect(problemsOf(env).join("; ")).not.toContain(value);
});

describe("Upstash", () => {
  const upstash = {
    UPSTASH_REDIS_REST_URL: "https://limits.upstash.example",
    UPSTASH_REDIS_REST_TOKEN: "AbC_1234-token=",
  };

  test("is configured by its URL and its token, and by nothing else", () => {
    expect(readConfig({ ...production, ...upstash }).upstash).toEqual({
      url: "https://limits.upstash.example",
      token: "AbC_1234-token=",
    });
    expect(readConfig(production).upstash).toBe(undefined);
  });

  test.each([
    ["UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN"],
    ["UPSTASH_REDIS_REST_TOKEN", "UPSTASH_REDIS_REST_URL"],
  ])("half configured, %s alone, is refused by the name of the other", (given, other) => {
    for (const env of [production, local]) {
      const problems = problemsOf({ ...env, [given]: Reflect.get(upstash, given) });
      expect(problems).toEqual([`${other} is missing: Upstash needs its URL and its token`]);
    }
  });

  test.each([
    ["UPSTASH_REDIS_REST_URL", ""],
    ["UPSTASH_REDIS_REST_URL", "limits.upstash.example"],
    ["UPSTASH_REDIS_REST_URL", "redis://limits.upstash.example"],
    ["UPSTASH_REDIS_REST_URL", "https:limits.upstash.example"],
    ["UPSTASH_REDIS_REST_URL", "https://limits.upstash.example "],
    ["UPSTASH_REDIS_REST_URL", "http://limits.upstash.example"],
    ["UPSTASH_REDIS_REST_TOKEN", ""],
    ["UPSTASH_REDIS_REST_TOKEN", "two words of mine"],
    ["UPSTASH_REDIS_REST_TOKEN", "a-token-with-a-line-end\n"],
  ])("%s is refused as %j, which is not repeated", (name, value) => {
    const env = { ...production, ...upstash, [name]: value };
    expect(namesOf(env)).toEqual([name]);
    if (value !== "") expect(problemsOf(env).join("; ")).not.toContain(value.trim());
  });

  test("is reached over plain http in local mode only", () => {
    const url = { UPSTASH_REDIS_REST_URL: "http://127.0.0.1:8079" };
    expect(problemsOf({ ...local, ...upstash, ...url })).toEqual([]);
    expect(problemsOf({ ...production, ...upstash, ...url })).toEqual(["UPSTASH_REDIS_REST_URL is not https"]);
  });
});

describe("single sign-on", () => {
  const access = { ACCESS_TEAM_DOMAIN: "brackwater.cloudflareaccess.com", ACCESS_AUDIENCE: "0a".repeat(32) };

  test("is configured by the team and the application, and by nothing else", () => {
    expect(readConfig({ ...production, ...access }).access).toEqual({
      teamDomain: access.ACCESS_TEAM_DOMAIN,
      audience: access.ACCESS_AUDIENCE,
    });
    expect(readConfig(production).access).toBe(undefined);
  });

  test.each([
    ["ACCESS_TEAM_DOMAIN", "ACCESS_AUDIENCE"],
    ["ACCESS_AUDIENCE", "ACCESS_TEAM_DOMAIN"],
  ])("half configured, %s alone, is refused by the name of the other", (given, missing) => {
    for (const env of [production, local]) {
      const problems = problemsOf({ ...env, [given]: Reflect.get(access, given) });
      expect(problems).toEqual([`${missing} is missing: single sign-on needs the team and the application`]);
    }
  });

  test.each([
    ["ACCESS_TEAM_DOMAIN", ""],
    ["ACCESS_TEAM_DOMAIN", "brackwater"],
    ["ACCESS_TEAM_DOMAIN", "https://brackwater.cloudflareaccess.com"],
    ["ACCESS_TEAM_DOMAIN", "brackwater.cloudflareaccess.com/cdn-cgi"],
    ["ACCESS_TEAM_DOMAIN", "brackwater.cloudflareaccess.com.evil.example"],
    ["ACCESS_TEAM_DOMAIN", "evil.example/.cloudflareaccess.com"],
    ["ACCESS_TEAM_DOMAIN", ".cloudflareaccess.com"],
    ["ACCESS_AUDIENCE", ""],
    ["ACCESS_AUDIENCE", "0a".repeat(31)],
    ["ACCESS_AUDIENCE", "0A".repeat(32)],
    ["ACCESS_AUDIENCE", `${"0a".repeat(32)}\n`],
  ])("%s is refused as %j, which is not repeated", (name, value) => {
    const env = { ...production, ...access, [name]: value };
    expect(problemsOf(env)).toEqual([`${name} is malformed`]);
  });
});

test("no value of any setting is repeated, whatever is wrong with the others", () => {
  const odd = Object.keys(settings).map((name) => [name, `<odd value of mine: ${name.toLowerCase()}>`]);
  const message = problemsOf({ ...bindings, ...Object.fromEntries(odd) }).join("; ");
  expect(message).not.toContain("odd value");
  expect(message).toContain("ROOT_KEY");
});

test.each([
  ["RESPONSE_DUE_DAYS", ["1", "60", "730"]],
  ["UNVERIFIED_DAYS", ["1", "14", "90"]],
  ["ADDRESS_DAYS", ["7", "30", "365"]],
  ["RETENTION_MONTHS", ["1", "6", "99", "100", "120"]],
  ["MAILINGS_PER_MINUTE", ["1", "300", "60000"]],
  ["STAFF_BOOTSTRAP_KEY", ["k".repeat(32)]],
  ["MUNICIPALITY", ["x", "x".repeat(100)]],
])("%s is read at its edges", (name, values) => {
  for (const value of values) expect(problemsOf({ ...production, [name]: value })).toEqual([]);
});

describe("every binding that is missing is named", () => {
  test.each(Object.keys(bindings))("%s", (name) => {
    const problem = `binding ${name} is missing${name === "MAILER" ? ", and so is RESEND_API_KEY" : ""}`;
    for (const env of [without(name), { ...production, [name]: "a text" }, { ...production, [name]: null }]) {
      expect(problemsOf(env)).toEqual([problem]);
    }
  });

  test("local mode needs a mailbox instead of a sender", () => {
    expect(problemsOf({ ...local, MAIL_CAPTURE: undefined })).toEqual(["binding MAIL_CAPTURE is missing"]);
    expect(problemsOf({ ...local, MAILER: undefined })).toEqual([]);
  });
});

describe("mail goes through one of two senders", () => {
  const resend = {
    RESEND_API_KEY: "re_123456789",
    RESEND_WEBHOOK_SECRET: `whsec_${toBase64(new Uint8Array(24).fill(7))}`,
  };

  test("Resend is read as one, instead of the binding or beside it", () => {
    const read = { apiKey: resend.RESEND_API_KEY, webhookSecret: resend.RESEND_WEBHOOK_SECRET };
    expect(readConfig({ ...production, ...resend }).resend).toEqual(read);
    expect(readConfig({ ...without("MAILER"), ...resend }).resend).toEqual(read);
    expect(readConfig(production).resend).toBeUndefined();
  });

  test.each(["RESEND_API_KEY", "RESEND_WEBHOOK_SECRET"])(
    "half a configuration names the half that is missing: %s",
    (name) => {
      const { [name as keyof typeof resend]: _, ...half } = resend;
      for (const env of [production, local, without("MAILER")]) expect(namesOf({ ...env, ...half })).toEqual([name]);
    },
  );

  test.each([
    ["RESEND_API_KEY", "sk_123456789"],
    ["RESEND_API_KEY", "re_"],
    ["RESEND_API_KEY", "re_1234 56789"],
    ["RESEND_API_KEY", ""],
    ["RESEND_WEBHOOK_SECRET", "whsec_"],
    ["RESEND_WEBHOOK_SECRET", "whsec_c2hvcnQ="],
    ["RESEND_WEBHOOK_SECRET", "whsec_not~base64~at~all~but~long"],
    ["RESEND_WEBHOOK_SECRET", resend.RESEND_WEBHOOK_SECRET.slice(6)],
  ])("a malformed %s is named, and its value (%j) is not repeated", (name, value) => {
    const env = { ...production, ...resend, [name]: value };
    expect(namesOf(env)).toEqual([name]);
    if (value.length > 8) expect(problemsOf(env).join()).not.toContain(value);
  });
});

describe("what belongs to local mode is refused elsewhere", () => {
  test.each([
    ["the published key", { ROOT_KEY: LOCAL_ROOT_KEY }, "ROOT_KEY"],
    ["the published key as the previous one", { ROOT_KEY_PREVIOUS: LOCAL_ROOT_KEY }, "ROOT_KEY_PREVIOUS"],
    ["the published key without padding", { ROOT_KEY: LOCAL_ROOT_KEY.replace("=", "") }, "ROOT_KEY"],
    ["the published key with a line end", { ROOT_KEY: `${LOCAL_ROOT_KEY}\n` }, "ROOT_KEY"],
    ["the published key in another spelling", { ROOT_KEY: LOCAL_ROOT_KEY.replace("ZXQ=", "ZXR=") }, "ROOT_KEY"],
    ["the mailbox", { MAIL_CAPTURE: {} }, "MAIL_CAPTURE"],
    ["the staff key", { STAFF_BOOTSTRAP_KEY: "fm_staff_local" }, "STAFF_BOOTSTRAP_KEY"],
    ["a longer staff key", { STAFF_BOOTSTRAP_KEY: `fm_staff_local${"0".repeat(32)}` }, "STAFF_BOOTSTRAP_KEY"],
    ["plain http", { PUBLIC_URL: "http://petitions.example.org" }, "PUBLIC_URL"],
    ["another scheme", { PUBLIC_URL: "ftp://petitions.example.org" }, "PUBLIC_URL"],
  ])("%s", (_, values, name) => {
    for (const ENVIRONMENT of ["production", "staging", "localhost"]) {
      expect(namesOf({ ...production, ...values, ENVIRONMENT })).toEqual([name]);
    }
  });

  test("and no problem repeats the key", () => {
    const message = problemsOf({ ...production, ROOT_KEY: LOCAL_ROOT_KEY, STAFF_BOOTSTRAP_KEY: key }).join("; ");
    expect(message).not.toContain(LOCAL_ROOT_KEY);
    expect(message).not.toContain(key);
  });
});

describe("several problems at once are all named", () => {
  test("settings", () => {
    expect(namesOf(bindings).toSorted()).toEqual(Object.keys(settings).toSorted());
  });

  test("bindings", () => {
    expect(namesOf(settings).toSorted()).toEqual(Object.keys(bindings).toSorted());
  });

  test("what belongs to local mode", () => {
    const env = { ...production, ROOT_KEY: LOCAL_ROOT_KEY, MAIL_CAPTURE: {}, PUBLIC_URL: "http://example.org" };
    expect(namesOf(env).toSorted()).toEqual(["MAIL_CAPTURE", "PUBLIC_URL", "ROOT_KEY"]);
  });

  test("a setting and a binding", () => {
    const { DB: _db, ...env } = { ...production, TIME_ZONE: "Europe/Brackwater" };
    expect(namesOf(env).toSorted()).toEqual(["DB", "TIME_ZONE"]);
  });

  test("a setting and what belongs to local mode", () => {
    const env = { ...production, TIME_ZONE: "Europe/Brackwater", ROOT_KEY: LOCAL_ROOT_KEY, MAIL_CAPTURE: {} };
    expect(namesOf(env).toSorted()).toEqual(["MAIL_CAPTURE", "ROOT_KEY", "TIME_ZONE"]);
  });
});

describe("what a petition opens with", () => {
  test("is six months and two thresholds unless the municipality sets others", () => {
    const defaults = [
      { name: "response", signatures: 100 },
      { name: "hearing", signatures: 1000 },
    ];
    expect(readConfig(production)).toMatchObject({ thresholds: defaults, durationMonths: 6 });
    const own = { ...production, THRESHOLDS: "hearing=20", DURATION_MONTHS: "60" };
    expect(readConfig(own)).toMatchObject({ thresholds: [{ name: "hearing", signatures: 20 }], durationMonths: 60 });
    expect(readConfig({ ...production, THRESHOLDS: "none", DURATION_MONTHS: "1" })).toMatchObject({ thresholds: [] });
  });

  test("is refused when it is malformed", () => {
    expect(problemsOf({ ...production, THRESHOLDS: "response=0", DURATION_MONTHS: "0" })).toEqual([
      "THRESHOLDS is not of the form response=100,hearing=1000",
      "DURATION_MONTHS is not from 1 to 60",
    ]);
    expect(problemsOf({ ...production, DURATION_MONTHS: "61" })).toEqual(["DURATION_MONTHS is not from 1 to 60"]);
  });

  test("and how many supporters it needs before and may have: five and twenty, or as the municipality sets it", () => {
    const supporters = (needed?: string, max?: string) =>
      readConfig({
        ...production,
        ...(needed === undefined ? {} : { SUPPORTERS_NEEDED: needed }),
        ...(max === undefined ? {} : { SUPPORTERS_MAX: max }),
      }).supporters;
    expect(supporters()).toEqual({ needed: 5, max: 20 });
    expect(supporters("0")).toEqual({ needed: 0, max: 20 });
    expect(supporters("20", "20")).toEqual({ needed: 20, max: 20 });
    expect(supporters("1", "1")).toEqual({ needed: 1, max: 1 });
    expect(supporters("3", "100")).toEqual({ needed: 3, max: 100 });
    for (const needed of ["21", "-1", "five", "5.0", "05"])
      expect(problemsOf({ ...production, SUPPORTERS_NEEDED: needed }), needed).toContain(
        "SUPPORTERS_NEEDED is not from 0 to 20",
      );
    for (const max of ["0", "101", "many"])
      expect(problemsOf({ ...production, SUPPORTERS_MAX: max }), max).toContain("SUPPORTERS_MAX is not from 1 to 100");
    const gateShut = { ...production, SUPPORTERS_NEEDED: "6", SUPPORTERS_MAX: "5" };
    expect(problemsOf(gateShut)).toEqual(["SUPPORTERS_MAX is smaller than SUPPORTERS_NEEDED"]);
    expect(problemsOf({ ...production, SUPPORTERS_MAX: "4" })).toEqual([
      "SUPPORTERS_MAX is smaller than SUPPORTERS_NEEDED",
    ]);
  });

  test("is read by commands without any binding, and so are the root keys, never the published one outside local mode", () => {
    const { TIME_ZONE, LOCALES } = settings;
    expect(readPetitionPolicy({ TIME_ZONE, LOCALES })).toMatchObject({ timeZone: TIME_ZONE, locales: ["de", "en"] });
    expect(() => readPetitionPolicy({ LOCALES })).toThrow("TIME_ZONE is missing");
    expect(readRootKeys({ ROOT_KEY: key }, false)).toBeDefined();
    expect(readRootKeys({ ROOT_KEY: LOCAL_ROOT_KEY }, true)).toBeDefined();
    expect(() => readRootKeys({ ROOT_KEY: LOCAL_ROOT_KEY }, false)).toThrow("is the published key of local mode");
    expect(() => readRootKeys({ ROOT_KEY: key, ROOT_KEY_PREVIOUS: "x" }, false)).toThrow(
      /^ROOT_KEY_PREVIOUS is not 32 bytes/,
    );
  });
});
