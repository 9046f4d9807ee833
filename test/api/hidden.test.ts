import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { petitionStates } from "../../src/db/schema.ts";
import { EXAMPLE_PETITION, type Operation, type RequestExample } from "../../src/http/openapi.ts";
import { apiParts } from "../../src/openapi.ts";
import { PUBLIC_STATES } from "../../src/petitions/petition.ts";
import { operations } from "../support/documented.ts";
import { coldIsolate, keepingQueue } from "../support/isolate.ts";
import { decided } from "../support/moderation.ts";
import { freshAddress, sign } from "../support/resident.ts";
import { foundTown, openPetition } from "../support/town.ts";

// What is not public reads everywhere like what does not exist. The routes are those of the API's description, so that a
// new one is walked as soon as it is described.

const ABSENT = "pet_01936d9e-8c4b-7f00-9a51-0123deadbeef";
const NOT_PUBLIC = petitionStates.filter((state) => !(PUBLIC_STATES as readonly string[]).includes(state));

const open = operations.filter(({ staff }) => staff === undefined);
const aboutOne = open.filter(({ path }) => path.includes("{id}"));
const others = open.filter(({ path, method }) => !path.includes("{id}") && method === "get");
const named = open.filter(({ examples }) => examples.some(({ body }) => JSON.stringify(body ?? "").includes("pet_")));
const pages = apiParts().flatMap((part) => part.pages ?? []);

beforeAll(foundTown);

let petitions: { state: string; id: string; no: number; title: string }[] = [];

beforeEach(async () => {
  petitions = [];
  for (const state of NOT_PUBLIC) {
    const title = `Zq${crypto.randomUUID().slice(0, 8)} wharf`;
    // With everything that might be read of it: dates, a department, a topic.
    const made = await openPetition({ state, title, rejection_code: "offensive", department_code: "works" });
    await env.DB.prepare("INSERT INTO petition_topics VALUES ('parks', ?)").bind(made.no).run();
    petitions.push({ state, title, ...made });
  }
});

/** An example's request about one petition, in the place of the one that it names. */
function requestFor({ method }: Operation, { path, headers = {}, body }: RequestExample, id: string) {
  const here = (text: string) => text.replaceAll(EXAMPLE_PETITION, id);
  return {
    path: here(path),
    init: {
      method: method.toUpperCase(),
      headers: {
        ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, here(value)])),
        "CF-Connecting-IP": freshAddress(),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: here(JSON.stringify(body)) }),
    },
  };
}

/** What somebody reads, but for what names the request itself. */
async function answerOf(operation: Operation, example: RequestExample, id: string): Promise<unknown> {
  const { path, init } = requestFor(operation, example, id);
  const answer = await coldIsolate().fetch(path, init);
  const headers = [...answer.headers].filter(([name]) => name !== "content-length" && !name.startsWith("ratelimit"));
  const text = (await answer.text()).replaceAll(id, "").replace(/"request_id":"[^"]+"/, "");
  return { status: answer.status, headers, text };
}

describe.each(aboutOne.map((operation) => [operation.id, operation] as const))("%s", (_, operation) => {
  test("is for what is not public as for what does not exist", async () => {
    expect(operation.examples.length).toBeGreaterThan(0);
    for (const example of operation.examples) {
      const absent = await answerOf(operation, example, ABSENT);
      expect((absent as { status: number }).status).toBeGreaterThanOrEqual(400);
      for (const { state, id } of petitions) expect(await answerOf(operation, example, id), state).toEqual(absent);
    }
  });
});

test("no other public answer names it, by id, number or title, also when it is looked for by its own words", async () => {
  expect(others.map(({ id }) => id)).toEqual(expect.arrayContaining(["listPetitions", "findSimilarPetitions"]));
  for (const { examples, query } of others) {
    for (const { state, title, id } of petitions) {
      const asked = query && "q" in query.entries ? [`q=${encodeURIComponent(title)}`, `q=${title.slice(0, 6)}`] : [];
      const narrowed = query && "state" in query.entries ? PUBLIC_STATES.map((one) => `state=${one}&limit=50`) : [];
      const bare = examples[0]?.path.split("?")[0] as string;
      const paths = [
        ...examples.map(({ path }) => path),
        ...[...asked, ...narrowed].map((query_) => `${bare}?${query_}`),
      ];
      for (const path of paths) {
        const text = await (await coldIsolate().fetch(path)).text();
        expect(text.includes(id) || text.includes(title), `${path} of ${state}`).toBe(false);
      }
    }
  }
});

test("bodies that name a petition get the same answer for it as for none", async () => {
  expect(named.length).toBeGreaterThan(0);
  for (const operation of named) {
    for (const example of operation.examples.filter(({ body }) => JSON.stringify(body ?? "").includes("pet_"))) {
      const absent = await answerOf(operation, example, ABSENT);
      for (const { state, id } of petitions) expect(await answerOf(operation, example, id), state).toEqual(absent);
    }
  }
});

test("its short links lead nowhere, like those of no petition", async () => {
  const links = pages.filter(({ path }) => path.includes("{no}"));
  expect(links.length).toBeGreaterThan(0);
  for (const { path } of links) {
    const at = (no: number) => path.replace("{no}", no.toString(36)).replace("{code}", "poster");
    const absent = await coldIsolate().fetch(at(0), { redirect: "manual" });
    for (const { no, state } of petitions) {
      const answer = await coldIsolate().fetch(at(no), { redirect: "manual" });
      expect([state, answer.status, await answer.text()]).toEqual([state, 404, await absent.clone().text()]);
    }
  }
});

test("its signatures don't exist either: a code for it is as wrong as any", async () => {
  const shown = await openPetition();
  expect((await sign(coldIsolate(), shown.id)).status).toBe(202);
  for (const { id } of petitions) expect((await sign(coldIsolate(), id)).status).toBe(404);
});

describe("within 15 seconds of being hidden", () => {
  afterEach(() => void vi.useRealTimers());

  // 5 s in an isolate that read it just before, and 10 s in a cache that had it from that isolate in its last moment.
  const ISOLATE_MS = 5_000;
  const CACHE_S = 10;

  test("every isolate and every cache has forgotten it, on every route", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    const reading = aboutOne.filter(({ method }) => method === "get");
    const warm = coldIsolate({ INTAKE: keepingQueue() });
    const title = `Zq${crypto.randomUUID().slice(0, 8)} wharf`;
    const { id, no } = await openPetition({ title });
    const short = `/p/${no.toString(36)}/poster`;
    const paths = [
      ...reading.flatMap(({ examples }) => examples.map(({ path }) => path.replaceAll(EXAMPLE_PETITION, id))),
      "/v1/petitions?limit=50",
    ];
    const seen: string[] = [];
    for (const path of paths) {
      const answer = await warm.fetch(path);
      const age = /max-age=(\d+)/.exec(answer.headers.get("Cache-Control") ?? "")?.[1];
      if (answer.status === 200) {
        expect(Number(age), path).toBeLessThanOrEqual(CACHE_S);
        seen.push(path);
      }
    }
    expect(seen).toEqual(expect.arrayContaining([`/v1/petitions/${id}`, `/v1/petitions/${id}/count`]));
    expect((await warm.fetch(short, { redirect: "manual" })).status).toBe(302);
    expect((await sign(warm, id)).status).toBe(202);

    await decided(coldIsolate(), id, "reject", { code: "personal_data" });
    vi.setSystemTime(Date.now() + ISOLATE_MS);
    for (const path of paths) {
      const answer = await warm.fetch(path);
      const text = await answer.text();
      expect([path, text.includes(id) || text.includes(title)]).toEqual([path, false]);
      if (path.includes(id)) expect(answer.status, path).toBe(404);
    }
    expect((await warm.fetch(short, { redirect: "manual" })).status).toBe(404);
    expect((await sign(warm, id)).status).toBe(404);
  });

  test("a signature that an isolate took which had not heard of it is not recorded", async () => {
    const INTAKE = keepingQueue();
    const warm = coldIsolate({ INTAKE });
    const { id, no } = await openPetition();
    expect((await sign(warm, id)).status).toBe(202);
    await warm.deliver("intake", INTAKE.sent.splice(0));
    await decided(coldIsolate(), id, "reject", { code: "personal_data" });
    expect((await sign(warm, id)).status).toBe(202);
    await coldIsolate().deliver("intake", INTAKE.sent);
    expect(await env.DB.prepare("SELECT count(*) AS n FROM signatures WHERE petition_no = ?").bind(no).first("n")).toBe(
      1,
    );
  });
});
