import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { app } from "../../src/app.ts";
import { partnerScopes } from "../../src/db/partner-schema.ts";
import type { Operation } from "../../src/http/openapi.ts";
import { newUuid } from "../../src/lib/ids.ts";
import { newPartnerKey, partnerKeyDigest } from "../../src/partners/partner-key.ts";
import { operations } from "../support/documented.ts";
import { coldIsolate, keepingQueue } from "../support/isolate.ts";
import { partnerRequest, staffRequest } from "../support/operations.ts";
import { newKey, newPartner, publicAddress } from "../support/partners.ts";
import { staffKey } from "../support/staff.ts";
import { foundTown, openPetition } from "../support/town.ts";

const partners = operations.filter(({ partner }) => partner !== undefined);
const ORIGIN = "https://site.example";

/** What a request may be like. Every combination is tried with every operation that takes a partner's key. */
const STATES = [
  "valid",
  "within overlap",
  "after overlap",
  "expired",
  "revoked",
  "suspended",
  "malformed",
  "wrong checksum",
] as const;
const SCOPES: readonly (readonly string[])[] = [...partnerScopes.map((scope) => [scope]), [...partnerScopes]];
const PETITIONS = ["all", "this", "another"] as const;
const ORIGINS = ["none", "the key's", "another"] as const;

interface Case {
  readonly state: (typeof STATES)[number];
  readonly scopes: readonly string[];
  readonly petitions: (typeof PETITIONS)[number];
  /** Whether the key is tied to pages' origins. */
  readonly browser: boolean;
  /** Whether the key is for tests. */
  readonly test: boolean;
  /** What the request says of its page. */
  readonly origin: (typeof ORIGINS)[number];
}

const isWorking = (state: Case["state"]) => state === "valid" || state === "within overlap";

const places = PETITIONS.flatMap((petitions) => ORIGINS.map((origin) => ({ petitions, origin })));

const kinds = [false, true].flatMap((test) => [
  ...SCOPES.map((scopes) => ({ scopes, browser: false, test })),
  { scopes: ["signatures:write"], browser: true, test },
]);

const cases: readonly Case[] = STATES.flatMap((state) =>
  kinds.flatMap((kind) => places.map((place) => ({ state, ...kind, ...place }))),
);

/** What must come of a case, told once more in other words than the code's. */
function expected(
  { partner, path, answer }: Operation,
  { state, scopes, petitions, browser, test: isTest, origin }: Case,
): number {
  if (!isWorking(state)) return 401;
  if (!browser && origin !== "none") return 403;
  if (browser && origin !== "the key's") return 404;
  // Pages send one person's signature.
  if (browser && path.endsWith("/batch")) return 404;
  if (isTest ? partner?.tests === undefined : partner?.tests === "only") return 404;
  const scope = partner?.scope ?? null;
  if (scope === null ? browser : !scopes.includes(scope)) return 404;
  if (path.includes("/petitions/") && petitions === "another") return 404;
  // The example's is told of every petition, and so is no key's that is for one.
  if (path.startsWith("/v1/partner/webhooks/{id}") && petitions !== "all") return 404;
  return answer.status;
}

const isolate = () => coldIsolate({ WEBHOOKS: keepingQueue(), INTAKE: keepingQueue(), MAIL: keepingQueue() });
const elsewhere = { uuid: "" };

beforeAll(async () => {
  await foundTown();
  elsewhere.uuid = (await openPetition()).uuid;
  // The table needs more keys of one partner than anybody gets.
  await env.DB.prepare("DROP TRIGGER partner_keys_are_few").run();
});

type Request = Awaited<ReturnType<typeof partnerRequest>> & { readonly owner: string };

/** An operation's example with what it needs, and whose key it comes with. */
async function staged(operation: Operation): Promise<Request> {
  const request = await partnerRequest(operation);
  const key = String((request.init.headers as Record<string, string>).Authorization).replace("Bearer ", "");
  const row = await env.DB.prepare("SELECT partner_id FROM partner_keys WHERE digest = ?")
    .bind(await partnerKeyDigest(key))
    .first<{ partner_id: string }>();
  return { ...request, owner: String(row?.partner_id) };
}

/** A key of the request's partner as a case has it; gives what is sent as the key. */
async function keyFor(
  { owner, path }: Request,
  one: Case,
): Promise<{ sent: string; insert: D1PreparedStatement | null }> {
  const { key, digest, prefix } = await newPartnerKey(one.test);
  const petition = /pet_([0-9a-f-]{36})/.exec(path)?.[1] ?? newUuid();
  const petitions = { all: null, this: JSON.stringify([petition]), another: JSON.stringify([elsewhere.uuid]) }[
    one.petitions
  ];
  const now = Date.now();
  const ends: Partial<Record<Case["state"], number>> = {
    "within overlap": now + 3_600_000,
    "after overlap": now - 1,
    expired: now - 86_400_000,
  };
  const insert = env.DB.prepare(
    `INSERT INTO partner_keys (digest, id, partner_id, prefix, label, scopes, petitions, origins, created_at, expires_at, test)
     VALUES (?, ?, ?, ?, 'case', ?, ?, ?, 1, ?, ?)`,
  ).bind(
    ...[digest, newUuid(), owner, prefix, JSON.stringify(one.scopes), petitions],
    ...[one.browser ? JSON.stringify([ORIGIN]) : null, ends[one.state] ?? null, one.test ? 1 : 0],
  );
  if (one.state === "malformed") return { sent: key.slice(0, -1), insert };
  if (one.state === "wrong checksum") return { sent: key.replace(/.$/, (last) => (last === "x" ? "y" : "x")), insert };
  return { sent: key, insert: one.state === "revoked" ? null : insert };
}

/** The request with a case's key and page. */
function sendAs(at: ReturnType<typeof isolate>, { path, init }: Request, { browser, origin }: Case, sent: string) {
  const Origin = { none: undefined, "the key's": ORIGIN, another: "https://other.example" }[origin];
  const body = typeof init.body === "string" ? (JSON.parse(init.body) as Record<string, unknown>) : undefined;
  if (body && "signer_address" in body) {
    if (browser) delete body.signer_address;
    else body.signer_address = publicAddress();
  }
  const headers = {
    ...(init.headers as Record<string, string>),
    Authorization: `Bearer ${sent}`,
    ...(Origin && { Origin }),
  };
  return at.fetch(path, { ...init, headers, ...(body && { body: JSON.stringify(body) }) });
}

const told = (one: Case) => JSON.stringify(one);

test("every route under /v1/partner is described as a partner's, and so is in the table", () => {
  const described = partners.map(({ method, path }) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ":$1")}`);
  const routes = app.routes.filter(({ method, path }) => method !== "ALL" && path.startsWith("/v1/partner/"));
  for (const { method, path } of routes) expect(described).toContain(`${method} ${path}`);
  expect(new Set(routes.map(({ method, path }) => `${method} ${path}`)).size).toBe(
    partners.length - withPetition.length,
  );
  expect(withPetition.map(({ id }) => id)).toContain("submitSignature");
});

const withPetition = partners.filter(({ path }) => path.startsWith("/v1/petitions/"));

describe.each(partners)("$id", (operation) => {
  test("gives each key what it is for, and everybody else nothing", async () => {
    const request = await staged(operation);
    const prepared = await Promise.all(cases.map(async (one) => ({ one, ...(await keyFor(request, one)) })));
    await env.DB.batch(prepared.flatMap(({ insert }) => insert ?? []));
    const at = isolate();
    const refused = prepared.filter(({ one }) => expected(operation, one) >= 400);
    const run = async (some: typeof prepared) => {
      for (let begin = 0; begin < some.length; begin += 50) {
        const part = some.slice(begin, begin + 50);
        const answers = await Promise.all(part.map(({ one, sent }) => sendAs(at, request, one, sent)));
        for (const [n, answer] of answers.entries()) {
          const { one } = part[n] as (typeof part)[number];
          expect(answer.status, told(one)).toBe(expected(operation, one));
          expect(answer.headers.has("RateLimit"), told(one)).toBe(answer.status !== 401);
          await answer.body?.cancel();
        }
      }
    };
    await run(refused.filter(({ one }) => one.state !== "suspended"));
    await env.DB.prepare("UPDATE partners SET suspended_at = 1 WHERE id = ?").bind(request.owner).run();
    await run(refused.filter(({ one }) => one.state === "suspended"));
    const allowed = cases.filter((one) => expected(operation, one) < 400);
    expect(allowed.length).toBeGreaterThan(0);
    const another = await staged(operation);
    for (const one of allowed) {
      const own = operation.method === "get" ? another : await staged(operation);
      const { sent, insert } = await keyFor(own, one);
      if (insert) await insert.run();
      const answer = await sendAs(at, own, one, sent);
      expect(answer.status, told(one)).toBe(operation.answer.status);
      expect(answer.headers.get("RateLimit"), told(one)).toContain('"partner_requests"');
      await answer.body?.cancel();
    }
  }, 60_000);

  test("takes no key of staff's, nor none, unless residents may", async () => {
    for (const key of ["fm_staff_local", await staffKey("admin")]) {
      const { path, init } = await partnerRequest(operation, { key });
      expect((await isolate().fetch(path, init)).status).toBe(401);
    }
    if (operation.partner?.may) return;
    const { path, init } = await partnerRequest(operation, { key: null });
    const { Authorization: _, ...headers } = init.headers as Record<string, string>;
    expect((await isolate().fetch(path, { ...init, headers })).status).toBe(401);
  });
});

test("no route of staff's takes a partner's key", async () => {
  const { key } = await newKey(await newPartner());
  const at = isolate();
  for (const operation of operations.filter(({ staff }) => staff !== undefined)) {
    const { path, init } = await staffRequest(operation, { key });
    expect((await at.fetch(path, init)).status, operation.id).toBe(401);
  }
});
