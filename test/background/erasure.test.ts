import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test, vi } from "vitest";
import dataPage from "../../docs/data.md?raw";
import { openDatabase } from "../../src/db/database.ts";
import { reconcileTallies } from "../../src/integrity/reconcile-tallies.ts";
import { fromHex, toHex, utf8 } from "../../src/lib/bytes.ts";
import { newUuid, uuidAt, uuidHex } from "../../src/lib/ids.ts";
import { PetitionSecret } from "../../src/petitions/petition-secret.ts";
import { planOf } from "../../src/privacy/retention/retention.ts";
import { parseKeyHex, sealContext } from "../../src/signatures/signature.ts";
import { sealSubmission } from "../../src/signatures/submission.ts";
import { submitted, verify } from "../support/creator.ts";
import { crowd, signatureIds } from "../support/crowd.ts";
import { coldIsolate, faultyDatabase, keepingQueue, refusingQueue } from "../support/isolate.ts";
import { meteredDatabase } from "../support/metered-database.ts";
import { decided, decideOn } from "../support/moderation.ts";
import { newKey, newPartner, signVia } from "../support/partners.ts";
import { expectTalliesToEqualRecount } from "../support/recount.ts";
import { codeIn, freshEmail, linkIn, mailsTo, nextMail, postJson, sign, tokenOf } from "../support/resident.ts";
import { DAY_MS, endAt, erase, hold, policy, retentionRow } from "../support/retention.ts";
import { signersOf } from "../support/signers.ts";
import { asStaff } from "../support/staff.ts";
import { foundTown, openPetition, rootKeys } from "../support/town.ts";

beforeAll(foundTown);

const LONG_AGO = Date.now() - 400 * DAY_MS;
const isolate = coldIsolate({ INTAKE: refusingQueue });

/** Every value that a table's rows of a petition have, in hexadecimal digits where they are bytes. */
async function rowsOf(no: number): Promise<Record<string, Record<string, unknown>[]>> {
  const { results: tables } = await env.DB.prepare(
    `SELECT t.name AS name, group_concat(c.name || ':' || c.type) AS columns FROM sqlite_master AS t JOIN pragma_table_info(t.name) AS c
     WHERE t.type = 'table' AND t.name NOT GLOB '_cf_*' AND t.name NOT GLOB 'sqlite_*' AND t.name NOT GLOB 'd1_*' AND t.name NOT GLOB 'petitions_fts*' GROUP BY 1`,
  ).all<{ name: string; columns: string }>();
  const found: Record<string, Record<string, unknown>[]> = {};
  for (const { name, columns } of tables) {
    const each = columns.split(",").map((column) => column.split(":") as [string, string]);
    const key = name === "petitions" ? "no" : each.some(([column]) => column === "petition_no") ? "petition_no" : null;
    if (key === null) continue;
    const list = each.map(([column, type]) => (type === "BLOB" ? `hex(${column}) AS ${column}` : column));
    found[name] = (await env.DB.prepare(`SELECT ${list} FROM ${name} WHERE ${key} = ?`).bind(no).all()).results;
  }
  return found;
}

/** The columns that docs/data.md calls hashed, sealed or wrapped, by table. */
function personalColumns(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [, table, section] of dataPage.matchAll(/^### (\w+)\n([\s\S]*?)(?=^#{2,4} )/gm)) {
    const names = [...(section as string).matchAll(/^\| +`(\w+)` +\|.*\| +(hashed|sealed|wrapped) +\|$/gm)];
    if (names.length > 0)
      found.set(
        table as string,
        names.map(([, name]) => name as string),
      );
  }
  return found;
}

const EMPTY: readonly unknown[] = [null, "", "[]"];

/** Keys of rows, which say whose they are to nobody without the secret; and what a recount needs for minutes. */
const KEYS: Record<string, readonly string[]> = {
  signatures: ["email_hash", "person_hash"],
  recounts: ["passed", "upto"],
};

/** A petition with everything that it can have of people, closed two days ago; and what its people hold. */
async function livedIn() {
  const petition = await submitted(isolate, { topics: ["parks"] });
  await verify(isolate, tokenOf(linkIn(petition.mail, "v")));
  await env.DB.prepare("UPDATE petitions SET state = 'moderation' WHERE no = ?").bind(petition.no).run();
  await decided(isolate, petition.id, "approve");
  const [signer, other, pending, withdrawn] = [freshEmail(), freshEmail(), freshEmail(), freshEmail()];
  const fields = { name: "Ingrid Tidemark", postcode: "BW1 2BB", country: "DE", channel: "poster", updates: true };
  for (const email of [signer, other, pending, withdrawn]) await sign(isolate, petition.id, { email, ...fields });
  const mail = await nextMail(signer);
  for (const email of [signer, other, withdrawn]) await verify(isolate, tokenOf(linkIn(await nextMail(email), "v")));
  await postJson(isolate, "/v1/withdrawals", { token: tokenOf(linkIn(await nextMail(withdrawn), "w")) });
  const pendingMail = await nextMail(pending);
  await asStaff(isolate, "POST", `/petitions/${petition.id}/notes`, { body: { text: "Ingrid called twice." } });
  const where = { petition: petition.id, email: other, network: "198.51.100.0/24" };
  await asStaff(isolate, "POST", "/invalidations", { body: { where, reason: "bots" } });
  const [third] = await signatureIds(petition.no, "state = 'verified' AND role = 'signer'");
  await asStaff(isolate, "POST", `/signatures/${third}/invalidate`, { body: { reason: "on_request" } });
  await postJson(isolate, "/v1/verifications", { petition_id: petition.id, email: pending, code: "000000" });
  await env.DB.batch([
    env.DB.prepare(
      "INSERT INTO alarms (id, petition_no, kind, key, raised_at, seen_at, evidence) VALUES (?, ?, 'domain', 'aa00000000000001', 1, 1, '{}')",
    ).bind(newUuid(), petition.no),
    env.DB.prepare(
      'INSERT INTO intake_hours (petition_no, hour, groups) VALUES (?, 1, \'{"network":{"aa00000000000001":3}}\')',
    ).bind(petition.no),
    // Mail that could not be sent, of somebody who has withdrawn.
    env.DB.prepare(
      `INSERT INTO outbox (id, kind, state, items, remaining, sealed, due_at, created_at, error)
       SELECT ?1, 'signature_withdrawn', 'parked', json_array(item), json_array(item), sealed, 1, ?3, 'E_X' FROM
       (SELECT printf('%08x', petition_no) || lower(hex(email_hash)) || printf('%08x', person_hash) AS item, sealed
        FROM signatures WHERE petition_no = ?2 AND sealed IS NOT NULL LIMIT 1)`,
    ).bind(newUuid(), petition.no, Date.now()),
    env.DB.prepare(
      "UPDATE signatures SET mail_trouble = 'bounced_soft', mail_trouble_at = 1 WHERE petition_no = ? AND sealed IS NOT NULL",
    ).bind(petition.no),
    env.DB.prepare("INSERT INTO petition_channels VALUES (?, '{}')").bind(petition.no),
  ]);
  // What a partner sent: one that waits, a repeat of it, and a test.
  const partner = await newPartner();
  const [{ key: live }, { key: tests }] = [await newKey(partner), await newKey(partner, { test: true })];
  const sentFor = freshEmail();
  for (const reference of ["ingrid@members.example", "again"]) {
    await signVia(isolate, live, petition.id, { email: sentFor, reference });
  }
  await signVia(isolate, tests, petition.id, { reference: "a test" });
  await nextMail(sentFor, 2);
  const late = await sealSubmission(rootKeys, {
    ...{ submission_id: newUuid(), petition_id: petition.id.slice(4), accepted_at: Date.now() - 1, hold: null },
    data: {
      name: "Lars Late",
      email: freshEmail(),
      updates: false,
      locale: "en",
      address: "192.0.2.1",
      network: "192.0.2.0/24",
    },
  });
  await env.DB.prepare("INSERT INTO dead_letters VALUES (?, 'folkmoot-intake-dead', ?, ?)")
    .bind(newUuid(), JSON.stringify(late), Date.now())
    .run();
  return { ...petition, signer, pending, mail, pendingMail, late };
}

describe("an erased petition", () => {
  test("has nothing left that anything can open, by any way, in isolates that knew its secret too", async () => {
    const petition = await livedIn();
    const { id, no } = petition;
    const uuid = id.slice(4);
    const before = await rowsOf(no);
    const parked = await env.DB.prepare(
      "SELECT hex(sealed) AS sealed, items ->> 0 AS item FROM outbox WHERE state = 'parked'",
    ).first<Record<string, string>>();
    const count = await env.DB.prepare("SELECT verified FROM petition_tallies WHERE petition_no = ?")
      .bind(no)
      .first("verified");
    // Everything opens while the secret is there, so that the same ways can be seen to be closed afterwards.
    const key = (row: Record<string, unknown>) =>
      parseKeyHex(
        no.toString(16).padStart(8, "0") +
          String(row.email_hash).toLowerCase() +
          Number(row.person_hash).toString(16).padStart(8, "0"),
      );
    const wrapped = String(before.petitions?.[0]?.secret);
    const sealed = (before.signatures ?? []).filter((row) => row.sealed !== "");
    expect(sealed.length).toBeGreaterThanOrEqual(4);
    const secret = (await PetitionSecret.unwrap(rootKeys, uuid, fromHex(wrapped))) as PetitionSecret;
    for (const row of sealed)
      expect(await secret.open(fromHex(String(row.sealed)), sealContext(key(row)))).toMatchObject({
        name: expect.any(String),
      });
    expect(before.petition_notes?.length).toBe(1);
    expect([before.partner_submissions, before.test_submissions].map((rows) => rows?.length)).toEqual([2, 1]);
    expect(before.partner_submissions?.every(({ reference }) => reference !== "")).toBe(true);
    const [warm, reading] = [isolate, coldIsolate()];
    const exported = async (at = warm) =>
      (await asStaff(at, "GET", `/petitions/${id}/signatures/export?format=ndjson&reason=x`)).text();
    const listed = async (at = warm) => (await asStaff(at, "GET", `/petitions/${id}/signatures`)).text();
    const read = async (at = warm) => (await asStaff(at, "GET", `/petitions/${id}`)).text();
    for (const at of [warm, reading]) {
      for (const text of [await exported(at), await listed(at), await read(at)]) expect(text).toMatch(/Ingrid|Bran/);
    }

    await env.DB.prepare(
      "UPDATE petitions SET state = 'closed', opens_at = min(opens_at, ?1 - 1), closes_at = ?1, ended_at = ?1 WHERE no = ?2",
    )
      .bind(Date.now() - 2 * DAY_MS, no)
      .run();
    const answer = await decideOn(isolate, id, "erase", {
      confirm: "A lamp at the end of the pier",
      reason: "An order",
    });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ erasing_since: expect.any(String), erased_at: null });

    // At once nothing in the database opens, though nothing but the secret is gone.
    vi.spyOn(Date, "now").mockReturnValue(Date.now() + 6_000);
    for (const at of [warm, reading, coldIsolate()]) {
      for (const text of [await exported(at), await listed(at), await read(at)])
        expect(text).not.toMatch(/Ingrid|Bran|@/);
      expect(await exported(at)).toContain('"personal_data":"erased"');
    }
    vi.restoreAllMocks();
    await erase();
    expect(await retentionRow(no)).toMatchObject({ erased_at: expect.any(Number), failures: 0 });

    const after = await rowsOf(no);
    const personal = personalColumns();
    expect(personal.get("signatures")).toContain("sealed");
    for (const [table, rows] of Object.entries(after)) {
      const columns = (personal.get(table) ?? []).filter((column) => !KEYS[table]?.includes(column));
      for (const column of columns.filter(
        (name) => !(table === "invalidations" || table === "alarms") || name === "sealed",
      )) {
        expect(rows.filter((row) => !EMPTY.includes(row[column])).length, `${table}.${column}`).toBe(0);
      }
    }
    expect(JSON.stringify(after.invalidations)).not.toMatch(/[0-9a-f]{16}"/);
    expect(after.alarms?.map(({ key }) => key)).toEqual([""]);
    expect([after.petition_notes, after.intake_hours, after.code_attempts, after.test_submissions]).toEqual([
      ...[[], [], [], []],
    ]);
    // That the partner sent them stays, as it counted them.
    expect(after.partner_submissions?.length).toBe(2);
    const elsewhere = await env.DB.prepare(
      "SELECT (SELECT count(*) FROM outbox WHERE state <> 'sent' AND instr(items, ?1)) AS mails, (SELECT count(*) FROM dead_letters WHERE instr(body, ?2)) AS letters",
    )
      .bind(no.toString(16).padStart(8, "0"), uuid)
      .first();
    expect(elsewhere).toEqual({ mails: 0, letters: 0 });

    // What was copied before, with ROOT_KEY and every key that the database has left: nothing opens.
    const wraps = Object.values(after)
      .flat()
      .flatMap((row) => Object.values(row))
      .filter((value) => typeof value === "string" && /^[0-9A-F]{40,}$/.test(value));
    for (const blob of [
      ...sealed.map((row) => String(row.sealed)),
      String(before.petition_notes?.[0]?.sealed),
      parked?.sealed ?? "",
    ]) {
      for (const purpose of ["petition", "intake", "dead_letter", "list"]) {
        expect(await rootKeys.open(purpose, fromHex(blob), uuid)).toBeNull();
      }
    }
    expect(wraps).toEqual([]);
    expect(after.petitions?.[0]).toMatchObject({ secret: "", creator_email_hash: "", creator_person_hash: null });

    // What people and staff hold: links, codes, late messages and events.
    const held = coldIsolate({ INTAKE: keepingQueue(), MAIL: keepingQueue() });
    const mails = (await mailsTo(petition.signer)).length;
    const code = { petition_id: id, email: petition.pending, code: codeIn(petition.pendingMail) };
    expect(await (await postJson(held, "/v1/verifications", code)).json()).toMatchObject({ code: "code_invalid" });
    const token = { token: tokenOf(linkIn(petition.mail, "v")) };
    expect([200, 409]).toContain((await postJson(held, "/v1/verifications", token)).status);
    const late = { token: tokenOf(linkIn(petition.pendingMail, "v")) };
    expect(await (await postJson(held, "/v1/verifications", late)).json()).toMatchObject({ code: "signature_gone" });
    const withdraw = { token: tokenOf(linkIn(petition.mail, "w")) };
    expect(await (await postJson(held, "/v1/withdrawals", withdraw)).json()).toMatchObject({ code: "petition_closed" });
    for (const path of [linkIn(petition.mail, "v"), linkIn(petition.mail, "w"), `/e/${petition.editToken}`]) {
      expect(await (await held.fetch(path)).text()).not.toMatch(/Ingrid|Bran|Tidemark/);
    }
    expect(await held.deliver("intake", [petition.late])).toEqual([]);
    expect((await rowsOf(no)).signatures?.length).toBe(after.signatures?.length);
    const item = `${no.toString(16).padStart(8, "0") + String(after.signatures?.[0]?.email_hash).toLowerCase()}00000000`;
    const tag = await rootKeys.issueToken("delivery", utf8(item));
    await held.deliver("mail-events", [{ type: "bounced", tag, email: petition.signer }]);
    expect((await rowsOf(no)).signatures?.filter((row) => row.mail_trouble !== null)).toEqual([]);
    expect((await mailsTo(petition.signer)).length).toBe(mails);

    // What stays: text, count, tallies, and both agree.
    expect(await (await held.fetch(`/v1/petitions/${id}`)).json()).toMatchObject({
      ...{ title: "A lamp at the end of the pier", signature_count: count, state: "closed" },
    });
    await expectTalliesToEqualRecount(no);
    await env.DB.prepare("UPDATE reconciliations SET due_at = iif(petition_no = ?, 0, 9e15)").bind(no).run();
    await reconcileTallies({ db: openDatabase(env.DB).db, clock: Date.now });
    expect(
      await env.DB.prepare("SELECT repaired_at, reconciled_at > 1 AS done FROM reconciliations WHERE petition_no = ?")
        .bind(no)
        .first(),
    ).toEqual({ repaired_at: null, done: 1 });
    expect(toHex(utf8(JSON.stringify(after.petitions)))).not.toContain(wrapped.toLowerCase());
  });
});

describe("erasing", () => {
  const old = async (signers = 3) => {
    const petition = await openPetition();
    await signersOf(
      petition,
      Array.from({ length: signers }, () => ({ area: "north" })),
    );
    await endAt(petition.no, LONG_AGO);
    return petition;
  };
  const sealedOf = (no: number) =>
    env.DB.prepare("SELECT count(sealed) AS n FROM signatures WHERE petition_no = ?").bind(no).first<number>("n");
  const secretOf = (no: number) =>
    env.DB.prepare("SELECT secret IS NOT NULL AS n FROM petitions WHERE no = ?").bind(no).first<number>("n");
  const isErased = async (no: number) => [
    await secretOf(no),
    await sealedOf(no),
    (await retentionRow(no))?.erased_at !== null,
  ];

  test("begins at the end of the municipality's day six calendar months after the last day, not a moment before", async () => {
    const at = Date.parse("2025-08-31T23:00:00Z"); // The end of 31 August in London.
    const end = Date.parse("2026-03-01T00:00:00Z"); // The end of February.
    const petition = await openPetition();
    await endAt(petition.no, at);
    const read = async () =>
      (await (await asStaff(isolate, "GET", `/petitions/${petition.id}/retention`)).json()) as object;
    expect(await read()).toMatchObject({
      over_since: "2025-08-31T23:00:00.000Z",
      erase_at: "2026-03-01T00:00:00.000Z",
    });
    await erase({ later: end - 1_000 - Date.now(), runs: 1 });
    expect(await secretOf(petition.no)).toBe(1);
    await erase({ later: end + 1_000 - Date.now() });
    expect(await secretOf(petition.no)).toBe(0);
  });

  test("with time is in the petition's history once, in the service's name; one that is held has no such entry", async () => {
    const [{ id }, held] = [await old(), await old()];
    await hold(held.no);
    await Promise.all([erase(), erase()]);
    const history = async (subject: string) => {
      const answer = await asStaff(isolate, "GET", `/audit?subject=${subject}&act=petition.erase`);
      return ((await answer.json()) as { data: object[] }).data;
    };
    expect(await history(id)).toMatchObject([{ actor: "service", role: null, act: "petition.erase", subject: id }]);
    expect(await history(held.id)).toEqual([]);
  });

  test.each(["closed", "stopped", "rejected", "hidden"])("comes to what is %s", async (state) => {
    const { no } = await openPetition({ state, ended_at: LONG_AGO, created_at: LONG_AGO, rejection_code: "duplicate" });
    await erase();
    expect(await isErased(no)).toEqual([0, 0, true]);
  });

  test("never comes to what is not over, however old, nor before its time to what was ended again", async () => {
    const live = [];
    for (const state of ["draft", "gathering", "moderation", "changes_requested", "open"]) {
      live.push(await openPetition({ state, created_at: LONG_AGO }));
    }
    const again = await old();
    await decided(isolate, again.id, "reopen");
    await decided(isolate, again.id, "stop", { reason: "Over." });
    // Hiding what has closed takes nothing off its time, and adds none.
    const hidden = await old();
    await env.DB.prepare("UPDATE petitions SET state = 'hidden', rejection_code = 'offensive' WHERE no = ?")
      .bind(hidden.no)
      .run();
    await erase();
    for (const { no } of [...live, again]) expect(await secretOf(no)).toBe(1);
    expect(await secretOf(hidden.no)).toBe(0);
  });

  test("stops neither at a petition that is held, nor at one whose secret no key opens, nor at one that fails", async () => {
    const [first, held, broken, unreadable, last] = [await old(), await old(), await old(), await old(), await old()];
    await hold(held.no);
    // Its tallies are wrong, so that the database refuses to take an unverified signature out.
    await signersOf(broken, [{ state: "pending" }]);
    await env.DB.batch([
      env.DB.prepare("UPDATE petition_tallies SET pending = 0 WHERE petition_no = ?").bind(broken.no),
      env.DB.prepare("UPDATE petitions SET secret = randomblob(60) WHERE no = ?").bind(unreadable.no),
    ]);
    await erase();
    for (const { no } of [first, unreadable, last]) expect(await isErased(no)).toEqual([0, 0, true]);
    expect(await isErased(held.no)).toEqual([1, 3, false]);
    // Nothing of it opens all the same; it is tried again, later each time, and staff are told.
    expect(await secretOf(broken.no)).toBe(0);
    expect(await retentionRow(broken.no)).toMatchObject({
      failures: expect.any(Number),
      error: "SQLITE_CONSTRAINT",
      erased_at: null,
    });
    expect((await retentionRow(broken.no))?.failures).toBeGreaterThanOrEqual(3);
    const overview = (await (await asStaff(isolate, "GET", "/overview")).json()) as {
      sections: { name: string; items: unknown[] }[];
    };
    const section = (name: string) => JSON.stringify(overview.sections.find((one) => one.name === name)?.items);
    expect(section("erasures_failing")).toContain(broken.id);
    expect(section("data_held")).toContain(held.id);
    expect(section("erasures_done")).toContain(last.id);

    await env.DB.prepare("UPDATE petition_tallies SET pending = 1 WHERE petition_no = ?").bind(broken.no).run();
    await hold(held.no, Date.now() - 1);
    await erase({ later: DAY_MS });
    expect(await isErased(broken.no)).toEqual([0, 0, true]);
    expect(await isErased(held.no)).toEqual([0, 0, true]);
    expect(await retentionRow(broken.no)).toMatchObject({ failures: 0, failed_at: null });
  });

  test("ends the same wherever runs die, and when two work at once", async () => {
    const [total, slice] = [3, 2];
    for (let dies = 1, whole = false; !whole; dies++) {
      const { no } = await old(total);
      let calls = 0;
      const db = faultyDatabase((call) => {
        calls = call;
        return call === dies;
      });
      // Every call in turn is the one that fails, until a run has fewer.
      await erase({ db, slice, runs: 2 }).catch(() => undefined);
      whole = calls < dies;
      const after = { slice, later: DAY_MS, runs: 2 };
      await Promise.all([erase(after), erase(after)]);
      expect(await isErased(no)).toEqual([0, 0, true]);
      expect((await retentionRow(no))?.erased).toBe(total);
      await expectTalliesToEqualRecount(no);
      expect(dies).toBeLessThan(150);
    }
  }, 60_000);

  test("of a large petition goes on over many runs, and clears what was written behind a pass", async () => {
    const { no } = await openPetition();
    await crowd(no, 5_000, { address_hash: "randomblob(8)", domain_hash: "randomblob(8)" });
    await endAt(no, LONG_AGO);
    await erase({ runs: 1 });
    expect(await secretOf(no)).toBe(0);
    await erase({ later: 60_000, runs: 1, most: 2_000, slice: 500 });
    const left = (await sealedOf(no)) ?? 0;
    expect(left).toBeGreaterThan(1_000);
    expect(left).toBeLessThan(5_000);
    // As an isolate might that had the secret some seconds longer.
    await crowd(no, 1, { email_hash: "x'0000000080000000'", person_hash: "1" });
    await erase({ later: 120_000, runs: 8, most: 4_000, slice: 500 });
    expect(await isErased(no)).toEqual([0, 0, true]);
    await expectTalliesToEqualRecount(no);
  });

  test("takes references from what partners sent lately, part by part, and from no other petition's", async () => {
    const [petition, other] = [await old(), await openPetition()];
    // Erased early, as by an order: in time what partners sent is older than what they still hold.
    await env.DB.prepare("UPDATE retention SET over_since = ?, erase_at = 1, erase_plan = ? WHERE petition_no = ?")
      .bind(Date.now() - DAY_MS, planOf(policy), petition.no)
      .run();
    const partners = [await newPartner(), await newPartner()];
    const at = Date.now() - 2 * DAY_MS;
    const put = (code: string, no: number, from: number, n: number) =>
      env.DB.prepare(
        `INSERT INTO partner_submissions (partner, submission, petition_no, reference, accepted_at)
         SELECT ?1, unhex(value), ?2, x'00', ?3 FROM json_each(?4)`,
      )
        .bind(code, no, from, JSON.stringify(Array.from({ length: n }, (_, i) => uuidHex(uuidAt(from + i)))))
        .run();
    const [one, two] = partners.map(({ code }) => code) as [string, string];
    await put(one, petition.no, at, 2_500);
    await put(two, petition.no, at, 10);
    await put(two, other.no, at + 10, 10);
    await env.DB.prepare("UPDATE partners SET forgotten_before = ? WHERE code IN (?, ?)").bind(at, one, two).run();
    const left = async (no: number) =>
      env.DB.prepare("SELECT count(*) AS n, count(reference) AS sealed FROM partner_submissions WHERE petition_no = ?")
        .bind(no)
        .first();
    await erase();
    expect(await isErased(petition.no)).toEqual([0, 0, true]);
    expect([await left(petition.no), await left(other.no)]).toEqual([
      { n: 2_510, sealed: 0 },
      { n: 10, sealed: 10 },
    ]);
  });

  test("keeps nobody from signing another petition meanwhile, and takes nothing from it", async () => {
    const [{ no }, other] = [await openPetition(), await openPetition()];
    await crowd(no, 4_000, { address_hash: "randomblob(8)", domain_hash: "randomblob(8)" });
    await endAt(no, LONG_AGO);
    const erasing = erase({ slice: 100, runs: 4 });
    const people = Array.from({ length: 5 }, freshEmail);
    for (const email of people) {
      expect((await sign(isolate, other.id, { email })).status).toBe(202);
      await verify(isolate, tokenOf(linkIn(await nextMail(email), "v")));
    }
    await erasing;
    expect(await isErased(no)).toEqual([0, 0, true]);
    expect([await secretOf(other.no), await sealedOf(other.no)]).toEqual([1, people.length]);
    const count = await coldIsolate().fetch(`/v1/petitions/${other.id}/count`);
    expect(await count.json()).toMatchObject({ verified: people.length });
    await expectTalliesToEqualRecount(other.no);
  });

  test("costs one row written a signature, and reads each some five times", async () => {
    const total = 3_000;
    const { no } = await openPetition();
    await crowd(no, total, { address_hash: "randomblob(8)", domain_hash: "randomblob(8)" });
    await endAt(no, LONG_AGO);
    const { DB, measure } = meteredDatabase();
    const cost = await measure(() => erase({ db: DB, runs: 2 }));
    console.log(JSON.stringify({ event: "cost", erasing: cost }));
    expect((await retentionRow(no))?.erased).toBe(total);
    expect(cost.written / total).toBeLessThan(1.02);
    expect(cost.read / total).toBeLessThan(5.1);
    const idle = await measure(() => erase({ db: DB, runs: 1 }));
    expect(idle.read).toBeLessThan(20);
  });

  test("waits for acts on signatures that are under way; afterwards none begins and none is undone", async () => {
    const { id, no } = await old();
    const run = (state: string) =>
      env.DB.prepare(
        `INSERT INTO invalidations (id, petition_no, act, reason, conditions, state, actor, created_at, touched_at, ended_at)
         VALUES (?, ?, 'invalidate', 'bots', '{"area":"north"}', ?, 'local', 1, 1, 1)`,
      )
        .bind(newUuid(), no, state)
        .run();
    await run("running");
    await erase();
    expect(await secretOf(no)).toBe(1);
    await env.DB.prepare("UPDATE invalidations SET state = 'done' WHERE petition_no = ?").bind(no).run();
    await erase();
    expect(await secretOf(no)).toBe(0);
    await expect(run("running")).rejects.toThrow("petition_erased");
    await expect(
      env.DB.prepare("UPDATE invalidations SET state = 'undoing' WHERE petition_no = ?").bind(no).run(),
    ).rejects.toThrow("petition_erased");
    expect((await decideOn(isolate, id, "reopen")).status).toBe(409);
  });

  test("an export that is under way goes on with what is left: places, states and times", async () => {
    const petition = await openPetition();
    await signersOf(
      petition,
      Array.from({ length: 2_500 }, () => ({ name: "Mara Quill" })),
    );
    await endAt(petition.no, LONG_AGO);
    const now = vi.spyOn(Date, "now");
    const answer = await asStaffStreaming(petition.id);
    const reader = answer.body?.getReader();
    let text = "";
    const next = async () => {
      const { value, done } = (await reader?.read()) ?? { done: true, value: undefined };
      text += value ? new TextDecoder().decode(value) : "";
      return !done;
    };
    await next();
    await erase();
    now.mockReturnValue(Date.now() + 10_000);
    while (await next());
    now.mockRestore();
    const lines = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.at(-1)).toMatchObject({ type: "end", signatures: 2_500 });
    const kinds = lines.slice(0, -1).map(({ personal_data }) => personal_data);
    expect(new Set(kinds)).toEqual(new Set(["present", "erased"]));
    expect(kinds.lastIndexOf("present")).toBeLessThan(kinds.indexOf("erased"));
  });
});

/** An export whose body is read by the caller: nothing waits for the isolate's background work. */
async function asStaffStreaming(id: string): Promise<Response> {
  return coldIsolate().fetch(`/v1/admin/petitions/${id}/signatures/export?format=ndjson&reason=x`, {
    headers: { Authorization: "Bearer fm_staff_local" },
  });
}

test("the settings of these tests are the Worker's", () => {
  expect(policy.timeZone).toBe(Reflect.get(env, "TIME_ZONE"));
});
