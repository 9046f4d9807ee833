import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { dayAfter, localDay } from "../../src/lib/local-time.ts";
import { expectDocumentedAnswer, expectDocumentedProblem } from "../support/documented.ts";
import { coldIsolate } from "../support/isolate.ts";
import { asStaff, staffKey } from "../support/staff.ts";
import { foundTown, openPetition } from "../support/town.ts";

const HOUR = "17 * * * *";
const today = localDay(Date.now(), "Europe/London");
const isolate = coldIsolate();

interface Numbers {
  readonly verified: number;
  readonly in_span: number;
  readonly before: number;
  readonly change: number;
  readonly growth: number | null;
}
interface Across {
  readonly as_of: string | null;
  readonly petitions: number;
  readonly totals: Numbers;
  readonly data: (Numbers & { petition_id: string; title: string })[];
  readonly next_cursor: string | null;
}

const get = (query = "", key = "fm_staff_local", path = "/counts") =>
  asStaff(isolate, "GET", `${path}${query}`, { key });
const read = async (query = "", key?: string) =>
  (await expectDocumentedAnswer("countAcross", await get(query, key))) as Across;

/** People who sign and count, some days ago. */
const sign = (no: number, count: number, daysAgo: number, area: string | null = null) =>
  env.DB.prepare(
    `INSERT INTO signatures (petition_no, email_hash, person_hash, submission, state, locale, area_code, accepted_at, verified_at, verified_hour)
     SELECT ?1, randomblob(8), 1, randomblob(16), 'verified', 'en', ?3, 1, 1, ?4 || 'T12' FROM json_each(?2)`,
  )
    .bind(no, JSON.stringify(Array(count).fill(0)), area, dayAfter(today, -daysAgo))
    .run();

let department = "";
let number = 0;

beforeAll(foundTown);

// Each test has departments of its own: snapshots are of all petitions.
beforeEach(async () => {
  department = `d${++number}`;
  await env.DB.prepare("INSERT INTO departments VALUES (?, '{}')").bind(department).run();
});

const petition = async (columns: Record<string, string | null> = {}, topics: string[] = []) => {
  const made = await openPetition({ department_code: department, ...columns });
  for (const topic of topics) {
    await env.DB.prepare("INSERT INTO petition_topics VALUES (?, ?)").bind(topic, made.no).run();
  }
  return made;
};

describe("counts across petitions", () => {
  test("are sums and growth of a span, compared with the one before, and the petitions with theirs", async () => {
    const [big, small] = [await petition({ title: "Big" }), await petition({ title: "Small" })];
    await sign(big.no, 6, 1);
    await sign(big.no, 4, 7);
    await sign(big.no, 8, 8);
    await sign(big.no, 50, 15);
    await sign(small.no, 3, 0);
    await sign(small.no, 2, 14);
    await coldIsolate().cron(HOUR);
    const found = await read(`?department=${department}`);
    expect(found.petitions).toBe(2);
    expect(found.totals).toEqual({ verified: 73, in_span: 10, before: 10, change: 0, growth: 0 });
    expect(found.data.map(({ title, in_span, before, growth }) => [title, in_span, before, growth])).toEqual([
      ["Big", 10, 8, 0.25],
      ["Small", 0, 2, -1],
    ]);
    expect(Date.parse(String(found.as_of))).toBeGreaterThan(Date.now() - 60_000);
    const one = await read(`?department=${department}&from=${today}&to=${today}`);
    expect(one.totals).toEqual({ verified: 73, in_span: 3, before: 6, change: -3, growth: -0.5 });
    const first = await read(`?department=${department}&from=${dayAfter(today, -8)}&to=${dayAfter(today, -7)}`);
    expect(first.totals).toMatchObject({ in_span: 12, before: 0, growth: null });
  });

  test("are of a department, an area and a topic, and of every combination", async () => {
    const north = await petition({ area_code: "north" }, ["parks", "roads"]);
    const south = await petition({ area_code: "south" }, ["parks"]);
    await sign(north.no, 3, 1);
    await sign(south.no, 4, 1);
    await coldIsolate().cron(HOUR);
    const of = async (query: string) => (await read(`?department=${department}${query}`)).totals.verified;
    expect(await of("")).toBe(7);
    expect(await of("&area=north")).toBe(3);
    expect(await of("&topic=parks")).toBe(7);
    expect(await of("&topic=roads")).toBe(3);
    expect(await of("&topic=parks&area=south")).toBe(4);
    expect(await of("&topic=roads&area=south")).toBe(0);
    expect((await read("?topic=roads")).totals.verified).toBeGreaterThanOrEqual(3);
  });

  test("follow what changes with the next run, and a doubled run changes nothing", async () => {
    const { no } = await petition({}, ["parks"]);
    await sign(no, 5, 1);
    const run = () => coldIsolate().cron(HOUR);
    const totals = async (query = `?department=${department}`) => (await read(query)).totals.verified;
    await run();
    await run();
    expect(await totals()).toBe(5);
    await env.DB.prepare("UPDATE signatures SET hold = 'burst' WHERE petition_no = ?").bind(no).run();
    await sign(no, 5, 2);
    expect(await totals()).toBe(5);
    await run();
    expect(
      (await read(`?department=${department}&from=${dayAfter(today, -2)}&to=${dayAfter(today, -2)}`)).totals,
    ).toMatchObject({
      ...{ verified: 5, in_span: 5 },
    });
    await env.DB.prepare("INSERT INTO departments VALUES (?, '{}')").bind(`${department}-new`).run();
    await env.DB.prepare("UPDATE petitions SET department_code = ? WHERE no = ?").bind(`${department}-new`, no).run();
    await run();
    expect(await totals()).toBe(0);
    expect(await totals(`?department=${department}-new&topic=parks`)).toBe(5);
  });

  test("come in pages, and a cursor opens no other query", async () => {
    for (let count = 1; count <= 5; count++) await sign((await petition()).no, count, 1);
    await coldIsolate().cron(HOUR);
    const seen: number[] = [];
    let query = `?department=${department}&limit=2`;
    for (let page = 0; page < 3; page++) {
      const { data, next_cursor, totals } = await read(query);
      expect(totals.verified).toBe(15);
      seen.push(...data.map(({ verified }) => verified));
      query = `?department=${department}&limit=2&cursor=${next_cursor}`;
      if (page === 0) {
        await expectDocumentedProblem("invalid_cursor", await get(`?limit=2&cursor=${next_cursor}`));
        await expectDocumentedProblem("invalid_cursor", await get(`${query}&to=${today}`));
      }
      if (page === 2) expect(next_cursor).toBeNull();
    }
    expect(seen).toEqual([5, 4, 3, 2, 1]);
  });

  test("lead to the next page by their header too, so that a table is never taken for all of them", async () => {
    for (let count = 1; count <= 3; count++) await sign((await petition()).no, count, 1);
    await coldIsolate().cron(HOUR);
    for (const format of ["json", "csv"]) {
      const first = await get(`?department=${department}&limit=2&format=${format}`);
      const next = /^<http:\/\/localhost:8787\/v1\/admin\/counts(\?.*)>; rel="next"$/.exec(
        first.headers.get("Link") ?? "",
      );
      const last = await get(next?.[1]);
      expect([next?.[1]?.includes(`format=${format}`), last.status, last.headers.get("Link")]).toEqual([
        true,
        200,
        null,
      ]);
      const records = (await last.text()).match(/pet_[0-9a-f-]{36}/g);
      expect(records).toHaveLength(1);
    }
  });

  test("of drafts are none; of all other petitions, in whatever state", async () => {
    for (const state of ["draft", "gathering", "moderation", "hidden", "closed"]) {
      const { no } = await petition({ state, rejection_code: "x", ...(state === "closed" ? { ended_at: "1" } : {}) });
      await sign(no, 1, 1);
    }
    await coldIsolate().cron(HOUR);
    expect((await read(`?department=${department}`)).petitions).toBe(4);
  });
});

describe("staff of a department", () => {
  test("see only their department's, and another one is not there", async () => {
    const mine = department;
    await sign((await petition()).no, 2, 1, "north");
    department = `${mine}-other`;
    await env.DB.prepare("INSERT INTO departments VALUES (?, '{}')").bind(department).run();
    await sign((await petition()).no, 9, 1, "south");
    await coldIsolate().cron(HOUR);
    const key = await staffKey("viewer", mine);
    expect((await read("", key)).totals.verified).toBe(2);
    expect((await read(`?department=${mine}`, key)).totals.verified).toBe(2);
    for (const path of ["/counts", "/reach"]) {
      await expectDocumentedProblem("not_found", await get(`?department=${department}`, key, path));
      await expectDocumentedProblem("not_found", await get("?department=no-such", key, path));
    }
    const reach = (await expectDocumentedAnswer("reachAcross", await get("", key, "/reach"))) as {
      verified: number;
      areas: { key: string; verified: number }[];
    };
    expect(reach.verified).toBe(2);
    expect(Object.fromEntries(reach.areas.map(({ key: area, verified }) => [area, verified]))).toEqual({
      ...{ north: 2, south: 0 },
    });
  });
});

test("staff of a department are not shown a petition that has left it, however far a run of the job has come", async () => {
  const mine = department;
  const { no } = await petition({ title: "Left" });
  await sign((await petition({ title: "Stays" })).no, 2, 1);
  await coldIsolate().cron(HOUR);
  const key = await staffKey("viewer", mine);
  const titles = async () => (await read("", key)).data.map(({ title }) => title);
  expect(await titles()).toEqual(["Stays", "Left"]);
  // What is left by a run that broke off after its first step.
  await env.DB.prepare("UPDATE petition_snapshots SET department_code = 'works', title = 'New' WHERE petition_no = ?")
    .bind(no)
    .run();
  expect(await titles()).toEqual(["Stays"]);
});

test.each([
  "?department=no-such",
  "?area=no-such",
  "?topic=no-such",
  "?department=",
  `?from=${today}&to=${dayAfter(today, -1)}`,
  `?from=${today}&to=${dayAfter(today, 1)}`,
  `?from=${dayAfter(today, -366)}&to=${today}`,
  `?from=${dayAfter(today, -748)}&to=${dayAfter(today, -740)}`,
  "?from=2026-02-30",
  "?limit=101",
  "?by=area",
])("counts across petitions refuse %s", async (query) => {
  await expectDocumentedProblem("invalid_request", await get(query));
});

test("the longest spans there are", async () => {
  await coldIsolate().cron(HOUR);
  await read(`?from=${dayAfter(today, -365)}&to=${today}`);
  await read(`?from=${dayAfter(today, -739)}&to=${dayAfter(today, -730)}`);
});

describe("tables", () => {
  test("of counts across petitions, and of reach", async () => {
    const { id, no } = await petition({ title: "Benches, and “more”" }, ["parks"]);
    await sign(no, 4, 1, "north");
    await coldIsolate().cron(HOUR);
    const lines = async (path: string) => {
      const answer = await get("", undefined, path);
      expect(answer.headers.get("Content-Type")).toContain("text/csv");
      return (await answer.text()).split("\r\n").map((line) => line.split(",").slice(1).join(","));
    };
    // Files of several petitions lie in one folder.
    const nameOf = async (path: string) =>
      (await get("?format=csv", undefined, path)).headers.get("Content-Disposition");
    for (const kind of ["counts", "trend", "reach"]) {
      expect(await nameOf(`/petitions/${id}/${kind}`)).toBe(`attachment; filename="${id}-${kind}.csv"`);
    }
    expect(await nameOf("/counts")).toBe('attachment; filename="counts.csv"');
    const week = `${dayAfter(today, -7)},${dayAfter(today, -1)}`;
    expect(await lines(`/counts?department=${department}&format=csv`)).toEqual([
      "from,to,kind,petition_id,title,state,department,area,topics,verified,in_span,before,change,growth",
      `${week},total,,,,,,,4,4,0,4,`,
      `${week},petition,${id},"Benches, and “more”",open,${department},,parks,4,4,0,4,`,
      "",
    ]);
    const reach = await lines(`/petitions/${id}/reach?format=csv`);
    expect(reach).toContain("area,north,North Ward,4,1,1000,0.25,4,0,false,,");
    expect(reach).toContain("channel,,,4,1,,,,,,,");
    expect((await lines(`/reach?department=${department}&format=csv`))[1]).toContain("area,");
  });
});

test("a petition's reach is every area, those without signatures too, and for who sees the petition", async () => {
  const { id, no } = await petition();
  await sign(no, 40, 1, "north");
  const answer = await get("", undefined, `/petitions/${id}/reach`);
  const reach = (await expectDocumentedAnswer("readReach", answer)) as { areas: { key: string; verified: number }[] };
  expect(reach.areas.map(({ key, verified }) => [key, verified])).toEqual(
    expect.arrayContaining([
      ["north", 40],
      ["south", 0],
    ]),
  );
  const stranger = await staffKey("viewer", "works");
  await expectDocumentedProblem("not_found", await get("", stranger, `/petitions/${id}/reach`));
});
