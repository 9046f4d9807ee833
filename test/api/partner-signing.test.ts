import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import type { MailMessage } from "../../src/bindings.ts";
import type { IntakeMessage } from "../../src/signatures/submission.ts";
import { expectDocumentedAnswer } from "../support/documented.ts";
import { coldIsolate, faultyDatabase, keepingQueue } from "../support/isolate.ts";
import { meteredDatabase } from "../support/metered-database.ts";
import { asPartner, newKey, newPartner, publicAddress, signVia, someone } from "../support/partners.ts";
import { freshAddress, freshEmail, linkIn, nextMail, postJson, sign, tokenOf } from "../support/resident.ts";
import { asStaff, staffKey } from "../support/staff.ts";
import { foundTown, openPetition } from "../support/town.ts";

const isolate = coldIsolate();

beforeAll(foundTown);

const signatures = async (no: number) =>
  (
    await env.DB.prepare(
      "SELECT state, hold, channel, partner FROM signatures WHERE petition_no = ? ORDER BY accepted_at",
    )
      .bind(no)
      .all<Record<string, unknown>>()
  ).results;

const sent = async (code: string) =>
  (
    await env.DB.prepare("SELECT * FROM partner_submissions WHERE partner = ? ORDER BY submission")
      .bind(code)
      .all<Record<string, unknown>>()
  ).results;

const verify = async (email: string, count = 1) =>
  postJson(isolate, "/v1/verifications", { token: tokenOf(linkIn(await nextMail(email, count), "v")) });

/** An isolate that keeps messages until a test delivers them. */
function slow(overrides = {}) {
  const INTAKE = keepingQueue<IntakeMessage>();
  const MAIL = keepingQueue<MailMessage>();
  return { INTAKE, MAIL, at: coldIsolate({ INTAKE, MAIL, ...overrides }) };
}

/** The code of a problem. */
const codeOf = async (answer: Response) => ((await answer.json()) as { code: string }).code;

describe("a signature that a partner sends", () => {
  test.each([
    ["en", "through"],
    ["de", "bei"],
    ["fr", "auprès de"],
  ])("is the partner's, and the mail (%s) names the partner", async (locale, word) => {
    const partner = await newPartner({ name: "Tenants & Friends" });
    const { key } = await newKey(partner);
    const { id, no } = await openPetition();
    const email = freshEmail();
    const answer = await signVia(isolate, key, id, { email, locale, channel: "poster" });
    expect(answer.status).toBe(202);
    expect(await answer.json()).toEqual({ submission_id: expect.stringMatching(/^sub_/), status: "pending" });
    const mail = await nextMail(email);
    expect(mail.text).toContain(`${word} Tenants & Friends`);
    expect(mail.html).toContain("Tenants &amp; Friends");
    expect((await verify(email)).status).toBe(200);
    expect(await signatures(no)).toEqual([
      { state: "verified", hold: null, channel: partner.code, partner: partner.code },
    ]);
    const counts = await asStaff(isolate, "GET", `/petitions/${id}/counts`);
    expect((await counts.json()) as object).toMatchObject({ by: { partner: [{ key: partner.code, count: 1 }] } });
    const [one] = await sent(partner.code);
    expect(one).toMatchObject({ petition_no: no, consent: null, reference: null });
    expect(Number(one?.verified_at)).toBeGreaterThan(Number(one?.accepted_at));
  });

  test("a mail to somebody who signed without a partner names none", async () => {
    const { id } = await openPetition();
    const email = freshEmail();
    await sign(isolate, id, { email });
    expect((await nextMail(email)).text).not.toContain("through");
  });

  test("keeps a channel of the partner's own, and no other", async () => {
    const [partner, other] = [await newPartner(), await newPartner()];
    const own = `${partner.code}-2`.slice(0, 32);
    const body = { label: "Flyer", owner: "The union", partner: partner.code };
    expect(await (await asStaff(isolate, "PUT", `/channels/${own}`, { body })).json()).toMatchObject(body);
    const { key } = await newKey(partner);
    const { id, no } = await openPetition();
    const fresh = slow();
    for (const channel of [own, "poster", other.code, "made-up", undefined]) {
      await signVia(fresh.at, key, id, { channel });
    }
    await fresh.at.deliver("intake", fresh.INTAKE.sent);
    expect((await signatures(no)).map(({ channel }) => channel)).toEqual([
      own,
      ...Array.from({ length: 4 }, () => partner.code),
    ]);
  });

  test("goes by the address that is declared: a server is no crowd, and a person who signs often is held", async () => {
    const { key } = await newKey(await newPartner());
    const { id, no } = await openPetition();
    const fresh = slow();
    const server = { "CF-Connecting-IP": freshAddress() };
    for (let n = 0; n < 7; n++) await signVia(fresh.at, key, id, { name: `Person ${"ABCDEFG"[n]}` }, server);
    await fresh.at.deliver("intake", fresh.INTAKE.sent);
    expect((await signatures(no)).map(({ hold }) => hold)).toEqual(Array.from({ length: 7 }, () => null));
    const one = publicAddress();
    fresh.INTAKE.sent.length = 0;
    for (let n = 0; n < 6; n++) await signVia(fresh.at, key, id, { signer_address: one });
    await fresh.at.deliver("intake", fresh.INTAKE.sent);
    expect((await signatures(no)).slice(7).map(({ hold }) => hold)).toEqual([null, null, null, null, null, "rate"]);
  });

  test("is held when the declared address is on the list of the blocked", async () => {
    const { key } = await newKey(await newPartner());
    const { id, no } = await openPetition();
    const address = publicAddress();
    const tag = (await asStaff(isolate, "GET", "/lists/blocked")).headers.get("ETag") ?? "";
    const init = { "Content-Type": "text/plain", "If-Match": tag, Authorization: "Bearer fm_staff_local" };
    await isolate.fetch("/v1/admin/lists/blocked", { method: "PUT", headers: init, body: address });
    const fresh = slow();
    expect((await signVia(fresh.at, key, id, { signer_address: address })).status).toBe(202);
    await fresh.at.deliver("intake", fresh.INTAKE.sent);
    expect((await signatures(no)).map(({ hold }) => hold)).toEqual(["list"]);
  });

  test.each([
    "10.1.2.3",
    "192.168.0.1",
    "127.0.0.1",
    "169.254.1.1",
    "100.64.0.1",
    "203.0.113.7",
    "224.0.0.1",
    "0.0.0.0",
    "::1",
    "fe80::1",
    "fc00::1",
    "2001:db8::1",
    "::ffff:10.0.0.1",
    "1",
    "0x7f000001",
    "1.2.3.4/24",
    "somewhere",
    "",
    null,
    undefined,
  ])("is refused with the address %s", async (address) => {
    const { key } = await newKey(await newPartner());
    const { id } = await openPetition();
    const answer = await signVia(isolate, key, id, { signer_address: address });
    expect(answer.status).toBe(400);
    expect(JSON.stringify(await answer.json())).toContain('"/signer_address"');
  });

  test("from a page needs the page's origin, and says the address by itself", async () => {
    const origin = "https://tenants.example";
    const partner = await newPartner();
    const { key } = await newKey(partner, { scopes: ["signatures:write"], origins: [origin] });
    const { id, no } = await openPetition();
    const from = (Origin: string) => signVia(isolate, key, id, { signer_address: undefined }, { Origin });
    for (const other of [
      `${origin}:444`,
      "http://tenants.example",
      `${origin}.evil.example`,
      "null",
      origin.toUpperCase(),
    ]) {
      expect([other, (await from(other)).status]).toEqual([other, 404]);
    }
    expect((await signVia(isolate, key, id, { signer_address: undefined })).status).toBe(404);
    expect((await signVia(isolate, key, id, {}, { Origin: origin })).status).toBe(400);
    const fresh = slow();
    const headers = { Origin: origin, "CF-Connecting-IP": freshAddress() };
    for (let n = 0; n < 6; n++) await signVia(fresh.at, key, id, { signer_address: undefined }, headers);
    const answer = await signVia(fresh.at, key, id, { signer_address: undefined }, { Origin: origin });
    expect(answer.headers.get("Access-Control-Allow-Origin")).toBe("*");
    expect(answer.headers.get("Access-Control-Expose-Headers")).toContain("RateLimit");
    await fresh.at.deliver("intake", fresh.INTAKE.sent);
    expect((await signatures(no)).map(({ hold }) => hold)).toEqual([null, null, null, null, null, "rate", null]);
  });

  test("is allowed by a browser beforehand, which asks without a key", async () => {
    const { id } = await openPetition();
    const headers = {
      Origin: "https://tenants.example",
      "Access-Control-Request-Method": "POST",
      "Access-Control-Request-Headers": "authorization, content-type",
    };
    const answer = await isolate.fetch(`/v1/petitions/${id}/signatures`, { method: "OPTIONS", headers });
    expect(answer.status).toBe(204);
    expect(answer.headers.get("Access-Control-Allow-Headers")).toContain("Authorization");
  });
});

describe("a key", () => {
  test("gives the partner's own id back, with an idempotency key and without", async () => {
    const key = await newKey(await newPartner());
    const { id } = await openPetition();
    const person = someone({ reference: " list-1 " });
    const under = { "Idempotency-Key": crypto.randomUUID() };
    for (const headers of [{}, under, under]) {
      const answer = await signVia(isolate, key.key, id, person, headers);
      expect(await expectDocumentedAnswer("submitSignature", answer)).toMatchObject({ reference: "list-1" });
    }
    const without = await signVia(isolate, key.key, id);
    expect(Object.keys((await without.json()) as object)).toEqual(["submission_id", "status"]);
  });

  test("that is wrong makes nobody a resident", async () => {
    const { id, no } = await openPetition();
    const person = { signer_address: undefined };
    const fresh = slow();
    for (const key of ["fm_staff_local", await staffKey("admin"), "fm_partner_x", "x"]) {
      const answer = await signVia(fresh.at, key, id, person);
      expect([key, answer.status, await codeOf(answer)]).toEqual([key, 401, "unauthorized"]);
    }
    const basic = await signVia(fresh.at, "x", id, person, { Authorization: "Basic eDp5" });
    expect(basic.status).toBe(401);
    expect([fresh.INTAKE.sent.length, (await signatures(no)).length]).toEqual([0, 0]);
  });

  test.each([
    { reference: "4711" },
    { consent: true },
    { signer_address: "1.2.3.4" },
    { notices: { partner_consent: 1 } },
  ])("is needed for %j", async (field) => {
    const { id } = await openPetition();
    expect(await codeOf(await sign(isolate, id, field))).toBe("invalid_request");
  });

  test.each([
    [{ reference: "" }, "/reference"],
    [{ reference: "x".repeat(101) }, "/reference"],
    [{ reference: "a\nb" }, "/reference"],
    [{ reference: 5 }, "/reference"],
    [{ consent: false }, "/consent"],
    [{ notices: { partner_consent: 99 } }, "/notices/partner_consent"],
  ])("does not excuse %j", async (field, pointer) => {
    const { key } = await newKey(await newPartner());
    const answer = await signVia(isolate, key, (await openPetition()).id, field);
    expect(answer.status).toBe(400);
    expect(JSON.stringify(await answer.json())).toContain(`"${pointer}"`);
  });

  test("has limits of its own, which other keys of the partner don't share", async () => {
    const partner = await newPartner();
    const [{ key }, { key: other }, { key: daily }] = [
      await newKey(partner, { signatures_per_minute: 2 }),
      await newKey(partner),
      await newKey(partner, { signatures_per_day: 1 }),
    ];
    const { id } = await openPetition();
    const answers = [];
    for (let n = 0; n < 3; n++) answers.push(await signVia(isolate, key, id));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 429]);
    expect(answers[1]?.headers.get("RateLimit-Policy")).toBe(
      '"partner_requests";q=600;w=60, "partner_minute";q=2;w=60, "partner_day";q=20000;w=86400',
    );
    expect(answers[1]?.headers.get("RateLimit")).toMatch(
      /^"partner_requests";r=598;t=\d+, "partner_minute";r=0;t=\d+, "partner_day";r=19998;t=\d+$/,
    );
    expect(answers[2]?.headers.get("RateLimit-Policy")).toBe('"partner_minute";q=2;w=60');
    expect(Number(answers[2]?.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect((await signVia(isolate, other, id)).status).toBe(202);
    expect([(await signVia(isolate, daily, id)).status, (await signVia(isolate, daily, id)).status]).toEqual([
      202, 429,
    ]);
  });

  test("says what is left on refusals too", async () => {
    const { key } = await newKey(await newPartner(), { scopes: ["counts:read"] });
    const { id } = await openPetition();
    const refused = [
      await signVia(isolate, key, id),
      await asPartner(isolate, key, "GET", "/v1/partner/usage", { headers: { Origin: "https://a.example" } }),
      await signVia(isolate, (await newKey(await newPartner())).key, id, { name: "" }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([404, 403, 400]);
    for (const answer of refused) expect(answer.headers.get("RateLimit")).toMatch(/^"partner_requests";r=59\d;t=\d+$/);
  });

  test("signs without the database, in an isolate that knows it, and what was accepted is recorded later", async () => {
    const partner = await newPartner();
    const { key } = await newKey(partner);
    const { id, no } = await openPetition();
    let down = false;
    const fresh = slow({ DB: faultyDatabase(() => down) });
    expect((await signVia(fresh.at, key, id)).status).toBe(202);
    down = true;
    expect((await signVia(fresh.at, key, id, { reference: "while it was down", consent: true })).status).toBe(202);
    expect((await signVia(fresh.at, (await newKey(partner)).key, id)).status).toBe(503);
    down = false;
    expect(await isolate.deliver("intake", fresh.INTAKE.sent)).toEqual([]);
    expect((await signatures(no)).length).toBe(2);
    expect((await sent(partner.code)).map(({ consent }) => consent)).toEqual([null, 1]);
  });

  test("costs a warm isolate no call of the database to sign with", async () => {
    const { key } = await newKey(await newPartner());
    const { id } = await openPetition();
    const { DB, measure } = meteredDatabase();
    const fresh = slow({ DB });
    await signVia(fresh.at, key, id);
    expect(await measure(() => signVia(fresh.at, key, id))).toEqual({ calls: 0, read: 0, written: 0 });
  });
});

describe("what is kept of what a partner sent", () => {
  test("is one row a submission, a repeat's too, and the reference is sealed", async () => {
    const [one, other] = [await newPartner(), await newPartner()];
    const [keyOne, keyOther] = [(await newKey(one)).key, (await newKey(other)).key];
    const { id, no } = await openPetition();
    const email = freshEmail();
    await signVia(isolate, keyOne, id, { email, reference: "ada@members.example" });
    await nextMail(email, 1);
    await signVia(isolate, keyOther, id, { email, reference: "ada@elsewhere.example" });
    expect((await verify(email, 2)).status).toBe(200);
    await signVia(isolate, keyOne, id, { email, reference: "again" });
    await nextMail(email, 3);
    const [ones, others] = [await sent(one.code), await sent(other.code)];
    expect(ones.map(({ verified_at }) => verified_at)).toEqual([null, null]);
    expect(others.map(({ verified_at }) => verified_at)).toEqual([expect.any(Number)]);
    expect((await signatures(no)).map(({ partner }) => partner)).toEqual([other.code]);
    const bytes = [...ones, ...others].map(({ reference }) => String.fromCharCode(...(reference as number[])));
    expect(bytes.join("")).not.toContain("example");
  });

  test("is the same when a message comes again, alone or in another batch", async () => {
    const partner = await newPartner();
    const { key } = await newKey(partner);
    const { id, no } = await openPetition();
    const fresh = slow();
    for (let n = 0; n < 3; n++) await signVia(fresh.at, key, id, { reference: `r${n}` });
    await fresh.at.deliver("intake", fresh.INTAKE.sent);
    const before = [await sent(partner.code), await signatures(no)];
    await fresh.at.deliver("intake", fresh.INTAKE.sent);
    await fresh.at.deliver("intake", fresh.INTAKE.sent.slice(1, 2));
    expect([await sent(partner.code), await signatures(no)]).toEqual(before);
    expect(before[0]?.length).toBe(3);
  });

  test("is there for a petition that staff stopped meanwhile, though it took no signature", async () => {
    const partner = await newPartner();
    const { key } = await newKey(partner);
    const { id, no } = await openPetition();
    const fresh = slow();
    await signVia(fresh.at, key, id, { reference: "too late" });
    await env.DB.prepare("UPDATE petitions SET state = 'stopped', ended_at = 1 WHERE no = ?").bind(no).run();
    expect(await coldIsolate().deliver("intake", fresh.INTAKE.sent)).toEqual([]);
    expect(await signatures(no)).toEqual([]);
    expect((await sent(partner.code)).map(({ petition_no, email_hash }) => [petition_no, email_hash])).toEqual([
      [no, null],
    ]);
  });

  test("names the version of the text that the person agreed to", async () => {
    const partner = await newPartner();
    const { key } = await newKey(partner);
    const { id } = await openPetition();
    const texts = { en: "Yes, pass it on.", de: "Ja, weitergeben.", fr: "Oui, transmettre." };
    const path = "/notices/partner_consent";
    const tag = (await asStaff(isolate, "GET", path)).headers.get("ETag") ?? "";
    expect((await asStaff(isolate, "PUT", path, { body: { texts }, headers: { "If-Match": tag } })).status).toBe(200);
    const fresh = slow();
    await signVia(fresh.at, key, id, { consent: true });
    await signVia(fresh.at, key, id, { consent: true, notices: { partner_consent: 1 } });
    await signVia(fresh.at, key, id, { notices: { partner_consent: 1 } });
    await coldIsolate().deliver("intake", fresh.INTAKE.sent);
    expect((await sent(partner.code)).map(({ consent }) => consent)).toEqual([2, 1, null]);
  });

  test("of a submission that is held is verified when staff release it, by that moment", async () => {
    const partner = await newPartner();
    const { key } = await newKey(partner);
    const { id, no } = await openPetition();
    const email = freshEmail();
    await signVia(isolate, key, id, { email });
    await nextMail(email);
    await env.DB.prepare("UPDATE signatures SET hold = 'list' WHERE petition_no = ?").bind(no).run();
    await verify(email);
    expect((await sent(partner.code))[0]?.verified_at).toBeNull();
    await env.DB.prepare("UPDATE signatures SET verified_at = verified_at - 60000 WHERE petition_no = ?")
      .bind(no)
      .run();
    await env.DB.prepare("UPDATE signatures SET hold = NULL WHERE petition_no = ?").bind(no).run();
    const at = Number((await sent(partner.code))[0]?.verified_at);
    expect(Math.abs(Date.now() - at)).toBeLessThan(10_000);
    await env.DB.prepare("UPDATE signatures SET state = 'invalidated', ended_at = 1 WHERE petition_no = ?")
      .bind(no)
      .run();
    expect((await sent(partner.code))[0]?.verified_at).toBe(at);
  });

  test("loses what is personal when the person withdraws", async () => {
    const partner = await newPartner();
    const { key } = await newKey(partner);
    const { id, no } = await openPetition();
    const email = freshEmail();
    await signVia(isolate, key, id, { email, reference: "4711" });
    const mail = await nextMail(email);
    await verify(email);
    await postJson(isolate, "/v1/withdrawals", { token: tokenOf(linkIn(mail, "w")) });
    expect((await sent(partner.code))[0]).toMatchObject({
      ...{ reference: null, email_hash: null, person_hash: null },
      verified_at: expect.any(Number),
    });
    expect((await signatures(no))[0]).toMatchObject({ state: "withdrawn", partner: null, channel: null });
  });

  test("costs two rows more than an ordinary signature with a channel", async () => {
    const { key } = await newKey(await newPartner());
    const cost = async (send: (at: ReturnType<typeof coldIsolate>, id: string, email: string) => Promise<unknown>) => {
      const { id } = await openPetition();
      const { DB, measure } = meteredDatabase();
      const fresh = slow({ DB });
      // Reads the key, and notes that it is used.
      await asPartner(fresh.at, key, "GET", "/v1/partner/usage");
      const people = Array.from({ length: 40 }, () => freshEmail());
      const parts = [
        await measure(async () => {
          for (const email of people) await send(fresh.at, id, email);
        }),
        await measure(() => fresh.at.deliver("intake", fresh.INTAKE.sent)),
        await measure(() => fresh.at.deliver("mail", fresh.MAIL.sent)),
        await measure(async () => {
          for (const email of people) await verify2(fresh.at, email);
        }),
      ];
      return parts.reduce((sum, { written }) => sum + written, 0) / people.length;
    };
    const verify2 = async (at: ReturnType<typeof coldIsolate>, email: string) =>
      expect(
        (await postJson(at, "/v1/verifications", { token: tokenOf(linkIn(await nextMail(email), "v")) })).status,
      ).toBe(200);
    const ordinary = await cost((at, id, email) => sign(at, id, { email, channel: "letter" }));
    const partners = await cost((at, id, email) => signVia(at, key, id, { email, postcode: "BW1 1AA" }));
    console.log(JSON.stringify({ event: "partner_cost", ordinary, partners }));
    expect(partners - ordinary).toBeLessThanOrEqual(2);
  }, 60_000);
});
