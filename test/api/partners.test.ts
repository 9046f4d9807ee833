import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { coldIsolate, faultyDatabase } from "../support/isolate.ts";
import { absentId, asPartner, newKey, newPartner, type PartnerView } from "../support/partners.ts";
import { actsOn, asStaff, staffKey } from "../support/staff.ts";
import { foundTown, openPetition } from "../support/town.ts";

const isolate = coldIsolate();
const USAGE = "/v1/partner/usage";

beforeAll(foundTown);

const json = async <Body>(answer: Response): Promise<Body> => (await answer.json()) as Body;
const statusOf = async (key: string, at = isolate, headers = {}) =>
  (await asPartner(at, key, "GET", USAGE, { headers })).status;

describe("partners", () => {
  test("are made, read, changed and listed by admins, with an entry in the log that has no address", async () => {
    const made = await newPartner({ website: "https://union.example/sign?a=b", locale: "de" });
    const body = { name: "Renamed", email: "new@partner.example", locale: null, website: null };
    const changed = await json<PartnerView>(await asStaff(isolate, "PUT", `/partners/${made.id}`, { body }));
    expect(changed).toEqual({ ...made, ...body });
    expect(await json(await asStaff(isolate, "GET", `/partners/${made.id}`))).toEqual(changed);
    await asStaff(isolate, "PUT", `/partners/${made.id}`, { body });
    const acts = await actsOn(made.id);
    expect(acts.map(({ act }) => act)).toEqual(["partner.create", "partner.change"]);
    expect(JSON.stringify(acts)).not.toContain("@");
    expect(JSON.parse(String(acts[1]?.after))).toMatchObject({ name: "Renamed", email: "changed" });
  });

  test("are paged in the order in which they were added, narrowed by whether they are suspended", async () => {
    const made = [await newPartner(), await newPartner(), await newPartner()];
    await asStaff(isolate, "POST", `/partners/${made[1]?.id}/suspend`, { body: {} });
    const all: PartnerView[] = [];
    let at = "/partners?suspended=false&limit=2";
    while (at !== "") {
      const answer = await asStaff(isolate, "GET", at);
      const { data, next_cursor } = await json<{ data: PartnerView[]; next_cursor: string | null }>(answer);
      all.push(...data);
      at = next_cursor === null ? "" : `/partners?suspended=false&limit=2&cursor=${next_cursor}`;
    }
    const found = all.map(({ id }) => id).filter((id) => made.some((one) => one.id === id));
    expect(found).toEqual([made[0]?.id, made[2]?.id]);
  });

  test("have a channel of their own, named as they are, and a code that nobody else can have", async () => {
    const { id, code } = await newPartner({ name: "The First" });
    const channel = () => env.DB.prepare("SELECT * FROM channels WHERE code = ?").bind(code).first();
    expect(await channel()).toMatchObject({ partner: code, label: "The First", owner: "The First" });
    const body = { name: "The Second", email: "a@partner.example", locale: null, website: null };
    await asStaff(isolate, "PUT", `/partners/${id}`, { body });
    expect(await channel()).toMatchObject({ partner: code, label: "The Second", owner: "The Second" });
    const { id: petition } = await openPetition();
    const said = { label: "Stall", owner: "Market" };
    await asStaff(isolate, "PUT", `/petitions/${petition}/channels/own-stall`, { body: said });
    for (const taken of [code, "poster", "other", "own-stall"]) {
      const again = await asStaff(isolate, "POST", "/partners", {
        body: { code: taken, name: "X", email: "x@partner.example" },
      });
      expect([taken, again.status]).toEqual([taken, 409]);
    }
  });

  test("two who ask for a code at the same moment: one has it", async () => {
    const code = `p-${crypto.randomUUID().slice(0, 13)}`;
    const body = { code, name: "Twice", email: "x@partner.example" };
    const answers = await Promise.all([1, 2].map(() => asStaff(isolate, "POST", "/partners", { body })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
  });

  test("take no place from the municipality's fifty channels, nor it from them", async () => {
    const { n } = (await env.DB.prepare("SELECT count(*) AS n FROM channels WHERE partner IS NULL").first()) as {
      n: number;
    };
    const said = { label: "One more", owner: "Office" };
    for (let left = 50 - n; left > 0; left--) {
      const { status } = await asStaff(isolate, "PUT", `/channels/full-${left}`, { body: said });
      expect(status).toBe(200);
    }
    expect((await asStaff(isolate, "PUT", "/channels/full-51", { body: said })).status).toBe(409);
    await newPartner();
    await env.DB.prepare("DELETE FROM channels WHERE code GLOB 'full-*'").run();
  });

  test("have ten channels at most, each theirs from the beginning and for good", async () => {
    const [one, other] = [await newPartner(), await newPartner()];
    const put = (code: string, body: object) =>
      asStaff(isolate, "PUT", `/channels/${code}`, { body: { label: "Leaflet", owner: "The union", ...body } });
    const own = (n: number) => `${one.code}-${n}`;
    for (let n = 1; n <= 9; n++) expect((await put(own(n), { partner: one.code })).status).toBe(200);
    expect((await put(own(10), { partner: one.code })).status).toBe(409);
    expect((await put(own(9), { partner: one.code, retired: true })).status).toBe(200);
    expect(await json(await put(own(9), {}))).toMatchObject({ partner: one.code, retired_at: null });
    for (const [code, partner] of [
      [own(9), other.code],
      ["poster", one.code],
      [`${one.code}-new`, "nobody"],
    ] as const) {
      const answer = await put(code, { partner });
      expect([code, answer.status, JSON.stringify(await answer.json()).includes('"/partner"')]).toEqual([
        code,
        400,
        true,
      ]);
    }
    const { id } = await openPetition();
    const ofPetition = { label: "Leaflet", owner: "The union", partner: one.code };
    expect((await asStaff(isolate, "PUT", `/petitions/${id}/channels/x`, { body: ofPetition })).status).toBe(400);
  });

  test.each([
    ["code", "Union"],
    ["code", "-a"],
    ["code", "a".repeat(33)],
    ["name", "=1+1"],
    ["name", ""],
    ["email", "nobody"],
    ["website", "http://union.example"],
    ["website", "https://user@union.example"],
    ["website", "javascript:alert(1)"],
    ["locale", "x"],
  ])("with the %s %j are refused", async (field, value) => {
    const body = { code: "fine", name: "Fine", email: "fine@partner.example", [field]: value };
    const answer = await asStaff(isolate, "POST", "/partners", { body });
    expect(answer.status).toBe(400);
    expect(JSON.stringify(await answer.json())).toContain(`"/${field}"`);
  });

  test("are not there for moderators, for an admin of one department, and for partners", async () => {
    const made = await newPartner();
    const { key } = await newKey(made);
    for (const other of [await staffKey("moderator"), await staffKey("admin", "works")]) {
      expect((await asStaff(isolate, "GET", `/partners/${made.id}`, { key: other })).status).toBe(404);
      expect((await asStaff(isolate, "GET", "/partners", { key: other })).status).toBe(404);
    }
    expect((await asStaff(isolate, "GET", `/partners/${made.id}`, { key })).status).toBe(401);
    expect((await asStaff(isolate, "GET", `/partners/${absentId("par")}`)).status).toBe(404);
    expect((await asStaff(isolate, "POST", `/partners/${absentId("par")}/suspend`, { body: {} })).status).toBe(404);
  });
});

describe("keys", () => {
  test("are shown once, and stored as a digest beside their beginning", async () => {
    const made = await newPartner();
    const created = await newKey(made, { label: "Site", signatures_per_minute: 7 });
    expect(created.key).toMatch(/^fm_partner_[0-9A-Za-z]{38}$/);
    const { data } = await json<{ data: Record<string, unknown>[] }>(
      await asStaff(isolate, "GET", `/partners/${made.id}/keys`),
    );
    const { key, ...shown } = created;
    expect(data).toEqual([shown]);
    expect(key.startsWith(String(data[0]?.prefix))).toBe(true);
    const stored = await env.DB.prepare("SELECT * FROM partner_keys WHERE id = ?").bind(created.id.slice(4)).first();
    expect(JSON.stringify(stored)).not.toContain(key);
    const [act] = (await actsOn(made.id)).filter(({ act: name }) => name === "partner.create_key");
    expect(JSON.parse(String(act?.after))).toMatchObject({ label: "Site", signatures_per_minute: 7 });
    expect(JSON.stringify(act)).not.toContain(key);
  });

  test("note their use to the hour, behind the answer", async () => {
    const made = await newPartner();
    const { id, key } = await newKey(made);
    const used = async () =>
      (
        (await env.DB.prepare("SELECT last_used_at FROM partner_keys WHERE id = ?").bind(id.slice(4)).first()) as {
          last_used_at: number | null;
        }
      ).last_used_at;
    expect(await used()).toBeNull();
    await statusOf(key, coldIsolate());
    const first = await used();
    expect(Date.now() - Number(first)).toBeLessThan(10_000);
    await statusOf(key, coldIsolate());
    expect(await used()).toBe(first);
    await env.DB.prepare("UPDATE partner_keys SET last_used_at = last_used_at - 3600001 WHERE id = ?")
      .bind(id.slice(4))
      .run();
    await statusOf(key, coldIsolate());
    expect(await used()).toBeGreaterThan(Number(first) - 1);
  });

  test("with an error in them are refused without the database", async () => {
    const { key } = await newKey(await newPartner());
    const broken = coldIsolate({ DB: faultyDatabase(() => true) });
    const wrong = key.replace(/.$/, (last) => (last === "x" ? "y" : "x"));
    for (const text of [wrong, key.slice(0, -1), `${key}0`, "fm_partner_", "x"]) {
      expect([text, await statusOf(text, broken)]).toEqual([text, 401]);
    }
    expect(await statusOf(key, broken)).toBe(503);
  });

  test("go on while the database fails, for an isolate that knows them, and end by their date all the same", async () => {
    const made = await newPartner();
    const { key } = await newKey(made, { expires_at: new Date(Date.now() + 3_600_000).toISOString() });
    let down = false;
    const at = coldIsolate({ DB: faultyDatabase(() => down) });
    expect(await statusOf(key, at)).toBe(200);
    down = true;
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    try {
      vi.setSystemTime(Date.now() + 3_000_000);
      expect(await statusOf(key, at)).toBe(200);
      vi.setSystemTime(Date.now() + 700_000);
      expect(await statusOf(key, at)).toBe(401);
    } finally {
      vi.useRealTimers();
    }
  });

  test.each(["revoked", "replaced without overlap", "of a suspended partner"])(
    "that are %s work nowhere within five seconds",
    async (what) => {
      const made = await newPartner();
      const { id, key } = await newKey(made);
      const warm = coldIsolate();
      expect(await statusOf(key, warm)).toBe(200);
      const [method, path, body] = (
        {
          revoked: ["DELETE", `/keys/${id}`, undefined],
          "replaced without overlap": ["POST", `/keys/${id}/rotate`, { overlap_hours: 0 }],
          "of a suspended partner": ["POST", "/suspend", { reason: "Asked for it." }],
        } as const
      )[what] as readonly [string, string, unknown];
      expect((await asStaff(isolate, method, `/partners/${made.id}${path}`, { body })).ok).toBe(true);
      expect(await statusOf(key, coldIsolate())).toBe(401);
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 5_000 });
      try {
        expect(await statusOf(key, warm)).toBe(401);
      } finally {
        vi.useRealTimers();
      }
    },
  );

  test("of a partner that goes on work again", async () => {
    const made = await newPartner();
    const { key } = await newKey(made);
    for (const [act, status] of [
      ["suspend", 401],
      ["suspend", 401],
      ["resume", 200],
      ["resume", 200],
    ] as const) {
      await asStaff(isolate, "POST", `/partners/${made.id}/${act}`, { body: {} });
      expect(await statusOf(key, coldIsolate())).toBe(status);
    }
    const acts = (await actsOn(made.id)).map(({ act }) => act);
    expect(acts.filter((act) => act === "partner.suspend" || act === "partner.resume").length).toBe(2);
  });

  test("are replaced with the same terms, and the old one works until the overlap ends", async () => {
    const made = await newPartner();
    const { id: petition } = await openPetition();
    const terms = { scopes: ["counts:read"], petitions: [petition], signatures_per_day: 9, label: "Register" };
    const old = await newKey(made, terms);
    const next = await json<{ id: string; key: string }>(
      await asStaff(isolate, "POST", `/partners/${made.id}/keys/${old.id}/rotate`, { body: { overlap_hours: 1 } }),
    );
    expect(next).toMatchObject({ ...terms, origins: [], expires_at: null });
    expect(next.key).not.toBe(old.key);
    expect([await statusOf(old.key), await statusOf(next.key)]).toEqual([200, 200]);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_600_001 });
    try {
      expect([await statusOf(old.key), await statusOf(next.key)]).toEqual([401, 200]);
    } finally {
      vi.useRealTimers();
    }
  });

  test("that end by themselves are replaced only when somebody says when the new one ends", async () => {
    const made = await newPartner();
    const end = new Date(Date.now() + 86_400_000).toISOString();
    const old = await newKey(made, { expires_at: end });
    const rotate = (body: object) => asStaff(isolate, "POST", `/partners/${made.id}/keys/${old.id}/rotate`, { body });
    const refused = await rotate({ overlap_hours: 1 });
    expect([refused.status, await refused.json()]).toMatchObject([
      400,
      { errors: [{ pointer: "/expires_at", code: "missing" }] },
    ]);
    const later = new Date(Date.now() + 9 * 86_400_000).toISOString();
    expect(await json(await rotate({ expires_at: later }))).toMatchObject({ expires_at: later });
    expect(await json(await rotate({ expires_at: null }))).toMatchObject({ expires_at: null });
  });

  test("that are revoked while they are replaced leave no new one", async () => {
    const made = await newPartner();
    const old = await newKey(made);
    const path = `/partners/${made.id}/keys/${old.id}`;
    let calls = 0;
    const interrupted = new Proxy(env.DB, {
      get(target, name) {
        const value = Reflect.get(target, name);
        if (name !== "batch") return typeof value === "function" ? value.bind(target) : value;
        return async (statements: D1PreparedStatement[]) => {
          // The partner and its keys have been read; what follows is the write.
          if (++calls === 3) await asStaff(isolate, "DELETE", path);
          return target.batch(statements);
        };
      },
    });
    const answer = await asStaff(coldIsolate({ DB: interrupted }), "POST", `${path}/rotate`, { body: {} });
    expect([answer.status, calls]).toEqual([404, 3]);
    const { data } = await json<{ data: unknown[] }>(await asStaff(isolate, "GET", `/partners/${made.id}/keys`));
    expect(data).toEqual([]);
  });

  test.each([
    ["/scopes", { scopes: [] }],
    ["/scopes", { scopes: ["counts:read", "counts:read"] }],
    ["/scopes/0", { scopes: ["everything"] }],
    ["/scopes", { scopes: ["signatures:write", "counts:read"], origins: ["https://a.example"] }],
    ["/origins/0", { origins: ["https://a.example/"] }],
    ["/origins/0", { origins: ["http://a.example"] }],
    ["/origins/0", { origins: ["https://a.example:443"] }],
    ["/origins/0", { origins: ["https://A.example"] }],
    ["/origins/0", { origins: ["null"] }],
    ["/origins/0", { origins: ["*"] }],
    ["/petitions", { petitions: [] }],
    ["/petitions", { petitions: [absentId("pet")] }],
    ["/petitions/0", { petitions: ["pet_x"] }],
    ["/expires_at", { expires_at: "2020-01-01T00:00:00Z" }],
    ["/signatures_per_minute", { signatures_per_minute: 0 }],
    ["/label", { label: "two\nlines" }],
  ])("with wrong %s are refused", async (pointer, wrong) => {
    const made = await newPartner();
    const body = { label: "Wrong", scopes: ["signatures:write"], ...wrong };
    const answer = await asStaff(isolate, "POST", `/partners/${made.id}/keys`, { body });
    const { errors } = await json<{ errors: { pointer: string }[] }>(answer);
    expect([answer.status, errors[0]?.pointer]).toEqual([400, pointer]);
  });

  test("belong to one partner: another's path does not reach them", async () => {
    const [one, other] = [await newPartner(), await newPartner()];
    const { id, key } = await newKey(one);
    for (const [method, path, body] of [
      ["DELETE", "", undefined],
      ["POST", "/rotate", {}],
    ] as const) {
      const answer = await asStaff(isolate, method, `/partners/${other.id}/keys/${id}${path}`, { body });
      expect(answer.status).toBe(404);
    }
    expect(await statusOf(key, coldIsolate())).toBe(200);
  });
});

test("usage says whose key it is, what it may do, and what is left, without using it up", async () => {
  const made = await newPartner();
  const { id, key } = await newKey(made, { signatures_per_minute: 3 });
  const answer = await asPartner(isolate, key, "GET", USAGE);
  expect(answer.headers.get("RateLimit")).toMatch(/^"partner_requests";r=599;t=\d+$/);
  expect(answer.headers.get("RateLimit-Policy")).toBe('"partner_requests";q=600;w=60');
  const body = await json<{ limits: Record<string, unknown>[] }>(answer);
  expect(body).toMatchObject({ partner: { id: made.id, code: made.code }, key: { id, petitions: null } });
  expect(body.limits.map(({ name, limit, window, remaining }) => [name, limit, window, remaining])).toEqual([
    ["partner_requests", 600, 60, 599],
    ["partner_minute", 3, 60, 3],
    ["partner_day", 20_000, 86_400, 20_000],
  ]);
});
