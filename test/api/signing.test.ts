import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { IntakeMessage } from "../../src/signatures/submission.ts";
import { coldIsolate, faultyDatabase, keepingQueue, refusingQueue } from "../support/isolate.ts";
import { freshAddress, freshEmail, linkIn, nextMail, postJson, sign, tokenOf } from "../support/resident.ts";
import { foundTown, openPetition } from "../support/town.ts";

beforeAll(foundTown);

const rows = (no: number) =>
  env.DB.prepare("SELECT state, hold, area_code, channel, locale FROM signatures WHERE petition_no = ?")
    .bind(no)
    .all()
    .then(({ results }) => results);

/** Counts the calls that a request makes to each binding. */
function countingBindings() {
  const calls = { database: 0, limiter: 0, intake: 0, mail: 0 };
  const counted = <Target extends object>(target: Target, names: string[], key: keyof typeof calls): Target =>
    new Proxy(target, {
      get(object, name) {
        const value = Reflect.get(object, name);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => {
          if (names.includes(String(name))) calls[key]++;
          return Reflect.apply(value, object, args);
        };
      },
    });
  return {
    calls,
    DB: counted(env.DB, ["batch", "exec"], "database"),
    LIMITER: new Proxy(env.LIMITER, {
      get(namespace, name) {
        const value = Reflect.get(namespace, name);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => {
          const result: unknown = Reflect.apply(value, namespace, args);
          if (name !== "get") return result;
          return {
            count: (uses: never) => {
              calls.limiter++;
              return (result as { count(u: never): unknown }).count(uses);
            },
          };
        };
      },
    }),
    INTAKE: counted(keepingQueue<IntakeMessage>(), ["send", "sendBatch"], "intake"),
    MAIL: counted(keepingQueue<unknown>(), ["send", "sendBatch"], "mail"),
  };
}

// Amid a window, so that none ends while a test counts.
const amidWindow = () =>
  vi.useFakeTimers({ toFake: ["Date"], now: Math.floor(Date.now() / 300_000) * 300_000 + 130_000 });
afterEach(() => void vi.useRealTimers());

describe("a submission", () => {
  test("costs a warm isolate no database call, one call of the limiter and one message", async () => {
    const { calls, ...bindings } = countingBindings();
    const isolate = coldIsolate(bindings);
    const { id } = await openPetition();
    await sign(isolate, id);
    Object.assign(calls, { database: 0, limiter: 0, intake: 0, mail: 0 });
    expect((await sign(isolate, id)).status).toBe(202);
    expect(calls).toEqual({ database: 0, limiter: 1, intake: 1, mail: 0 });
  });

  test("reads the same, and makes the same calls, when it is new, repeated, held, or of somebody invalidated", async () => {
    const { calls, ...bindings } = countingBindings();
    const isolate = coldIsolate(bindings);
    const { id, no } = await openPetition();
    const email = freshEmail();
    const recorded = coldIsolate();
    await recorded.deliver("intake", await submissions(id, [{ email }, { email: "gone@example.org" }]));
    await postJson(recorded, "/v1/verifications", { token: tokenOf(linkIn(await nextMail(email), "v")) });
    await env.DB.prepare(
      "UPDATE signatures SET state = 'invalidated', ended_at = 1 WHERE petition_no = ? AND state = 'pending'",
    )
      .bind(no)
      .run();
    await sign(isolate, id);

    const crowd = freshAddress();
    for (let n = 0; n < 5; n++) await sign(isolate, id, {}, crowd);
    const answers: { text: string; headers: [string, string][]; status: number; calls: object }[] = [];
    const attempts: [Record<string, unknown>, string?][] = [
      [{}],
      [{ email }],
      [{ email: "gone@example.org" }],
      [{}, crowd],
    ];
    for (const [fields, address] of attempts) {
      Object.assign(calls, { database: 0, limiter: 0, intake: 0, mail: 0 });
      const answer = await sign(isolate, id, fields, address);
      const text = (await answer.text()).replace(/[0-9a-f-]{36}/, "ID");
      answers.push({ text, headers: [...answer.headers], status: answer.status, calls: { ...calls } });
    }
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]?.status).toBe(202);
  });

  test("over the soft limit of five in 300 seconds from one address is held, and only then", async () => {
    amidWindow();
    const INTAKE = keepingQueue<IntakeMessage>();
    const isolate = coldIsolate({ INTAKE });
    const { id } = await openPetition();
    const other = await openPetition();
    const address = freshAddress();
    for (let n = 0; n < 6; n++) await sign(isolate, id, {}, address);
    await sign(isolate, other.id, {}, address);
    await sign(isolate, id);
    expect(INTAKE.sent.map(({ hold }) => hold)).toEqual([null, null, null, null, null, "rate", null, null]);
  });

  test("over the hard limit of 60 writes a minute from one address is 429 with its headers; IPv6 counts by /64", async () => {
    amidWindow();
    const isolate = coldIsolate({ INTAKE: keepingQueue() });
    const { id } = await openPetition();
    const prefix = freshAddress().replace("::1", "");
    const statuses: number[] = [];
    let last = new Response();
    for (let n = 1; n <= 61; n++) {
      last = await sign(isolate, id, {}, `${prefix}:0:0:${n.toString(16)}:1`);
      statuses.push(last.status);
    }
    expect(statuses).toEqual([...Array(60).fill(202), 429]);
    expect(await last.json()).toMatchObject({ code: "rate_limited" });
    expect(Number(last.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect(last.headers.get("RateLimit")).toMatch(/^"writes";r=0;t=\d+$/);
    expect(last.headers.get("RateLimit-Policy")).toBe('"writes";q=60;w=60');
  });

  test("and its verification may be sent by a page of any frontend, and no cache keeps what they are told", async () => {
    const { id } = await openPetition();
    const isolate = coldIsolate();
    const email = freshEmail();
    const answers = [await sign(isolate, id, { email })];
    const token = tokenOf(linkIn(await nextMail(email), "v"));
    answers.push(await postJson(isolate, "/v1/verifications", { token }));
    expect(answers.map(({ status }) => status)).toEqual([202, 200]);
    for (const { headers } of answers) {
      expect(headers.get("Access-Control-Allow-Origin")).toBe("*");
      expect(headers.get("Content-Type")).toBe("application/json");
      expect(headers.get("Cache-Control")).toBe("no-store");
      expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
    }
  });

  test("keeps the operator of the network that it came from, as Cloudflare names it", async () => {
    const { id, no } = await openPetition();
    const INTAKE = keepingQueue<IntakeMessage>();
    const isolate = coldIsolate({ INTAKE });
    const body = JSON.stringify({ name: "Mara Quill", email: freshEmail(), eligible: true });
    const headers = { "Content-Type": "application/json", "CF-Connecting-IP": freshAddress() };
    const request = { method: "POST", headers, body, cf: { asn: 64_500 } };
    expect((await isolate.fetch(`/v1/petitions/${id}/signatures`, request)).status).toBe(202);
    await isolate.deliver("intake", INTAKE.sent);
    const asn = env.DB.prepare("SELECT asn FROM signatures WHERE petition_no = ?").bind(no);
    expect(await asn.first("asn")).toBe(64_500);
  });

  test("carries personal data only sealed", async () => {
    const INTAKE = keepingQueue<IntakeMessage>();
    const { id } = await openPetition();
    await sign(
      coldIsolate({ INTAKE }),
      id,
      { name: "Zacharias Unusual", email: "zacharias@example.org" },
      "203.0.113.77",
    );
    const text = JSON.stringify(INTAKE.sent);
    for (const secret of ["Zacharias", "zacharias", "203.0.113", "BW1 1AA", "BW11AA"])
      expect(text).not.toContain(secret);
  });

  test("is refused when the petition is absent or not open", async () => {
    const isolate = coldIsolate();
    const now = Date.now();
    const closed = await openPetition({ state: "closed", ended_at: now - 1, closes_at: now - 1 });
    const due = await openPetition({ closes_at: now - 1 });
    const draft = await openPetition({ state: "draft" });
    expect([(await sign(isolate, closed.id)).status, (await sign(isolate, due.id)).status]).toEqual([409, 409]);
    expect((await sign(isolate, draft.id)).status).toBe(404);
    expect((await sign(isolate, "pet_01936d9e-0000-7000-8000-000000000007")).status).toBe(404);
    expect((await sign(isolate, "nothing")).status).toBe(404);
  });
});

describe("signing goes on", () => {
  test("while the database is down, in a warm and in a cold isolate, and what was accepted is recorded later", async () => {
    const { id, no } = await openPetition();
    let down = false;
    const INTAKE = keepingQueue<IntakeMessage>();
    const warm = coldIsolate({ DB: faultyDatabase(() => down), INTAKE });
    await sign(warm, id);
    down = true;
    expect((await sign(warm, id)).status).toBe(202);
    expect((await sign(coldIsolate({ DB: faultyDatabase(() => true), INTAKE }), id)).status).toBe(202);
    expect(await coldIsolate({ DB: faultyDatabase(() => true) }).deliver("intake", INTAKE.sent)).toEqual([0, 1, 2]);
    expect(await coldIsolate().deliver("intake", INTAKE.sent)).toEqual([]);
    expect((await rows(no)).length).toBe(3);
  });

  test("while the database hangs", async () => {
    const { id } = await openPetition();
    const DB = new Proxy(env.DB, {
      get: (db, name) => {
        if (name === "batch") return () => new Promise(() => undefined);
        const value = Reflect.get(db, name);
        return typeof value === "function" ? value.bind(db) : value;
      },
    });
    const INTAKE = keepingQueue<IntakeMessage>();
    expect((await sign(coldIsolate({ DB, INTAKE }), id)).status).toBe(202);
    expect(INTAKE.sent.length).toBe(1);
  });

  test("while the queue refuses: the record goes to the database directly", async () => {
    const { id, no } = await openPetition();
    const email = freshEmail();
    expect((await sign(coldIsolate({ INTAKE: refusingQueue }), id, { email })).status).toBe(202);
    expect(await rows(no)).toEqual([{ state: "pending", hold: null, area_code: "north", channel: null, locale: "en" }]);
    await nextMail(email);
  });

  test("and is 503 with Retry-After only when queue and database both fail", async () => {
    const { id, no } = await openPetition();
    const answer = await sign(coldIsolate({ INTAKE: refusingQueue, DB: faultyDatabase(() => true) }), id);
    expect([answer.status, answer.headers.get("Retry-After")]).toEqual([503, "10"]);
    expect(await rows(no)).toEqual([]);
  });

  test("while the limiter is out of order, and nothing is held for it", async () => {
    const { id, no } = await openPetition();
    const broken = { idFromName: () => ({}), get: () => ({ count: () => Promise.reject(new Error("down")) }) };
    const isolate = coldIsolate({ LIMITER: broken, INTAKE: refusingQueue });
    const address = freshAddress();
    for (let n = 0; n < 7; n++) expect((await sign(isolate, id, {}, address)).status).toBe(202);
    expect((await rows(no)).map(({ hold }) => hold)).toEqual(Array(7).fill(null));
  });
});

test("signing goes on while the limiter, the queue, or both the queue and the database hang", async () => {
  const never = () => new Promise<never>(() => undefined);
  const hanging = { send: never, sendBatch: never };
  const { id, no } = await openPetition();
  const limiter = { idFromName: () => ({}), get: () => ({ count: never }) };
  expect((await sign(coldIsolate({ LIMITER: limiter, INTAKE: refusingQueue }), id)).status).toBe(202);
  expect((await sign(coldIsolate({ INTAKE: hanging, MAIL: hanging }), id)).status).toBe(202);
  expect((await rows(no)).length).toBe(2);
  const DB = new Proxy(env.DB, {
    get: (db, name) => (name === "batch" ? never : Reflect.get(db, name).bind(db)),
  });
  expect((await sign(coldIsolate({ INTAKE: refusingQueue, DB }), id)).status).toBe(503);
});

test("area comes from the postcode, an unknown channel is other, the language is one that is offered", async () => {
  const { id, no } = await openPetition();
  const isolate = coldIsolate({ INTAKE: refusingQueue });
  await sign(isolate, id, { postcode: "bw1-2bb", channel: "letter", locale: "fr-CA" });
  await sign(isolate, id, { postcode: "ZZ9", channel: "one-code-per-person", locale: "xx" });
  await sign(isolate, id, { postcode: undefined });
  const found = await rows(no);
  const of = (column: string) => found.map((row) => row[column]).sort();
  expect(of("area_code")).toEqual([null, null, "south"]);
  expect(of("channel")).toEqual(["letter", null, "other"].sort());
  expect(of("locale")).toEqual(["en", "en", "fr"]);
});

/** Messages of submissions, as the queue would hold them. */
async function submissions(petitionId: string, people: Record<string, unknown>[]): Promise<IntakeMessage[]> {
  const INTAKE = keepingQueue<IntakeMessage>();
  const isolate = coldIsolate({ INTAKE });
  for (const fields of people) await sign(isolate, petitionId, fields);
  return INTAKE.sent;
}
