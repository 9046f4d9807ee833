import { env } from "cloudflare:workers";
import { beforeAll, expect, test, vi } from "vitest";
import type { MailMessage } from "../../src/deps.ts";
import { type IntakeMessage, sealSubmission } from "../../src/signatures/submission.ts";
import { coldIsolate, faultyDatabase, keepingQueue } from "../support/isolate.ts";
import { expectTalliesToEqualRecount } from "../support/recount.ts";
import { freshEmail, linkIn, mailsTo, nextMail, postJson, sign, tokenOf } from "../support/resident.ts";
import { foundTown, openPetition, rootKeys } from "../support/town.ts";

beforeAll(foundTown);

/** What the queue holds after people have signed, one after the other. */
async function submitted(petitionId: string, people: Record<string, unknown>[]): Promise<IntakeMessage[]> {
  const INTAKE = keepingQueue<IntakeMessage>();
  const isolate = coldIsolate({ INTAKE });
  for (const fields of people) expect((await sign(isolate, petitionId, fields)).status).toBe(202);
  return INTAKE.sent;
}

const states = async (no: number) =>
  (
    await env.DB.prepare("SELECT state FROM signatures WHERE petition_no = ? ORDER BY 1")
      .bind(no)
      .all<{ state: string }>()
  ).results.map(({ state }) => state);

test("a message that comes three times, in one batch and in two, is one signature and one mail", async () => {
  const { id, no } = await openPetition();
  const email = freshEmail();
  const [message] = await submitted(id, [{ email }]);
  const isolate = coldIsolate();
  expect(await isolate.deliver("intake", [message, message])).toEqual([]);
  expect(await isolate.deliver("intake", [message])).toEqual([]);
  await nextMail(email);
  await vi.waitFor(async () => {
    expect(
      await env.DB.prepare("SELECT count(*) AS n FROM outbox WHERE state = 'waiting' AND items LIKE ?")
        .bind(`%${no.toString(16).padStart(8, "0")}%`)
        .first("n"),
    ).toBe(0);
  });
  expect((await mailsTo(email)).length).toBe(1);
  expect(await states(no)).toEqual(["pending"]);
});

test("a message that comes again after the signature was verified or withdrawn changes nothing", async () => {
  const { id, no } = await openPetition();
  const email = freshEmail();
  const isolate = coldIsolate();
  const messages = await submitted(id, [{ email }]);
  await isolate.deliver("intake", messages);
  const mail = await nextMail(email);
  await postJson(isolate, "/v1/verifications", { token: tokenOf(linkIn(mail, "v")) });
  await isolate.deliver("intake", messages);
  expect(await states(no)).toEqual(["verified"]);
  await postJson(isolate, "/v1/withdrawals", { token: tokenOf(linkIn(mail, "w")) });
  await isolate.deliver("intake", messages);
  expect(await states(no)).toEqual(["withdrawn"]);
  await expectTalliesToEqualRecount(no);
});

test("a consumer that dies between commit and acknowledgement loses nothing and counts nothing twice", async () => {
  const { id, no } = await openPetition();
  const email = freshEmail();
  const messages = await submitted(id, [{ email }, {}, {}]);
  // The doorbell is the first thing after the commit: a consumer that dies there has acknowledged nothing.
  const dying = { sendBatch: () => new Promise(() => undefined) };
  void coldIsolate({ MAIL: dying }).deliver("intake", messages);
  await vi.waitFor(async () => expect((await states(no)).length).toBe(3));
  expect(await coldIsolate().deliver("intake", messages)).toEqual([]);
  expect(await states(no)).toEqual(["pending", "pending", "pending"]);
  // The mail of the dead consumer waits in the outbox until the sweeper rings.
  await coldIsolate().cron("* * * * *");
  await nextMail(email, 1);
  await expectTalliesToEqualRecount(no);
});

test("two consumers at once with the same messages record each once", async () => {
  const { id, no } = await openPetition();
  const messages = await submitted(
    id,
    Array.from({ length: 20 }, () => ({})),
  );
  const [one, other] = [coldIsolate(), coldIsolate()];
  expect(
    await Promise.all([one.deliver("intake", messages), other.deliver("intake", [...messages].reverse())]),
  ).toEqual([[], []]);
  expect((await states(no)).length).toBe(20);
  await expectTalliesToEqualRecount(no);
});

test("a poisoned message among 99 good ones is retried alone, and ends where staff can see it", async () => {
  const { id, no } = await openPetition();
  const good = await submitted(
    id,
    Array.from({ length: 97 }, () => ({})),
  );
  const [swapped] = await submitted(id, [{}]);
  const poison = [
    { ...swapped, hold: "rate" },
    { v: 99, hello: "there" },
    { ...swapped, sealed: "AAAA" },
  ];
  const batch = [...good.slice(0, 50), ...poison, ...good.slice(50)];
  const isolate = coldIsolate();
  expect(await isolate.deliver("intake", batch)).toEqual([50, 51, 52]);
  expect((await states(no)).length).toBe(97);
  const dead = { id: crypto.randomUUID(), ...poison[0] };
  await isolate.deliver("intake-dead", [dead]);
  await isolate.deliver("intake-dead", [dead]);
  const { results } = await env.DB.prepare("SELECT queue, body FROM dead_letters").all();
  expect(results).toEqual([{ queue: "folkmoot-intake-dead", body: JSON.stringify(dead) }]);
});

test("a submission that the database refuses does not keep the others from being recorded", async () => {
  const { id, no } = await openPetition();
  const good = await submitted(
    id,
    Array.from({ length: 4 }, () => ({})),
  );
  const at = { submission_id: good[0]?.submission_id ?? "", petition_id: good[0]?.petition_id ?? "", hold: null };
  const data = { name: "Nobody", email: freshEmail(), updates: false, locale: "not a locale" };
  const refused = await sealSubmission(rootKeys, { ...at, accepted_at: Date.now(), data });
  expect(await coldIsolate().deliver("intake", [...good.slice(0, 2), refused, ...good.slice(2)])).toEqual([2]);
  expect((await states(no)).length).toBe(4);
});

test("the consumer judges by the time of acceptance: before closing is in time, however late it is recorded", async () => {
  const now = Date.now();
  const { id, no } = await openPetition({ state: "closed", closes_at: now - 60_000, ended_at: now - 60_000 });
  const at = { submission_id: "", petition_id: id.slice(4), hold: null };
  const messages = await Promise.all(
    [now - 60_001, now - 60_000, now].map((accepted_at, index) =>
      sealSubmission(rootKeys, {
        ...at,
        submission_id: `01936d9e-0000-7000-8000-00000000000${index}`,
        accepted_at,
        data: { name: `Person ${index}`, email: freshEmail(), updates: false, locale: "en" },
      }),
    ),
  );
  expect(await coldIsolate().deliver("intake", messages)).toEqual([]);
  expect(await states(no)).toEqual(["pending"]);
});

test("a batch that the database could not take is retried whole, and then recorded once", async () => {
  const { id, no } = await openPetition();
  const messages = await submitted(
    id,
    Array.from({ length: 5 }, () => ({})),
  );
  for (const failing of [1, 2, 3]) {
    const isolate = coldIsolate({ DB: faultyDatabase((call) => call === failing) });
    const retried = await isolate.deliver("intake", messages);
    expect(retried.length === 0 || retried.length === 5).toBe(true);
  }
  expect(await coldIsolate().deliver("intake", messages)).toEqual([]);
  expect((await states(no)).length).toBe(5);
  await expectTalliesToEqualRecount(no);
});

test("mail messages carry ids only", async () => {
  const { id } = await openPetition();
  const MAIL = keepingQueue<MailMessage>();
  const email = freshEmail();
  await coldIsolate({ MAIL }).deliver("intake", await submitted(id, [{ email, name: "Zacharias Unusual" }]));
  expect(MAIL.sent).toEqual([{ v: 1, job_id: expect.stringMatching(/^[0-9a-f-]{36}$/) }]);
  const job = await env.DB.prepare("SELECT * FROM outbox WHERE id = ?").bind(MAIL.sent[0]?.job_id).first();
  expect(JSON.stringify(job)).not.toMatch(/Zacharias|example\.org/);
});
