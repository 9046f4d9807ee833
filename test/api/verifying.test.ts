import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { countingLimiter } from "../support/counting-limiter.ts";
import { coldIsolate, refusingQueue } from "../support/isolate.ts";
import { expectTalliesToEqualRecount } from "../support/recount.ts";
import {
  codeIn,
  countOf,
  freshAddress,
  freshEmail,
  linkIn,
  type Mail,
  mailsTo,
  nextMail,
  postJson,
  sign,
  tokenOf,
} from "../support/resident.ts";
import { foundTown, openPetition } from "../support/town.ts";

beforeAll(foundTown);

// Submissions go to the database directly, so that a test need not wait for a batch to fill.
const isolate = coldIsolate({ INTAKE: refusingQueue });
const HOUR = 3_600_000;

async function signed(
  petitionId: string,
  fields: Record<string, unknown> = {},
): Promise<{ mail: Mail; email: string }> {
  const email = String(fields.email ?? freshEmail());
  const before = (await mailsTo(email)).length;
  expect((await sign(isolate, petitionId, { ...fields, email })).status).toBe(202);
  return { email, mail: await nextMail(email, before + 1) };
}

const verify = (mail: Mail) => postJson(isolate, "/v1/verifications", { token: tokenOf(linkIn(mail, "v")) });
/** Presses the button of the page. */
const pressed = (at: ReturnType<typeof coldIsolate>, token: string, address: string) =>
  at.fetch(`/v/${token}`, { method: "POST", headers: { "CF-Connecting-IP": address } });
const withdraw = (mail: Mail) => postJson(isolate, "/v1/withdrawals", { token: tokenOf(linkIn(mail, "w")) });
const bodyOf = async (response: Response | Promise<Response>) =>
  (await (await response).json()) as Record<string, unknown>;
const liveCount = async (no: number) =>
  (await env.DB.prepare("SELECT verified FROM petition_tallies WHERE petition_no = ?")
    .bind(no)
    .first("verified")) as number;

describe("verifying", () => {
  test("counts once however often it is repeated, and at once", async () => {
    const { id, no } = await openPetition();
    const { mail } = await signed(id);
    const answers = await Promise.all(Array.from({ length: 8 }, () => verify(mail).then(bodyOf)));
    for (const answer of answers)
      expect(answer).toMatchObject({ status: "verified", signature_count: 1, petition_id: id });
    expect(await liveCount(no)).toBe(1);
    await expectTalliesToEqualRecount(no);
  });

  test("of a held or an invalidated signature reads like any other and moves no count", async () => {
    const { id, no } = await openPetition();
    const usual = await bodyOf(verify((await signed(id)).mail));
    const { mail: held } = await signed(id);
    await env.DB.prepare("UPDATE signatures SET hold = 'rate' WHERE petition_no = ? AND state = 'pending'")
      .bind(no)
      .run();
    const { mail: gone } = await signed(id);
    await env.DB.prepare(
      "UPDATE signatures SET state = 'invalidated', ended_at = 1 WHERE petition_no = ? AND state = 'pending' AND hold IS NULL",
    )
      .bind(no)
      .run();
    for (const mail of [held, held, gone, gone]) {
      const answer = await verify(mail);
      expect(answer.status).toBe(200);
      expect(await bodyOf(answer)).toEqual({ ...usual, signature_id: expect.stringMatching(/^sig_/) });
    }
    expect(await liveCount(no)).toBe(1);
    await expectTalliesToEqualRecount(no);
  });

  test("works for 24 hours after the petition has closed, then the count is final", async () => {
    const { id, no } = await openPetition();
    const { mail } = await signed(id);
    const { mail: late } = await signed(id);
    const { mail: counted } = await signed(id);
    await verify(counted);
    const closeAgo = (ms: number) =>
      env.DB.prepare("UPDATE petitions SET closes_at = ?1, ended_at = ?1, state = 'closed' WHERE no = ?2")
        .bind(Date.now() - ms, no)
        .run();
    await closeAgo(24 * HOUR - 60_000);
    expect((await verify(mail)).status).toBe(200);
    await closeAgo(24 * HOUR + 1_000);
    expect(await bodyOf(verify(late))).toMatchObject({ status: 409, code: "verification_closed" });
    expect((await verify(mail)).status).toBe(200);
    expect(await bodyOf(withdraw(mail))).toMatchObject({ status: 409, code: "petition_closed" });
    expect(await liveCount(no)).toBe(2);
  });

  test("of a rejected or hidden petition is closed", async () => {
    const { id, no } = await openPetition();
    const { mail } = await signed(id);
    await env.DB.prepare("UPDATE petitions SET state = 'hidden', rejection_code = 'libel' WHERE no = ?").bind(no).run();
    expect(await bodyOf(verify(mail))).toMatchObject({ code: "verification_closed" });
  });

  test("with a token for another purpose is refused", async () => {
    const { id } = await openPetition();
    const { mail } = await signed(id);
    const answer = await postJson(isolate, "/v1/verifications", { token: tokenOf(linkIn(mail, "w")) });
    expect(await bodyOf(answer)).toMatchObject({ code: "token_invalid" });
  });

  test("is limited to ten tries a minute from one address", async () => {
    const { id } = await openPetition();
    const { mail } = await signed(id);
    vi.useFakeTimers({ toFake: ["Date"], now: Math.floor(Date.now() / 60_000) * 60_000 + 30_000 }); // amid a window
    const address = freshAddress();
    const token = tokenOf(linkIn(mail, "v"));
    const statuses: number[] = [];
    for (let n = 0; n < 11; n++)
      statuses.push((await postJson(isolate, "/v1/verifications", { token }, address)).status);
    vi.useRealTimers();
    expect(statuses).toEqual([...Array(10).fill(200), 429]);
  });

  test("asks the limiter from an address's third try on, then of all of them; every code that is typed is asked about", async () => {
    const { id } = await openPetition();
    const { mail, email } = await signed(id);
    vi.useFakeTimers({ toFake: ["Date"], now: Math.floor(Date.now() / 60_000) * 60_000 + 30_000 }); // amid a window
    const counter = { calls: 0 };
    const fresh = coldIsolate({ LIMITER: countingLimiter(counter) });
    const [token, address] = [tokenOf(linkIn(mail, "v")), freshAddress()];
    const calls: number[] = [];
    for (let n = 0; n < 9; n++) {
      const before = counter.calls;
      await fresh.fetch(linkIn(mail, "v")); // looking is no try
      const answer = n % 2 ? postJson(fresh, "/v1/verifications", { token }, address) : pressed(fresh, token, address);
      expect((await answer).status).toBe(200);
      calls.push(counter.calls - before);
    }
    expect(calls).toEqual([0, 0, 1, 1, 1, 1, 1, 1, 1]);
    const before = counter.calls;
    await postJson(fresh, "/v1/verifications", { petition_id: id, email, code: "000000" }, freshAddress());
    expect(counter.calls - before).toBe(1);
    // Another isolate lets two pass that nobody knows of, and tells of them with the third: the minute's twelfth.
    const other = coldIsolate({});
    const statuses: number[] = [];
    for (let n = 0; n < 3; n++) statuses.push((await postJson(other, "/v1/verifications", { token }, address)).status);
    expect(statuses).toEqual([200, 200, 429]);
    vi.useRealTimers();
  });

  test("stays possible while the limiter is out of order; while the database is down it is a 503 and a kind page", async () => {
    const { id } = await openPetition();
    const { mail } = await signed(id);
    const down = coldIsolate({
      DB: new Proxy(env.DB, {
        get: (db, name) =>
          name === "batch" ? () => Promise.reject(new Error("SELECT secretive")) : Reflect.get(db, name).bind(db),
      }),
    });
    const answer = await postJson(down, "/v1/verifications", { token: tokenOf(linkIn(mail, "v")) });
    expect([answer.status, answer.headers.get("Retry-After")]).toEqual([503, "10"]);
    expect(await answer.text()).not.toContain("secretive");
    expect((await down.fetch(linkIn(mail, "v"))).status).toBe(200);
    const page = await down.fetch(linkIn(mail, "v"), { method: "POST" });
    expect([page.status, page.headers.get("Content-Type")]).toEqual([503, "text/html; charset=UTF-8"]);
    const broken = {
      idFromName: () => ({}),
      get: () => ({ count: () => Promise.reject(new Error("down")), forget: () => Promise.reject(new Error("down")) }),
    };
    const unlimited = coldIsolate({ LIMITER: broken });
    // The first tries do not ask the limiter.
    for (let n = 0; n < 4; n++)
      expect((await postJson(unlimited, "/v1/verifications", { token: tokenOf(linkIn(mail, "v")) })).status).toBe(200);
  });
});

test("by code is a 503 while the database hangs, not a fault of ours", async () => {
  const { id } = await openPetition();
  const DB = new Proxy(env.DB, {
    get: (db, name) => (name === "batch" ? () => new Promise(() => undefined) : Reflect.get(db, name).bind(db)),
  });
  const guess = { petition_id: id, email: freshEmail(), code: "000000" };
  const answer = await postJson(coldIsolate({ DB }), "/v1/verifications", guess);
  expect([answer.status, answer.headers.get("Retry-After")]).toEqual([503, "10"]);
});

describe("the typed code", () => {
  test("is tried five times; then only the link works, also when the mail was sent again", async () => {
    const { id, no } = await openPetition();
    const { mail, email } = await signed(id);
    const right = codeIn(mail);
    const wrong = right === "000000" ? "000001" : "000000";
    const guess = (code: string) => postJson(isolate, "/v1/verifications", { petition_id: id, email, code });
    for (let n = 0; n < 5; n++) expect(await bodyOf(guess(wrong))).toMatchObject({ code: "code_invalid" });
    await signed(id, { email });
    expect(await bodyOf(guess(right))).toMatchObject({ code: "code_invalid" });
    expect(await liveCount(no)).toBe(0);
    expect((await verify(mail)).status).toBe(200);
  });

  test("lets at most five of many parallel guesses through", async () => {
    const { id, no } = await openPetition();
    const { mail, email } = await signed(id);
    const right = codeIn(mail);
    const guesses = Array.from({ length: 30 }, (_, n) => String(n).padStart(6, "0")).filter((code) => code !== right);
    await Promise.all(guesses.map((code) => postJson(isolate, "/v1/verifications", { petition_id: id, email, code })));
    const attempts = await env.DB.prepare("SELECT attempts FROM code_attempts WHERE petition_no = ?")
      .bind(no)
      .first("attempts");
    expect(attempts).toBe(5);
  });

  test("reads the same for somebody who signed, somebody who did not, and a petition that is not there", async () => {
    const { id } = await openPetition();
    const { mail, email } = await signed(id);
    const wrong = codeIn(mail) === "000000" ? "000001" : "000000";
    const strip = async (answer: Promise<Response>) => ({ ...(await bodyOf(answer)), request_id: "" });
    const guess = (petition_id: string, address: string) =>
      strip(postJson(isolate, "/v1/verifications", { petition_id, email: address, code: wrong }));
    const known = await guess(id, email);
    expect(await guess(id, freshEmail())).toEqual(known);
    expect(await guess("pet_01936d9e-0000-7000-8000-000000000007", email)).toEqual(known);
  });

  test("belongs to one petition", async () => {
    const [one, other] = [await openPetition(), await openPetition()];
    const { mail, email } = await signed(one.id);
    await signed(other.id, { email });
    const answer = await postJson(isolate, "/v1/verifications", { petition_id: other.id, email, code: codeIn(mail) });
    expect(answer.status).toBe(422);
  });
});

describe("one person", () => {
  test("who signs again before verifying has one row and gets the mail again; after verifying, a notice", async () => {
    const { id, no } = await openPetition();
    const { email, mail } = await signed(id, {
      name: "Émile O'Brien-Roux",
      email: `Émile+x@Example.ORG`.replace("É", `e${Math.random()}`.replace(".", "")),
    });
    const again = await signed(id, { name: "emile obrien roux", email });
    // The second mail's link is as good as the first one's.
    const answer = await verify(mail);
    expect(await (await verify(again.mail)).json()).toEqual(await answer.json());
    const notice = await signed(id, { name: "EMILE O BRIEN ROUX", email });
    expect(notice.mail.text).not.toMatch(/\/v\//);
    expect(notice.mail.text).toMatch(/\/w\//);
    expect(await env.DB.prepare("SELECT count(*) AS n FROM signatures WHERE petition_no = ?").bind(no).first("n")).toBe(
      1,
    );
    expect(await liveCount(no)).toBe(1);
  });

  test("a notice goes to the address as it is stored, not as it was typed by whoever repeats", async () => {
    const { id } = await openPetition();
    const { email, mail } = await signed(id);
    await verify(mail);
    const alias = email.replace("@", "+spy@");
    await sign(isolate, id, { email: alias });
    await nextMail(email, 2);
    await nextMail(alias, 0);
  });

  test("a household is two names at one mailbox and postcode; a third name or another postcode is a repeat", async () => {
    const { id, no } = await openPetition();
    const { email, mail } = await signed(id, { name: "Mara Quill" });
    await verify(mail);
    const second = await signed(id, { email, name: "Jon Quill" });
    expect((await verify(second.mail)).status).toBe(200);
    expect(await liveCount(no)).toBe(2);
    for (const fields of [{ name: "Third Quill" }, { name: "Jon Quill", postcode: "BW1 2BB" }]) {
      const { mail: notice } = await signed(id, { email, ...fields });
      expect(notice.text).not.toMatch(/\/v\//);
    }
    const single = await openPetition();
    const first = await signed(single.id, { name: "Mara Quill" });
    await verify(first.mail);
    const elsewhere = await signed(single.id, { email: first.email, name: "Jon Quill", postcode: undefined });
    expect(elsewhere.mail.text).not.toMatch(/\/v\//);
    expect(await liveCount(single.no)).toBe(1);
  });

  test("nobody occupies an address with a false name: what is pending gives way to the newest submission", async () => {
    const { id, no } = await openPetition();
    const email = freshEmail();
    const fakes = [
      await signed(id, { email, name: "False One", postcode: "X1" }),
      await signed(id, { email, name: "False Two", postcode: "X1" }),
    ];
    const mine = await signed(id, { email, name: "Mara Quill" });
    expect((await verify(mine.mail)).status).toBe(200);
    for (const fake of fakes)
      expect(await bodyOf(verify(fake.mail))).toMatchObject({ status: 410, code: "signature_gone" });
    expect(await liveCount(no)).toBe(1);
    await expectTalliesToEqualRecount(no);
  });
});

describe("withdrawing", () => {
  test("takes the count back once, erases the personal data, and lets the person sign again", async () => {
    const { id, no } = await openPetition();
    const { mail, email } = await signed(id);
    await verify(mail);
    const answers = await Promise.all(Array.from({ length: 5 }, () => withdraw(mail).then(bodyOf)));
    for (const answer of answers)
      expect(answer).toMatchObject({ status: "withdrawn", petition_id: id, signature_count: 0 });
    const row = await env.DB.prepare("SELECT state, sealed FROM signatures WHERE petition_no = ?").bind(no).first();
    expect(row).toEqual({ state: "withdrawn", sealed: null });
    const goodbye = await nextMail(email, 2);
    expect(goodbye.text).toContain("Mara Quill");
    expect(await bodyOf(verify(mail))).toMatchObject({ status: 409, code: "signature_withdrawn" });
    expect(await countOf(coldIsolate(), id)).toBe(0);
    const again = await signed(id, { email });
    expect((await verify(again.mail)).status).toBe(200);
    expect(await liveCount(no)).toBe(1);
    await expectTalliesToEqualRecount(no);
  });
});

test("withdrawing leaves nothing personal behind: neither in the signature nor, once its mail is sent, in the outbox", async () => {
  const { id, no } = await openPetition();
  const { mail, email } = await signed(id, { channel: "poster" });
  await verify(mail);
  await withdraw(mail);
  await nextMail(email, 2);
  const row = await env.DB.prepare("SELECT * FROM signatures WHERE petition_no = ?").bind(no).first();
  for (const column of [
    "sealed",
    "postcode_hash",
    "address_hash",
    "network_hash",
    "domain_hash",
    "asn",
    "country",
    "area_code",
    "channel",
  ]) {
    expect(row?.[column], column).toBeNull();
  }
  await vi.waitFor(async () => {
    const jobs = await env.DB.prepare(
      "SELECT count(*) AS n FROM outbox WHERE kind = 'signature_withdrawn' AND sealed IS NOT NULL",
    ).first("n");
    expect(jobs).toBe(0);
  });
});

test("withdrawing an invalidated signature reads and erases like any other, and it stays invalidated", async () => {
  const { id, no } = await openPetition();
  const { mail, email } = await signed(id);
  await verify(mail);
  await env.DB.prepare("UPDATE signatures SET state = 'invalidated', ended_at = 1 WHERE petition_no = ?")
    .bind(no)
    .run();
  for (let time = 0; time < 2; time++) expect(await bodyOf(withdraw(mail))).toMatchObject({ status: "withdrawn" });
  await nextMail(email, 2);
  expect(await env.DB.prepare("SELECT state, sealed FROM signatures WHERE petition_no = ?").bind(no).first()).toEqual({
    state: "invalidated",
    sealed: null,
  });
  expect(await bodyOf(verify(mail))).toMatchObject({ code: "signature_withdrawn" });
  const again = await signed(id, { email });
  expect(await bodyOf(verify(again.mail))).toMatchObject({ status: "verified", signature_count: 0 });
  await expectTalliesToEqualRecount(no);
});

test("a hidden petition's title is on no page", async () => {
  const { id, no } = await openPetition({ title: "Something libellous" });
  const { mail } = await signed(id);
  expect(await (await isolate.fetch(linkIn(mail, "v"))).text()).toContain("libellous");
  await env.DB.prepare("UPDATE petitions SET state = 'hidden', rejection_code = 'libel' WHERE no = ?").bind(no).run();
  for (const kind of ["v", "w"] as const) {
    expect(await (await coldIsolate().fetch(linkIn(mail, kind))).text()).not.toContain("libellous");
  }
});

test("pages keep to their policy, are not cached, give no referrer, and speak the language of the mail", async () => {
  const { id } = await openPetition({ title: `"><script>alert(1)</script>` });
  const { mail } = await signed(id, { locale: "fr" });
  for (const path of [linkIn(mail, "v"), linkIn(mail, "w"), `/v?petition=${id}`, "/v/broken"]) {
    const page = await isolate.fetch(path, { headers: { "Accept-Language": "fr" } });
    const html = await page.text();
    expect(page.headers.get("Content-Security-Policy")).toBe(
      "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    expect(page.headers.get("Referrer-Policy")).toBe("no-referrer");
    expect(page.headers.get("Cache-Control")).toBe("no-store");
    expect(html).toContain('<html lang="fr" dir="ltr">');
    expect(html).not.toMatch(/<script|style=|src="http/);
  }
  expect(mail.html).not.toContain("<script>");
});
