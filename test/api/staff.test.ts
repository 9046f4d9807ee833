import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { coldIsolate } from "../support/isolate.ts";
import { actsOn, asStaff, newStaff, staffKey } from "../support/staff.ts";
import { foundTown } from "../support/town.ts";

const isolate = coldIsolate();
const said = { name: "Sam Steward", role: "moderator" };

beforeAll(async () => {
  await foundTown();
  await env.DB.prepare(`INSERT OR IGNORE INTO departments VALUES ('parks', '{"en":"Parks"}')`).run();
});

interface Member {
  readonly id: string;
  readonly key: string;
  readonly [field: string]: unknown;
}

const freshEmail = (): string => `s${crypto.randomUUID().slice(0, 13)}@town.example`;

/** Sends a request, and gives status and body. */
async function send(method: string, path: string, body?: unknown, key?: string) {
  const answer = await asStaff(isolate, method, path, { body, ...(key === undefined ? {} : { key }) });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> & { code?: string } };
}

async function create(fields: Record<string, unknown> = {}, key?: string): Promise<Member> {
  const { status, body } = await send("POST", "/staff", { ...said, email: freshEmail(), ...fields }, key);
  expect(status).toBe(201);
  return body as unknown as Member;
}

const whole = ({ name, email, role, department, locale, reminders }: Record<string, unknown>) => ({
  ...{ name, email, role, department, locale, reminders },
});
const change = (member: Member, fields: Record<string, unknown>, key?: string) =>
  send("PUT", `/staff/${member.id}`, { ...whole(member), ...fields }, key);
const revoke = (id: string, key?: string) => send("POST", `/staff/${id}/revoke`, {}, key);
const lists = async (key: string, query = ""): Promise<string[]> =>
  ((await send("GET", `/staff?limit=100${query}`, undefined, key)).body.data as Member[]).map(({ id }) => id);
/** What a key gets in with: 200, or 401. */
const entry = async (key: string): Promise<number> => (await send("GET", "/me", undefined, key)).status;

describe("a new member", () => {
  test("gets in with the key of the answer, which is nowhere else", async () => {
    const member = await create({ department: "works", locale: "de" });
    expect(member.key).toMatch(/^fm_staff_[0-9A-Za-z]{38}$/);
    const own = await send("GET", "/me", undefined, member.key);
    expect(own.body).toEqual({ id: member.id, ...whole(member) });
    const [row] = (await env.DB.prepare("SELECT * FROM staff_keys WHERE staff_id = ?").bind(member.id.slice(4)).all())
      .results;
    expect(JSON.stringify(row)).not.toContain(member.key);
    const [act] = await actsOn(member.id);
    expect(act).toMatchObject({ actor: "local", role: "admin", act: "staff.create" });
    expect(JSON.parse(String(act?.after))).toMatchObject({ role: "moderator", department: "works" });
    for (const path of [`/staff/${member.id}`, "/staff?limit=100", `/staff/${member.id}/keys`]) {
      expect(JSON.stringify((await send("GET", path)).body), path).not.toContain(member.key);
    }
    expect(JSON.stringify(await actsOn(member.id))).not.toContain(member.key);
  });

  test("needs a known department, a role that exists, and a key that has not ended before it began", async () => {
    const wrong = async (fields: Record<string, unknown>) => {
      const { status, body } = await send("POST", "/staff", { ...said, email: freshEmail(), ...fields });
      return [status, ...((body.errors ?? []) as { pointer: string }[]).map(({ pointer }) => pointer)];
    };
    expect(await wrong({ department: "nowhere" })).toEqual([400, "/department"]);
    expect(await wrong({ role: "owner" })).toEqual([400, "/role"]);
    expect(await wrong({ email: "not an address" })).toEqual([400, "/email"]);
    expect(await wrong({ name: "=cmd()" })).toEqual([400, "/name"]);
    expect(await wrong({ key_expires_at: new Date(Date.now() - 1).toISOString() })).toEqual([400, "/key_expires_at"]);
    expect(await wrong({ key_expires_at: "tomorrow" })).toEqual([400, "/key_expires_at"]);
  });

  test("may have no address, and two without one are no duplicates", async () => {
    expect((await create({ email: null })).email).toBeNull();
    expect((await create({ email: null })).email).toBeNull();
  });

  test("has an address of their own, however it is spelt, also when two take it at once", async () => {
    const email = freshEmail();
    const [first, second] = await Promise.all([1, 2].map(() => send("POST", "/staff", { ...said, email })));
    expect([first?.status, second?.status].sort()).toEqual([201, 409]);
    const [local, domain] = email.split("@");
    for (const spelling of [email.toUpperCase(), `${local}+work@${domain}`]) {
      expect((await send("POST", "/staff", { ...said, email: spelling })).body.code).toBe("email_taken");
    }
    const other = await create();
    expect((await change(other, { email })).body.code).toBe("email_taken");
    expect((await change(other, { email: other.email })).status).toBe(200);
  });
});

describe("a change", () => {
  test("holds from the next request on, and is in the audit log with before and after", async () => {
    await newStaff("admin");
    const member = await create({ role: "viewer" });
    expect((await send("GET", "/staff", undefined, member.key)).status).toBe(404);
    expect((await change(member, { role: "admin", name: "Sam Steward-Hale" })).status).toBe(200);
    expect((await send("GET", "/staff", undefined, member.key)).status).toBe(200);
    expect((await change(member, { role: "viewer", department: "works" })).status).toBe(200);
    expect((await send("GET", "/staff", undefined, member.key)).status).toBe(404);
    const [, first, second] = await actsOn(member.id);
    expect(JSON.parse(String(first?.before))).toMatchObject({ name: "Sam Steward", role: "viewer", department: null });
    expect(JSON.parse(String(second?.after))).toMatchObject({ role: "viewer", department: "works" });
  });

  test("that changes nothing leaves no trace; what is left out is refused, so that it widens nobody's access", async () => {
    const member = await create({ department: "works" });
    expect((await change(member, {})).status).toBe(200);
    expect(await actsOn(member.id)).toHaveLength(1);
    const { department: _, ...rest } = whole(member);
    const { status, body } = await send("PUT", `/staff/${member.id}`, rest);
    expect([status, (body.errors as { pointer: string }[])[0]?.pointer]).toEqual([400, "/department"]);
    expect((await change(member, { department: "nowhere" })).status).toBe(400);
    expect((await change({ ...member, id: "stf_01936d9e-0000-7000-8000-000000000007" }, {})).status).toBe(404);
  });
});

describe("a revocation", () => {
  test("holds at once for every key, keeps the entry, frees the address, and repeating it changes nothing", async () => {
    const member = await create();
    const second = (await send("POST", `/staff/${member.id}/keys/rotate`, { overlap_hours: 5 })).body.key as string;
    expect([await entry(member.key), await entry(second)]).toEqual([200, 200]);
    const first = await send("POST", `/staff/${member.id}/revoke`, { reason: "Left the town." });
    expect([await entry(member.key), await entry(second)]).toEqual([401, 401]);
    expect(await revoke(member.id)).toEqual(first);
    const acts = await actsOn(member.id);
    expect(acts.filter(({ act }) => act === "staff.revoke")).toMatchObject([{ reason: "Left the town." }]);
    expect((await send("GET", `/staff/${member.id}`)).body).toMatchObject({ name: "Sam Steward", email: null });
    expect((await change(member, { name: "Sam" })).status).toBe(404);
    expect((await send("POST", `/staff/${member.id}/keys/rotate`, {})).status).toBe(404);
    expect((await create({ email: member.email })).id).not.toBe(member.id);
    const keys = env.DB.prepare("SELECT count(*) AS n FROM staff_keys WHERE staff_id = ?").bind(member.id.slice(4));
    expect(await keys.first("n")).toBe(0);
  });

  test("holds for a key too that is written at the same moment", async () => {
    const { id, key } = await newStaff("moderator");
    await env.DB.prepare("UPDATE staff SET revoked_at = 1 WHERE id = ?").bind(id.slice(4)).run();
    expect(await entry(key)).toBe(401);
  });

  test("takes a member off the list, unless it is asked for those too", async () => {
    const member = await create();
    const key = await staffKey("admin");
    expect(await lists(key)).toContain(member.id);
    await revoke(member.id);
    expect(await lists(key)).not.toContain(member.id);
    expect(await lists(key, "&revoked=true")).toContain(member.id);
  });
});

describe("an admin", () => {
  test("changes nobody's access but others', and may change their own name", async () => {
    const [admin, other] = [await create({ role: "admin" }), await create({ role: "admin" })];
    expect((await change(admin, { role: "moderator" }, admin.key)).body.code).toBe("own_access");
    expect((await change(admin, { department: "works" }, admin.key)).body.code).toBe("own_access");
    expect((await revoke(admin.id, admin.key)).body.code).toBe("own_access");
    expect((await change(admin, { name: "Sam the Admin" }, admin.key)).status).toBe(200);
    expect((await revoke(other.id, admin.key)).status).toBe(200);
  });

  test("of one department sees and changes its members only, and makes nobody for others", async () => {
    const admin = await create({ role: "admin", department: "works" });
    const [mine, other, all] = await Promise.all(["works", "parks", null].map((department) => create({ department })));
    if (!mine || !other || !all) throw new Error("not created");
    const listed = await lists(admin.key);
    expect(listed).toContain(mine.id);
    expect(listed).not.toContain(other.id);
    expect(listed).not.toContain(all.id);
    expect(await lists(admin.key, "&department=parks")).toEqual([]);
    for (const stranger of [other, all]) {
      for (const [method, path, body] of [
        ["GET", "", undefined],
        ["PUT", "", whole(stranger)],
        ["POST", "/revoke", {}],
        ["GET", "/keys", undefined],
        ["POST", "/keys/rotate", {}],
      ] as const) {
        const { status } = await send(method, `/staff/${stranger.id}${path}`, body, admin.key);
        expect(status, `${method} ${path}`).toBe(404);
      }
    }
    for (const department of ["parks", null]) {
      expect((await send("POST", "/staff", { ...said, email: null, department }, admin.key)).status).toBe(404);
      expect((await change(mine, { department }, admin.key)).status).toBe(404);
    }
    expect((await change(mine, { role: "admin" }, admin.key)).status).toBe(200);
    expect((await revoke(mine.id, admin.key)).status).toBe(200);
    expect(await entry(other.key)).toBe(200);
  });
});

describe("of the last admins", () => {
  /** From here on only those who are made now can get in as admins. */
  const alone = () =>
    env.DB.prepare("UPDATE staff SET revoked_at = 1, email = NULL WHERE role = 'admin' AND revoked_at IS NULL").run();
  beforeEach(alone);

  test("two who end each other's access at once leave one", async () => {
    for (let round = 0; round < 5; round++) {
      await alone();
      const [one, other] = [await create({ role: "admin" }), await create({ role: "admin" })];
      const answers = await Promise.all([revoke(one.id, other.key), revoke(other.id, one.key)]);
      const entries = [await entry(one.key), await entry(other.key)];
      expect(entries.sort()).toEqual([200, 401]);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    }
  });

  test("the last one stays admin of the whole municipality; an admin of a department is none", async () => {
    const last = await create({ role: "admin" });
    await create({ role: "admin", department: "works" });
    for (const fields of [{ role: "moderator" }, { department: "works" }]) {
      expect((await change(last, fields)).body.code).toBe("last_admin");
    }
    expect((await revoke(last.id)).body.code).toBe("last_admin");
    expect(await actsOn(last.id)).toHaveLength(1);
    expect(await entry(last.key)).toBe(200);
    await create({ role: "admin" });
    expect((await change(last, { role: "moderator" })).status).toBe(200);
  });

  test("one whose keys have all ended does not count as another", async () => {
    const last = await create({ role: "admin" });
    const other = await create({ role: "admin", key_expires_at: new Date(Date.now() + 60_000).toISOString() });
    const later = Date.now() + 120_000;
    const clock = vi.spyOn(Date, "now").mockReturnValue(later);
    expect(await entry(other.key)).toBe(401);
    expect((await revoke(last.id)).body.code).toBe("last_admin");
    clock.mockRestore();
    expect((await revoke(last.id)).status).toBe(200);
  });
});

describe("STAFF_BOOTSTRAP_KEY", () => {
  const bootstrap = "b".repeat(32);
  const at = coldIsolate({ STAFF_BOOTSTRAP_KEY: bootstrap });
  const gets = async () => (await asStaff(at, "GET", "/me", { key: bootstrap })).status;

  test("lets the first admin be made, ends with their key, and works again when no admin can get in", async () => {
    await env.DB.prepare("UPDATE staff SET revoked_at = 1, email = NULL WHERE revoked_at IS NULL").run();
    expect(await gets()).toBe(200);
    await newStaff("moderator");
    await newStaff("admin", "works");
    expect(await gets()).toBe(200);
    const made = await asStaff(at, "POST", "/staff", { key: bootstrap, body: { ...said, role: "admin" } });
    expect(made.status).toBe(201);
    const { id } = (await made.json()) as Member;
    expect(await actsOn(id)).toMatchObject([{ actor: "bootstrap", role: "admin" }]);
    expect(await gets()).toBe(401);
    await env.DB.prepare("UPDATE staff_keys SET expires_at = 1 WHERE staff_id = ?").bind(id.slice(4)).run();
    expect(await gets()).toBe(200);
  });
});

test("the list goes page by page in the order of adding, and a page's cursor opens no other query", async () => {
  const key = await staffKey("admin");
  const made: string[] = [];
  for (let n = 0; n < 5; n++) made.push((await create({ department: "parks", role: "viewer" })).id);
  const seen: string[] = [];
  let cursor = "";
  for (let page = 0; page < 50; page++) {
    const { body } = await send("GET", `/staff?department=parks&role=viewer&limit=2${cursor}`, undefined, key);
    seen.push(...(body.data as Member[]).map(({ id }) => id));
    if (body.next_cursor === null) break;
    cursor = `&cursor=${body.next_cursor}`;
  }
  expect(seen).toEqual([...seen].sort());
  expect(seen.filter((id) => made.includes(id))).toEqual(made);
  expect(new Set(seen).size).toBe(seen.length);
  expect((await send("GET", `/staff?department=works&limit=2${cursor}`, undefined, key)).body.code).toBe(
    "invalid_cursor",
  );
});
