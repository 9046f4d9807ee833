import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import {
  ACCESS_AUDIENCE,
  ACCESS_TEAM_DOMAIN,
  assertionFor,
  keySet,
  signingKey,
  standInForAccess,
} from "../support/access.ts";
import { coldIsolate } from "../support/isolate.ts";
import { asStaff, newStaff } from "../support/staff.ts";
import { foundTown } from "../support/town.ts";

const settings = { ACCESS_TEAM_DOMAIN, ACCESS_AUDIENCE };
const CERTS = `https://${ACCESS_TEAM_DOMAIN}/cdn-cgi/access/certs`;
const MINUTE = 60_000;
const pair = await signingKey();
const other = await signingKey();

type Isolate = ReturnType<typeof coldIsolate>;

beforeAll(foundTown);
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Who a request with an assertion is, as status and body. */
async function me(
  token: string,
  { at = coldIsolate(settings), headers = {} }: { at?: Isolate; headers?: object } = {},
) {
  const answer = await at.fetch("/v1/admin/me", { headers: { "Cf-Access-Jwt-Assertion": token, ...headers } });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, unknown> };
}

const serving = (...pairs: (typeof pair)[]) => standInForAccess(() => keySet(...pairs));

describe("an assertion that Access has signed for us", () => {
  test("lets the staff member in who has its e-mail address, with their role and department", async () => {
    const asked = serving(pair, other);
    const { id, email } = await newStaff("moderator", "works");
    const token = await assertionFor(email, pair);
    const { status, body } = await me(token);
    expect(status).toBe(200);
    expect(body).toMatchObject({ id, role: "moderator", department: "works" });
    expect(asked).toEqual([CERTS]);
    const [local, domain] = email.split("@");
    for (const spelling of [email.toUpperCase(), `${local}+petitions@${domain}`]) {
      expect((await me(await assertionFor(spelling, other))).body.id, spelling).toBe(id);
    }
  });

  test("lets nobody in who is no staff, or is none any more: their next request is refused", async () => {
    serving(pair);
    const { id, email } = await newStaff("admin");
    const at = coldIsolate(settings);
    const token = await assertionFor(email, pair);
    expect((await me(token, { at })).status).toBe(200);
    await newStaff("admin");
    expect((await asStaff(at, "POST", `/staff/${id}/revoke`, { body: {} })).status).toBe(200);
    expect((await me(token, { at })).status).toBe(401);
    expect((await me(await assertionFor("stranger@town.example", pair), { at })).status).toBe(401);
  });

  test("goes by what the database says now: a role that was taken is taken for the next request", async () => {
    serving(pair);
    const { id, email } = await newStaff("admin");
    await newStaff("admin");
    const token = await assertionFor(email, pair);
    const at = coldIsolate(settings);
    const list = async () =>
      (await at.fetch("/v1/admin/staff", { headers: { "Cf-Access-Jwt-Assertion": token } })).status;
    expect(await list()).toBe(200);
    await env.DB.prepare("UPDATE staff SET role = 'viewer' WHERE id = ?").bind(id.slice(4)).run();
    expect(await list()).toBe(404);
  });
});

describe("is refused with 401", () => {
  const now = () => Math.floor(Date.now() / 1000);
  const encoded = (value: unknown) => btoa(JSON.stringify(value)).replaceAll("=", "");

  test.each<[string, (email: string) => Promise<string> | string]>([
    ["signed by a key that is not in the set", (email) => assertionFor(email, other)],
    ["signed by another key under a known id", (email) => assertionFor(email, { ...other, kid: pair.kid })],
    [
      "of another issuer",
      (email) => assertionFor(email, pair, { claims: { iss: "https://evil.cloudflareaccess.com" } }),
    ],
    ["without an issuer", (email) => assertionFor(email, pair, { claims: { iss: undefined } })],
    ["for another application", (email) => assertionFor(email, pair, { claims: { aud: ["b2".repeat(32)] } })],
    ["without an audience", (email) => assertionFor(email, pair, { claims: { aud: undefined } })],
    ["expired", (email) => assertionFor(email, pair, { claims: { exp: now() } })],
    ["without an end", (email) => assertionFor(email, pair, { claims: { exp: undefined } })],
    ["not valid yet", (email) => assertionFor(email, pair, { claims: { nbf: now() + 60 } })],
    [
      "of a program, without an address",
      (email) => assertionFor(email, pair, { claims: { email: undefined, common_name: "x" } }),
    ],
    ["with something else for an address", (email) => assertionFor(email, pair, { claims: { email: [email] } })],
    [
      "with an address that is none",
      (email) => assertionFor(email, pair, { claims: { email: `${email}, x@y.example` } }),
    ],
    [
      "not signed at all",
      async (email) => {
        const [, payload] = (await assertionFor(email, pair)).split(".");
        return `${encoded({ alg: "none", kid: pair.kid })}.${payload}.`;
      },
    ],
    [
      "signed with the public key as a shared secret",
      async (email) => {
        const [, payload] = (await assertionFor(email, pair)).split(".");
        const signed = `${encoded({ alg: "HS256", kid: pair.kid })}.${payload}`;
        const secret = new TextEncoder().encode(JSON.stringify(pair.jwk));
        const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
        const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(signed)));
        return `${signed}.${btoa(String.fromCharCode(...mac)).replace(/[+/=]/g, "")}`;
      },
    ],
    [
      "changed after it was signed",
      async (email) => {
        const { email: victim } = await newStaff("admin");
        const [header, payload = "", signature] = (await assertionFor(email, pair)).split(".");
        return [header, encoded({ ...JSON.parse(atob(payload)), email: victim }), signature].join(".");
      },
    ],
    ["no token", () => "fm_staff_local"],
    ["empty", () => ""],
    ["of absurd length", (email) => assertionFor(email, pair, { claims: { groups: "x".repeat(9_000) } })],
  ])("what is %s", async (_, make) => {
    serving(pair);
    const { email } = await newStaff("admin");
    const { status, body } = await me(await make(email));
    expect([status, body.code]).toEqual([401, "unauthorized"]);
    expect((await me(await assertionFor(email, pair))).status).toBe(200);
  });

  test("everything, where single sign-on is not set up: nobody is asked", async () => {
    const asked = serving(pair);
    const { email } = await newStaff("admin");
    expect((await me(await assertionFor(email, pair), { at: coldIsolate() })).status).toBe(401);
    expect(asked).toEqual([]);
  });

  test("what another site's page sends with the person's cookie; our own pages and plain reading pass", async () => {
    serving(pair);
    const { email } = await newStaff("admin");
    const token = await assertionFor(email, pair);
    for (const origin of ["https://evil.example", "null", "http://localhost:8787.evil.example"]) {
      expect((await me(token, { headers: { Origin: origin } })).status, origin).toBe(401);
    }
    expect((await me(token, { headers: { Origin: "http://localhost:8787" } })).status).toBe(200);
  });
});

test("times hold to the second: the last of the one before the end is taken, and so is the first", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2026-11-27T12:00:00Z") });
  serving(pair);
  const { email } = await newStaff("viewer");
  const now = Date.now() / 1000;
  const at = coldIsolate(settings);
  const status = async (claims: object) =>
    (await me(await assertionFor(email, pair, { claims: { ...claims } }), { at })).status;
  expect([await status({ exp: now + 1 }), await status({ exp: now })]).toEqual([200, 401]);
  expect([await status({ nbf: now }), await status({ nbf: now + 1 })]).toEqual([200, 401]);
});

describe("a key beside an assertion", () => {
  test("decides alone: it is whose it is, and one that is not valid is not made good", async () => {
    const asked = serving(pair);
    const [mine, program] = [await newStaff("admin"), await newStaff("viewer")];
    const token = await assertionFor(mine.email, pair);
    const at = coldIsolate(settings);
    const both = (key: string) => me(token, { at, headers: { Authorization: `Bearer ${key}` } });
    expect((await both(program.key)).body).toMatchObject({ id: program.id, role: "viewer" });
    for (const key of [`${mine.key}x`, "", `fm_staff_${"0".repeat(38)}`]) expect((await both(key)).status).toBe(401);
    expect((await me(token, { at, headers: { Authorization: "Basic YTpi" } })).status).toBe(401);
    expect(asked).toEqual([]);
  });
});

describe("the team's key set", () => {
  test("is read once for many requests, and anew after five minutes: a key that rotated away is refused then", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    let keys = [pair];
    const asked = standInForAccess(() => keySet(...keys));
    const { email } = await newStaff("viewer");
    const at = coldIsolate(settings);
    const byOld = async () => (await me(await assertionFor(email, pair), { at })).status;
    expect([await byOld(), await byOld()]).toEqual([200, 200]);
    expect(asked).toHaveLength(1);
    keys = [other];
    vi.setSystemTime(Date.now() + 5 * MINUTE - 1);
    expect(await byOld()).toBe(200);
    vi.setSystemTime(Date.now() + 1);
    expect(await byOld()).toBe(401);
    expect((await me(await assertionFor(email, other), { at })).status).toBe(200);
  });

  test("is read anew for a key that is new to it, but not at every made-up id", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const rotated = await signingKey();
    let keys = [pair];
    const asked = standInForAccess(() => keySet(...keys));
    const { email } = await newStaff("viewer");
    const at = coldIsolate(settings);
    await me(await assertionFor(email, pair), { at });
    for (let n = 0; n < 20; n++) {
      expect((await me(await assertionFor(email, { ...other, kid: `made-up-${n}` }), { at })).status).toBe(401);
    }
    expect(asked).toHaveLength(1);
    keys = [rotated, pair];
    vi.setSystemTime(Date.now() + 10_000);
    expect((await me(await assertionFor(email, rotated), { at })).status).toBe(200);
    expect((await me(await assertionFor(email, pair), { at })).status).toBe(200);
    expect(asked).toHaveLength(2);
  });

  const faults: [string, () => Promise<Response> | Response][] = [
    ["can't be reached", () => Promise.reject(new TypeError("Network connection lost"))],
    ["fails", () => new Response("busy", { status: 500 })],
    ["is elsewhere", () => Response.redirect("https://evil.example/", 302)],
    ["is no JSON", () => new Response("<html>")],
    ["is no key set", () => Response.json({ keys: "none" })],
    ["has broken keys", () => Response.json({ keys: [{ ...pair.jwk, n: 7 }] })],
  ];

  test.each(faults)("that %s is a 503 with Retry-After, never a 401 and never a way in", async (_, fault) => {
    const lines: string[] = [];
    vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
    standInForAccess(fault);
    const { email } = await newStaff("admin");
    const { status, headers, body } = await me(await assertionFor(email, pair));
    expect([status, body.code, headers.get("Retry-After")]).toEqual([503, "unavailable", "10"]);
    expect(lines.join("")).toContain("sign_on_unavailable");
    expect(lines.join("")).not.toContain(email);
  });

  test("that does not answer within three seconds is a 503", async () => {
    const timeout = vi
      .spyOn(AbortSignal, "timeout")
      .mockReturnValue(AbortSignal.abort(new DOMException("late", "TimeoutError")));
    vi.stubGlobal("fetch", (_: string, { signal }: RequestInit) => Promise.reject(signal?.reason));
    const { email } = await newStaff("admin");
    expect((await me(await assertionFor(email, pair))).status).toBe(503);
    expect(timeout).toHaveBeenCalledWith(3_000);
  });

  test("that fails for a while is done without as long as it was read within five minutes", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    let fails = false;
    standInForAccess(() => (fails ? new Response("busy", { status: 500 }) : keySet(pair)));
    const { email } = await newStaff("viewer");
    const at = coldIsolate(settings);
    const status = async () => (await me(await assertionFor(email, pair), { at })).status;
    expect(await status()).toBe(200);
    fails = true;
    vi.setSystemTime(Date.now() + 4 * MINUTE);
    expect(await status()).toBe(200);
    vi.setSystemTime(Date.now() + 2 * MINUTE);
    expect(await status()).toBe(503);
    fails = false;
    expect(await status()).toBe(200);
  });

  test("has no part in what a key opens, nor in what residents do", async () => {
    standInForAccess(faults[0]?.[1] as () => Promise<Response>);
    const { key } = await newStaff("viewer");
    const at = coldIsolate(settings);
    expect((await asStaff(at, "GET", "/me", { key })).status).toBe(200);
    expect((await at.fetch("/v1/petitions", { headers: { "Cf-Access-Jwt-Assertion": "x" } })).status).toBe(200);
  });
});
