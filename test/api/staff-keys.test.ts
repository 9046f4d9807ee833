import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { coldIsolate } from "../support/isolate.ts";
import { actsOn, asStaff, newStaff } from "../support/staff.ts";
import { foundTown } from "../support/town.ts";

const isolate = coldIsolate();
const HOUR = 3_600_000;

beforeAll(foundTown);
afterEach(() => void vi.restoreAllMocks());

interface Key {
  readonly id: string;
  readonly key: string;
  readonly prefix: string;
  readonly expires_at: string | null;
  readonly last_used_at: string | null;
}

const own = async (method: string, path: string, key: string, body?: unknown) => {
  const answer = await asStaff(isolate, method, `/me/keys${path}`, { key, body });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};
const rotate = async (key: string, body: unknown = {}): Promise<Key> => {
  const answer = await own("POST", "/rotate", key, body);
  expect(answer.status).toBe(201);
  return answer.body as unknown as Key;
};
const listed = async (key: string): Promise<Key[]> => (await own("GET", "", key)).body.data as Key[];
const entry = async (key: string): Promise<number> => (await asStaff(isolate, "GET", "/me", { key })).status;
const later = (ms: number) => vi.spyOn(Date, "now").mockReturnValue(Date.now() + ms);

describe("a new key", () => {
  test("works at once, and the others until their time is over, to the millisecond", async () => {
    const { id, key: old } = await newStaff("viewer");
    const now = Date.now();
    const clock = vi.spyOn(Date, "now").mockReturnValue(now);
    const { key } = await rotate(old, { overlap_hours: 3 });
    expect([await entry(old), await entry(key)]).toEqual([200, 200]);
    clock.mockReturnValue(now + 3 * HOUR - 1);
    expect([await entry(old), await entry(key)]).toEqual([200, 200]);
    clock.mockReturnValue(now + 3 * HOUR);
    expect([await entry(old), await entry(key)]).toEqual([401, 200]);
    const [act] = await actsOn(id);
    expect(act).toMatchObject({ act: "staff.rotate_keys", actor: id });
    expect(JSON.parse(String(act?.after))).toMatchObject({ other_keys_end_at: new Date(now + 3 * HOUR).toISOString() });
    expect(String(act?.after)).not.toContain(key);
  });

  test("with no overlap ends the others at once; a day is given to them unless something else is said", async () => {
    const { key: first } = await newStaff("moderator");
    const { key: second } = await rotate(first, { overlap_hours: 0 });
    expect([await entry(first), await entry(second)]).toEqual([401, 200]);
    await rotate(second);
    const [, { expires_at } = { expires_at: null }] = await listed(second);
    expect(Date.parse(String(expires_at))).toBeGreaterThan(Date.now() + 23.9 * HOUR);
    expect(Date.parse(String(expires_at))).toBeLessThanOrEqual(Date.now() + 24 * HOUR);
    for (const overlap_hours of [-1, 721, 1.5, "3"]) {
      expect((await own("POST", "/rotate", second, { overlap_hours })).status).toBe(400);
    }
    expect((await own("POST", "/rotate", second, { overlap_hours: 720 })).status).toBe(201);
  });

  test("never lengthens what ends earlier, and may have an end of its own", async () => {
    const { key: first } = await newStaff("viewer");
    const soon = new Date(Date.now() + HOUR).toISOString();
    const { key: second } = await rotate(first, { overlap_hours: 0, expires_at: soon });
    const { key: third } = await rotate(second, { overlap_hours: 48 });
    expect((await listed(third)).map(({ expires_at }) => expires_at)).toEqual([null, soon]);
    later(HOUR);
    expect([await entry(second), await entry(third)]).toEqual([401, 200]);
    expect((await own("POST", "/rotate", third, { expires_at: new Date(Date.now()).toISOString() })).status).toBe(400);
  });

  test("is one of five at most: the oldest end, and what has ended is not kept", async () => {
    const { id, key: first } = await newStaff("viewer");
    const keys = [first];
    for (let n = 0; n < 5; n++) keys.push((await rotate(keys.at(-1) as string, { overlap_hours: 24 })).key);
    expect(await Promise.all(keys.map(entry))).toEqual([401, 200, 200, 200, 200, 200]);
    later(25 * HOUR);
    await rotate(keys.at(-1) as string, { overlap_hours: 0 });
    const kept = env.DB.prepare("SELECT count(*) AS n FROM staff_keys WHERE staff_id = ?").bind(id.slice(4));
    expect(await kept.first("n")).toBe(1);
  });
});

describe("the list of keys", () => {
  test("tells them apart by how they begin and when they were used, to the hour, and names none", async () => {
    const { key } = await newStaff("viewer");
    const [one] = await listed(key);
    expect(one?.prefix).toBe(key.slice(0, 13));
    expect(Date.parse(String(one?.last_used_at))).toBeGreaterThan(Date.now() - 60_000);
    expect(JSON.stringify(one)).not.toContain(key);
    later(HOUR - 60_000);
    expect((await listed(key))[0]?.last_used_at).toBe(one?.last_used_at);
    later(60_000 + HOUR);
    expect((await listed(key))[0]?.last_used_at).not.toBe(one?.last_used_at);
  });

  test("of local mode's key is empty, and it can't be rotated", async () => {
    expect(await listed("fm_staff_local")).toEqual([]);
    expect((await own("POST", "/rotate", "fm_staff_local", {})).status).toBe(404);
  });
});

describe("ending one key", () => {
  test("holds at once, leaves the others, and is recorded once", async () => {
    const { id, key: first } = await newStaff("viewer");
    const { id: keyId, key: second } = await rotate(first);
    const ended = await own("DELETE", `/${keyId}`, first);
    expect((ended.body.data as Key[]).map(({ id: left }) => left)).not.toContain(keyId);
    expect([await entry(first), await entry(second)]).toEqual([200, 401]);
    expect((await own("DELETE", `/${keyId}`, first)).status).toBe(404);
    const acts = (await actsOn(id)).filter(({ act }) => act === "staff.revoke_key");
    expect(acts.map(({ before }) => JSON.parse(String(before)))).toEqual([{ key: keyId, prefix: second.slice(0, 13) }]);
  });

  test("somebody else's is not there; one's own last one may go", async () => {
    const [mine, other] = [await newStaff("moderator"), await newStaff("moderator")];
    const [{ id: keyId } = { id: "" }] = await listed(other.key);
    expect((await own("DELETE", `/${keyId}`, mine.key)).status).toBe(404);
    expect(await entry(other.key)).toBe(200);
    expect((await own("DELETE", `/${keyId}`, other.key)).body.data).toEqual([]);
    expect(await entry(other.key)).toBe(401);
  });

  test("the last way in of the last admin stays, the last but one may go", async () => {
    await env.DB.prepare("UPDATE staff SET revoked_at = 1, email = NULL WHERE role = 'admin'").run();
    const { id, key } = await newStaff("admin");
    const second = await rotate(key);
    expect((await own("DELETE", `/${second.id}`, key)).status).toBe(200);
    const [{ id: keyId } = { id: "" }] = await listed(key);
    expect((await own("DELETE", `/${keyId}`, key)).body.code).toBe("last_admin");
    expect(await entry(key)).toBe(200);
    expect((await actsOn(id)).filter(({ act }) => act === "staff.revoke_key")).toHaveLength(1);
  });
});

test("everybody chooses their own language and reminders, and nothing else of their entry", async () => {
  const { id, key } = await newStaff("viewer", "works");
  const put = (body: unknown) => asStaff(isolate, "PUT", "/me", { key, body });
  const chosen = { locale: "fr", reminders: true };
  expect(await (await put(chosen)).json()).toMatchObject({ id, ...chosen, role: "viewer", department: "works" });
  await put(chosen);
  expect(
    (await actsOn(id)).map(({ before, after }) => [before, after].map((text) => JSON.parse(String(text)))),
  ).toEqual([[{ locale: null, reminders: false }, chosen]]);
  expect((await put({ ...chosen, role: "admin" })).status).toBe(400);
  expect((await asStaff(isolate, "PUT", "/me", { body: chosen })).status).toBe(404);
});
