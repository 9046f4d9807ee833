import { env } from "cloudflare:workers";
import { beforeAll, expect, test, vi } from "vitest";
import type { MailMessage } from "../../src/bindings.ts";
import { toBase64 } from "../../src/lib/bytes.ts";
import { RootKeys } from "../../src/lib/root-keys.ts";
import { coldIsolate, faultyDatabase, keepingQueue, refusingQueue } from "../support/isolate.ts";
import { freshEmail, linkIn, mailsTo, nextMail, postJson, sign, tokenOf } from "../support/resident.ts";
import { foundTown, openPetition } from "../support/town.ts";

beforeAll(foundTown);

const MINUTE = "* * * * *";

/** An isolate whose jobs of mail wait for the test to ring. */
function patientIsolate(overrides: Record<string, unknown> = {}) {
  const MAIL = keepingQueue<MailMessage>();
  const isolate = coldIsolate({ INTAKE: refusingQueue, MAIL, ...overrides });
  return { ...isolate, jobs: MAIL.sent };
}

const job = (id: string | undefined) =>
  env.DB.prepare("SELECT * FROM outbox WHERE id = ?").bind(id).first<Record<string, string | number>>();

/** A deployed Worker's settings, with a `send_email` binding that does as the test says. */
function deployed(send: (mail: { to: string }) => Promise<unknown>) {
  const key = crypto.getRandomValues(new Uint8Array(32));
  const settings = { ENVIRONMENT: "production", PUBLIC_URL: "https://petitions.example", ROOT_KEY: toBase64(key) };
  const bindings: Record<string, unknown> = { ...settings, MAILER: { send }, MAIL_CAPTURE: undefined };
  return { bindings, keys: new RootKeys(key) };
}

test("a sender that fails for a while is tried again with a growing pause, and the mail arrives once", async () => {
  let failures = 2;
  const sent: { to: string; subject?: string }[] = [];
  const { bindings, keys } = deployed(async (mail) => {
    if (failures-- > 0) throw Object.assign(new Error("to nobody@example.org"), { code: "E_INTERNAL_SERVER_ERROR" });
    sent.push(mail);
  });
  const { id } = await openPetition({}, keys);
  const isolate = patientIsolate(bindings);
  const email = freshEmail();
  await sign(isolate, id, { email });
  const [first] = isolate.jobs;
  const pauses: number[] = [];
  for (let n = 0; n < 3; n++) {
    await isolate.deliver("mail", [first]);
    const { due_at, state } = (await job(first?.job_id)) ?? {};
    if (state === "waiting") pauses.push(Math.round((Number(due_at) - Date.now()) / 60_000));
    await env.DB.prepare("UPDATE outbox SET due_at = 0 WHERE id = ?").bind(first?.job_id).run();
  }
  expect(pauses).toEqual([1, 2]);
  expect(sent.map(({ to }) => to)).toEqual([email]);
  await isolate.deliver("mail", [first, first]);
  expect(sent.length).toBe(1);
});

test("what can't be delivered is parked with its code, its neighbours are sent, and nothing of it is logged", async () => {
  const lines: string[] = [];
  const spy = vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
  const bad = freshEmail();
  const sent: string[] = [];
  const { bindings, keys } = deployed(async ({ to }) => {
    if (to === bad) throw Object.assign(new Error(`no such ${bad}`), { code: "E_RECIPIENT_NOT_ALLOWED" });
    sent.push(to);
  });
  const { id, no } = await openPetition({}, keys);
  const INTAKE = keepingQueue();
  const people = [freshEmail(), bad, freshEmail()];
  for (const email of people) await sign(coldIsolate({ ...bindings, INTAKE }), id, { email });
  const isolate = patientIsolate(bindings);
  await isolate.deliver("intake", INTAKE.sent);
  await isolate.deliver("mail", isolate.jobs);
  spy.mockRestore();
  expect(sent.sort()).toEqual(people.filter((email) => email !== bad).sort());
  const { results } = await env.DB.prepare("SELECT error, items FROM outbox WHERE state = 'parked' AND items LIKE ?")
    .bind(`%${no.toString(16).padStart(8, "0")}%`)
    .all<{ error: string; items: string }>();
  expect(results.map(({ error }) => error)).toEqual(["E_RECIPIENT_NOT_ALLOWED"]);
  expect(JSON.parse(results[0]?.items ?? "[]").length).toBe(1);
  expect(lines.join("\n")).not.toContain("example.org");
});

test("a job whose tries are used up is parked", async () => {
  const { bindings, keys } = deployed(() =>
    Promise.reject(Object.assign(new Error("x"), { code: "E_RATE_LIMIT_EXCEEDED" })),
  );
  const { id } = await openPetition({}, keys);
  const isolate = patientIsolate(bindings);
  await sign(isolate, id);
  for (let n = 0; n < 10; n++) {
    expect((await job(isolate.jobs[0]?.job_id))?.state).toBe("waiting");
    await isolate.deliver("mail", [isolate.jobs[0]]);
    await env.DB.prepare("UPDATE outbox SET due_at = 0 WHERE id = ?").bind(isolate.jobs[0]?.job_id).run();
  }
  expect((await job(isolate.jobs[0]?.job_id))?.state).toBe("sent");
  expect(
    await env.DB.prepare(
      "SELECT attempts FROM outbox WHERE state = 'parked' AND error = 'E_RATE_LIMIT_EXCEEDED'",
    ).first("attempts"),
  ).toBe(10);
});

test("five mails a day to one recipient over all petitions: the sixth waits, and verifying resets the day", async () => {
  const email = freshEmail();
  const isolate = patientIsolate();
  for (let n = 0; n < 6; n++) await sign(isolate, (await openPetition()).id, { email });
  for (const message of isolate.jobs) await isolate.deliver("mail", [message]);
  const mails = await mailsTo(email);
  expect(mails.length).toBe(5);
  const waiting = await job(isolate.jobs[5]?.job_id);
  expect(waiting).toMatchObject({ state: "waiting", lease_until: 0, attempts: 0 });
  expect(Number(waiting?.due_at)).toBeGreaterThan(Date.now());
  await postJson(isolate, "/v1/verifications", { token: tokenOf(linkIn(mails[0] ?? (await nextMail(email)), "v")) });
  await env.DB.prepare("UPDATE outbox SET due_at = 0 WHERE id = ?").bind(isolate.jobs[5]?.job_id).run();
  await isolate.deliver("mail", [isolate.jobs[5]]);
  expect((await mailsTo(email)).length).toBe(6);
});

test("five mails a day about one signature: a stranger who repeats it causes no more", async () => {
  const email = freshEmail();
  const { id } = await openPetition();
  const isolate = patientIsolate();
  for (let n = 0; n < 8; n++) await sign(isolate, id, { email });
  for (const message of isolate.jobs) await isolate.deliver("mail", [message]);
  expect((await mailsTo(email)).length).toBe(5);
});

test("the sweeper rings for mail that the queue forgot, and for a job whose worker died", async () => {
  const email = freshEmail();
  const { id } = await openPetition();
  const lost = coldIsolate({ INTAKE: refusingQueue, MAIL: refusingQueue });
  expect((await sign(lost, id, { email })).status).toBe(202);
  const isolate = patientIsolate();
  await isolate.cron(MINUTE);
  const mine = isolate.jobs.at(-1);
  await env.DB.prepare("UPDATE outbox SET lease_until = ? WHERE id = ?")
    .bind(Date.now() + 60_000, mine?.job_id)
    .run();
  await isolate.deliver("mail", [mine]);
  expect(await mailsTo(email)).toEqual([]);
  await env.DB.prepare("UPDATE outbox SET lease_until = 1 WHERE id = ?").bind(mine?.job_id).run();
  await coldIsolate().cron(MINUTE);
  await nextMail(email);
});

test("a worker that dies amid a job repeats at most the ten mails since its last note", async () => {
  const { id } = await openPetition();
  const INTAKE = keepingQueue();
  const people = Array.from({ length: 25 }, () => freshEmail());
  for (const email of people) await sign(coldIsolate({ INTAKE }), id, { email });
  const isolate = patientIsolate();
  await isolate.deliver("intake", INTAKE.sent);
  const DB = faultyDatabase((call) => call >= 6); // claim, facts, then twice: rows of ten, progress
  expect(await coldIsolate({ DB }).deliver("mail", isolate.jobs)).toEqual([0]);
  await env.DB.prepare("UPDATE outbox SET lease_until = 0 WHERE id = ?").bind(isolate.jobs[0]?.job_id).run();
  await isolate.deliver("mail", isolate.jobs);
  const received = await Promise.all(people.map(async (email) => (await mailsTo(email)).length));
  expect(Math.min(...received)).toBe(1);
  expect(received.reduce((sum, n) => sum + n, 0)).toBeLessThanOrEqual(35);
  expect((await job(isolate.jobs[0]?.job_id))?.state).toBe("sent");
});

test("two workers at once on one job send each mail once", async () => {
  const { id } = await openPetition();
  const isolate = patientIsolate();
  const email = freshEmail();
  await sign(isolate, id, { email });
  await Promise.all([isolate.deliver("mail", isolate.jobs), coldIsolate().deliver("mail", isolate.jobs)]);
  expect((await mailsTo(email)).length).toBe(1);
});

test("a worker whose lease has run out stops at its next note, and the other goes on from there", async () => {
  const { id } = await openPetition();
  const INTAKE = keepingQueue();
  const people = Array.from({ length: 25 }, () => freshEmail());
  for (const email of people) await sign(coldIsolate({ INTAKE }), id, { email });
  const isolate = patientIsolate();
  await isolate.deliver("intake", INTAKE.sent);
  const mine = isolate.jobs[0]?.job_id;
  let calls = 0;
  const DB = new Proxy(env.DB, {
    get(db, name) {
      const value = Reflect.get(db, name);
      if (typeof value !== "function") return value;
      if (name !== "batch") return value.bind(db);
      return async (statements: D1PreparedStatement[]) => {
        // Before the first note another worker takes the job over.
        if (++calls === 4) await db.prepare("UPDATE outbox SET lease_until = 1 WHERE id = ?").bind(mine).run();
        return db.batch(statements);
      };
    },
  });
  await coldIsolate({ DB }).deliver("mail", isolate.jobs);
  await isolate.deliver("mail", isolate.jobs);
  const received = await Promise.all(people.map(async (email) => (await mailsTo(email)).length));
  expect(received.filter((n) => n === 2).length).toBe(10);
  expect(received.filter((n) => n === 1).length).toBe(15);
});
