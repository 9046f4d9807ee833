import { env } from "cloudflare:workers";
import { parse } from "csv-parse/sync";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { newUuid } from "../../src/lib/ids.ts";
import { coldIsolate, faultyDatabase } from "../support/isolate.ts";
import { asStaff, newStaff, staffKey } from "../support/staff.ts";
import { foundTown, openPetition } from "../support/town.ts";

const isolate = coldIsolate();

beforeAll(async () => {
  await foundTown();
  await env.DB.prepare(`INSERT OR IGNORE INTO departments VALUES ('parks', '{"en":"Parks"}')`).run();
});

interface Entry {
  readonly id: string;
  readonly at: string;
  readonly actor: string;
  readonly actor_name: string | null;
  readonly act: string;
  readonly subject: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly reason: string | null;
}

/** Writes an entry as the service does: the id is made a moment after the act. */
async function enter(
  entry: Partial<Record<"actor" | "act" | "subject" | "after" | "reason", string>> & { at?: number },
) {
  const whole = { actor: "local", act: "petition.stop", subject: "pet_x", after: "{}", reason: null, ...entry };
  const at = entry.at ?? Date.now();
  vi.useFakeTimers({ toFake: ["Date"], now: at + 3 });
  const id = newUuid();
  vi.useRealTimers();
  await env.DB.prepare(
    "INSERT INTO audit (id, at, actor, role, act, subject, after, reason) VALUES (?, ?, ?, 'admin', ?, ?, ?, ?)",
  )
    .bind(id, at, whole.actor, whole.act, whole.subject, whole.after, whole.reason)
    .run();
  return `aud_${id}`;
}

async function list(query: string, key?: string) {
  const answer = await asStaff(isolate, "GET", `/audit?${query}`, key === undefined ? {} : { key });
  const body = (await answer.json()) as { data: Entry[]; next_cursor: string | null; code?: string };
  return { status: answer.status, ids: (body.data ?? []).map(({ id }) => id), ...body };
}

const download = (query: string, key = "fm_staff_local", at = isolate) =>
  asStaff(at, "GET", `/audit/export?${query}`, { key });

const word = (): string => `test.${crypto.randomUUID()}`;

describe("who reads what", () => {
  test("admins of the whole municipality read everything; others what was done to a petition that they see", async () => {
    const mine = await openPetition({ department_code: "works", state: "moderation" });
    const theirs = await openPetition({ department_code: "parks" });
    const nobodys = await openPetition();
    for (const { id } of [mine, theirs, nobodys]) await enter({ subject: id });
    const member = await newStaff("viewer", "works");
    const stranger = await newStaff("viewer", "parks");
    const reads = async (key: string, subject: string | null) => {
      const query = subject === null ? "" : `subject=${subject}`;
      const [read, taken] = [await list(query, key), await download(query, key)];
      expect(taken.status).toBe(read.status);
      return read.status;
    };
    const subjects = [null, "audit", mine.id, theirs.id, nobodys.id, member.id, stranger.id];
    const table = async (key: string) => Promise.all(subjects.map((subject) => reads(key, subject)));
    expect(await table(await staffKey("admin"))).toEqual([200, 200, 200, 200, 200, 200, 200]);
    for (const role of ["viewer", "moderator"] as const) {
      expect(await table(await staffKey(role)), role).toEqual([404, 404, 200, 200, 200, 404, 404]);
      expect(await table(await staffKey(role, "works")), role).toEqual([404, 404, 200, 404, 404, 404, 404]);
    }
    expect(await table(await staffKey("admin", "works"))).toEqual([404, 404, 200, 404, 404, 200, 404]);
    expect((await list(`subject=${mine.id}`, await staffKey("viewer", "works"))).ids).toHaveLength(1);
    const absent = "pet_01936d9e-0000-7000-8000-000000000007";
    expect(await reads(await staffKey("viewer"), absent)).toBe(404);
  });

  test("an entry names who acted, as they are called now, and everything that the act changed", async () => {
    const { key, id } = await newStaff("moderator");
    const petition = await openPetition();
    const body = { label: "Stall", owner: "Library" };
    await asStaff(isolate, "PUT", `/petitions/${petition.id}/channels/stall`, { key, body });
    const { data } = await list(`subject=${petition.id}`);
    expect(data).toMatchObject([
      { actor: id, actor_name: "Sam Steward", role: "moderator", act: "channel.put", before: null, reason: null },
    ]);
    expect(data[0]?.after).toMatchObject({ code: "stall", ...body });
    expect(Date.parse(data[0]?.at ?? "")).toBeGreaterThan(Date.now() - 60_000);
  });
});

describe("filters", () => {
  test("narrow by actor, subject and act, each alone and together", async () => {
    const [a, b, subject] = [word(), word(), `pet_${crypto.randomUUID()}`];
    const ids = [
      await enter({ actor: a, act: a, subject }),
      await enter({ actor: a, act: b, subject }),
      await enter({ actor: b, act: a, subject: b }),
    ];
    const found = async (query: string) => (await list(query)).ids.map((id) => ids.indexOf(id));
    expect(await found(`actor=${a}`)).toEqual([1, 0]);
    expect(await found(`act=${a}`)).toEqual([2, 0]);
    expect(await found(`subject=${subject}`)).toEqual([1, 0]);
    expect(await found(`actor=${a}&act=${b}&subject=${subject}`)).toEqual([1]);
    expect(await found(`actor=${b}&subject=${subject}`)).toEqual([]);
  });

  test("take the moment `from`, and not the moment `to`", async () => {
    const act = word();
    const noon = Date.parse("2030-03-29T12:00:00Z");
    const ids: string[] = [];
    for (const at of [noon - 1, noon, noon + 999, noon + 1_000]) ids.push(await enter({ act, at }));
    const found = async (query: string) => (await list(`act=${act}&${query}`)).ids.map((id) => ids.indexOf(id));
    expect(await found("from=2030-03-29T12:00:00Z")).toEqual([3, 2, 1]);
    expect(await found("to=2030-03-29T12:00:01Z")).toEqual([2, 1, 0]);
    expect(await found("from=2030-03-29T14:00:00%2B02:00&to=2030-03-29T12:00:01Z")).toEqual([2, 1]);
    for (const query of [
      "from=2030-03-30T00:00:00Z&to=2030-03-29T00:00:00Z",
      "from=2030-03-30T00:00:00Z&to=2030-03-30T00:00:00Z",
      "from=yesterday",
      "from=2026-11-27T10:00:00%2B25:00",
      "from=2026-13-01T00:00:00Z",
      "to=2026-11-27T24:30:00Z",
      "from=2030-03-30",
      "act=drop table",
      `subject=${"x".repeat(101)}`,
      "actor=",
      "unknown=1",
      "limit=101",
      "act=a&act=b",
    ]) {
      expect((await list(query)).code, query).toBe("invalid_request");
      expect((await download(query)).status, query).toBe(400);
    }
  });
});

describe("pages", () => {
  test("hold every entry once, the newest first, whatever is written meanwhile", async () => {
    const act = word();
    const ids: string[] = [];
    for (let n = 0; n < 7; n++) ids.unshift(await enter({ act }));
    const seen: string[] = [];
    for (let cursor = ""; ; ) {
      const page = await list(`act=${act}&limit=3${cursor}`);
      seen.push(...page.ids);
      if (page.next_cursor === null) break;
      await enter({ act });
      cursor = `&cursor=${page.next_cursor}`;
    }
    expect(seen).toEqual(ids);
    const { next_cursor } = await list(`act=${act}&limit=3`);
    expect((await list(`act=${word()}&limit=3&cursor=${next_cursor}`)).code).toBe("invalid_cursor");
    expect((await list(`act=${act}&limit=3&cursor=${next_cursor}x`)).code).toBe("invalid_cursor");
  });

  test("read what they show and little more, however long the log is", async () => {
    const [act, subject, actor] = [word(), `pet_${crypto.randomUUID()}`, word()];
    await env.DB.prepare(
      `INSERT INTO audit (id, at, actor, act, subject) WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 3000)
      SELECT printf('0190%04x-0000-7000-8000-%012x', n, n), 1, 'local', 'x', 'y' FROM n`,
    ).run();
    for (let n = 0; n < 5; n++) await enter({ act, subject, actor });
    const read = async (query: string) => {
      const lines: string[] = [];
      const spy = vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
      const { ids } = await list(query);
      spy.mockRestore();
      return { shown: ids.length, rows: (JSON.parse(lines.at(-1) ?? "") as { d1_rows_read: number }).d1_rows_read };
    };
    for (const query of [`act=${act}`, `subject=${subject}`, `actor=${actor}`]) {
      const { shown, rows } = await read(query);
      expect(shown, query).toBe(5);
      expect(rows, query).toBeLessThanOrEqual(10);
    }
    expect((await read("limit=20")).rows).toBeLessThanOrEqual(45);
    const between = `from=${new Date(0x019000010000).toISOString()}&to=${new Date(0x019000010001).toISOString()}`;
    expect((await read(between)).rows).toBeLessThanOrEqual(60);
  });
});

describe("an export", () => {
  test("has every entry of its filter, in both forms, and is an act of its own that is not among them", async () => {
    const act = word();
    await env.DB.prepare(
      `INSERT INTO audit (id, at, actor, act, subject, after) WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1203)
      SELECT printf('01910000-0000-7000-8%03x-%012x', abs(random()) % 4096, n), n, 'local', ?, 'pet_x', json_object('n', n) FROM n`,
    )
      .bind(act)
      .run();
    const { key, id } = await newStaff("admin");
    const answer = await download(`act=${act}&bom=true`, key);
    expect(answer.headers.get("Content-Type")).toBe("text/csv; charset=utf-8");
    expect(answer.headers.get("Content-Disposition")).toMatch(/^attachment; filename="audit-\d{4}-\d\d-\d\d\.csv"$/);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    expect([...bytes.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const rows = parse(new TextDecoder().decode(bytes), { columns: true, recordDelimiter: "\r\n" }) as Entry[];
    const lines = (await (await download(`act=${act}&format=ndjson`, key)).text()).trimEnd().split("\n");
    const entries = lines.map((line) => JSON.parse(line) as Entry);
    expect(rows.map(({ id: entry }) => entry)).toEqual(entries.map(({ id: entry }) => entry));
    expect(new Set(entries.map(({ after }) => (after as { n: number }).n)).size).toBe(1203);
    expect(entries.map(({ id: entry }) => entry)).toEqual(
      entries
        .map(({ id: entry }) => entry)
        .sort()
        .reverse(),
    );
    const acts = (await list(`actor=${id}&act=audit.export`)).data;
    expect(acts.map(({ after }) => after)).toEqual([
      { format: "ndjson", act },
      { format: "csv", act },
    ]);
    const own = await (await download(`actor=${id}`, key)).text();
    expect(own.match(/audit\.export/g)).toHaveLength(2);
  });

  test("holds no cell that a spreadsheet would run, and keeps quotes, commas and lines", async () => {
    const act = word();
    const reason = '=HYPERLINK("https://evil.example","x")';
    await enter({ act, reason, after: JSON.stringify({ text: 'a "quoted",\nsecond line' }) });
    const [row] = parse(await (await download(`act=${act}`)).text(), { columns: true, recordDelimiter: "\r\n" }) as [
      { reason: string; after: string },
    ];
    expect(row.reason).toBe(`'${reason}`);
    expect(JSON.parse(row.after)).toEqual({ text: 'a "quoted",\nsecond line' });
  });

  test("is read as it is taken: who stops after the first page has caused no more reads", async () => {
    const act = word();
    await env.DB.prepare(
      `INSERT INTO audit (id, at, actor, act, subject) WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 5000)
      SELECT printf('01920000-0000-7000-8000-%012x', n), n, 'local', ?, 'pet_x' FROM n`,
    )
      .bind(act)
      .run();
    const database = faultyDatabase(() => false);
    const answer = await download(`act=${act}`, "fm_staff_local", coldIsolate({ DB: database }));
    const reader = answer.body?.getReader();
    await reader?.read();
    await reader?.read();
    expect(database.calls).toBeLessThanOrEqual(4);
    await reader?.cancel();
  });

  test("that can't begin is a 503 and no act; one that fails midway breaks off and is not taken for whole", async () => {
    const act = word();
    await env.DB.prepare(
      `INSERT INTO audit (id, at, actor, act, subject) WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 600)
      SELECT printf('01930000-0000-7000-8000-%012x', n), n, 'local', ?, 'pet_x' FROM n`,
    )
      .bind(act)
      .run();
    const exports = async () => (await list("act=audit.export&limit=100")).ids.length;
    const before = await exports();
    const down = await download(`act=${act}`, "fm_staff_local", coldIsolate({ DB: faultyDatabase(() => true) }));
    expect([down.status, await exports()]).toEqual([503, before]);
    const lines: string[] = [];
    const spy = vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
    const broken = await download(`act=${act}`, "fm_staff_local", coldIsolate({ DB: faultyDatabase((n) => n > 1) }));
    expect(broken.status).toBe(200);
    await expect(broken.text()).rejects.toThrow("broke off");
    spy.mockRestore();
    expect(lines.join("")).toContain("export_broken_off");
    expect(await exports()).toBe(before + 1);
  });
});
