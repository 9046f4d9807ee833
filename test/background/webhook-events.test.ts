import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { WebhookMessage } from "../../src/bindings.ts";
import { LOCAL_ROOT_KEY } from "../../src/config.ts";
import { crowd } from "../support/crowd.ts";
import { coldIsolate, keepingQueue, refusingQueue } from "../support/isolate.ts";
import { decided } from "../support/moderation.ts";
import { asPartner, newKey, signVia } from "../support/partners.ts";
import { freshEmail, linkIn, nextMail, postJson, sign, tokenOf } from "../support/resident.ts";
import { asStaff } from "../support/staff.ts";
import { foundTown, openPetition } from "../support/town.ts";
import { receivers, verified, webhookStage } from "../support/webhooks.ts";

// Its doorbells are kept: the tests take the turns.
const isolate = coldIsolate({ WEBHOOKS: keepingQueue() });
const EVERYTHING = [
  ...["petition.opened", "petition.closed", "threshold.reached", "response.published", "submission.verified"],
  "totals.daily",
];
type Five = [string, string, string, string, string];
const HOURLY = "17 * * * *";
const DAY = 86_400_000;

beforeAll(foundTown);
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** An endpoint that hears of one petition, and what it is told from here on: type and data. */
async function listening(petition: { id: string }, events: string[] = EVERYTHING) {
  const stage = await webhookStage({ events, petitions: [petition.id] });
  const told = async () => {
    const got = receivers();
    expect(await stage.turn()).toEqual([]);
    vi.unstubAllGlobals();
    return got.calls.map(({ message: { type, data } }) => ({ type, data }));
  };
  return { ...stage, told };
}

const verify = async (email: string, count = 1) =>
  postJson(isolate, "/v1/verifications", { token: tokenOf(linkIn(await nextMail(email, count), "v")) });

const about = (id: string, signature_count: number) => ({
  petition_id: id,
  title: "Benches for the market square",
  url: `http://localhost:8787/v1/petitions/${id}`,
  signature_count,
});

describe("a petition", () => {
  test("that opens, is stopped and is opened again", async () => {
    const petition = await openPetition({ state: "moderation", opens_at: null, closes_at: null });
    const { told } = await listening(petition);
    await decided(isolate, petition.id, "approve", { thresholds: [] });
    await decided(isolate, petition.id, "stop", { reason: "Done." });
    await decided(isolate, petition.id, "reopen", {});
    const closes_at = expect.stringMatching(/Z$/);
    expect(await told()).toEqual([
      { type: "petition.opened", data: { ...about(petition.id, 0), reopened: false, closes_at } },
      { type: "petition.closed", data: { ...about(petition.id, 0), state: "stopped", ended_at: null } },
      { type: "petition.opened", data: { ...about(petition.id, 0), reopened: true, closes_at } },
    ]);
  });

  test("whose time is over", async () => {
    const petition = await openPetition({ closes_at: Date.now() - 1_000 });
    const { told } = await listening(petition);
    await coldIsolate().cron("* * * * *");
    const ended_at = expect.stringMatching(/Z$/);
    expect(await told()).toEqual([
      { type: "petition.closed", data: { ...about(petition.id, 0), state: "closed", ended_at } },
    ]);
  });

  test("that is hidden before the message goes is in none, nor in a replay", async () => {
    const petition = await openPetition({ title: "Mr Quill steals benches" });
    const { told, askIt } = await listening(petition);
    await decided(isolate, petition.id, "stop", { reason: "Done." });
    expect(JSON.stringify(await told())).toContain("Quill");
    await decided(isolate, petition.id, "reject", { code: "defamatory" });
    await askIt("POST", "/replay", { from_sequence: 1 });
    expect(await told()).toEqual([{ type: "petition.closed", data: { petition_id: petition.id, withheld: true } }]);
  });

  test("that reaches a threshold, once; one that is lost and reached again, again", async () => {
    const petition = await openPetition();
    const { told } = await listening(petition);
    await env.DB.prepare("INSERT INTO thresholds (petition_no, name, signatures) VALUES (?, 'response', 3)")
      .bind(petition.no)
      .run();
    await crowd(petition.no, 5);
    const data = { ...about(petition.id, 5), threshold: "response", signatures: 3 };
    expect(await told()).toEqual([{ type: "threshold.reached", data }]);
  });

  test("that is answered, and whose answer is changed", async () => {
    const petition = await openPetition();
    const { told } = await listening(petition);
    const answer = async (summary: string) => {
      const put = (method: string, path: string, body: object, version: number) =>
        asStaff(isolate, method, `/petitions/${petition.id}/response${path}`, {
          body,
          headers: { "If-Match": `"${version}"` },
        });
      const { version } = (await (await asStaff(isolate, "GET", `/petitions/${petition.id}`)).json()) as {
        version: number;
      };
      expect((await put("PUT", "", { summary, details: "All of it." }, version)).status).toBe(200);
      expect((await put("POST", "/publish", {}, version + 1)).status).toBe(200);
    };
    await answer("Six benches by May.");
    expect(await told()).toEqual([
      {
        type: "response.published",
        data: { ...about(petition.id, 0), amended: false, summary: "Six benches by May." },
      },
    ]);
    await answer("Eight benches by May.");
    expect(await told()).toEqual([
      {
        type: "response.published",
        data: { ...about(petition.id, 0), amended: true, summary: "Eight benches by May." },
      },
    ]);
  });

  test("is told of only to who asked for that event and that petition, and whose key is for it", async () => {
    const [petition, other] = [await openPetition(), await openPetition()];
    const [all, elsewhere, otherwise] = [
      await webhookStage({ events: EVERYTHING }),
      await listening(other),
      await listening(petition, ["petition.opened"]),
    ];
    const limited = await webhookStage({ events: EVERYTHING }, { keyTerms: { petitions: [other.id] } });
    await decided(isolate, petition.id, "stop", { reason: "Done." });
    const counts = await Promise.all(
      [all, elsewhere, otherwise, limited].map(async ({ row }) => (await row()).last_sequence),
    );
    expect(counts).toEqual([1, 0, 0, 0]);
  });
});

describe("a signature that a partner sent", () => {
  const data = (answer: { submission_id: string }, petition: { id: string }, reference: string | null) => ({
    petition_id: petition.id,
    submission_id: answer.submission_id,
    reference,
  });
  const submit = async (key: string, id: string, fields: Record<string, unknown> = {}) =>
    (await (await signVia(isolate, key, id, fields)).json()) as { submission_id: string };

  test("is told to that partner once it is verified: by its reference, and nothing of the person", async () => {
    const petition = await openPetition();
    const { told, key } = await listening(petition);
    const [own, other] = [await listening(petition), freshEmail()];
    const email = freshEmail();
    const answer = await submit(key, petition.id, { email, reference: "member-4711", consent: true });
    await nextMail(email);
    expect(await told()).toEqual([]);
    expect((await verify(email)).status).toBe(200);
    expect(await verify(email).then(({ status }) => status)).toBe(200);
    const [message, ...rest] = await told();
    expect(message).toEqual({ type: "submission.verified", data: data(answer, petition, "member-4711") });
    expect(rest).toEqual([]);
    expect(JSON.stringify(message)).not.toMatch(/Mara|Quill|example\.org/);
    await sign(isolate, petition.id, { email: other });
    await verify(other);
    expect([await told(), await own.told()]).toEqual([[], []]);
  });

  test("a repeat, and one that is held, are told of no more than one that waits", async () => {
    const petition = await openPetition();
    const { told, key } = await listening(petition);
    const email = freshEmail();
    await submit(key, petition.id, { email });
    await verify(email);
    expect(await told()).toHaveLength(1);
    const repeat = await submit(key, petition.id, { email, reference: "again" });
    expect(repeat.submission_id).toMatch(/^sub_/);
    await nextMail(email, 2);
    const held = freshEmail();
    const answer = await submit(key, petition.id, { email: held, reference: "held" });
    await nextMail(held);
    await env.DB.prepare("UPDATE signatures SET hold = 'list' WHERE petition_no = ? AND state = 'pending'")
      .bind(petition.no)
      .run();
    expect((await verify(held)).status).toBe(200);
    expect(await told()).toEqual([]);
    const released = await asStaff(isolate, "POST", `/petitions/${petition.id}/holds/release`, {
      body: { where: { hold: "list" } },
    });
    expect(released.status).toBeLessThan(300);
    expect(await told()).toEqual([{ type: "submission.verified", data: data(answer, petition, "held") }]);
  });

  test("rings for the partner's endpoints that hear of it, once in some seconds, and no other signature does", async () => {
    const petition = await openPetition();
    const [{ key, uuid, partner }, other] = [await listening(petition), await listening(petition)];
    const deaf = await webhookStage({ events: ["petition.closed"] }, { partner });
    await other.events(1); // somebody else's, which the sweeper rings for
    const bells = keepingQueue<WebhookMessage>();
    const at = coldIsolate({ WEBHOOKS: bells });
    const verifyAt = async (where: typeof at, email: string) => {
      const token = tokenOf(linkIn(await nextMail(email), "v"));
      expect((await postJson(where, "/v1/verifications", { token })).status).toBe(200);
    };
    const [ordinary, held, first, second, third] = Array.from({ length: 5 }, freshEmail) as Five;
    await sign(isolate, petition.id, { email: ordinary });
    await verifyAt(at, ordinary);
    await submit(key, petition.id, { email: held });
    await nextMail(held);
    await env.DB.prepare("UPDATE signatures SET hold = 'list' WHERE petition_no = ? AND state = 'pending'")
      .bind(petition.no)
      .run();
    await verifyAt(coldIsolate({ WEBHOOKS: bells }), held);
    expect(bells.sent).toEqual([]);
    for (const email of [first, second, third]) await submit(key, petition.id, { email });
    await verifyAt(at, first);
    expect(bells.sent).toEqual([{ v: 1, endpoint_id: uuid }]);
    await verifyAt(at, first);
    await verifyAt(at, second);
    expect(bells.sent).toHaveLength(1);
    expect([await deaf.row(), await other.row()]).toMatchObject([{ last_sequence: 0 }, { last_sequence: 1 }]);
    // The person reads the usual success whatever becomes of the ring.
    await verifyAt(coldIsolate({ WEBHOOKS: refusingQueue }), third);
  });

  test("with a test key is told when its test is verified, once, as a test and as a live one would be", async () => {
    const petition = await openPetition();
    const { key, partner, turn, uuid } = await webhookStage({ events: EVERYTHING, petitions: [petition.id] });
    const own = await listening(petition);
    const tests = (await newKey(partner, { test: true })).key;
    const [email, forgotten] = [freshEmail(), freshEmail()];
    const answer = await submit(tests, petition.id, { email, reference: "member-4711", consent: true });
    await submit(tests, petition.id, { email: forgotten, reference: "member-4712" });
    const mails = (await (await asPartner(isolate, tests, "GET", "/v1/partner/test-mails")).json()) as {
      data: { links: { verify: string } }[];
    };
    const bells = keepingQueue<WebhookMessage>();
    const at = coldIsolate({ WEBHOOKS: bells });
    const [late, first] = mails.data.map(({ links }) => ({ token: tokenOf(new URL(links.verify).pathname) }));
    for (let n = 0; n < 2; n++) expect((await postJson(at, "/v1/verifications", first)).status).toBe(200);
    await vi.waitFor(() => expect(bells.sent.map((bell) => JSON.stringify(bell)).join()).toContain(uuid));
    const got = receivers();
    await turn();
    expect(got.calls.map(({ message }) => message)).toEqual([
      {
        ...{ type: "submission.verified", timestamp: expect.any(String), sequence: 1, test: true },
        data: data(answer, petition, "member-4711"),
      },
    ]);
    vi.unstubAllGlobals();
    // What has been forgotten since is in no message.
    expect((await postJson(at, "/v1/verifications", late)).status).toBe(200);
    await env.DB.prepare("DELETE FROM test_submissions WHERE partner = ?").bind(partner.code).run();
    const then = receivers();
    await turn();
    expect(then.calls.map(({ message }) => [message.test, message.data.reference])).toEqual([[true, null]]);
    vi.unstubAllGlobals();
    expect(await own.told()).toEqual([]);
    expect(await (await asPartner(isolate, key, "GET", "/v1/partner/submissions")).json()).toMatchObject({ data: [] });
  });

  test("that is taken out and given back is told of once", async () => {
    const petition = await openPetition();
    const { told, key } = await listening(petition);
    const email = freshEmail();
    await submit(key, petition.id, { email });
    await verify(email);
    expect(await told()).toHaveLength(1);
    const set = (sql: string) =>
      env.DB.prepare(`UPDATE signatures SET ${sql} WHERE petition_no = ?`).bind(petition.no).run();
    await set("state = 'invalidated', ended_at = 9e12, invalidated_reason = 'test'");
    await set("state = 'verified', ended_at = NULL, invalidated_reason = NULL");
    expect(await told()).toEqual([]);
  });

  test("loses its reference in every later message when the person withdraws", async () => {
    const petition = await openPetition();
    const { told, key, askIt } = await listening(petition);
    const email = freshEmail();
    const answer = await submit(key, petition.id, { email, reference: "member-4711" });
    const mail = await nextMail(email);
    await verify(email);
    expect(await told()).toEqual([{ type: "submission.verified", data: data(answer, petition, "member-4711") }]);
    expect((await postJson(isolate, "/v1/withdrawals", { token: tokenOf(linkIn(mail, "w")) })).status).toBe(200);
    await askIt("POST", "/replay", { from_sequence: 1 });
    expect(await told()).toEqual([{ type: "submission.verified", data: data(answer, petition, null) }]);
  });

  test("costs two rows more for each endpoint that hears of it; any other signature costs nothing", async () => {
    const petition = await openPetition();
    const { key, partner } = await listening(petition);
    const cost = async (email: string) => {
      const hash = await env.DB.prepare(
        "SELECT hex(email_hash) AS hash FROM signatures WHERE petition_no = ? AND state = 'pending'",
      )
        .bind(petition.no)
        .first<string>("hash");
      const [result] = await env.DB.batch([
        env.DB.prepare(
          "UPDATE signatures SET state = 'verified', verified_at = accepted_at + 5000, verified_hour = '2026-11-23T12' WHERE petition_no = ? AND email_hash = unhex(?)",
        ).bind(petition.no, hash),
      ]);
      expect(email).toContain("@");
      const { rows_read: read, rows_written: written } = (result as D1Result).meta;
      return { read, written };
    };
    const submitted = async (through: boolean) => {
      const email = freshEmail();
      await (through ? submit(key, petition.id, { email }) : sign(isolate, petition.id, { email, channel: undefined }));
      await nextMail(email);
      return cost(email);
    };
    await submitted(true);
    await submitted(false);
    const ordinary = await submitted(false);
    const told = await submitted(true);
    await env.DB.prepare("UPDATE webhook_endpoints SET events = '[\"petition.closed\"]' WHERE partner = ?")
      .bind(partner.code)
      .run();
    const untold = await submitted(true);
    expect(told.written - untold.written).toBe(2);
    // One row more is read, or not, as there happens to be one behind the signature's.
    expect(told.read - untold.read).toBeLessThanOrEqual(5);
    // Without the trigger it costs the same.
    const trigger = await env.DB.prepare(
      "SELECT sql FROM sqlite_master WHERE name = 'webhook_submission_verified'",
    ).first<string>("sql");
    await env.DB.prepare("DROP TRIGGER webhook_submission_verified").run();
    const without = await submitted(false);
    await env.DB.prepare(trigger ?? "").run();
    expect(without.written).toBe(ordinary.written);
    expect(Math.abs(without.read - ordinary.read)).toBeLessThanOrEqual(1);
  });
});

describe("daily totals", () => {
  test("are told once a day: each open petition's count, and what the partner sent that day", async () => {
    // Deliveries bear the database's own time, so these days are near the real one.
    const [day, next, last] = [1, 2, 3].map((days) => new Date(Date.now() + days * DAY).toISOString().slice(0, 10));
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse(`${day}T12:00:00Z`) });
    const [petition, draft] = [await openPetition(), await openPetition({ state: "moderation" })];
    const stage = await webhookStage({ events: ["totals.daily"], petitions: [petition.id, draft.id] });
    const [first, second] = [freshEmail(), freshEmail()];
    for (const email of [first, second]) {
      await signVia(isolate, stage.key, petition.id, { email });
      await nextMail(email);
    }
    await verify(first);
    await crowd(petition.no, 3);
    vi.setSystemTime(Date.parse(`${next}T00:17:00Z`));
    for (let n = 0; n < 3; n++) await coldIsolate().cron(HOURLY);
    const got = receivers();
    await stage.turn();
    expect(got.calls.map(({ message }) => [message.type, message.data])).toEqual([
      [
        "totals.daily",
        {
          day,
          as_of: `${next}T00:17:00.000Z`,
          petitions: [
            { petition_id: petition.id, state: "open", signature_count: 4, own: { submitted: 2, verified: 1 } },
          ],
        },
      ],
    ]);
    vi.setSystemTime(Date.parse(`${last}T00:17:00Z`));
    await Promise.all([coldIsolate().cron(HOURLY), coldIsolate().cron(HOURLY)]);
    await stage.turn();
    expect(got.calls).toHaveLength(2);
    expect(got.calls[1]?.message.data).toMatchObject({
      day: next,
      petitions: [{ own: { submitted: 0, verified: 0 } }],
    });
  });

  test("of a day before the endpoint was there are not told", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2027-06-10T12:00:00Z") });
    const stage = await webhookStage({ events: ["totals.daily"] });
    await coldIsolate().cron(HOURLY);
    expect((await stage.row()).last_sequence).toBe(0);
    vi.setSystemTime(Date.parse("2027-06-10T23:17:00Z")); // London's day is over: it is summer
    await coldIsolate().cron(HOURLY);
    expect((await stage.row()).last_sequence).toBe(1);
  });
});

test("deliveries are kept for 30 days, an endpoint that was deleted goes with all of them", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
  const [stage, deleted] = [await webhookStage(), await webhookStage()];
  for (const { events } of [stage, deleted]) await events(30);
  const age = (days: number, upTo: number) =>
    env.DB.prepare("UPDATE webhook_deliveries SET at = ? WHERE endpoint_id = ? AND sequence <= ?")
      .bind(Date.now() - days * DAY, stage.uuid, upTo)
      .run();
  await age(29, 30);
  await age(31, 12);
  expect((await deleted.askIt("DELETE")).status).toBe(200);
  expect(await deleted.row()).toMatchObject({ url: "", signing_key: null, label: null });
  for (let n = 0; n < 2; n++) await coldIsolate().cron(HOURLY);
  expect((await stage.deliveries()).map(({ sequence }) => sequence)).toEqual(
    Array.from({ length: 18 }, (_, n) => n + 13),
  );
  expect([await deleted.deliveries(), await deleted.row()]).toEqual([[], null]);
  const got = receivers();
  await deleted.turn();
  await stage.turn();
  expect(got.calls.map(({ message }) => message.sequence)).toEqual(Array.from({ length: 18 }, (_, n) => n + 13));
});

test("under a new ROOT_KEY messages are signed by the same secret, also once the old key is gone", async () => {
  const stage = await webhookStage();
  await stage.askIt("POST", "/rotate-secret", {});
  const before = await stage.row();
  const rotated = { ROOT_KEY: btoa("n".repeat(32)), ROOT_KEY_PREVIOUS: LOCAL_ROOT_KEY };
  await stage.events(1);
  const got = receivers();
  await stage.turn(rotated);
  for (let n = 0; n < 2; n++) await coldIsolate(rotated).cron(HOURLY);
  const after = await stage.row();
  expect([after.signing_key, after.previous_key]).not.toEqual([before.signing_key, before.previous_key]);
  await stage.events(1);
  await stage.turn({ ROOT_KEY: rotated.ROOT_KEY });
  const [first, second] = got.calls;
  expect(got.calls).toHaveLength(2);
  for (const call of [first, second])
    expect(verified(stage.webhook.secret, call as NonNullable<typeof call>)).toBeDefined();
});
