import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { MailMessage } from "../../src/bindings.ts";
import { openDatabase } from "../../src/db/database.ts";
import { ALL_OFF } from "../../src/limits/switches.ts";
import { remindUnverified } from "../../src/signatures/remind-unverified.ts";
import { coldIsolate, faultyDatabase, keepingQueue, refusingQueue } from "../support/isolate.ts";
import { meteredDatabase } from "../support/metered-database.ts";
import { freshEmail, linkIn, type Mail, mailsTo, postJson, sign, tokenOf } from "../support/resident.ts";
import { setSwitches } from "../support/switches.ts";
import { foundTown, openPetition } from "../support/town.ts";

const DAY = 86_400_000;
const MINUTE = "* * * * *";

beforeAll(foundTown);
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
  await env.DB.batch(["DELETE FROM outbox", "DELETE FROM settings"].map((sql) => env.DB.prepare(sql)));
});
afterEach(() => void vi.useRealTimers());

const later = (ms: number) => vi.setSystemTime(Date.now() + ms);

/** Signs, each in a batch of its own or all in one, and delivers the mails that are due. */
async function signed(petition: { id: string }, people: readonly Record<string, unknown>[]): Promise<void> {
  const INTAKE = keepingQueue();
  for (const fields of people) expect((await sign(coldIsolate({ INTAKE }), petition.id, fields)).status).toBe(202);
  const MAIL = keepingQueue<MailMessage>();
  const isolate = coldIsolate({ MAIL });
  expect(await isolate.deliver("intake", INTAKE.sent)).toEqual([]);
  expect(await isolate.deliver("mail", MAIL.sent)).toEqual([]);
}

/** Runs the minute's jobs, and delivers what they ring for. */
async function minute(overrides: Record<string, unknown> = {}): Promise<number> {
  const MAIL = keepingQueue<MailMessage>();
  const isolate = coldIsolate({ MAIL, ...overrides });
  await isolate.cron(MINUTE);
  expect(await isolate.deliver("mail", MAIL.sent)).toEqual([]);
  return MAIL.sent.length;
}

const SUBJECTS = ["Still to be confirmed", "Noch nicht bestätigt", "Encore à confirmer"];
const isReminder = ({ subject }: Mail) => SUBJECTS.some((start) => subject.startsWith(start));
const remindersTo = async (email: string) => (await mailsTo(email)).filter(isReminder);
const countsOf = async (people: readonly string[]) =>
  Promise.all(people.map(async (email) => (await remindersTo(email)).length));
const first = async (email: string) => (await mailsTo(email)).find((mail) => !isReminder(mail)) as Mail;
const change = (no: number, sql: string) =>
  env.DB.prepare(`UPDATE signatures SET ${sql} WHERE petition_no = ?`).bind(no).run();

test("a day after its mail, and not before, a signature that is not verified is reminded, once ever", async () => {
  const petition = await openPetition();
  const [email, verified, withdrawn] = [freshEmail(), freshEmail(), freshEmail()];
  await signed(petition, [{ email }, { email: verified }, { email: withdrawn }]);
  later(60_000);
  const act = async (path: string, to: string, kind: "v" | "w") =>
    expect((await postJson(coldIsolate(), path, { token: tokenOf(linkIn(await first(to), kind)) })).status).toBe(200);
  await act("/v1/verifications", verified, "v");
  await act("/v1/withdrawals", withdrawn, "w");
  later(DAY - 60_001);
  await minute();
  expect(await countsOf([email])).toEqual([0]);
  later(1);
  for (let run = 0; run < 3; run++) await minute();
  later((30 * DAY) / 10);
  await minute();
  expect(await countsOf([email, verified, withdrawn])).toEqual([1, 0, 0]);
  const [mail] = await remindersTo(email);
  expect(mail?.text).toContain("This is the only reminder.");
  const answer = await postJson(coldIsolate(), "/v1/verifications", { token: tokenOf(linkIn(mail as Mail, "v")) });
  expect(await answer.json()).toMatchObject({ status: "verified", signature_count: 2 });
  const tally = await env.DB.prepare("SELECT funnel_mailed FROM petition_tallies WHERE petition_no = ?")
    .bind(petition.no)
    .first("funnel_mailed");
  expect(tally).toBe(3); // the first mails alone
});

test.each([
  ["de", "Dies ist die einzige Erinnerung."],
  ["fr", "Ceci est le seul rappel."],
])("in the signer's language: %s", async (locale, text) => {
  const petition = await openPetition();
  const email = freshEmail();
  await signed(petition, [{ email, locale }]);
  later(DAY);
  await minute();
  expect((await remindersTo(email))[0]?.text).toContain(text);
});

test("the day counts from the mail, however late it went out", async () => {
  const petition = await openPetition();
  const email = freshEmail();
  const INTAKE = keepingQueue();
  await sign(coldIsolate({ INTAKE }), petition.id, { email });
  const MAIL = keepingQueue<MailMessage>();
  await coldIsolate({ MAIL }).deliver("intake", INTAKE.sent);
  later(2 * DAY);
  await coldIsolate().deliver("mail", MAIL.sent);
  later(DAY - 1);
  await minute();
  expect(await countsOf([email])).toEqual([0]);
  later(1);
  await minute();
  expect(await countsOf([email])).toEqual([1]);
});

test.each([
  ["closed", "closes_at = opens_at + 1, state = 'closed', ended_at = opens_at + 1"],
  ["over, before the job has closed it", "closes_at = opens_at + 1"],
  ["stopped", "state = 'stopped', ended_at = opens_at + 1"],
  ["hidden", "state = 'hidden', rejection_code = 'offensive'"],
])("none when the petition is %s", async (_, sql) => {
  const petition = await openPetition();
  const email = freshEmail();
  await signed(petition, [{ email }]);
  await env.DB.prepare(`UPDATE petitions SET ${sql} WHERE no = ?`).bind(petition.no).run();
  later(DAY);
  expect(await minute()).toBe(0);
  expect(await countsOf([email])).toEqual([0]);
});

test("none where mail is in trouble; held and invalidated ones get what everybody gets", async () => {
  const email = [freshEmail(), freshEmail(), freshEmail()] as const;
  const changes = [
    "mail_trouble = 'bounced_hard', mail_trouble_at = 1",
    "hold = 'rate'",
    "state = 'invalidated', ended_at = 1",
  ];
  for (const [n, sql] of changes.entries()) {
    const petition = await openPetition();
    await signed(petition, [{ email: email[n] }]);
    await change(petition.no, sql);
  }
  later(DAY);
  await minute();
  expect(await countsOf(email)).toEqual([0, 1, 1]);
});

test("whoever signs again and again is reminded once; whoever verifies while the reminder waits is not", async () => {
  const petition = await openPetition();
  const [email, quick] = [freshEmail(), freshEmail()];
  await signed(petition, [{ email }, { email: quick }]);
  for (let time = 0; time < 3; time++) {
    later(DAY / 3);
    await signed(petition, [{ email }]);
  }
  const MAIL = keepingQueue<MailMessage>();
  await coldIsolate({ MAIL }).cron(MINUTE);
  expect(MAIL.sent).toHaveLength(1);
  await postJson(coldIsolate(), "/v1/verifications", { token: tokenOf(linkIn(await first(quick), "v")) });
  await coldIsolate().deliver("mail", MAIL.sent);
  for (let day = 0; day < 3; day++) {
    later(DAY);
    await minute();
  }
  expect(await countsOf([email, quick])).toEqual([1, 0]);
});

test("what was withdrawn and given again within the day is reminded a day after its new mail", async () => {
  const petition = await openPetition();
  const email = freshEmail();
  await signed(petition, [{ email }]);
  later(DAY / 2);
  await postJson(coldIsolate(), "/v1/withdrawals", { token: tokenOf(linkIn(await first(email), "w")) });
  later(1_000);
  await signed(petition, [{ email }]);
  later(DAY / 2);
  await minute();
  expect(await countsOf([email])).toEqual([0]);
  later(DAY);
  await minute();
  await minute();
  expect(await countsOf([email])).toEqual([1]);
});

test("they wait while mailings are paused, and while mail is late or fails", async () => {
  const petition = await openPetition();
  const email = freshEmail();
  await signed(petition, [{ email }]);
  await setSwitches({ mailings_paused: true });
  later(DAY);
  await minute();
  await setSwitches({});
  const stuck = crypto.randomUUID();
  for (const [due, attempts] of [
    [Date.now() - 11 * 60_000, 0],
    [Date.now() + DAY, 3],
  ]) {
    await env.DB.prepare(
      "INSERT OR REPLACE INTO outbox (id, kind, items, remaining, due_at, attempts, created_at, lease_until) VALUES (?, 'signature_answer', '[]', '[]', ?, ?, 0, 1e15)",
    )
      .bind(stuck, due, attempts)
      .run();
    await minute();
  }
  expect(await countsOf([email])).toEqual([0]);
  await env.DB.prepare("DELETE FROM outbox WHERE id = ?").bind(stuck).run();
  await minute();
  expect(await countsOf([email])).toEqual([1]);
});

test("a parked mail's signature is not reminded, and neither is it when the mail has gone out after all", async () => {
  const petition = await openPetition();
  const email = freshEmail();
  await signed(petition, [{ email }]);
  // As when its mail had been parked instead of sent, and staff let it go out again.
  const item = await env.DB.prepare("SELECT items ->> 0 AS item FROM outbox").first<string>("item");
  const id = crypto.randomUUID();
  await env.DB.prepare(
    "INSERT INTO outbox (id, kind, items, remaining, state, due_at, created_at, remind_at) VALUES (?1, 'signature_answer', json_array(?2), json_array(?2), 'parked', 0, ?3, 0)",
  )
    .bind(id, item, Date.now())
    .run();
  later(DAY);
  await minute();
  await env.DB.prepare("UPDATE outbox SET state = 'waiting' WHERE id = ?").bind(id).run();
  await coldIsolate().deliver("mail", [{ v: 1, job_id: id }]);
  later(DAY);
  await minute();
  expect(await countsOf([email])).toEqual([0]);
});

test("whichever call of the database fails, and with two runs at once, everybody is reminded once", async () => {
  const petition = await openPetition();
  const people = [freshEmail(), freshEmail()];
  for (const email of people) await signed(petition, [{ email }]);
  later(DAY);
  for (let call = 1; call <= 12; call++) {
    const MAIL = keepingQueue<MailMessage>();
    await coldIsolate({ DB: faultyDatabase((n) => n === call), MAIL: call % 2 ? refusingQueue : MAIL }).cron(MINUTE);
  }
  await Promise.all([minute(), minute()]);
  later(60_000);
  await minute();
  await minute();
  expect(await countsOf(people)).toEqual([1, 1]);
});

test("a hundred signers' reminder is one job: their rows are not written, and each is read a few times", async () => {
  const petition = await openPetition();
  await signed(
    petition,
    Array.from({ length: 100 }, () => ({ email: freshEmail() })),
  );
  later(DAY);
  const run = async () => {
    const { db, cost } = openDatabase(env.DB);
    const rung: string[] = [];
    const ring = async (ids: readonly string[]) => void rung.push(...ids);
    await remindUnverified({ db, clock: Date.now, ring, switches: async () => ALL_OFF });
    return { rung, cost };
  };
  const { rung, cost } = await run();
  expect(rung).toHaveLength(1);
  expect(cost.rowsWritten).toBeLessThanOrEqual(4); // the job and its index entry, and the note of it
  expect(cost.rowsRead).toBeLessThanOrEqual(500);
  const { DB, measure } = meteredDatabase();
  const delivered = await measure(() =>
    coldIsolate({ DB }).deliver(
      "mail",
      rung.map((job_id) => ({ v: 1, job_id })),
    ),
  );
  expect(delivered.written).toBeLessThanOrEqual(31); // as any job of a hundred mails
  console.log(JSON.stringify({ event: "cost", reminding: cost, delivered }));
  const idle = await run();
  expect(idle).toMatchObject({ rung: [], cost: { calls: 1, rowsWritten: 0 } });
  expect(idle.cost.rowsRead).toBeLessThanOrEqual(5);
});
