import { env } from "cloudflare:workers";
import { beforeAll, expect, test, vi } from "vitest";
import type { MailMessage } from "../../src/bindings.ts";
import { newUuid } from "../../src/lib/ids.ts";
import { RootKeys } from "../../src/lib/root-keys.ts";
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
  const left = () => env.DB.prepare("SELECT count(*) AS n FROM outbox WHERE state = 'waiting'").first("n");
  await vi.waitFor(async () => expect(await left()).toBe(0));
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

test("messages of one person that come again or late, after a newer one, cause no mail more than there are submissions", async () => {
  const [{ id, no }, late] = [await openPetition(), await openPetition()];
  const MAIL = keepingQueue<MailMessage>();
  const isolate = coldIsolate({ MAIL });
  const mailed = async (email: string) => {
    for (const message of MAIL.sent.splice(0)) await isolate.deliver("mail", [message]);
    return (await mailsTo(email)).length;
  };
  const [email, overtaken] = [freshEmail(), freshEmail()];
  const [first] = await submitted(id, [{ email }]);
  const [second] = await submitted(id, [{ email }]);
  for (const message of [first, second]) await isolate.deliver("intake", [message]);
  expect(await mailed(email)).toBe(2);
  for (const messages of [[first], [second], [second, first], [first, first]])
    await isolate.deliver("intake", messages);
  expect(await mailed(email)).toBe(2);
  const [older] = await submitted(late.id, [{ email: overtaken }]);
  const [newer] = await submitted(late.id, [{ email: overtaken }]);
  for (const message of [newer, older, older]) await isolate.deliver("intake", [message]);
  expect(await mailed(overtaken)).toBe(1);
  expect([await states(no), await states(late.no)]).toEqual([["pending"], ["pending"]]);
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
    expect([0, 5]).toContain(retried.length);
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

test("what was accepted is refused only by fresh facts: a petition that opened a second ago is open to its consumer", async () => {
  const { id, no } = await openPetition({ state: "moderation" });
  const consumer = coldIsolate();
  await consumer.deliver("intake", [await submission(id)]);
  await env.DB.prepare("UPDATE petitions SET state = 'open' WHERE no = ?").bind(no).run();
  expect(await consumer.deliver("intake", await submitted(id, [{}]))).toEqual([]);
  expect(await states(no)).toEqual(["pending"]);
});

test("while a petition's secret can't be opened its submissions and mails wait", async () => {
  const stranger = new RootKeys(crypto.getRandomValues(new Uint8Array(32)));
  const { id, no } = await openPetition({}, stranger);
  const messages = await submitted(id, [{}]);
  expect(await coldIsolate().deliver("intake", messages)).toEqual([0]);
  expect(await states(no)).toEqual([]);
});

test("a batch that fails whole comes back late: with settings that are not fit, and dead letters without a database", async () => {
  const [message] = await submitted((await openPetition()).id, [{}]);
  expect(await coldIsolate({ TIME_ZONE: "nowhere" }).deliver("intake", [message])).toBe("all, after 300 s");
  const down = coldIsolate({ DB: faultyDatabase(() => true) });
  expect(await down.deliver("intake-dead", [message])).toBe("all, after 300 s");
});

test("a person's two submissions are held alike, whether they come in one batch or in two", async () => {
  const held = async (batches: number[][], holds: ("rate" | null)[]) => {
    const { id, no } = await openPetition();
    const email = freshEmail();
    const messages: IntakeMessage[] = [];
    for (const [n, hold] of holds.entries())
      messages.push(await submission(id, { email, hold, acceptedAt: Date.now() + n }));
    for (const batch of batches)
      await coldIsolate().deliver(
        "intake",
        batch.map((n) => messages[n]),
      );
    return env.DB.prepare("SELECT hold FROM signatures WHERE petition_no = ?").bind(no).first("hold");
  };
  for (const holds of [
    [null, "rate"],
    ["rate", null],
  ] as const) {
    expect(await held([[0, 1]], [...holds])).toBe(holds[0]);
    expect(await held([[0], [1]], [...holds])).toBe(holds[0]);
  }
});

test("a batch of late submissions asks for their petition anew once, not once each", async () => {
  const ended = Date.now() - 60_000;
  const { id, no } = await openPetition({ state: "closed", closes_at: ended, ended_at: ended });
  const DB = faultyDatabase(() => false);
  const late = await Promise.all(Array.from({ length: 20 }, () => submission(id)));
  expect(await coldIsolate({ DB }).deliver("intake", late)).toEqual([]);
  expect(DB.calls).toBe(3); // channels, the petition, the petition anew
  expect(await states(no)).toEqual([]);
});

/** One message, as if accepted at a moment. */
const submission = (petitionId: string, over: { email?: string; hold?: "rate" | null; acceptedAt?: number } = {}) =>
  sealSubmission(rootKeys, {
    submission_id: newUuid(),
    petition_id: petitionId.slice(4),
    accepted_at: over.acceptedAt ?? Date.now(),
    hold: over.hold ?? null,
    data: { name: "Mara Quill", email: over.email ?? freshEmail(), updates: false, locale: "en" },
  });
