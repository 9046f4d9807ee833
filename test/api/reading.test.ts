import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { app } from "../../src/app.ts";
import { coldIsolate } from "../support/isolate.ts";
import { foundTown, openPetition } from "../support/town.ts";

const DAY = 86_400_000;
const now = Date.now();

interface List {
  data: { id: string; title: string; state: string; signature_count: number }[];
  next_cursor: string | null;
}

const read = async (query: string) => {
  const response = await coldIsolate().fetch(`/v1/petitions${query}`);
  return { response, list: (await response.json()) as List };
};

const ids = ({ list }: { list: List }) => list.data.map(({ id }) => id);

describe("lists", () => {
  const open: string[] = [];
  let rejected = "";
  let accented = "";

  beforeAll(async () => {
    await foundTown();
    for (let age = 1; age <= 7; age++) {
      const { id, no } = await openPetition({
        title: `Lanterns number ${age}`,
        opens_at: now - age * DAY,
        closes_at: now + ((age * 3) % 7) * DAY + DAY,
        area_code: age % 2 ? "north" : "south",
        department_code: age < 4 ? "works" : null,
      });
      open.push(id);
      await env.DB.batch([
        env.DB.prepare("INSERT INTO petition_rankings VALUES (?, ?, ?)").bind(no, age * 10, 100 - age),
        env.DB.prepare("UPDATE petition_tallies SET verified = ?, email = ? WHERE petition_no = ?").bind(age, age, no),
      ]);
      if (age === 5) await env.DB.prepare("INSERT INTO petition_topics VALUES ('parks', ?)").bind(no).run();
    }
    rejected = (await openPetition({ state: "rejected", rejection_code: "duplicate", title: "Lanterns again" })).id;
    accented = (await openPetition({ title: "Un café près du port", opens_at: now - 90 * DAY })).id;
    for (const state of ["draft", "gathering", "moderation", "changes_requested"]) {
      await openPetition({ state, title: `Lanterns unseen ${state}` });
    }
    await openPetition({ state: "hidden", rejection_code: "libel", title: "Lanterns hidden" });
  });

  test("show public states only, and filter by state, area, topic, department", async () => {
    expect(ids(await read("?q=lanterns&limit=50")).sort()).toEqual([...open, rejected].sort());
    expect(ids(await read("?q=lanterns&state=rejected"))).toEqual([rejected]);
    expect(ids(await read("?q=lanterns&area=south")).sort()).toEqual([1, 3, 5].map((i) => open[i]).sort());
    expect(ids(await read("?topic=parks"))).toEqual([open[4]]);
    expect(ids(await read("?department=works")).sort()).toEqual(open.slice(0, 3).sort());
    expect(ids(await read("?topic=roads"))).toEqual([]);
  });

  test("come in four orders", async () => {
    const order = async (sort: string) => ids(await read(`?q=lanterns&state=open&sort=${sort}`));
    expect(await order("newest")).toEqual(open);
    expect(await order("popular")).toEqual([...open].reverse());
    expect(await order("trending")).toEqual(open);
    const closings = (await read("?q=lanterns&sort=closing")).list.data.map(
      ({ id }) => ((open.indexOf(id) + 1) * 3) % 7,
    );
    expect(closings).toEqual([...closings].sort((a, b) => a - b));
  });

  test("are searched in whole words, beginnings of the last one, and without accents; syntax is only text", async () => {
    expect(ids(await read("?q=cafe%20por"))).toEqual([accented]);
    expect(ids(await read("?q=caf%20port"))).toEqual([]);
    for (const typed of ['"', "lanterns OR (", "title:lanterns", "NEAR(", "*", "-- lanterns", "'; DROP"]) {
      expect((await read(`?q=${encodeURIComponent(typed)}`)).response.status).toBe(200);
    }
  });

  test("go on page by page in every order, each petition once", async () => {
    for (const sort of ["newest", "popular", "trending", "closing"]) {
      const seen: string[] = [];
      let query = `?q=lanterns&state=open&limit=3&sort=${sort}`;
      for (let page = 0; page < 5; page++) {
        const { response, list } = await read(query);
        seen.push(...list.data.map(({ id }) => id));
        if (list.next_cursor === null) {
          expect(response.headers.has("Link")).toBe(false);
          break;
        }
        const next = /<http[^>]+?(\?[^>]+)>; rel="next"/.exec(response.headers.get("Link") ?? "")?.[1] ?? "";
        expect(next).toContain(`cursor=${list.next_cursor}`);
        query = next;
      }
      expect(seen.sort()).toEqual([...open].sort());
    }
  });

  test("refuse a cursor that was made up, altered, or belongs to another query", async () => {
    const { list } = await read("?q=lanterns&limit=2");
    const cursor = String(list.next_cursor);
    const altered = `${cursor.slice(0, -1)}${cursor.endsWith("A") ? "B" : "A"}`;
    for (const query of [
      "?cursor=x",
      `?cursor=${btoa("1.2.x")}`,
      `?q=lanterns&limit=2&cursor=${altered}`,
      `?q=lanterns&limit=2&sort=popular&cursor=${cursor}`,
      `?q=lantern&limit=2&cursor=${cursor}`,
    ]) {
      const { response } = await read(query);
      expect(response.status).toBe(400);
      expect(
        await coldIsolate()
          .fetch(`/v1/petitions${query}`)
          .then((r) => r.json()),
      ).toMatchObject({
        code: "invalid_cursor",
      });
    }
  });

  test("refuse unknown and malformed parameters", async () => {
    for (const query of [
      "?state=draft",
      "?sort=best",
      "?limit=0",
      "?limit=51",
      "?limit=x",
      "?page=2",
      "?q=",
      "?q=a&q=b",
    ]) {
      expect((await read(query)).response.status, query).toBe(400);
    }
  });
});

describe("one petition", () => {
  test("has its text, dates, thresholds, response and rejection", async () => {
    const { id, no } = await openPetition({ state: "closed", ended_at: now, closes_at: now, details: "More." });
    await env.DB.batch([
      env.DB.prepare(
        "INSERT INTO thresholds (petition_no, name, signatures, reached_at) VALUES (?, 'response', 50, ?)",
      ).bind(no, now),
      env.DB.prepare(
        "INSERT INTO responses (petition_no, summary, details, published_at) VALUES (?, 'Yes.', 'In spring.', ?)",
      ).bind(no, now),
    ]);
    const response = await coldIsolate().fetch(`/v1/petitions/${id}`);
    expect(await response.json()).toEqual({
      id,
      state: "closed",
      title: "Benches for the market square",
      background: "There is nowhere to sit.",
      details: "More.",
      locale: "en",
      area: null,
      topics: [],
      department: null,
      created_at: expect.any(String),
      opens_at: expect.any(String),
      closes_at: new Date(now).toISOString(),
      ended_at: new Date(now).toISOString(),
      signing_paused: false,
      signature_count: 0,
      thresholds: [{ name: "response", signatures: 50, reached_at: new Date(now).toISOString() }],
      response: {
        ...{ summary: "Yes.", details: "In spring." },
        ...{ published_at: new Date(now).toISOString(), amended_at: null },
      },
      hearing: null,
      rejection: null,
      elsewhere: null,
    });
  });

  test("has closed at its closing moment, before the job has run", async () => {
    const { id } = await openPetition({ closes_at: now - 1 });
    const body = (await (await coldIsolate().fetch(`/v1/petitions/${id}`)).json()) as {
      state: string;
      ended_at: string;
    };
    expect(body).toMatchObject({ state: "closed", ended_at: new Date(now - 1).toISOString() });
    // Nor does a list of the open ones begin with it.
    for (const query of ["?state=open&limit=50", "?sort=closing&limit=50"]) {
      const { list } = await read(query);
      expect(list.data.map(({ id }) => id)).not.toContain(id);
      expect(new Set(list.data.map(({ state }) => state))).toEqual(new Set(["open"]));
    }
    expect(ids(await read("?limit=50"))).toContain(id);
  });

  test("is absent while it is not public, and when only its number is known", async () => {
    const { id, uuid } = await openPetition();
    const other = `pet_${uuid.slice(0, 8).split("").reverse().join("")}${uuid.slice(8)}`;
    const paths = [other, "pet_x", "sig_01936d9e-0000-7000-8000-000000000007", id.toUpperCase()];
    for (const state of ["draft", "gathering", "moderation", "changes_requested"])
      paths.push((await openPetition({ state })).id);
    paths.push((await openPetition({ state: "hidden", rejection_code: "libel" })).id);
    for (const path of paths) {
      for (const tail of ["", "/count"]) {
        const response = await coldIsolate().fetch(`/v1/petitions/${path}${tail}`);
        expect(response.status, path + tail).toBe(404);
        expect(await response.json()).toMatchObject({ code: "not_found" });
      }
    }
  });
});

describe("public answers", () => {
  test("carry ETag and Cache-Control, and answer 304 to whoever has them", async () => {
    const { id } = await openPetition();
    const isolate = coldIsolate();
    for (const path of [
      "/v1/petitions",
      `/v1/petitions/${id}`,
      `/v1/petitions/${id}/count`,
      "/v1/areas",
      "/v1/topics",
      "/v1/departments",
    ]) {
      const first = await isolate.fetch(path);
      const etag = first.headers.get("ETag") ?? "";
      expect(etag).toMatch(/^"[\w-]+"$/);
      expect(first.headers.get("Cache-Control")).toBe("public, max-age=10");
      const second = await isolate.fetch(path, { headers: { "If-None-Match": `"other", W/${etag}` } });
      expect(second.status).toBe(304);
      expect(await second.text()).toBe("");
      const head = await isolate.fetch(path, { method: "HEAD" });
      expect([head.status, await head.text()]).toEqual([200, ""]);
    }
  });

  test("may be read by any frontend, without credentials", async () => {
    const isolate = coldIsolate();
    const read = await isolate.fetch("/v1/petitions", { headers: { Origin: "https://town.example" } });
    expect(read.headers.get("Access-Control-Allow-Origin")).toBe("*");
    expect(read.headers.has("Access-Control-Allow-Credentials")).toBe(false);
    const preflight = await isolate.fetch("/v1/petitions", {
      method: "OPTIONS",
      headers: {
        Origin: "https://town.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("Access-Control-Allow-Headers")?.toLowerCase()).toContain("content-type");
  });

  test("of a warm isolate are what its first ones were, and so is what the log says of them", async () => {
    const { id } = await openPetition();
    const isolate = coldIsolate();
    const routed = vi.spyOn(app, "fetch");
    const lines = vi.spyOn(console, "log").mockImplementation(() => undefined);
    const told = async (path: string, headers = {}) => {
      lines.mockClear();
      const answer = await isolate.fetch(path, { headers });
      const logged = lines.mock.calls.map(([line]) => JSON.parse(String(line)));
      const [{ request_id, ms, d1_calls, d1_rows_read, ...rest }] = logged as [Record<string, unknown>];
      expect([logged.length, typeof request_id, typeof ms]).toEqual([1, "string", "number"]);
      const is = { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() };
      return { is, rest, request_id, d1_calls };
    };
    for (const [path, route] of [
      [`/v1/petitions/${id}`, "/v1/petitions/:id"],
      [`/v1/petitions/${id}/count`, "/v1/petitions/:id/count"],
      [`/v1/petitions/${id}/breakdown?by=area`, "/v1/petitions/:id/breakdown"],
      [`/v1/petitions/${id}/breakdown?by=channel`, "/v1/petitions/:id/breakdown"],
      ["/v1/petitions", "/v1/petitions"],
    ] as const) {
      const cold = await told(path);
      routed.mockClear();
      const warm = await told(path);
      expect(routed).not.toHaveBeenCalled();
      expect([cold.d1_calls, warm.d1_calls]).toEqual([1, 0]);
      expect(warm.is).toEqual(cold.is);
      expect(warm.rest).toEqual(cold.rest);
      expect(warm.rest).toEqual({ event: "request", method: "GET", route, status: 200, d1_rows_written: 0 });
      expect(warm.request_id).not.toBe(cold.request_id);
      const unchanged = await told(path, { "If-None-Match": String(cold.is.headers.etag) });
      expect([unchanged.is.status, unchanged.is.body, unchanged.rest.status]).toEqual([304, "", 304]);
      expect(unchanged.is.headers).not.toHaveProperty("content-type");
      expect((await told(`${path.split("?")[0]}/`)).is.status).toBe(404);
    }
    // A query that means nothing is passed over for one petition, and refused where queries mean something.
    expect((await told(`/v1/petitions/${id}/count?by=nobody`)).is.status).toBe(200);
    for (const other of [`/v1/petitions/${id}/breakdown?by=nobody`, "/v1/petitions?by=nobody"])
      expect((await told(other)).is.status).toBe(400);
    lines.mockRestore();
    routed.mockRestore();
  });

  test("of a warm isolate need no database for some seconds, and are served stale while it is down", async () => {
    const { id } = await openPetition();
    let down = false;
    const { DB } = {
      DB: new Proxy(env.DB, {
        get: (db, name) =>
          down && name === "batch"
            ? () => Promise.reject(new Error("down"))
            : typeof Reflect.get(db, name) === "function"
              ? Reflect.get(db, name).bind(db)
              : Reflect.get(db, name),
      }),
    };
    const isolate = coldIsolate({ DB });
    expect((await isolate.fetch(`/v1/petitions/${id}/count`)).status).toBe(200);
    down = true;
    expect((await isolate.fetch(`/v1/petitions/${id}/count`)).status).toBe(200);
    expect((await coldIsolate({ DB }).fetch(`/v1/petitions/${id}/count`)).status).toBe(503);
  });
});
