import { listDurableObjectIds, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { IntakeMessage } from "../../src/signatures/submission.ts";
import { faultyClaims, lateClaims } from "../support/claims.ts";
import { heldBack } from "../support/held-back.ts";
import { coldIsolate, faultyDatabase, keepingQueue, refusingQueue } from "../support/isolate.ts";
import { newKey, newPartner, sendBatch, signVia, someone } from "../support/partners.ts";
import { mailsTo, nextMail, sign } from "../support/resident.ts";
import { foundTown, openPetition } from "../support/town.ts";

const isolate = coldIsolate();
const HOUR_MS = 3_600_000;

beforeAll(foundTown);
afterEach(() => void vi.useRealTimers());

/** An isolate that keeps what it accepts. */
function keeping(overrides = {}) {
  const INTAKE = keepingQueue<IntakeMessage>();
  return { at: coldIsolate({ INTAKE, ...overrides }), sent: INTAKE.sent };
}

const partnerKey = async () => (await newKey(await newPartner())).key;

const under = (key: string) => ({ "Idempotency-Key": key });

const read = async (answer: Response) => ({ status: answer.status, text: await answer.text() });

const codeOf = async (answer: Response) => ((await answer.json()) as { code: string }).code;

const countRows = (table: string, no: number) =>
  env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE petition_no = ?`).bind(no).first("n");

describe("a request with an idempotency key", () => {
  test("that comes again gets the same answer, and is one signature, one mail and one row of the partner's", async () => {
    const key = await partnerKey();
    const { id, no } = await openPetition();
    const person = someone();
    const fresh = keeping();
    const first = await read(await signVia(fresh.at, key, id, person, under("member 4711")));
    expect(first.status).toBe(202);
    for (let n = 0; n < 3; n++) {
      expect(await read(await signVia(coldIsolate(), key, id, person, under("member 4711")))).toEqual(first);
    }
    expect(fresh.sent.length).toBe(1);
    expect(`sub_${fresh.sent[0]?.submission_id}`).toBe(JSON.parse(first.text).submission_id);
    await isolate.deliver("intake", fresh.sent);
    expect((await nextMail(String(person.email))).to).toBe(person.email);
    expect([await countRows("signatures", no), await countRows("partner_submissions", no)]).toEqual([1, 1]);
  });

  test("ten times at once is done once: the others hear that it is under way, and when to ask again", async () => {
    const key = await partnerKey();
    const { id } = await openPetition();
    const person = someone();
    const slow = heldBack();
    const first = signVia(slow.at, key, id, person, under("ten"));
    await slow.begun;
    const others = await Promise.all(Array.from({ length: 9 }, () => signVia(isolate, key, id, person, under("ten"))));
    for (const other of others) {
      expect([other.status, other.headers.get("Retry-After")]).toEqual([409, "1"]);
      expect(await codeOf(other)).toBe("idempotency_under_way");
    }
    slow.goOn();
    const answer = await read(await first);
    expect(answer.status).toBe(202);
    const again = await Promise.all(Array.from({ length: 10 }, () => signVia(isolate, key, id, person, under("ten"))));
    for (const one of again) expect(await read(one)).toEqual(answer);
    expect(slow.sent.length).toBe(1);
  });

  test("ten truly at once: one submission, whoever is first", async () => {
    const key = await partnerKey();
    const { id } = await openPetition();
    const person = someone();
    const fresh = keeping();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => signVia(fresh.at, key, id, person, under("at once"))),
    );
    const ids = new Set<string>();
    for (const answer of answers) {
      expect([202, 409]).toContain(answer.status);
      if (answer.status === 202) ids.add(await answer.text());
    }
    expect([ids.size, fresh.sent.length]).toEqual([1, 1]);
  });

  test.each([
    ["another body", (id: string) => ({ id, over: { name: "Somebody Else" } })],
    ["the same body for another petition", async () => ({ id: (await openPetition()).id, over: {} })],
  ])("is refused for %s, and nothing is done", async (_, other) => {
    const key = await partnerKey();
    const { id } = await openPetition();
    const person = someone();
    await signVia(isolate, key, id, person, under("once"));
    const fresh = keeping();
    const changed = await other(id);
    const answer = await signVia(fresh.at, key, changed.id, { ...person, ...changed.over }, under("once"));
    expect([answer.status, await codeOf(answer)]).toEqual([422, "idempotency_key_reused"]);
    expect(fresh.sent).toEqual([]);
  });

  test("meets no other partner's, but the same partner's with any key of theirs", async () => {
    const partner = await newPartner();
    const [one, two, other] = [(await newKey(partner)).key, (await newKey(partner)).key, await partnerKey()];
    const { id } = await openPetition();
    const person = someone();
    const fresh = keeping();
    const ids = [];
    for (const key of [one, two, other]) {
      ids.push(await (await signVia(fresh.at, key, id, person, under("shared"))).text());
    }
    expect([ids[0] === ids[1], ids[0] === ids[2], fresh.sent.length]).toEqual([true, false, 2]);
    // And nobody learns by a body of their own that another partner has used a key.
    expect((await signVia(fresh.at, await partnerKey(), id, {}, under("shared"))).status).toBe(202);
  });

  test("is one in quotation marks and without, as the draft and most clients write it", async () => {
    const key = await partnerKey();
    const { id } = await openPetition();
    const person = someone();
    const answers = [];
    for (const spelling of ['"a \\"b\\" \\\\ c"', 'a "b" \\ c']) {
      answers.push(await (await signVia(isolate, key, id, person, under(spelling))).text());
    }
    expect(answers[0]).toBe(answers[1]);
  });

  test.each(["", '"', '""', '"a', '"a"b"', '"a\\b"', "ü", "x".repeat(256), `"${"x".repeat(256)}"`])(
    "is refused under the key %j",
    async (idempotencyKey) => {
      const { id } = await openPetition();
      const answer = await signVia(isolate, await partnerKey(), id, {}, under(idempotencyKey));
      expect([answer.status, await codeOf(answer)]).toEqual([400, "idempotency_key_invalid"]);
    },
  );

  test.each(["x", "x".repeat(255), `"${"x".repeat(255)}"`, "a, b", "~!#$%&'()*+"])(
    "is taken under %j",
    async (idempotencyKey) => {
      const { id } = await openPetition();
      expect((await signVia(isolate, await partnerKey(), id, {}, under(idempotencyKey))).status).toBe(202);
    },
  );

  test("that was refused is judged anew, also with another body", async () => {
    const key = await partnerKey();
    const { id, no } = await openPetition({ opens_at: Date.now() + HOUR_MS });
    const person = someone();
    expect((await signVia(isolate, key, id, { ...person, email: "no" }, under("k"))).status).toBe(400);
    expect((await signVia(coldIsolate(), key, id, person, under("k"))).status).toBe(409);
    await env.DB.prepare("UPDATE petitions SET opens_at = 0 WHERE no = ?").bind(no).run();
    const fresh = keeping();
    expect((await signVia(fresh.at, key, id, { ...person, name: "Mended" }, under("k"))).status).toBe(202);
    expect(fresh.sent.length).toBe(1);
  });

  test("that was over a limit is tried again when there is room", async () => {
    const { key } = await newKey(await newPartner(), { signatures_per_minute: 1 });
    const { id } = await openPetition();
    const person = someone();
    vi.useFakeTimers({ toFake: ["Date"], now: Math.ceil(Date.now() / 60_000) * 60_000 });
    expect((await signVia(isolate, key, id)).status).toBe(202);
    expect((await signVia(isolate, key, id, person, under("k"))).status).toBe(429);
    vi.setSystemTime(Date.now() + 120_000);
    expect((await signVia(isolate, key, id, person, under("k"))).status).toBe(202);
  });

  test("stands for 24 hours", async () => {
    const key = await partnerKey();
    const { id } = await openPetition();
    const person = someone();
    const fresh = keeping();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    await signVia(fresh.at, key, id, person, under("day"));
    vi.setSystemTime(Date.now() + 24 * HOUR_MS - 1);
    await signVia(fresh.at, key, id, person, under("day"));
    expect(fresh.sent.length).toBe(1);
    vi.setSystemTime(Date.now() + 1);
    await signVia(fresh.at, key, id, person, under("day"));
    expect(fresh.sent.length).toBe(2);
  });

  test("of a resident means nothing: they have no key", async () => {
    const { id } = await openPetition();
    const fresh = keeping();
    for (const name of ["Ada", "Bran"]) {
      const answer = await fresh.at.fetch(`/v1/petitions/${id}/signatures`, {
        method: "POST",
        headers: { "Content-Type": "application/json", ...under("k") },
        body: JSON.stringify({ name, email: "ada@example.org", eligible: true }),
      });
      expect(answer.status).toBe(202);
    }
    expect((await sign(fresh.at, id)).status).toBe(202);
    expect(fresh.sent.length).toBe(3);
  });
});

describe("what goes wrong between a key and its answer", () => {
  test("a Worker that dies after the queue took it: tried again after a minute, it is the same submission", async () => {
    const key = await partnerKey();
    const { id, no } = await openPetition();
    const person = someone();
    const died = heldBack();
    const lost = signVia(died.at, key, id, person, under("died"));
    await died.begun;
    const now = Date.now();
    vi.useFakeTimers({ toFake: ["Date"], now: now + 61_000 });
    const fresh = keeping();
    const answer = await signVia(fresh.at, key, id, person, under("died"));
    expect(answer.status).toBe(202);
    died.goOn();
    const late = await lost;
    expect(await late.text()).toBe(await answer.text());
    const [before, after] = [died.sent[0], fresh.sent[0]];
    expect(after?.submission_id).toBe(before?.submission_id);
    expect(after?.accepted_at).toBe(before?.accepted_at);
    vi.useRealTimers();
    // In any order, and in batches of their own.
    for (const message of [after, before, after]) expect(await isolate.deliver("intake", [message])).toEqual([]);
    await nextMail(String(person.email));
    expect([await countRows("signatures", no), await countRows("partner_submissions", no)]).toEqual([1, 1]);
    expect((await mailsTo(String(person.email))).length).toBe(1);
  });

  test("an outage of queue and database is no answer to keep: the same request works when they are back", async () => {
    const partner = await newPartner();
    const { key } = await newKey(partner);
    const { id } = await openPetition();
    const person = someone();
    let down = false;
    const fresh = keeping();
    const bad = coldIsolate({ INTAKE: refusingQueue, DB: faultyDatabase(() => down) });
    expect((await signVia(bad, key, id)).status).toBe(202);
    down = true;
    expect((await signVia(bad, key, id, person, under("out"))).status).toBe(503);
    // It may have been taken all the same, so the key stays with this body.
    expect((await signVia(fresh.at, key, id, { ...person, name: "Other" }, under("out"))).status).toBe(422);
    expect((await signVia(fresh.at, key, id, person, under("out"))).status).toBe(202);
    expect(fresh.sent.length).toBe(1);
  });

  test("a petition that closed between the two tries: it came in time, so it is accepted", async () => {
    const key = await partnerKey();
    const { id, no } = await openPetition();
    const person = someone();
    const died = heldBack();
    const lost = signVia(died.at, key, id, person, under("closing"));
    await died.begun;
    const closed = Date.now() + 30_000;
    await env.DB.prepare("UPDATE petitions SET state = 'closed', closes_at = ?1, ended_at = ?1 WHERE no = ?2")
      .bind(closed, no)
      .run();
    vi.useFakeTimers({ toFake: ["Date"], now: closed + 60_000 });
    const fresh = coldIsolate();
    expect((await signVia(fresh, key, id, person, under("closing"))).status).toBe(202);
    expect((await signVia(fresh, key, id, someone(), under("another"))).status).toBe(409);
    died.goOn();
    await lost;
  });

  test.each([
    ["fails", () => Promise.reject(new Error("no room for member 4711"))],
    ["hangs", () => new Promise<never>(() => undefined)],
  ])("a store that %s lets people sign: a repeat is a repeat, and counts once", async (_, fault) => {
    const lines: string[] = [];
    vi.spyOn(console, "log").mockImplementation((line) => void lines.push(String(line)));
    const key = await partnerKey();
    const { id, no } = await openPetition();
    const person = someone();
    const fresh = keeping({ IDEMPOTENCY: faultyClaims(() => fault()) });
    for (let n = 0; n < 2; n++) {
      expect((await signVia(fresh.at, key, id, person, under("member 4711"))).status).toBe(202);
    }
    vi.restoreAllMocks();
    expect(lines.filter((line) => line.includes("idempotency_outage")).length).toBeGreaterThanOrEqual(2);
    expect(lines.join()).not.toContain("4711");
    await isolate.deliver("intake", fresh.sent);
    expect(await countRows("signatures", no)).toBe(1);
  });

  test("an answer that could not be kept: the next try is the same submission, and its answer is kept", async () => {
    const key = await partnerKey();
    const { id } = await openPetition();
    const person = someone();
    const fresh = keeping({
      IDEMPOTENCY: faultyClaims((method) => (method === "settle" ? Promise.reject(new Error("down")) : undefined)),
    });
    const first = await read(await signVia(fresh.at, key, id, person, under("unkept")));
    expect(first.status).toBe(202);
    expect((await signVia(isolate, key, id, person, under("unkept"))).status).toBe(409);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 60_000 });
    const other = keeping();
    for (let n = 0; n < 2; n++) {
      expect(await read(await signVia(other.at, key, id, person, under("unkept")))).toEqual(first);
    }
    expect(other.sent.length).toBe(1);
  });

  test("a claim whose answer was late is settled all the same", async () => {
    const key = await partnerKey();
    const { id } = await openPetition();
    const person = someone();
    const { promise: late, resolve: come } = Promise.withResolvers<void>();
    const fresh = keeping({ IDEMPOTENCY: lateClaims(late) });
    const first = await read(await signVia(fresh.at, key, id, person, under("late")));
    expect(first.status).toBe(202);
    expect(await read(await signVia(isolate, key, id, person, under("late")))).toEqual(first);
    come();
  });

  test("the database: an isolate that knows key and petition needs none", async () => {
    const key = await partnerKey();
    const { id } = await openPetition();
    let down = false;
    const DB = faultyDatabase(() => down);
    const fresh = keeping({ DB });
    await signVia(fresh.at, key, id);
    down = true;
    const calls = DB.calls;
    const person = someone();
    const answers = [];
    for (let n = 0; n < 2; n++) answers.push(await read(await signVia(fresh.at, key, id, person, under("down"))));
    const many = await sendBatch(fresh.at, key, id, [someone(), someone()]);
    expect([answers[0]?.status, answers[1], many.status]).toEqual([202, answers[0], 207]);
    expect([fresh.sent.length, DB.calls]).toEqual([4, calls]);
  });
});

test("ten thousand keys of one partner are in no other's way, and a further one reads as few rows as the first", async () => {
  const [crowded, hundredth] = [await partnerKey(), await partnerKey()];
  const { id } = await openPetition();
  const namesOf = async () => (await listDurableObjectIds(env.IDEMPOTENCY)).map(String);
  const before = await namesOf();
  for (let n = 0; n < 12; n++) await signVia(isolate, crowded, id, someone(), under(`crowd-${n}`));
  const full = (await namesOf()).filter((name) => !before.includes(name));
  expect(full.length).toBeGreaterThan(1);
  const shard = (name: string) => env.IDEMPOTENCY.get(env.IDEMPOTENCY.idFromString(name));
  const count = (name: string) =>
    runInDurableObject(shard(name), (_, { storage }) =>
      Number(storage.sql.exec("SELECT count(*) AS n FROM claims").one().n),
    );
  for (const name of full) {
    await runInDurableObject(shard(name), (_, { storage }) => {
      storage.sql.exec(
        `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO claims
         SELECT hex(randomblob(32)), 'r', 's', ?, 't', 0, 1, 1, '{}' FROM n`,
        ...[Math.ceil(10_000 / full.length), Date.now()],
      );
    });
  }
  const held = await Promise.all(full.map(count));
  expect(held.reduce((sum, n) => sum + n, 0)).toBeGreaterThanOrEqual(10_000);

  // The objects of another partner are its own: those that are full are not asked.
  for (let n = 0; n < 12; n++) {
    expect((await signVia(isolate, hundredth, id, someone(), under(`crowd-${n}`))).status).toBe(202);
  }
  expect(await Promise.all(full.map(count))).toEqual(held);

  const name = String(full[0]);
  const read = await runInDurableObject(shard(name), async (object, { storage }) => {
    const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
    const { sql } = storage;
    const exec = sql.exec.bind(sql);
    vi.spyOn(sql, "exec").mockImplementation((...call: Parameters<typeof exec>) => {
      const cursor = exec(...call);
      cursors.push(cursor);
      return cursor;
    });
    const claim = { keys: ["a", "b"], requests: ["r"], token: "t", acceptedAt: Date.now() };
    expect((await object.claim(claim)).is).toBe("ours");
    object.settle({ keys: claim.keys, token: "t", as: "done", answer: "{}" });
    expect((await object.claim(claim)).is).toBe("done");
    return cursors.map(({ rowsRead }) => rowsRead);
  });
  vi.restoreAllMocks();
  expect(read.length).toBeGreaterThanOrEqual(5);
  expect(Math.max(...read)).toBeLessThanOrEqual(4);
});

test("whatever is sent in whatever order, by whom, how often and how far apart: a key has one answer and one submission", async () => {
  const [one, two] = [await partnerKey(), await partnerKey()];
  const { id } = await openPetition();
  const step = fc.record({
    partner: fc.constantFrom(one, two),
    key: fc.nat(2),
    body: fc.nat(1),
    wait: fc.constantFrom(0, 0, 0, 61_000, HOUR_MS),
    fault: fc.constantFrom("none", "none", "none", "settle", "queue"),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 10 }), async (steps) => {
      vi.useFakeTimers({ toFake: ["Date"], now: Math.ceil(Date.now() / HOUR_MS) * HOUR_MS });
      const run = crypto.randomUUID();
      const bodies = [someone(), someone()];
      const answers = new Map<string, Set<string>>();
      const submissions = new Map<string, Set<string>>();
      for (const { partner, key, body, wait, fault } of steps) {
        vi.setSystemTime(Date.now() + wait);
        const fresh = keeping({
          ...(fault === "queue" && { INTAKE: refusingQueue, DB: faultyDatabase((call) => call > 2) }),
          ...(fault === "settle" && {
            IDEMPOTENCY: faultyClaims((method) => (method === "settle" ? Promise.reject(new Error("x")) : undefined)),
          }),
        });
        const name = `${partner}:${key}`;
        const answer = await signVia(fresh.at, partner, id, bodies[body], under(`${run}:${key}`));
        expect([202, 409, 422, 503]).toContain(answer.status);
        if (answer.status === 202) {
          answers.set(name, (answers.get(name) ?? new Set()).add(`${body}:${await answer.text()}`));
        }
        for (const { submission_id } of fresh.sent) {
          submissions.set(name, (submissions.get(name) ?? new Set()).add(submission_id));
        }
      }
      for (const found of [...answers.values(), ...submissions.values()]) expect(found.size).toBe(1);
    }),
    { numRuns: 15 },
  );
});
