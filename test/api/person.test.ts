import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { signatures } from "../../src/db/schema.ts";
import { TOLD_AS } from "../../src/privacy/person/person.ts";
import { submitted, verify as verifyCreator } from "../support/creator.ts";
import { signatureIds } from "../support/crowd.ts";
import { coldIsolate, faultyDatabase } from "../support/isolate.ts";
import { act, ended, page, rowsOf, type Signed, signer } from "../support/person.ts";
import { expectTalliesToEqualRecount } from "../support/recount.ts";
import { freshEmail, linkIn, mailsTo, nextMail, postJson, sign, tokenOf } from "../support/resident.ts";
import { actsOn, asStaff } from "../support/staff.ts";
import { foundTown, openPetition } from "../support/town.ts";

const isolate = coldIsolate();

beforeAll(foundTown);

const countOf = async (no: number): Promise<number> =>
  (await env.DB.prepare("SELECT verified FROM petition_tallies WHERE petition_no = ?")
    .bind(no)
    .first<number>("verified")) as number;

const dataOf = async ({ person }: Signed) => (await act("person-data", { token: person })).body.signature;

/** What staff may have done to a signature that its person must not notice. */
const SECRETLY: Record<string, string> = {
  held: "UPDATE signatures SET hold = 'rate' WHERE petition_no = ?",
  "taken out":
    "UPDATE signatures SET state = 'invalidated', ended_at = 1, invalidated_reason = 'bots' WHERE petition_no = ?",
};

describe("seeing what is held", () => {
  test("the link stands in the verification mail, the notice and the confirmation, and shows all of it", async () => {
    const one = await signer({ name: "Mara Quill", country: "GB", channel: "poster", updates: true, locale: "de" });
    const signature = await dataOf(one);
    expect(signature).toMatchObject({
      ...{ name: "Mara Quill", email: one.email, postcode: "BW1 1AA", area: "north", country: "GB", channel: "poster" },
      ...{ state: "verified", updates: true, locale: "de", role: "signer", assurance: "email", corrected_names: 0 },
      digests: ["email", "person", "postcode", "address", "network", "domain"],
    });
    const { kept_until } = signature as { kept_until: string };
    // Six months after the petition's end, which is in a month.
    expect(new Date(kept_until).getTime()).toBeGreaterThan(Date.now() + 200 * 86_400_000);
    await sign(isolate, one.petition.id, { email: one.email, name: "Mara Quill" });
    expect(tokenOf(linkIn(await nextMail(one.email, 2), "d"))).toBe(one.person);
    await postJson(isolate, "/v1/withdrawals", { token: one.withdraw });
    expect(tokenOf(linkIn(await nextMail(one.email, 3), "d"))).toBe(one.person);
  });

  test("no column of a signature is forgotten: each has its field, or its reason not to be told", async () => {
    const { results } = await env.DB.prepare("SELECT name FROM pragma_table_xinfo('signatures')").all();
    const columns = Object.fromEntries(
      Object.entries(TOLD_AS).map(([name, field]) => [signatures[name as keyof typeof TOLD_AS].name, field]),
    );
    // Computed from two columns that are told.
    expect(Object.keys(columns).sort()).toEqual(
      results
        .map(({ name }) => name)
        .filter((n) => n !== "verify_step")
        .sort(),
    );
    const untold = Object.entries(columns).flatMap(([name, field]) => (field === null ? [name] : []));
    expect(untold.sort()).toEqual(["ended_at", "hold", "invalidated_reason", "invalidation"]);
    const one = await signer();
    const signature = (await dataOf(one)) as Record<string, unknown>;
    for (const field of Object.values(columns)) if (field !== null) expect(signature).toHaveProperty(field);
    const stored = (await rowsOf(one.petition.no))[0] as Record<string, unknown>;
    const told = JSON.stringify(signature);
    for (const column of ["verified_hour", "area_code", "locale", "privacy_version", "role"])
      expect(told, column).toContain(String(stored[column]));
  });

  test("the page says the same, in each language, and GET changes nothing however often it comes", async () => {
    const one = await signer({ name: "Mara Quill" });
    const before = await rowsOf(one.petition.no);
    for (const [lang, title] of [
      ["en", "Your data in this petition"],
      ["de", "Ihre Daten in dieser Petition"],
      ["fr", "Vos données dans cette pétition"],
    ]) {
      const { status, html, answer } = await page(one.person, undefined, `?lang=${lang}`);
      expect(status).toBe(200);
      for (const text of [title, "Mara Quill", one.email, "BW1 1AA", "/v1/notices/privacy/1", "Benches for the market"])
        expect(html).toContain(text);
      expect(answer.headers.get("Cache-Control")).toBe("no-store");
    }
    expect(await rowsOf(one.petition.no)).toEqual(before);
  });

  test("the download is a file with what the API says", async () => {
    const one = await signer();
    const { answer } = await page(one.person, { act: "download" });
    expect(answer.headers.get("Content-Disposition")).toBe('attachment; filename="petition-data.json"');
    expect(await answer.json()).toEqual((await act("person-data", { token: one.person })).body);
  });

  test.each(Object.keys(SECRETLY))("one that is %s reads like any other", async (what) => {
    for (const verified of [true, false]) {
      const one = await signer({}, { verified });
      const before = await act("person-data", { token: one.person });
      const shown = (await page(one.person)).html;
      await env.DB.prepare(SECRETLY[what] as string)
        .bind(one.petition.no)
        .run();
      expect(await act("person-data", { token: one.person })).toEqual(before);
      expect((await page(one.person)).html).toBe(shown);
    }
  });

  test("a hidden petition's title is not shown, not in a mail either; the data is", async () => {
    const one = await signer();
    await ended(one.petition.no, 0, "hidden");
    const { body } = await act("person-data", { token: one.person });
    expect(body).toMatchObject({ petition_title: null, signature: { email: one.email } });
    expect((await page(one.person)).html).not.toContain("Benches for the market");
    await postJson(coldIsolate(), "/v1/data-requests", { petition_id: one.petition.id, email: one.email });
    expect((await nextMail(one.email, 2)).text).not.toContain("Benches");
  });

  test("the page says after how many days the digests of a computer go, as it is set", async () => {
    const one = await signer();
    const shown = async (overrides = {}) => (await coldIsolate(overrides).fetch(`/d/${one.person}`)).text();
    expect(await shown()).toContain("deleted after 30 days");
    expect(await shown({ ADDRESS_DAYS: "12" })).toContain("deleted after 12 days");
  });

  test("a token for something else, or made up, opens nothing and does not ask the database", async () => {
    const one = await signer();
    const DB = faultyDatabase(() => true);
    for (const token of [one.verify, one.withdraw, "made-up", `${one.person}x`, ""])
      for (const name of ["person-data", "erasures"] as const)
        expect((await postJson(coldIsolate({ DB }), `/v1/${name}`, { token })).status).toBe(422);
    expect((await page(one.withdraw)).status).toBe(422);
  });

  test("while the database is down it asks to come again, and logs no token", async () => {
    const one = await signer();
    const lines: string[] = [];
    const spy = vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
    const down = coldIsolate({ DB: faultyDatabase(() => true) });
    const answer = await down.fetch(`/d/${one.person}`);
    expect([answer.status, answer.headers.get("Retry-After")]).toEqual([503, "10"]);
    for (const name of ["person-data", "erasures"])
      expect((await postJson(down, `/v1/${name}`, { token: one.person })).status).toBe(503);
    spy.mockRestore();
    expect(lines.join()).toContain("/d/:token");
    for (const secret of [one.person, one.email, "Mara"]) expect(lines.join()).not.toContain(secret);
  });
});

describe("asking for the link", () => {
  const ask = (petition_id: string, email: string, at = coldIsolate()) =>
    postJson(at, "/v1/data-requests", { petition_id, email });

  test("the answer is the same whoever asks and whatever petition; mail goes to the stored address, once an hour", async () => {
    const email = freshEmail();
    const typed = email.replace("r", "R");
    const one = await signer({ email: typed, name: "Mara Quill" });
    const other = await signer({ email: typed, name: "Jon Quill" }, { petition: one.petition });
    const answers = [];
    for (const [id, address] of [
      [one.petition.id, email],
      [one.petition.id, email.replace("@", "+tag@")],
      [one.petition.id, freshEmail()],
      ["pet_01936d9e-8c4b-7f00-9a51-0123deadbeef", email],
    ]) {
      const answer = await ask(id as string, address as string);
      answers.push([answer.status, await answer.text(), [...answer.headers]]);
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]?.slice(0, 2)).toEqual([202, '{"status":"accepted"}']);
    const mail = await nextMail(typed, 3);
    const tokens = [...mail.text.matchAll(/\/d\/([^?\s]+)/g)].map(([, token]) => token);
    expect(tokens).toEqual([one.person, other.person]);
    expect(mail.text).toContain("Jon Quill");
    expect(mail.headers).toMatchObject({ "Auto-Submitted": "auto-generated" });
    const { results } = await env.DB.prepare("SELECT items FROM outbox WHERE kind = 'person_links'").all();
    expect(JSON.stringify(results)).not.toContain("@");
    // A job for each mailbox and petition, whether or not anything is held.
    expect(results.filter(({ items }) => String(items).includes("deadbeef"))).toHaveLength(1);
    expect(await mailsTo(typed)).toHaveLength(3);
  });

  test("for each address the database does the same work", async () => {
    const one = await signer();
    const cost = async (id: string, email: string) => {
      const at = coldIsolate();
      const lines: string[] = [];
      const spy = vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
      await ask(id, email, at);
      spy.mockRestore();
      const { d1_calls, d1_rows_written } = JSON.parse(lines.find((line) => line.includes("data-requests")) ?? "{}");
      return { d1_calls, d1_rows_written };
    };
    const absent = "pet_01936d9e-8c4b-7f00-9a51-0123deadbeef";
    const [held, none, nowhere] = [
      await cost(one.petition.id, one.email),
      await cost(one.petition.id, freshEmail()),
      await cost(absent, freshEmail()),
    ];
    expect(none).toEqual(held);
    expect(nowhere).toEqual(held);
    expect(held.d1_rows_written).toBeGreaterThan(0);
  });

  test("too many from one address are refused, and a mailbox gets no more mail than strangers may cause", async () => {
    const one = await signer();
    const asks = [];
    for (let time = 0; time < 7; time++)
      asks.push(
        (
          await postJson(
            isolate,
            "/v1/data-requests",
            { petition_id: one.petition.id, email: freshEmail() },
            "192.0.2.77",
          )
        ).status,
      );
    expect(asks.filter((status) => status === 429).length).toBeGreaterThan(0);
    // Verifying has forgotten the first mail: five more may come in a day, over all petitions, and the link waits.
    for (let nth = 0; nth < 5; nth++) await signer({ email: one.email }, { verified: false });
    await ask(one.petition.id, one.email);
    const item = `${one.petition.no.toString(16).padStart(8, "0")}:`;
    const waiting = () =>
      env.DB.prepare(
        "SELECT sum(state = 'waiting' AND due_at > created_at + 60000) AS waits FROM outbox WHERE kind = 'person_links' AND items LIKE ?",
      )
        .bind(`%${item}%`)
        .first("waits");
    await expect.poll(waiting, { timeout: 10_000 }).toBe(1);
    expect(await mailsTo(one.email)).toHaveLength(6);
  });

  test("the page asks for an address, says the same to everybody, and repeats nothing that was typed", async () => {
    const { id } = await openPetition();
    const get = await coldIsolate().fetch(`/d?petition=${id}&lang=fr`);
    expect(await get.text()).toContain(`value="${id}"`);
    expect((await coldIsolate().fetch("/d?petition=pet_none")).status).toBe(422);
    const post = (email: string) =>
      coldIsolate().fetch("/d?lang=en", {
        method: "POST",
        body: new URLSearchParams({ petition_id: id, email }),
        headers: { "Content-Type": "application/x-www-form-urlencoded", "CF-Connecting-IP": "2001:db8:77::1" },
      });
    const sent = await post("nobody@example.org");
    expect([sent.status, await sent.text()]).toEqual([200, expect.stringContaining("look into your mailbox")]);
    const wrong = await post("no address <b>");
    expect(wrong.status).toBe(422);
    expect(await wrong.text()).not.toContain("no address");
  });
});

describe("correcting the name", () => {
  test("changes the name and nothing else: count, state, links and code stay, and it is in the audit log", async () => {
    const one = await signer({ name: "Mara Quil" });
    const [before] = await rowsOf(one.petition.no);
    expect(await act("corrections", { token: one.person, name: "  Mara Quill " })).toMatchObject({ status: 200 });
    expect(await dataOf(one)).toMatchObject({
      name: "Mara Quill",
      email: one.email,
      postcode: "BW1 1AA",
      corrected_names: 1,
    });
    const [after] = await rowsOf(one.petition.no);
    expect({ ...after, sealed: 0, other_names: 0 }).toEqual({ ...before, sealed: 0, other_names: 0 });
    expect(await countOf(one.petition.no)).toBe(1);
    await expectTalliesToEqualRecount(one.petition.no);
    const entry = (await actsOn(one.petition.id)).find(({ act: name }) => name === "signature.correct_name");
    expect(entry).toMatchObject({ actor: "signer", role: null, reason: null });
    expect(JSON.stringify(entry)).not.toMatch(/mara|quill|@/i);
    expect((await postJson(isolate, "/v1/verifications", { token: one.verify })).status).toBe(200);
    const csv = await (
      await asStaff(isolate, "GET", `/petitions/${one.petition.id}/signatures/export?reason=x`)
    ).text();
    expect(csv).toContain("Mara Quill");
    expect((await postJson(isolate, "/v1/withdrawals", { token: one.withdraw })).status).toBe(200);
  });

  test("who signs again under the new name, or the old one, gets the notice and counts once", async () => {
    const one = await signer({ name: "Mara Quil" });
    await act("corrections", { token: one.person, name: "Mara Quill" });
    for (const [nth, name] of ["Mara Quill", "MARA  QUILL", "Mara Quil"].entries()) {
      await sign(isolate, one.petition.id, { email: one.email, name });
      expect((await nextMail(one.email, nth + 2)).subject).toContain("You have already signed");
    }
    expect(await rowsOf(one.petition.no)).toHaveLength(1);
    // The household's second name is another person still, and there is no third.
    await signer({ email: one.email, name: "Jon Quill" }, { petition: one.petition });
    expect(await countOf(one.petition.no)).toBe(2);
    expect(await rowsOf(one.petition.no)).toHaveLength(2);
  });

  test("one that waits is verified by its own link, whoever signs under the new name meanwhile", async () => {
    const one = await signer({ name: "Mara Quil" }, { verified: false });
    await act("corrections", { token: one.person, name: "Mara Quill" });
    await sign(isolate, one.petition.id, { email: one.email, name: "Mara Quill" });
    const again = await nextMail(one.email, 2);
    expect(again.subject).toContain("Please confirm");
    await postJson(isolate, "/v1/verifications", { token: tokenOf(linkIn(again, "v")) });
    await postJson(isolate, "/v1/verifications", { token: one.verify });
    expect(await countOf(one.petition.no)).toBe(1);
    await expectTalliesToEqualRecount(one.petition.no);
  });

  test("a name that another signature of the mailbox has is refused; one that nobody verified gives way", async () => {
    const one = await signer({ name: "Mara Quill" });
    const two = await signer({ email: one.email, name: "Jon Quill" }, { petition: one.petition });
    const taken = await act("corrections", { token: two.person, name: "mara quill" });
    expect(taken).toMatchObject({ status: 409, body: { code: "name_taken" } });
    // Neither can it be had by the name that the other corrected theirs to.
    await act("corrections", { token: one.person, name: "Mara Quillen" });
    expect((await act("corrections", { token: two.person, name: "Mara Quillen" })).status).toBe(409);
    expect((await actsOn(one.petition.id)).filter(({ act: name }) => name === "signature.correct_name")).toHaveLength(
      1,
    );
    expect(await countOf(one.petition.no)).toBe(2);

    const three = await signer({ name: "Mara Quill" });
    const waiting = await signer(
      { email: three.email, name: "Jo Quill" },
      { petition: three.petition, verified: false },
    );
    expect((await act("corrections", { token: three.person, name: "Jo Quill" })).status).toBe(200);
    expect(await rowsOf(three.petition.no)).toHaveLength(1);
    expect((await postJson(isolate, "/v1/verifications", { token: waiting.verify })).status).toBe(410);
    await expectTalliesToEqualRecount(three.petition.no);
  });

  test("one that staff have taken out keeps its name to itself, and none comes back beside itself", async () => {
    const one = await signer({ name: "Mara Quill" });
    const two = await signer({ email: one.email, name: "Jon Quill" }, { petition: one.petition });
    const [, id] = [0, (await signatureIds(one.petition.no, "1"))[0] as string];
    const outcome = await asStaff(isolate, "POST", `/signatures/${id}/invalidate`, { body: { reason: "bots" } });
    expect(outcome.status).toBe(200);
    for (const [from, to] of [
      [one, "Jon Quill"],
      [two, "Mara Quill"],
    ] as const)
      expect((await act("corrections", { token: from.person, name: to })).body).toMatchObject({ code: "name_taken" });
  });

  test("bad names are refused as in the form, five names are enough, and what is gone has none", async () => {
    const one = await signer({ name: "Mara" });
    for (const name of ["", " ", "=1+1", "see https://x.example", "a\u0000b", "x".repeat(256), 7])
      expect((await act("corrections", { token: one.person, name })).status).toBe(400);
    for (let nth = 0; nth < 5; nth++)
      expect((await act("corrections", { token: one.person, name: `Mara ${nth}` })).status).toBe(200);
    expect(await act("corrections", { token: one.person, name: "Mara 9" })).toMatchObject({
      status: 409,
      body: { code: "name_fixed" },
    });
    // Back to any of them, or in another spelling, costs nothing.
    for (const name of ["MARA", "Mara 2", "Mára 3"])
      expect((await act("corrections", { token: one.person, name })).status).toBe(200);
    expect(await dataOf(one)).toMatchObject({ name: "Mára 3", corrected_names: 5 });
    await act("erasures", { token: one.person });
    expect((await act("corrections", { token: one.person, name: "Mara" })).body).toMatchObject({
      code: "signature_gone",
    });
  });

  test("ten at once: one name stays, and nothing is counted twice", async () => {
    const one = await signer({ name: "Mara" });
    const names = Array.from({ length: 5 }, (_, nth) => `Mara ${nth}`);
    const answers = await Promise.all(
      [...names, ...names].map((name) => act("corrections", { token: one.person, name })),
    );
    for (const { status } of answers) expect([200, 409, 503]).toContain(status);
    const [row] = await rowsOf(one.petition.no);
    const held = String(row?.other_names).split(" ");
    expect(new Set(held).size).toBe(held.length);
    expect(await countOf(one.petition.no)).toBe(1);
  });

  test("the page corrects it too, and says what is wrong in the reader's language", async () => {
    const one = await signer({ name: "Mara Quil" });
    const done = await page(one.person, { act: "correct", name: "Mara Quill" }, "?lang=de");
    expect([done.status, done.html]).toEqual([200, expect.stringContaining("Ihr Name ist berichtigt.")]);
    const wrong = await page(one.person, { act: "correct", name: "=1" }, "?lang=fr");
    expect([wrong.status, wrong.html]).toEqual([422, expect.stringContaining('role="alert"')]);
    expect((await page(one.person, { act: "nothing" })).status).toBe(422);
  });
});

describe("erasing", () => {
  const PERSONAL = [
    "sealed",
    "postcode_hash",
    "address_hash",
    "network_hash",
    "domain_hash",
    "asn",
    "country",
    "mail_trouble",
  ];

  test("while the count may move the signature goes, the count with it, and who erased may sign again", async () => {
    const one = await signer({ name: "Mara Quill" });
    await act("corrections", { token: one.person, name: "Mara Q" });
    expect(await act("erasures", { token: one.person })).toEqual({
      status: 200,
      body: { status: "erased", petition_id: one.petition.id },
    });
    const [row] = await rowsOf(one.petition.no);
    expect(row).toMatchObject({ state: "withdrawn", other_names: null, area_code: null });
    for (const column of PERSONAL) expect(row?.[column], column).toBe(null);
    expect(await countOf(one.petition.no)).toBe(0);
    expect((await nextMail(one.email, 2)).subject).toContain("withdrawn");
    expect(await act("person-data", { token: one.person })).toMatchObject({ status: 200, body: { signature: null } });
    expect(await act("erasures", { token: one.person })).toMatchObject({ status: 200 });
    expect((await page(one.person)).html).toContain("We hold no data about you here");
    const entries = (await actsOn(one.petition.id)).filter(({ act: name }) => name === "signature.erase");
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({ actor: "signer", after: null });
    const again = await signer({ email: one.email, name: "Mara Quill" }, { petition: one.petition });
    expect(await countOf(one.petition.no)).toBe(1);
    expect(await dataOf(again)).toMatchObject({ name: "Mara Quill", corrected_names: 0 });
    await expectTalliesToEqualRecount(one.petition.no);
  });

  test("once the count is final the data goes and the count stays; opened again, the person has signed", async () => {
    const one = await signer({ name: "Mara Quil", channel: "poster" });
    await act("corrections", { token: one.person, name: "Mara Quill" });
    await ended(one.petition.no, 25);
    expect((await postJson(coldIsolate(), "/v1/withdrawals", { token: one.withdraw })).status).toBe(409);
    expect((await act("erasures", { token: one.person })).status).toBe(200);
    const [row] = await rowsOf(one.petition.no);
    expect(row).toMatchObject({ state: "verified", area_code: "north", channel: "poster" });
    for (const column of PERSONAL) expect(row?.[column], column).toBe(null);
    expect(await countOf(one.petition.no)).toBe(1);
    const mail = await nextMail(one.email, 2);
    expect(mail.subject).toContain("erased");
    expect(mail.text).toContain("cannot sign it a second time");
    const { results } = await env.DB.prepare("SELECT sealed FROM outbox WHERE kind = 'signature_erased'").all();
    expect(results.every(({ sealed }) => sealed === null)).toBe(true);
    await env.DB.prepare("UPDATE petitions SET state = 'open', ended_at = NULL, closes_at = ? WHERE no = ?")
      .bind(Date.now() + 9e8, one.petition.no)
      .run();
    for (const name of ["Mara Quil", "Mara Quill"])
      await sign(coldIsolate(), one.petition.id, { email: one.email, name });
    await sign(coldIsolate(), one.petition.id, { email: freshEmail() });
    await expect.poll(async () => (await rowsOf(one.petition.no)).length, { timeout: 10_000 }).toBe(2);
    expect(await countOf(one.petition.no)).toBe(1);
    await expectTalliesToEqualRecount(one.petition.no);
  });

  test("23 hours after the end it still counts back, and 25 hours after no more", async () => {
    for (const [hours, count] of [
      [23, 0],
      [25, 1],
    ] as const) {
      const one = await signer();
      await ended(one.petition.no, hours);
      await act("erasures", { token: one.person });
      expect(await countOf(one.petition.no), `${hours} h`).toBe(count);
    }
  });

  test("what nobody verified is deleted, whatever the petition's state", async () => {
    for (const hours of [null, 25]) {
      const one = await signer({}, { verified: false });
      if (hours !== null) await ended(one.petition.no, hours);
      await act("erasures", { token: one.person });
      expect(await rowsOf(one.petition.no)).toEqual([]);
      expect((await page(one.person)).status).toBe(200);
      expect((await postJson(coldIsolate(), "/v1/verifications", { token: one.verify })).status).toBe(410);
      await expectTalliesToEqualRecount(one.petition.no);
    }
  });

  test("signers of a hidden petition may erase and withdraw, and no mail about it says what it was", async () => {
    for (const how of ["erasures", "withdrawals"] as const) {
      const one = await signer();
      await ended(one.petition.no, 100, "hidden");
      const token = how === "erasures" ? one.person : one.withdraw;
      expect((await postJson(coldIsolate(), `/v1/${how}`, { token })).status).toBe(200);
      expect((await rowsOf(one.petition.no))[0]).toMatchObject({ state: "withdrawn", sealed: null });
      expect(await countOf(one.petition.no)).toBe(0);
      const mail = await nextMail(one.email, 2);
      expect(mail.subject + mail.text + mail.html).not.toContain("Benches");
    }
  });

  test.each(Object.keys(SECRETLY))("one that is %s erases like any other, before the end and after", async (what) => {
    for (const hours of [null, 25]) {
      const [plain, secret] = [await signer(), await signer()];
      await env.DB.prepare(SECRETLY[what] as string)
        .bind(secret.petition.no)
        .run();
      const seen = [];
      for (const one of [plain, secret]) {
        if (hours !== null) await ended(one.petition.no, hours);
        const { status } = await act("erasures", { token: one.person });
        const mail = await nextMail(one.email, 2);
        const verified = await postJson(coldIsolate(), "/v1/verifications", { token: one.verify });
        const withdrawn = await postJson(coldIsolate(), "/v1/withdrawals", { token: one.withdraw });
        seen.push([status, mail.subject, (await page(one.person)).html, verified.status, withdrawn.status]);
        for (const row of await rowsOf(one.petition.no)) expect(row.sealed).toBe(null);
      }
      expect(seen[1]).toEqual(seen[0]);
      await expectTalliesToEqualRecount(secret.petition.no);
    }
  });

  test("an undo gives back as counted what erased its data after the end, and as withdrawn what did before", async () => {
    for (const [hours, state] of [
      [25, "verified"],
      [null, "withdrawn"],
    ] as const) {
      const one = await signer();
      const [id] = await signatureIds(one.petition.no);
      const taken = await asStaff(isolate, "POST", `/signatures/${id}/invalidate`, { body: { reason: "bots" } });
      const { invalidation_id } = (await taken.json()) as { invalidation_id: string };
      if (hours !== null) await ended(one.petition.no, hours);
      await act("erasures", { token: one.person });
      await asStaff(coldIsolate(), "POST", `/invalidations/${invalidation_id}/undo`, { body: {} });
      await expect.poll(async () => (await rowsOf(one.petition.no))[0]?.state, { timeout: 10_000 }).toBe(state);
      await expectTalliesToEqualRecount(one.petition.no);
    }
  });

  test("during an export the person is absent from what is not read yet, and listed as erased", async () => {
    const one = await signer({ name: "Mara Quill" });
    await env.DB.prepare(
      `INSERT INTO signatures (petition_no, email_hash, person_hash, submission, state, locale, accepted_at, verified_at, verified_hour)
       WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
       SELECT ?, unhex(printf('00%014x', i)), i, randomblob(16), 'verified', 'en', i, i, '2026-11-23T12' FROM n`,
    )
      .bind(one.petition.no)
      .run();
    const path = `/petitions/${one.petition.id}/signatures/export?reason=x&format=ndjson`;
    const whole = await (await asStaff(isolate, "GET", path)).text();
    expect(whole.lastIndexOf("Mara Quill")).toBeGreaterThan(0);
    const answer = await new Promise<Response>((done) => asStaff(isolate, "GET", path).then(done));
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    let text = new TextDecoder().decode((await reader.read()).value);
    expect(text).not.toContain("Mara Quill");
    await act("erasures", { token: one.person });
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      text += new TextDecoder().decode(value);
    }
    expect(text).not.toContain("Mara Quill");
    const [id] = await signatureIds(one.petition.no, "state = 'withdrawn'");
    const last = text.split("\n").map((line) => (line === "" ? {} : JSON.parse(line)));
    expect(last.find((record) => record.id === id)).toMatchObject({
      personal_data: "erased",
      name: null,
      state: "withdrawn",
    });
  });

  test("a mail that was still to go does not go", async () => {
    const MAIL = { send: async () => {}, sendBatch: async () => {} };
    const held = coldIsolate({ MAIL });
    const { id, no } = await openPetition();
    const email = freshEmail();
    await sign(isolate, id, { email });
    const mail = await nextMail(email);
    await postJson(held, "/v1/data-requests", { petition_id: id, email });
    await act("erasures", { token: tokenOf(linkIn(mail, "d")) });
    const job = await env.DB.prepare("SELECT id FROM outbox WHERE kind = 'person_links' AND items LIKE ?")
      .bind(`%${no.toString(16).padStart(8, "0")}:%`)
      .first<string>("id");
    expect(await coldIsolate().deliver("mail", [{ v: 1, job_id: job }])).toEqual([]);
    expect(await mailsTo(email)).toHaveLength(1);
  });

  test("the page erases too", async () => {
    const one = await signer();
    const { status, html } = await page(one.person, { act: "erase" });
    expect(status).toBe(200);
    expect(html).toContain("Your data has been erased.");
    expect(html).not.toContain(one.email);
    expect(await countOf(one.petition.no)).toBe(0);
  });

  test("a creator sees what they created, may correct the name, and erase it: the petition stays", async () => {
    const draft = await submitted(isolate);
    const [creator] = await rowsOf(draft.no);
    expect(creator?.role).toBe("creator");
    await verifyCreator(isolate, tokenOf(linkIn(draft.mail, "v")));
    const token = tokenOf(linkIn(draft.mail, "d"));
    expect((await page(token)).html).toContain("you created this petition");
    expect((await act("corrections", { token, name: "Bran B. Brinewell" })).status).toBe(200);
    expect((await act("erasures", { token })).status).toBe(200);
    expect((await rowsOf(draft.no))[0]).toMatchObject({ state: "withdrawn", sealed: null });
    const state = await env.DB.prepare("SELECT state FROM petitions WHERE no = ?").bind(draft.no).first("state");
    expect(state).toBe("gathering");
  });
});

describe("a mailbox can't be probed for what staff have taken out", () => {
  test.each(["verified", "taken out"])(
    "a third name, and the same person again, get the notice when the two are %s",
    async (what) => {
      const one = await signer({ name: "Mara Quill" });
      await signer({ email: one.email, name: "Jon Quill" }, { petition: one.petition });
      if (what === "taken out")
        await env.DB.prepare(SECRETLY["taken out"] as string)
          .bind(one.petition.no)
          .run();
      for (const [nth, fields] of [
        { name: "Third Quill" },
        { name: "Third Quill", postcode: "BW1 2BB" },
        { name: "Mara Quill" },
      ].entries()) {
        await sign(isolate, one.petition.id, { email: one.email, ...fields });
        expect((await nextMail(one.email, nth + 3)).subject).toContain("You have already signed");
      }
      expect(await rowsOf(one.petition.no)).toHaveLength(2);
      await expectTalliesToEqualRecount(one.petition.no);
    },
  );

  test("another household than the one that was taken out gets the notice too", async () => {
    const one = await signer({ postcode: "BW1 1AA" });
    await env.DB.prepare(SECRETLY["taken out"] as string)
      .bind(one.petition.no)
      .run();
    await sign(isolate, one.petition.id, { email: one.email, name: "Jon Quill", postcode: "BW1 2BB" });
    expect((await nextMail(one.email, 2)).subject).toContain("You have already signed");
    await signer({ email: one.email, name: "Jo Quill", postcode: "BW1 1AA" }, { petition: one.petition });
    expect(await countOf(one.petition.no)).toBe(1);
  });
});
