import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { coldIsolate, faultyDatabase } from "../support/isolate.ts";
import { postJson } from "../support/resident.ts";
import { actsOn, asStaff, newStaff, staffKey } from "../support/staff.ts";
import { foundTown, openPetition } from "../support/town.ts";

const isolate = coldIsolate();

beforeAll(foundTown);

interface Listed {
  readonly code: string;
  readonly names: Record<string, string>;
  readonly retired: boolean;
  readonly hidden?: boolean;
}

const LISTS = ["departments", "topics", "rejection-reasons"] as const;
type List = (typeof LISTS)[number];

const fresh = () => `c${crypto.randomUUID().slice(0, 13)}`;

async function listed(list: List): Promise<{ data: Listed[]; tag: string }> {
  const answer = await asStaff(isolate, "GET", `/${list}`);
  const { data } = (await answer.json()) as { data: Listed[] };
  return { data, tag: answer.headers.get("ETag") ?? "" };
}

const bodyOf = (list: List, more: object = {}) => ({
  names: { en: "Harbour", de: "Hafen" },
  ...(list === "rejection-reasons" ? { hidden: false } : {}),
  ...more,
});

/** Changes an entry on the list as it stands, unless a tag is given. */
async function change(
  method: "PUT" | "DELETE",
  list: List,
  code: string,
  {
    body,
    tag,
    key,
    at = isolate,
  }: { body?: unknown; tag?: string; key?: string; at?: Pick<typeof isolate, "fetch"> } = {},
): Promise<Response> {
  const headers = { "If-Match": tag ?? (await listed(list)).tag };
  return asStaff(at, method, `/${list}/${code}`, {
    headers,
    ...(method === "PUT" ? { body: body ?? bodyOf(list) } : {}),
    ...(key === undefined ? {} : { key }),
  });
}

const errorsOf = async (answer: Response) => {
  const { code, errors = [] } = (await answer.json()) as { code: string; errors?: { pointer: string; code: string }[] };
  return [answer.status, code, ...errors.map((error) => `${error.pointer} ${error.code}`)];
};

describe.each(LISTS)("the list of %s", (list) => {
  test("takes a new entry, gives it to whoever asks, and writes down who did it", async () => {
    const code = fresh();
    const { tag } = await listed(list);
    const answer = await change("PUT", list, code, { tag });
    expect([answer.status, await answer.json()]).toEqual([200, { code, ...bodyOf(list), retired: false }]);
    const after = await listed(list);
    expect(after.data).toContainEqual({ code, ...bodyOf(list), retired: false });
    expect([answer.headers.get("ETag"), tag]).not.toContain(null);
    expect(answer.headers.get("ETag")).toBe(after.tag);
    expect(after.tag).not.toBe(tag);
    const shown = (await (await coldIsolate().fetch(`/v1/${list}`)).json()) as { data: Listed[] };
    expect(shown.data.map((one) => one.code)).toContain(code);
    const subject = { departments: "department", topics: "topic", "rejection-reasons": "rejection_reason" }[list];
    const acts = await actsOn(`${subject}:${code}`);
    expect(acts.map(({ act, actor, before, after: then }) => [act, actor, before, JSON.parse(String(then))])).toEqual([
      [`${subject}.put`, "local", null, { ...bodyOf(list), retired: false }],
    ]);
  });

  test("repeated, a change moves nothing and leaves no trace", async () => {
    const code = fresh();
    await change("PUT", list, code);
    const { tag } = await listed(list);
    const again = await change("PUT", list, code, { body: bodyOf(list, { names: { de: " Hafen ", en: "Harbour" } }) });
    expect([again.status, again.headers.get("ETag")]).toEqual([200, tag]);
    expect((await listed(list)).tag).toBe(tag);
  });

  test("of two admins who change the same list at once, the second has to read again", async () => {
    const { tag } = await listed(list);
    const codes = [fresh(), fresh()];
    const answers = await Promise.all(codes.map((code) => change("PUT", list, code, { tag })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
    const { data } = await listed(list);
    expect(codes.filter((code) => data.some((one) => one.code === code))).toHaveLength(1);
  });

  test("an entry that nobody ever used can be deleted, and is gone", async () => {
    const code = fresh();
    await change("PUT", list, code, { body: bodyOf(list, { retired: true }) });
    const answer = await change("DELETE", list, code);
    expect([answer.status, await answer.json()]).toEqual([200, { code, ...bodyOf(list), retired: true }]);
    expect((await listed(list)).data.map((one) => one.code)).not.toContain(code);
    expect((await change("DELETE", list, code)).status).toBe(404);
    // Whoever takes the code again begins anew.
    await change("PUT", list, code);
    expect((await listed(list)).data).toContainEqual({ code, ...bodyOf(list), retired: false });
  });

  test.each([
    ["no name in the municipality's language", { names: { de: "Hafen" } }, "/names/en missing"],
    ["an empty name", { names: { en: " " } }, "/names/en empty"],
    ["a name of several lines", { names: { en: "a\nb" } }, "/names/en forbidden_characters"],
    ["a formula", { names: { en: "=1+1" } }, "/names/en formula"],
    ["a language that nobody reads", { names: { en: "a", "<b>": "b" } }, " unknown_field"],
    ["a name of the wrong type", { names: { en: 7 } }, "/names/en wrong_type"],
    ["a name that is too long", { names: { en: "a".repeat(301) } }, "/names/en too_long"],
    ["retired of the wrong type", { retired: "yes" }, "/retired wrong_type"],
  ])("refuses %s", async (_, fields, error) => {
    const answer = await change("PUT", list, fresh(), { body: bodyOf(list, fields) });
    expect(await errorsOf(answer)).toEqual([400, "invalid_request", error]);
  });

  test("is changed by admins of the whole municipality only", async () => {
    for (const key of [await staffKey("moderator"), await staffKey("admin", "works")]) {
      for (const method of ["PUT", "DELETE"] as const) {
        expect((await change(method, list, "works", { key })).status).toBe(404);
      }
    }
    expect((await change("PUT", list, "no%20code")).status).toBe(404);
  });

  test("nothing of a change is left when the database fails in the middle of it", async () => {
    const code = fresh();
    const { tag } = await listed(list);
    const at = coldIsolate({ DB: faultyDatabase((call) => call === 2) });
    expect((await change("PUT", list, code, { tag, at })).status).toBe(503);
    expect(await listed(list)).toMatchObject({ tag });
  });
});

describe("what is in use", () => {
  const usedBy: [List, (code: string) => Promise<unknown>, string][] = [
    ["departments", (code) => openPetition({ department_code: code }), "petitions: 1"],
    ["departments", (code) => newStaff("viewer", code), "members of staff, former ones too: 1"],
    [
      "topics",
      async (code) =>
        env.DB.prepare("INSERT INTO petition_topics VALUES (?, ?)")
          .bind(code, (await openPetition()).no)
          .run(),
      "petitions: 1",
    ],
    ["rejection-reasons", (code) => openPetition({ state: "rejected", rejection_code: code }), "petitions: 1"],
  ];

  test.each(usedBy)("of %s stays, and is retired instead: readable, but offered no more", async (list, use, says) => {
    const code = fresh();
    await change("PUT", list, code);
    await use(code);
    const refused = await change("DELETE", list, code);
    expect(await refused.clone().text()).toContain(`is used: ${says}"`);
    expect(await errorsOf(refused)).toEqual([409, "reference_in_use", " in_use"]);
    expect((await change("PUT", list, code, { body: bodyOf(list, { retired: true }) })).status).toBe(200);
    expect((await listed(list)).data).toContainEqual({ code, ...bodyOf(list), retired: true });
    const shown = (await (await coldIsolate().fetch(`/v1/${list}`)).json()) as { data: Listed[] };
    expect(shown.data.find((one) => one.code === code)?.names).toEqual(bodyOf(list).names);
  });

  test("a reason that was decided with stays in the log's words, though the petition is back in moderation", async () => {
    const code = fresh();
    await change("PUT", "rejection-reasons", code);
    const { id } = await openPetition({ state: "moderation" });
    const decide = (act: string, version: number, body: unknown) =>
      asStaff(isolate, "POST", `/petitions/${id}/${act}`, { body, headers: { "If-Match": `"${version}"` } });
    expect((await decide("reject", 1, { code })).status).toBe(200);
    expect((await decide("reopen", 2, {})).status).toBe(200);
    const refused = await change("DELETE", "rejection-reasons", code);
    expect(await refused.text()).toContain("decisions in the audit log: 1");
  });
});

describe("a retired code", () => {
  const retire = async (list: List) => {
    const code = fresh();
    await change("PUT", list, code, { body: bodyOf(list, { retired: true }) });
    return code;
  };

  test("of a department takes no petition and no new staff, and who is there already stays", async () => {
    const code = await retire("departments");
    const { id } = await openPetition({ state: "moderation" });
    const decide = (act: string, body: unknown) =>
      asStaff(coldIsolate(), "POST", `/petitions/${id}/${act}`, { body, headers: { "If-Match": '"1"' } });
    expect((await errorsOf(await decide("assign", { department: code })))[2]).toBe("/department unknown_code");
    expect((await errorsOf(await decide("approve", { department: code })))[2]).toBe("/department unknown_code");
    const member = { name: "Sam", email: `${fresh()}@town.example`, role: "viewer", department: code };
    expect((await errorsOf(await asStaff(isolate, "POST", "/staff", { body: member })))[2]).toBe(
      "/department unknown_value",
    );
    const { id: there } = await newStaff("viewer", code);
    const renamed = await asStaff(isolate, "PUT", `/staff/${there}`, {
      body: { ...member, locale: null, reminders: true },
    });
    expect(renamed.status).toBe(200);
  });

  test("of a topic is on no new petition", async () => {
    const body = {
      ...{ title: "Benches", background: "To sit on.", topics: [await retire("topics")] },
      creator: { name: "Ada Anchorby", email: "ada@example.org" },
    };
    expect(await errorsOf(await postJson(coldIsolate(), "/v1/petitions", body))).toEqual([
      ...[400, "invalid_request", "/topics/0 unknown_code"],
    ]);
  });

  test("of a reason rejects nothing", async () => {
    const code = await retire("rejection-reasons");
    const { id } = await openPetition({ state: "moderation" });
    const answer = await asStaff(isolate, "POST", `/petitions/${id}/reject`, {
      ...{ body: { code }, headers: { "If-Match": '"1"' } },
    });
    expect(await errorsOf(answer)).toEqual([400, "invalid_request", "/code unknown_code"]);
  });
});

describe("a reason", () => {
  test.each([false, true])("of the municipality's own works at once (hidden: %s)", async (hidden) => {
    const code = fresh();
    await change("PUT", "rejection-reasons", code, { body: bodyOf("rejection-reasons", { hidden }) });
    const { id } = await openPetition({ state: "moderation" });
    const answer = await asStaff(coldIsolate(), "POST", `/petitions/${id}/reject`, {
      ...{ body: { code }, headers: { "If-Match": '"1"' } },
    });
    expect(await answer.json()).toMatchObject({ state: hidden ? "hidden" : "rejected", rejection: { code } });
    expect((await coldIsolate().fetch(`/v1/petitions/${id}`)).status).toBe(hidden ? 404 : 200);
    const shown = (await (await coldIsolate().fetch("/v1/rejection-reasons")).json()) as { data: Listed[] };
    expect(shown.data.some((one) => one.code === code)).toBe(!hidden);
  });

  test("does not turn from hiding to showing while a petition has it, but its words may change", async () => {
    const code = fresh();
    const put = (more: object) => change("PUT", "rejection-reasons", code, { body: bodyOf("rejection-reasons", more) });
    await put({ hidden: true });
    expect((await put({ hidden: false })).status).toBe(200);
    expect((await put({ hidden: true })).status).toBe(200);
    const { no } = await openPetition({ state: "hidden", rejection_code: code });
    expect(await errorsOf(await put({ hidden: false }))).toEqual([409, "reference_in_use", "/hidden in_use"]);
    expect((await put({ hidden: true, names: { en: "Other words" } })).status).toBe(200);
    await env.DB.prepare("UPDATE petitions SET rejection_code = 'offensive' WHERE no = ?").bind(no).run();
    expect((await put({ hidden: false })).status).toBe(200);
  });

  test("that turns while somebody rejects with it neither shows nor hides what they did not mean", async () => {
    const code = fresh();
    await change("PUT", "rejection-reasons", code, { body: bodyOf("rejection-reasons", { hidden: true }) });
    const { id } = await openPetition({ state: "moderation" });
    // Between reading the reason and writing the decision.
    let calls = 0;
    const DB = new Proxy(env.DB, {
      get(target, name) {
        if (name !== "batch") return Reflect.get(target, name).bind(target);
        return async (statements: D1PreparedStatement[]) => {
          if (++calls === 4) {
            await env.DB.prepare("UPDATE rejection_reasons SET hidden = 0 WHERE code = ?").bind(code).run();
          }
          return target.batch(statements);
        };
      },
    });
    const answer = await asStaff(coldIsolate({ DB }), "POST", `/petitions/${id}/reject`, {
      ...{ body: { code }, headers: { "If-Match": '"1"' } },
    });
    expect([answer.status, calls > 4]).toEqual([412, true]);
    const row = await env.DB.prepare("SELECT state FROM petitions WHERE id = ?").bind(id.slice(4)).first();
    expect(row).toEqual({ state: "moderation" });
  });
});

test("the code that asks for petitions of no department is no department", async () => {
  expect(await errorsOf(await change("PUT", "departments", "none"))).toEqual([400, "invalid_request", " reserved"]);
});

test("a list has at most 200 entries", async () => {
  const rows = JSON.stringify(Array.from({ length: 200 }, (_, index) => `full-${index}`));
  await env.DB.prepare("INSERT INTO topics SELECT value, '{}' FROM json_each(?)").bind(rows).run();
  try {
    expect(await errorsOf(await change("PUT", "topics", fresh()))).toEqual([400, "invalid_request", " too_many"]);
    expect((await change("PUT", "topics", "full-1")).status).toBe(200);
  } finally {
    await env.DB.prepare("DELETE FROM topics WHERE code LIKE 'full-%'").run();
  }
});

test("a municipality that speaks German first needs German names, of whatever country", async () => {
  const at = coldIsolate({ LOCALES: "de-AT,it" });
  const put = (names: object) => change("PUT", "topics", fresh(), { body: { names }, at });
  expect(await errorsOf(await put({ en: "Harbour" }))).toEqual([400, "invalid_request", "/names/de missing"]);
  expect((await put({ de: "Hafen", it: "Porto" })).status).toBe(200);
});

test("an isolate that knows the lists follows within 15 seconds", async () => {
  const warm = coldIsolate();
  const codes = async () =>
    ((await (await warm.fetch("/v1/topics")).json()) as { data: Listed[] }).data.map(({ code }) => code);
  await codes();
  const code = fresh();
  await change("PUT", "topics", code);
  const now = Date.now();
  vi.spyOn(Date, "now").mockReturnValue(now + 5_001);
  expect(await codes()).toContain(code);
  vi.restoreAllMocks();
  expect((await warm.fetch("/v1/topics")).headers.get("Cache-Control")).toBe("public, max-age=10");
});
