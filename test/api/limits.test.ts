import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { RootKeys } from "../../src/lib/root-keys.ts";
import { DEFAULT_POLICIES, type Policies } from "../../src/limits/policies.ts";
import type { IntakeMessage } from "../../src/signatures/submission.ts";
import { coldIsolate, faultyDatabase, keepingQueue } from "../support/isolate.ts";
import { freshAddress, postJson, sign } from "../support/resident.ts";
import { actsOn, asStaff, staffKey } from "../support/staff.ts";
import { foundTown, openPetition, rootKeys } from "../support/town.ts";

const keys = { viewer: "", moderator: "", admin: "", moderatorOfWorks: "", adminOfWorks: "" };

beforeAll(async () => {
  await foundTown();
  for (const role of ["viewer", "moderator", "admin"] as const) keys[role] = await staffKey(role);
  keys.moderatorOfWorks = await staffKey("moderator", "works");
  keys.adminOfWorks = await staffKey("admin", "works");
});
afterEach(() => void vi.useRealTimers());

const isolate = coldIsolate();
type Isolate = ReturnType<typeof coldIsolate>;
type Figures = Partial<Record<keyof Policies, { limit: number; window: number; consequence?: string }>>;

beforeEach(async () => {
  await env.DB.prepare("DELETE FROM settings").run();
});

const tagOf = async (path: string) => (await asStaff(isolate, "GET", path)).headers.get("ETag") ?? "";

const body = (figures: Figures = {}, fast_seconds = 0) => ({
  policies: { ...DEFAULT_POLICIES, ...figures },
  fast_seconds,
});

/** Sets the limits on what they are now. */
const putPolicies = async (
  figures: Figures,
  { tag, key, at = isolate }: { tag?: string; key?: string; at?: Isolate } = {},
) =>
  asStaff(at, "PUT", "/policies", {
    ...(key && { key }),
    body: body(figures),
    headers: { "If-Match": tag ?? (await tagOf("/policies")) },
  });

/** Replaces a list on what it is now. */
const putList = async (
  list: string,
  text: string | Uint8Array,
  { tag, key = "fm_staff_local" }: { tag?: string; key?: string } = {},
) =>
  isolate.fetch(`/v1/admin/lists/${list}`, {
    method: "PUT",
    headers: {
      Authorization: `Bearer ${key}`,
      "Content-Type": "text/plain; charset=utf-8",
      "If-Match": tag ?? (await tagOf(`/lists/${list}`)),
    },
    body: text as BodyInit,
  });

const readList = async (list: string, at = isolate) => (await asStaff(at, "GET", `/lists/${list}`)).text();
const errorsOf = async (answer: Response) =>
  ((await answer.json()) as { errors?: { pointer: string; code: string }[] }).errors ?? [];

/** The holds that an isolate lays on signatures of a new petition. */
async function holdsLaid(at: Isolate, queue: { sent: IntakeMessage[] }, signers: [Record<string, unknown>, string][]) {
  const { id } = await openPetition();
  queue.sent.length = 0;
  for (const [fields, address] of signers) expect((await sign(at, id, fields, address)).status).toBe(202);
  return queue.sent.map(({ hold }) => hold);
}

const frozen = () => vi.useFakeTimers({ toFake: ["Date"], now: Math.floor(Date.now() / 300_000) * 300_000 + 130_000 });
const later = (ms: number) => vi.setSystemTime(Date.now() + ms);

describe("limits", () => {
  test("are the defaults until an admin sets others; each change is in the audit log with what it changed", async () => {
    const read = await asStaff(isolate, "GET", "/policies", { key: keys.viewer });
    expect([await read.json(), read.headers.get("ETag")]).toEqual([
      { policies: DEFAULT_POLICIES, fast_seconds: 0 },
      '"0"',
    ]);
    const before = (await actsOn("policies")).length;
    const put = await putPolicies({ sign_day: { limit: 30, window: 86_400 } });
    expect(put.status).toBe(200);
    const again = await asStaff(isolate, "GET", "/policies");
    expect(again.headers.get("ETag")).toBe(put.headers.get("ETag"));
    const answer = (await again.json()) as ReturnType<typeof body>;
    expect(answer).toEqual(await put.json());
    expect(answer.policies.sign_day).toEqual({ limit: 30, window: 86_400, consequence: "soft" });
    // What reading gives can be sent back as it is, and changes nothing.
    const same = await asStaff(isolate, "PUT", "/policies", {
      body: answer,
      headers: { "If-Match": put.headers.get("ETag") ?? "" },
    });
    expect([same.status, same.headers.get("ETag")]).toEqual([200, put.headers.get("ETag")]);
    const acts = (await actsOn("policies")).slice(before);
    expect(
      acts.map(({ act, actor, before: from, after }) => [
        act,
        actor,
        JSON.parse(String(from)),
        JSON.parse(String(after)),
      ]),
    ).toEqual([
      [
        "policies.put",
        "local",
        { sign_day: { limit: 20, window: 86_400 } },
        { sign_day: { limit: 30, window: 86_400 } },
      ],
    ]);
  });

  test("are set by admins of the whole municipality on what they have read; of two at once one wins", async () => {
    const tag = await tagOf("/policies");
    const figures = { writes: { limit: 61, window: 60 } };
    for (const key of [keys.viewer, keys.moderator, keys.adminOfWorks]) {
      expect((await putPolicies(figures, { key, tag: '"7"' })).status).toBe(404);
    }
    expect((await asStaff(isolate, "PUT", "/policies", { body: body() })).status).toBe(428);
    expect((await putPolicies(figures, { tag: '"7"', key: keys.admin })).status).toBe(412);
    const both = await Promise.all([
      putPolicies(figures, { tag }),
      putPolicies({ writes: { limit: 62, window: 60 } }, { tag }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
    expect((await putPolicies(figures, { tag })).status).toBe(412);
  });

  test.each([
    [{ sign_day: { limit: 5, window: 86_400 } }, "/policies/sign_day", "contradiction"],
    [{ sign_burst: { limit: 20, window: 300 } }, "/policies/sign_day", "contradiction"],
    [{ sign_day: { limit: 20, window: 300 } }, "/policies/sign_day", "contradiction"],
    [{ writes: { limit: 0, window: 60 } }, "/policies/writes/limit", "out_of_range"],
    [{ writes: { limit: 100_001, window: 60 } }, "/policies/writes/limit", "out_of_range"],
    [{ writes: { limit: 1.5, window: 60 } }, "/policies/writes/limit", "wrong_type"],
    [{ writes: { limit: 60, window: 9 } }, "/policies/writes/window", "out_of_range"],
    [{ writes: { limit: 60, window: 604_801 } }, "/policies/writes/window", "out_of_range"],
    [{ writes: { limit: 60, window: 60, consequence: "soft" } }, "/policies/writes/consequence", "fixed"],
    [{ sign_day: { limit: 30, window: 86_400, consequence: "hard" } }, "/policies/sign_day/consequence", "fixed"],
    [{ writes: undefined }, "/policies/writes", "missing"],
    [{ surprises: { limit: 60, window: 60 } }, "", "unknown_field"],
  ])("that contradict each other or are absurd are refused: %j", async (figures, pointer, code) => {
    const answer = await putPolicies(figures as Figures);
    expect(answer.status).toBe(400);
    expect(await errorsOf(answer)).toMatchObject([{ pointer, code }]);
    expect(await tagOf("/policies")).toBe('"0"');
  });

  test("hold within 15 seconds in an isolate that knew others, at every place that counts", async () => {
    frozen();
    const queue = keepingQueue<IntakeMessage>();
    const warm = coldIsolate({ INTAKE: queue });
    const three = () => {
      const address = freshAddress();
      return Array.from({ length: 3 }, (): [object, string] => [{}, address]) as [Record<string, unknown>, string][];
    };
    expect(await holdsLaid(warm, queue, three())).toEqual([null, null, null]);
    expect(
      (await putPolicies({ sign_burst: { limit: 2, window: 300 }, verify: { limit: 1, window: 60 } })).status,
    ).toBe(200);
    later(5_001);
    expect(await holdsLaid(warm, queue, three())).toEqual([null, null, "rate"]);
    const address = freshAddress();
    const verify = () => postJson(warm, "/v1/verifications", { token: "x" }, address);
    expect([(await verify()).status, (await verify()).status]).toEqual([422, 429]);
  });

  test("of another window count anew: what was counted in the old one means nothing in it", async () => {
    frozen();
    const queue = keepingQueue<IntakeMessage>();
    const warm = coldIsolate({ INTAKE: queue });
    const { id } = await openPetition();
    const address = freshAddress();
    for (let n = 0; n < 6; n++) await sign(warm, id, {}, address);
    await putPolicies({ sign_burst: { limit: 5, window: 1_000 }, sign_day: { limit: 50, window: 604_800 } });
    later(5_001);
    for (let n = 0; n < 6; n++) await sign(warm, id, {}, address);
    const six = [null, null, null, null, null, "rate"];
    expect(queue.sent.map(({ hold }) => hold)).toEqual([...six, ...six]);
  });

  test("stay as they were known while the database fails, and are the defaults where it never answered", async () => {
    frozen();
    let down = false;
    const queue = keepingQueue<IntakeMessage>();
    const warm = coldIsolate({ INTAKE: queue, DB: faultyDatabase(() => down) });
    await putPolicies({ sign_burst: { limit: 1, window: 300 } });
    await holdsLaid(warm, queue, [[{}, freshAddress()]]);
    down = true;
    later(3_600_000);
    const twice = (address: string): [Record<string, unknown>, string][] => [
      [{}, address],
      [{}, address],
    ];
    expect(await holdsLaid(warm, queue, twice(freshAddress()))).toEqual([null, "rate"]);
    const cold = coldIsolate({ INTAKE: queue, DB: faultyDatabase(() => true) });
    expect(await holdsLaid(cold, queue, twice(freshAddress()))).toEqual([null, null]);
  });

  test("and lists are read with the petition in one call, and not at all while they are known", async () => {
    await putList("allowed", "198.51.100.0/24 limit=5");
    await putPolicies({ sign_burst: { limit: 4, window: 300 } });
    const DB = faultyDatabase(() => false);
    const queue = keepingQueue<IntakeMessage>();
    const cold = coldIsolate({ DB, INTAKE: queue });
    const [one, other] = [await openPetition(), await openPetition()];
    await sign(cold, one.id);
    expect(DB.calls).toBe(1);
    await sign(cold, one.id);
    expect(DB.calls).toBe(1);
    await sign(cold, other.id);
    expect(DB.calls).toBe(2);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 10_000 });
    await sign(cold, one.id);
    expect(DB.calls).toBe(3);
  });
});

describe("a list", () => {
  const text = "# March\r\n203.0.113.0/24\r\n\r\nada@club.example # told us herself\r\n";

  test("comes back to staff as it was sent, and is stored sealed; the audit log names nobody", async () => {
    const before = (await actsOn("list:blocked")).length;
    const put = await putList("blocked", text, { key: keys.moderator });
    expect([put.status, await put.json()]).toEqual([200, { entries: 2, added: 2, removed: 0 }]);
    const read = await asStaff(isolate, "GET", "/lists/blocked", { key: keys.moderator });
    expect(await read.text()).toBe("# March\n203.0.113.0/24\n\nada@club.example # told us herself\n");
    expect(read.headers.get("Content-Type")).toMatch(/^text\/plain/i);
    expect(read.headers.get("ETag")).toBe(put.headers.get("ETag"));
    const stored = await env.DB.prepare("SELECT value FROM settings WHERE name = 'list:blocked'").first<string>(
      "value",
    );
    expect(stored).not.toMatch(/club|ada|203\.0/);
    const changed = await putList("blocked", "203.0.113.0/24\nspam.example\n");
    expect(await changed.json()).toEqual({ entries: 2, added: 1, removed: 1 });
    const acts = (await actsOn("list:blocked")).slice(before);
    expect(acts.map(({ after }) => JSON.parse(String(after)))).toEqual([
      { entries: 2, added: 2, removed: 0, digest: expect.any(String) },
      { entries: 2, added: 1, removed: 1, digest: expect.any(String) },
    ]);
    expect(JSON.parse(String(acts[1]?.before)).digest).toBe(JSON.parse(String(acts[0]?.after)).digest);
    expect(JSON.stringify(acts)).not.toMatch(/club|ada@|203\.0|spam/);
  });

  test("is for moderators of the whole municipality, on what they have read; of two at once one wins", async () => {
    const tag = await tagOf("/lists/allowed");
    for (const key of [keys.viewer, keys.moderatorOfWorks, keys.adminOfWorks]) {
      expect((await asStaff(isolate, "GET", "/lists/allowed", { key })).status).toBe(404);
      expect((await putList("allowed", "x", { key, tag: '"7"' })).status).toBe(404);
    }
    expect((await putList("greylist", "", { tag })).status).toBe(404);
    const both = await Promise.all(["a.example", "b.example"].map((line) => putList("allowed", line, { tag })));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
    expect((await putList("allowed", "", { tag })).status).toBe(412);
    expect((await putList("allowed", "")).status).toBe(200);
    expect(await readList("allowed")).toBe("");
  });

  test("with a bad line is refused as a whole; the lines are named and not repeated", async () => {
    await putList("blocked", "spam.example");
    const answer = await putList("blocked", "fine.example\n\nada at club\r\nspam.example\n**.com\nx.example limit=5");
    expect(answer.status).toBe(400);
    const problem = await answer.text();
    expect(JSON.parse(problem).errors.map(({ pointer, code }: Record<string, string>) => [pointer, code])).toEqual([
      ["line 3", "not_an_entry"],
      ["line 5", "too_wide"],
      ["line 6", "unknown_word"],
    ]);
    expect(problem).not.toMatch(/ada|club|x\.example/);
    expect(await readList("blocked")).toBe("spam.example\n");
  });

  test("has at most 10,000 entries and 256 KB, is UTF-8 and plain text", async () => {
    const lines = (count: number) => Array.from({ length: count }, (_, n) => `10.${n >> 8}.${n & 255}.0/24`).join("\n");
    expect((await putList("blocked", lines(10_000))).status).toBe(200);
    const many = await putList("blocked", lines(10_001));
    expect([many.status, await errorsOf(many)]).toMatchObject([400, [{ code: "too_many" }]]);
    expect((await putList("blocked", `#${" ".repeat(400)}\n`.repeat(652))).status).toBe(200);
    expect((await putList("blocked", `#${" ".repeat(400)}\n`.repeat(655))).status).toBe(413);
    expect((await putList("blocked", new Uint8Array([0xff, 0xfe, 0x61, 0x00]))).status).toBe(400);
    const bad = await putList("blocked", `${"x\n".repeat(30)}`);
    expect((await errorsOf(bad)).length).toBe(20);
    const json = await asStaff(isolate, "PUT", "/lists/blocked", { body: {}, headers: { "If-Match": '"0"' } });
    expect(json.status).toBe(415);
  });

  test("holds within 15 seconds in an isolate that knew another, and what was signed before stays as it was", async () => {
    frozen();
    const queue = keepingQueue<IntakeMessage>();
    const warm = coldIsolate({ INTAKE: queue });
    const signers: [Record<string, unknown>, string][] = [
      [{}, "203.0.113.9"],
      [{ email: "bob@spam.example" }, freshAddress()],
      [{ email: "A.da+x@googlemail.com" }, freshAddress()],
      [{ email: "eve@mailinator.com" }, freshAddress()],
      [{}, freshAddress()],
    ];
    expect(await holdsLaid(warm, queue, signers)).toEqual([null, null, null, "disposable", null]);
    await putList("blocked", "203.0.113.0/24\nspam.example disposable\nada@gmail.com");
    later(5_001);
    expect(await holdsLaid(warm, queue, signers)).toEqual(["list", "disposable", "list", "disposable", null]);
    await putList("blocked", "");
    await putList("allowed", "mailinator.com");
    later(5_001);
    expect(await holdsLaid(warm, queue, signers)).toEqual([null, null, null, null, null]);
  });

  test("gives an allowed entry its own limit as a whole, not none, and the address as much under hard limits", async () => {
    frozen();
    await putList("allowed", "198.51.100.0/24 limit=7 # school\nschools.example limit=6\n192.0.2.0/24 limit=70");
    await putPolicies({ allowed_entry: { limit: 3, window: 86_400 } });
    const queue = keepingQueue<IntakeMessage>();
    const at = coldIsolate({ INTAKE: queue });
    const from = (count: number, address: (n: number) => string, fields: (n: number) => object = () => ({})) =>
      Array.from({ length: count }, (_, n) => [fields(n), address(n)]) as [Record<string, unknown>, string][];
    const allowed = (count: number, held: number) => [...Array(count).fill(null), ...Array(held).fill("rate")];
    expect(
      await holdsLaid(
        at,
        queue,
        from(9, () => "198.51.100.7"),
      ),
    ).toEqual(allowed(7, 2));
    expect(
      await holdsLaid(
        at,
        queue,
        from(9, (n) => `198.51.100.${n}`),
      ),
    ).toEqual(allowed(7, 2));
    const pupils = from(8, freshAddress, (n) => ({ email: `p${n}@schools.example` }));
    expect(await holdsLaid(at, queue, pupils)).toEqual(allowed(6, 2));
    const { id } = await openPetition();
    const statuses: number[] = [];
    for (let n = 0; n < 71; n++) statuses.push((await sign(at, id, {}, "192.0.2.7")).status);
    expect(statuses).toEqual([...Array(70).fill(202), 429]);
    await putList("allowed", "198.51.100.0/24");
    later(5_001);
    expect(
      await holdsLaid(
        at,
        queue,
        from(5, () => "198.51.100.7"),
      ),
    ).toEqual(allowed(3, 2));
  });

  test("is judged again when a submission is recorded: an isolate without a database could not know it", async () => {
    await putList("blocked", "203.0.113.66\nspam.example disposable");
    const queue = keepingQueue<IntakeMessage>();
    const { id, no } = await openPetition();
    const blind = coldIsolate({ INTAKE: queue, DB: faultyDatabase(() => true) });
    await sign(blind, id, { name: "One" }, "203.0.113.66");
    await sign(blind, id, { name: "Two", email: "x@spam.example" });
    await sign(blind, id, { name: "Three" });
    expect(queue.sent.map(({ hold }) => hold)).toEqual([null, null, null]);
    await coldIsolate().deliver("intake", queue.sent);
    const { results } = await env.DB.prepare("SELECT hold FROM signatures WHERE petition_no = ?").bind(no).all();
    expect(results.map(({ hold }) => hold).sort()).toEqual(["disposable", "list", null]);
  });

  test("that no key opens holds nobody, stops nobody, and staff are told", async () => {
    const gone = new RootKeys(new Uint8Array(32).fill(7));
    const { sealList } = await import("../../src/limits/settings.ts");
    await env.DB.prepare("INSERT INTO settings VALUES ('list:blocked', ?, 5)")
      .bind(await sealList(gone, "blocked", "spam.example"))
      .run();
    const log = vi.spyOn(console, "log");
    const queue = keepingQueue<IntakeMessage>();
    expect(
      await holdsLaid(coldIsolate({ INTAKE: queue }), queue, [[{ email: "x@spam.example" }, freshAddress()]]),
    ).toEqual([null]);
    expect(log.mock.calls.join()).toContain("list_unreadable");
    log.mockRestore();
    expect(await readList("blocked")).toMatch(/^# Sealed under a ROOT_KEY/);
    expect((await putList("blocked", "spam.example")).status).toBe(200);
    expect(await rootKeys.hash("x", "y")).not.toBe(await gone.hash("x", "y"));
  });
});
