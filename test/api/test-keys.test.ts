import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { countingLimiter } from "../support/counting-limiter.ts";
import { expectDocumentedAnswer } from "../support/documented.ts";
import { coldIsolate, faultyDatabase, keepingQueue } from "../support/isolate.ts";
import { asPartner, newKey, newPartner, sendBatch, signVia, someone } from "../support/partners.ts";
import { countOf, mailsTo, nextMail, postJson, sign, tokenOf } from "../support/resident.ts";
import { asStaff } from "../support/staff.ts";
import { whilePaused } from "../support/switches.ts";
import { foundTown, openPetition, rootKeys } from "../support/town.ts";

const isolate = coldIsolate();
const HOUR_MS = 3_600_000;

beforeAll(foundTown);
afterEach(() => void vi.useRealTimers());

interface TestMail {
  readonly submission_id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly links: { readonly verify: string; readonly withdraw: string; readonly code: string };
  readonly code: string;
}

async function keys(terms: Record<string, unknown> = {}) {
  const partner = await newPartner();
  const [{ key: live }, { key: tests }] = [
    await newKey(partner, terms),
    await newKey(partner, { test: true, ...terms }),
  ];
  return { partner, live, tests, ...(await openPetition()) };
}

const pathOf = (url: string): string => url.replace(/^https?:\/\/[^/]+/, "");

const read = async <Body>(key: string, path: string, status = 200): Promise<Body> => {
  const answer = await asPartner(isolate, key, "GET", path);
  expect(answer.status).toBe(status);
  return (await answer.json()) as Body;
};

const mails = async (key: string) => (await read<{ data: TestMail[] }>(key, "/v1/partner/test-mails")).data;

const submissions = async (key: string, query = "") =>
  (await read<{ data: Record<string, unknown>[] }>(key, `/v1/partner/submissions${query}`)).data;

/** Every table's rows, but of what a test and a key themselves leave. */
async function everything(): Promise<Record<string, number>> {
  const tables = await env.DB.prepare(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB '_cf_*' AND name NOT GLOB 'd1_*' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '*_search*' AND name <> 'test_submissions'",
  ).all<{ name: string }>();
  const counts = await env.DB.batch<{ n: number }>(
    tables.results.map(({ name }) => env.DB.prepare(`SELECT count(*) AS n FROM "${name}"`)),
  );
  return Object.fromEntries(tables.results.map(({ name }, index) => [name, counts[index]?.results[0]?.n ?? -1]));
}

describe("a test key", () => {
  test("signs as a live one does, and nothing of it is counted, queued or mailed", async () => {
    const { tests, id, no } = await keys();
    const INTAKE = keepingQueue();
    const limiter = { calls: 0 };
    const at = coldIsolate({ INTAKE, LIMITER: countingLimiter(limiter) });
    const person = someone({ reference: "member-4711", consent: true });
    await signVia(at, tests, id);
    const before = await everything();
    const tallies = () => env.DB.prepare("SELECT * FROM petition_tallies WHERE petition_no = ?").bind(no).first();
    const tally = await tallies();
    const answer = await signVia(at, tests, id, person);
    expect(answer.status).toBe(202);
    expect(await answer.json()).toEqual({
      submission_id: expect.stringMatching(/^sub_/),
      status: "pending",
      reference: "member-4711",
    });
    const many = await sendBatch(at, tests, id, [someone(), "wrong", someone()]);
    const { results } = (await expectDocumentedAnswer("submitSignatures", many)) as { results: { status: number }[] };
    expect(results.map(({ status }) => status)).toEqual([202, 400, 202]);
    const [mail] = (await mails(tests)).filter(({ to }) => to === person.email);
    expect(
      (await postJson(isolate, "/v1/verifications", { token: tokenOf(pathOf(String(mail?.links.verify))) })).status,
    ).toBe(200);
    expect(await everything()).toEqual(before);
    expect(await tallies()).toEqual(tally);
    expect([INTAKE.sent.length, await countOf(coldIsolate(), id)]).toEqual([0, 0]);
    expect(await mailsTo(String(person.email))).toEqual([]);
    expect(await env.DB.prepare("SELECT count(*) AS n FROM outbox").first("n")).toBe(before.outbox);
  });

  test("uses up no limit but its own: not the signer's, nor the live key's", async () => {
    const { live, tests, id } = await keys({ signatures_per_minute: 10 });
    const address = "2a01:77:88:99::1";
    for (let n = 0; n < 8; n++) {
      expect((await signVia(isolate, tests, id, { signer_address: address })).status).toBe(202);
    }
    const INTAKE = keepingQueue<{ hold: string | null }>();
    for (let n = 0; n < 6; n++) {
      expect((await signVia(coldIsolate({ INTAKE }), live, id, { signer_address: address })).status).toBe(202);
    }
    expect(INTAKE.sent.map(({ hold }) => hold)).toEqual([null, null, null, null, null, "rate"]);
    expect((await signVia(isolate, tests, id)).status).toBe(202);
    expect((await signVia(isolate, tests, id)).status).toBe(202);
    const refused = await signVia(isolate, tests, id);
    expect([refused.status, refused.headers.get("RateLimit-Policy")]).toEqual([429, '"partner_minute";q=10;w=60']);
  });

  test("of one partner send a thousand a day together", async () => {
    const { partner, tests, id } = await keys({ signatures_per_minute: 5_000 });
    const { key: second } = await newKey(partner, { test: true, signatures_per_minute: 5_000 });
    const at = coldIsolate();
    vi.useFakeTimers({ toFake: ["Date"], now: Math.ceil(Date.now() / (24 * HOUR_MS)) * 24 * HOUR_MS });
    for (let n = 0; n < 10; n++) {
      const people = Array.from({ length: n === 9 ? 99 : 100 }, () => someone());
      expect((await sendBatch(at, n % 2 === 0 ? tests : second, id, people)).status).toBe(207);
    }
    expect((await signVia(at, second, id)).status).toBe(202);
    const refused = await signVia(at, tests, id);
    expect([refused.status, refused.headers.get("RateLimit-Policy")]).toEqual([429, '"partner_tests";q=1000;w=86400']);
    const other = await keys();
    expect((await signVia(at, other.tests, id)).status).toBe(202);
  });

  test.each([
    ["a petition that is not there", {}, "pet_01936d9e-8c4b-7f00-9a51-0123deadbeef", 404],
    ["a body that is wrong", { email: "nobody" }, undefined, 400],
    ["a notice that there is not", { notices: { privacy: 99 } }, undefined, 400],
    ["a private address", { signer_address: "10.0.0.1" }, undefined, 400],
    ["a made-up supporter token", { supporter_token: "made-up" }, undefined, 422],
  ])("is refused as a live one is: %s", async (_, fields, absent, status) => {
    const { live, tests, id } = await keys();
    const neutral = async (key: string) => {
      const answer = await signVia(isolate, key, absent ?? id, fields);
      return { status: answer.status, text: (await answer.text()).replace(/"request_id":"[^"]+"/, "") };
    };
    const told = await neutral(tests);
    expect(told.status).toBe(status);
    expect(told).toEqual(await neutral(live));
  });

  test("is refused as a live one is: not open, paused, no database", async () => {
    const { tests, live, id } = await keys();
    const later = await openPetition({ opens_at: Date.now() + HOUR_MS });
    for (const key of [tests, live]) {
      expect((await signVia(isolate, key, later.id)).status).toBe(409);
      expect(await whilePaused("signing_paused", async (at) => (await signVia(at, key, id)).status)).toBe(503);
    }
    let down = false;
    const at = coldIsolate({ DB: faultyDatabase(() => down) });
    await signVia(at, tests, id);
    down = true;
    const answer = await signVia(at, tests, id);
    expect([answer.status, answer.headers.get("Retry-After")]).toEqual([503, "10"]);
  });

  test("has idempotency keys apart from live ones", async () => {
    const { live, tests, id } = await keys();
    const person = someone();
    const under = { "Idempotency-Key": "k" };
    const texts = [];
    for (const key of [tests, tests, live]) texts.push(await (await signVia(isolate, key, id, person, under)).text());
    expect([texts[0] === texts[1], texts[0] === texts[2]]).toEqual([true, false]);
    expect((await submissions(tests)).length).toBe(1);
  });
});

describe("the mail of a test", () => {
  test.each(["en", "de", "fr"])(
    "is the real one (%s), marked, and its link shows the usual pages, marked, and verifies the test",
    async (locale) => {
      const { tests, partner, id } = await keys();
      const person = someone({ locale, reference: "r-1" });
      await signVia(isolate, tests, id, person);
      const answer = await asPartner(isolate, tests, "GET", "/v1/partner/test-mails");
      const { data } = (await expectDocumentedAnswer("listTestMails", answer)) as { data: TestMail[] };
      const [mail] = data;
      if (!mail) throw new Error("no mail");
      const note = {
        en: "This is a test. Nothing is counted.",
        de: "Das ist ein Test. Nichts wird gezählt.",
        fr: "Ceci est un essai. Rien n’est compté.",
      }[locale] as string;
      for (const part of [mail.text, mail.html]) {
        for (const word of [note, partner.name, mail.code.slice(0, 3), pathOf(mail.links.verify)]) {
          expect(part.replaceAll("&#39;", "'").replaceAll("&amp;", "&")).toContain(word);
        }
      }
      expect(mail.to).toBe(person.email);
      // But for the mark it is what the person would get.
      const real = someone({ locale, name: person.name });
      await signVia(isolate, (await newKey(partner)).key, id, real);
      const sent = await nextMail(String(real.email));
      const neutral = (text: string) =>
        text
          .replace(/\/(v|w)\/[\w-]+/g, "/$1/T")
          .replace(/\d{3}.?\d{3}/g, "CODE")
          .replace(/^.*(test|Test|essai)[.: ].*\n+/m, "")
          // The page of the person's data is nobody's whom a partner has made up.
          .replace(/^.+\n\S+\/d\/\S+\n+/m, "");
      expect(neutral(mail.text)).toBe(neutral(sent.text));
      expect(mail.subject).toBe(sent.subject);
      expect([sent.text.includes("/d/"), `${mail.text}${mail.html}`.includes("/d/")]).toEqual([true, false]);

      const path = pathOf(mail.links.verify);
      for (let n = 0; n < 2; n++) expect(await (await isolate.fetch(path)).text()).toContain(note);
      expect(await submissions(tests)).toMatchObject([
        { status: "pending", reference: "r-1", test: true, signer: null },
      ]);
      const thanks = await isolate.fetch(path, { method: "POST" });
      expect([thanks.status, (await thanks.text()).includes(note)]).toEqual([200, true]);
      expect(await submissions(tests)).toMatchObject([
        { status: "verified", submission_id: mail.submission_id, test: true },
      ]);
      expect(await countOf(coldIsolate(), id)).toBe(0);
    },
  );

  test("has a code, which verifies the test by the usual form, and is not the code of a person's signature", async () => {
    const { tests, id } = await keys();
    const email = `c${crypto.randomUUID().slice(0, 12)}@example.org`;
    await sign(isolate, id, { email });
    const real = await nextMail(email);
    await signVia(isolate, tests, id, { email, consent: true });
    const [mail] = await mails(tests);
    const code = String(mail?.code);
    expect(real.text).not.toContain(code);
    const answer = await postJson(isolate, "/v1/verifications", { petition_id: id, email, code });
    expect(await expectDocumentedAnswer("verifySignature", answer)).toMatchObject({ test: true, signature_count: 0 });
    expect(await submissions(tests)).toMatchObject([{ status: "verified", signer: { email, postcode: null } }]);
    const states = await env.DB.prepare("SELECT state FROM signatures WHERE petition_no = ?")
      .bind(Number.parseInt(id.slice(-8), 16))
      .all();
    expect(states.results).toEqual([{ state: "pending" }]);
    const other = { petition_id: (await openPetition()).id, email, code };
    expect((await postJson(isolate, "/v1/verifications", other)).status).toBe(422);
  });

  test("has a link to withdraw, after which the test is forgotten; no token of one kind is one of another", async () => {
    const { tests, id } = await keys();
    await signVia(isolate, tests, id);
    const [mail] = await mails(tests);
    const path = pathOf(String(mail?.links.withdraw));
    expect(await (await isolate.fetch(path)).text()).toContain("This is a test");
    const answer = await postJson(isolate, "/v1/withdrawals", { token: tokenOf(path) });
    expect(await expectDocumentedAnswer("withdrawSignature", answer)).toMatchObject({
      test: true,
      status: "withdrawn",
    });
    expect(await submissions(tests)).toEqual([]);
    expect((await postJson(isolate, "/v1/verifications", { token: tokenOf(path) })).status).toBe(410);
    for (const purpose of ["verify", "withdraw", "supporter", "edit"] as const) {
      const token = await rootKeys.issueToken(purpose, new Uint8Array(20));
      expect((await isolate.fetch(`/v/${token}`)).status, purpose).toBe(422);
    }
  });
});

describe("tests and live signatures", () => {
  test("are never read with each other's keys, nor by another partner", async () => {
    const { live, tests, id, no } = await keys();
    const other = await keys();
    const [one, two] = [someone({ reference: "live" }), someone({ reference: "test" })];
    await signVia(isolate, live, id, one);
    await signVia(isolate, tests, id, two);
    await nextMail(String(one.email));
    expect((await submissions(live)).map(({ reference, test: mark }) => [reference, mark])).toEqual([
      ["live", undefined],
    ]);
    expect((await submissions(tests)).map(({ reference, test: mark }) => [reference, mark])).toEqual([["test", true]]);
    expect([await submissions(other.tests), await mails(other.tests)]).toEqual([[], []]);
    await read(live, "/v1/partner/test-mails", 404);
    await read(tests, "/v1/partner/counts", 404);
    await read(tests, "/v1/partner/webhooks", 404);
    expect(await env.DB.prepare("SELECT count(*) AS n FROM signatures WHERE petition_no = ?").bind(no).first("n")).toBe(
      1,
    );
  });

  test("of petitions that a key is not for are not read with it", async () => {
    const { partner, tests, id } = await keys();
    const { key: narrow } = await newKey(partner, { test: true, petitions: [(await openPetition()).id] });
    await signVia(isolate, tests, id);
    expect([
      (await submissions(tests)).length,
      (await submissions(narrow)).length,
      (await mails(narrow)).length,
    ]).toEqual([1, 0, 0]);
    expect(await submissions(tests, `?petition=${id}&status=pending`)).toHaveLength(1);
    expect(await submissions(tests, "?status=verified")).toEqual([]);
    expect(await submissions(tests, "?status=expired")).toEqual([]);
  });

  test("are told apart by the key's beginning, and by what it says of itself", async () => {
    const { tests, live, partner } = await keys();
    expect([tests.startsWith("fm_partner_test_"), live.startsWith("fm_partner_test_")]).toEqual([true, false]);
    expect(await read(tests, "/v1/partner/usage")).toMatchObject({ key: { test: true } });
    expect(await read(live, "/v1/partner/usage")).toMatchObject({ key: { test: false } });
    const { data } = (await (await asStaff(isolate, "GET", `/partners/${partner.id}/keys`)).json()) as {
      data: { id: string; test: boolean }[];
    };
    expect(data.map((key) => key.test).sort()).toEqual([false, true]);
    const kept = data.find((key) => key.test)?.id;
    const rotated = await asStaff(isolate, "POST", `/partners/${partner.id}/keys/${kept}/rotate`, { body: {} });
    expect((await rotated.json()) as object).toMatchObject({
      test: true,
      key: expect.stringMatching(/^fm_partner_test_/),
    });
    // A key's kind is part of it: it can't be changed by how it is written.
    for (const forged of [tests.replace("_test", ""), live.replace("fm_partner_", "fm_partner_test_")]) {
      await read(forged, "/v1/partner/usage", 401);
    }
  });

  test("come page by page, the newest first, and are gone after a day", async () => {
    const { tests, id } = await keys();
    const people = Array.from({ length: 5 }, (_, n) => someone({ reference: `r${n}` }));
    for (const person of people) await signVia(isolate, tests, id, person);
    const seen: string[] = [];
    let path: string | null = "/v1/partner/test-mails?limit=2";
    while (path) {
      const page: { data: TestMail[]; next_cursor: string | null } = await read(tests, path);
      seen.push(...page.data.map(({ to }) => to));
      path = page.next_cursor && `/v1/partner/test-mails?limit=2&cursor=${page.next_cursor}`;
    }
    expect(seen).toEqual(people.map(({ email }) => email).toReversed());
    const rows = () => env.DB.prepare("SELECT count(*) AS n FROM test_submissions").first<number>("n");
    const before = Number(await rows());
    await isolate.cron("17 * * * *");
    expect(await rows()).toBe(before);
    // An id is never smaller than the one before, and the clock of an earlier test stood at midnight.
    const last = await env.DB.prepare("SELECT max(hex(submission)) AS id FROM test_submissions").first<string>("id");
    const made = Number.parseInt(String(last).slice(0, 12), 16);
    vi.useFakeTimers({ toFake: ["Date"], now: made + 24 * HOUR_MS });
    expect((await mails(tests)).length).toBeGreaterThan(0);
    vi.setSystemTime(made + 24 * HOUR_MS + 1);
    expect(await mails(tests)).toEqual([]);
    await coldIsolate().cron("17 * * * *");
    expect(await rows()).toBe(0);
  });

  test("are sealed, and read no more once the petition's secret is destroyed", async () => {
    const { tests, id, no } = await keys();
    const person = someone({ name: "Ottilie Unmistakable" });
    await signVia(isolate, tests, id, person);
    const row = await env.DB.prepare("SELECT * FROM test_submissions WHERE petition_no = ?")
      .bind(no)
      .first<Record<string, unknown>>();
    const text = Object.values(row ?? {})
      .map((value) => (Array.isArray(value) ? String.fromCharCode(...(value as number[])) : String(value)))
      .join();
    expect(text).not.toMatch(/Ottilie|example\.org/);
    await env.DB.prepare("UPDATE petitions SET secret = NULL WHERE no = ?").bind(no).run();
    const answer = await asPartner(coldIsolate(), tests, "GET", "/v1/partner/test-mails");
    expect([answer.status, await answer.json()]).toEqual([200, { data: [], next_cursor: null }]);
  });
});
