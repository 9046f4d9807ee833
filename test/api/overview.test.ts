import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { newUuid } from "../../src/lib/ids.ts";
import { crowd, signatureIds } from "../support/crowd.ts";
import { coldIsolate } from "../support/isolate.ts";
import { newKey, newPartner } from "../support/partners.ts";
import { asStaff, staffKey } from "../support/staff.ts";
import { confirmedMailing } from "../support/subscribers.ts";
import { foundTown, openPetition } from "../support/town.ts";

const isolate = coldIsolate();
const DAY = 86_400_000;

beforeAll(async () => {
  await foundTown();
  await env.DB.prepare(`INSERT OR IGNORE INTO departments VALUES ('parks', '{"en":"Parks"}')`).run();
});
// Each test begins with nothing that waits.
beforeEach(async () => {
  await env.DB.batch([
    env.DB.prepare("UPDATE petitions SET approved_at = 1 WHERE state = 'moderation'"),
    env.DB.prepare("UPDATE thresholds SET acted_at = 1"),
    env.DB.prepare("DELETE FROM outbox"),
    env.DB.prepare("DELETE FROM dead_letters"),
    env.DB.prepare("DELETE FROM mailings"),
    env.DB.prepare("DELETE FROM partner_keys"),
    env.DB.prepare("UPDATE alarms SET acknowledged_at = 1"),
    env.DB.prepare("DELETE FROM tally_differences"),
    env.DB.prepare("DELETE FROM retention_holds"),
    env.DB.prepare(
      "UPDATE retention SET look_at = 9e15, erasing_since = NULL, erased_at = NULL, erase_at = NULL, failures = 0, failed_at = NULL",
    ),
    env.DB.prepare("UPDATE signatures SET hold = NULL WHERE hold IS NOT NULL"),
  ]);
});
afterEach(() => void vi.restoreAllMocks());

interface Section {
  readonly name: string;
  readonly count: number;
  readonly more: boolean;
  readonly oldest_days: number | null;
  readonly items: { petition_id: string | null; code: string | null; title: string | null }[];
}

async function overview(key = "fm_staff_local"): Promise<Record<string, Section>> {
  const answer = await asStaff(isolate, "GET", "/overview", { key });
  expect(answer.status).toBe(200);
  const { sections } = (await answer.json()) as { sections: Section[] };
  return Object.fromEntries(sections.map((section) => [section.name, section]));
}

const counts = async (key?: string) =>
  Object.fromEntries(Object.values(await overview(key)).map(({ name, count }) => [name, count]));

const waiting = (since: number, columns: Record<string, string | number | null> = {}) =>
  openPetition({ state: "moderation", waiting_since: since, ...columns });

const reached = (no: number, name: string, at: number | null, actedAt: number | null = null) =>
  env.DB.prepare(
    "INSERT INTO thresholds (petition_no, name, signatures, reached_at, acted_at) VALUES (?, ?, 1000, ?, ?)",
  )
    .bind(no, name, at, actedAt)
    .run();

const hex = (no: number): string => no.toString(16).padStart(8, "0");

const park = (item: string, kind = "signature_answer") =>
  env.DB.prepare(
    `INSERT INTO outbox (id, kind, state, items, remaining, due_at, created_at, error)
    VALUES (?, ?, 'parked', json_array(?3), json_array(?3), 1, ?4, 'E_RECIPIENT_NOT_ALLOWED')`,
  )
    .bind(crypto.randomUUID(), kind, item, Date.now())
    .run();

const alarm = (
  no: number,
  kind: string,
  { at = Date.now(), endedAt = null as number | null, acknowledgedAt = null as number | null } = {},
) =>
  env.DB.prepare(
    "INSERT INTO alarms (id, petition_no, kind, key, raised_at, seen_at, ended_at, evidence, acknowledged_at) VALUES (?, ?, ?, '', ?, ?, ?, '{}', ?)",
  )
    .bind(crypto.randomUUID(), no, kind, at, at, endedAt, acknowledgedAt)
    .run();

const wrongCount = (no: number, at = Date.now()) => {
  const time = at.toString(16).padStart(12, "0");
  return env.DB.prepare("INSERT INTO tally_differences VALUES (?, ?, ?, 'repaired', '{}')")
    .bind(`${time.slice(0, 8)}-${time.slice(8)}${newUuid().slice(13)}`, no, at)
    .run();
};

const perish = (queue: string) =>
  env.DB.prepare("INSERT INTO dead_letters VALUES (?, ?, '{}', ?)").bind(crypto.randomUUID(), queue, Date.now()).run();

describe("petitions that wait", () => {
  test("are told with number, oldest first, and age in the municipality's days", async () => {
    // Just after midnight in London's summer: a day begins that has not begun in UTC.
    vi.spyOn(Date, "now").mockReturnValue(Date.parse("2026-07-10T23:30:00Z"));
    const [young, old] = [
      await waiting(Date.parse("2026-07-10T22:59:00Z")),
      await waiting(Date.parse("2026-07-07T12:00:00Z"), { title: "A lamp at the pier" }),
    ];
    const { petitions_waiting: section } = await overview();
    expect(section).toMatchObject({ count: 2, more: false, oldest_days: 4 });
    expect(section?.items.map(({ petition_id }) => petition_id)).toEqual([old.id, young.id]);
    expect(section?.items[0]?.title).toBe("A lamp at the pier");
  });

  test("are those in moderation that nobody has approved, and no others", async () => {
    await waiting(Date.now());
    await waiting(Date.now(), { approved_at: Date.now() });
    for (const state of ["draft", "gathering", "open", "changes_requested"]) await openPetition({ state });
    expect((await overview()).petitions_waiting?.count).toBe(1);
  });
});

describe("thresholds", () => {
  test("wait from being reached until somebody has acted on them, while the petition is shown", async () => {
    const { no, id } = await openPetition();
    await reached(no, "response", Date.now() - 2 * DAY);
    await reached(no, "hearing", null);
    await reached((await openPetition()).no, "response", Date.now(), Date.now());
    await reached((await openPetition({ state: "hidden", rejection_code: "x" })).no, "response", Date.now());
    const closed = await openPetition({ state: "closed", ended_at: 1 });
    await reached(closed.no, "hearing", Date.now() - DAY);
    const { thresholds_unanswered: section } = await overview();
    expect(section).toMatchObject({ count: 2, oldest_days: 2 });
    expect(section?.items.map(({ petition_id, code }) => [petition_id, code])).toEqual([
      [id, "response"],
      [closed.id, "hearing"],
    ]);
  });
});

describe("alarms and counts", () => {
  test("wait, open or over, until somebody has acknowledged them", async () => {
    const { no, id } = await openPetition();
    await alarm(no, "surge", { at: Date.now() - 2 * DAY, endedAt: 1 });
    await alarm(no, "network");
    await alarm(no, "domain", { acknowledgedAt: 1 });
    const { alarms } = await overview();
    expect(alarms).toMatchObject({ count: 2, oldest_days: 2 });
    expect(alarms?.items.map(({ petition_id, code }) => [petition_id, code])).toEqual([
      [id, "surge"],
      [id, "network"],
    ]);
  });

  test("that were found wrong are told for seven days", async () => {
    const { no } = await openPetition();
    await wrongCount(no, Date.now() - 6 * DAY);
    await wrongCount(no, Date.now() - 8 * DAY);
    expect((await overview()).counts_wrong).toMatchObject({ count: 1, items: [{ code: "repaired" }] });
  });
});

describe("held signatures", () => {
  test("are told to moderators by petition and reason, until somebody has decided on the last of them", async () => {
    const [one, other] = [await openPetition(), await openPetition()];
    await crowd(one.no, 3, { hold: "'burst'" });
    await crowd(one.no, 1, { hold: "'list'", state: "'pending'" });
    await crowd(other.no, 2, { hold: "'rate'" });
    await crowd(other.no, 5);
    await env.DB.batch([
      env.DB.prepare("UPDATE holds_waiting SET since = ? WHERE petition_no = ?").bind(Date.now() - 2 * DAY, other.no),
      env.DB.prepare("UPDATE holds_waiting SET since = ? WHERE hold = 'burst'").bind(Date.now() - DAY),
    ]);
    const { holds_to_review: section } = await overview();
    expect(section).toMatchObject({ count: 6, oldest_days: 2 });
    expect(section?.items).toMatchObject([
      { petition_id: other.id, code: "rate", count: 2 },
      { petition_id: one.id, code: "burst", count: 3 },
      { petition_id: one.id, code: "list", count: 1 },
    ]);
    const [first] = await signatureIds(other.no, "hold = 'rate'");
    await asStaff(isolate, "POST", `/signatures/${first}/release`);
    // One decided, one left: it has waited as long as before.
    expect((await overview()).holds_to_review).toMatchObject({ count: 5, oldest_days: 2 });
    await asStaff(isolate, "POST", `/petitions/${other.id}/holds/release`, { body: { where: { hold: "rate" } } });
    const where = { petition: one.id, hold: "burst" };
    await asStaff(isolate, "POST", "/invalidations", { body: { where, reason: "bots" } });
    expect((await overview()).holds_to_review).toMatchObject({ count: 1, oldest_days: 0, items: [{ code: "list" }] });
    expect(Object.keys(await overview(await staffKey("viewer")))).not.toContain("holds_to_review");
  });
});

describe("parked mail and dead letters", () => {
  test("are told to moderators, with the petition that a mail is about and why it was parked", async () => {
    const { no, id } = await openPetition();
    await park(`${hex(no)}${"0a".repeat(12)}`);
    await park(`${hex(no)}:opened`, "creator_news");
    await park(`2026-11-27:${crypto.randomUUID()}`, "staff_reminder");
    await perish("folkmoot-intake-dead");
    const read = await overview();
    expect(read.mail_parked?.count).toBe(3);
    expect(read.mail_parked?.items.map(({ petition_id, code }) => [petition_id, code])).toEqual([
      [id, "E_RECIPIENT_NOT_ALLOWED"],
      [id, "E_RECIPIENT_NOT_ALLOWED"],
      [null, "E_RECIPIENT_NOT_ALLOWED"],
    ]);
    expect(read.dead_letters).toMatchObject({ count: 1, items: [{ code: "folkmoot-intake-dead" }] });
    expect(Object.keys(await overview(await staffKey("viewer")))).not.toContain("mail_parked");
    expect(Object.keys(await overview(await staffKey("viewer")))).not.toContain("dead_letters");
  });
});

test("mailings wait that are parked, or that did not reach somebody in the last seven days, and no others", async () => {
  const { no, id } = await openPetition();
  const created_at = Date.now() - DAY;
  await confirmedMailing(no, { state: "parked", error: "E_DAILY_LIMIT_EXCEEDED" });
  await confirmedMailing(no, { state: "done", failed: 3, created_at });
  await confirmedMailing(no, { state: "done", failed: 3, created_at: created_at - 7 * DAY });
  await confirmedMailing(no, { state: "done", sent: 3, created_at });
  const { mailings_in_trouble: section } = await overview();
  expect(section?.items.map(({ petition_id, code }) => [petition_id, code])).toEqual([
    [id, "E_DAILY_LIMIT_EXCEEDED"],
    [id, "failed"],
  ]);
});

test("partners' keys wait that end within two weeks, until a later one of the same label is there", async () => {
  const inDays = (days: number) => new Date(Date.now() + days * DAY).toISOString();
  const waitingKeys = async (key?: string) => (await overview(key)).partner_keys_ending?.items.map(({ code }) => code);
  const made = await newPartner({ name: "Tenants' Union" });
  const old = await newKey(made, { label: "Site", expires_at: inDays(13) });
  await newKey(made, { label: "Server", expires_at: inDays(15) });
  await newKey(made, { label: "Trying out", expires_at: inDays(1), test: true });
  await newKey(made, { label: "For good" });
  expect(await waitingKeys()).toEqual(["Tenants' Union"]);
  expect(await waitingKeys(await staffKey("moderator"))).toBeUndefined();
  await asStaff(isolate, "POST", `/partners/${made.id}/suspend`, { body: {} });
  expect(await waitingKeys()).toEqual([]);
  await asStaff(isolate, "POST", `/partners/${made.id}/resume`, { body: {} });
  await asStaff(isolate, "POST", `/partners/${made.id}/keys/${old.id}/rotate`, { body: { expires_at: inDays(20) } });
  expect(await waitingKeys()).toEqual([]);
});

const times = (n: number, counted: Record<string, number>) =>
  Object.fromEntries(Object.entries(counted).map(([name, count]) => [name, n * count]));

test.each(["viewer", "moderator", "admin"] as const)("a %s of one department sees what concerns it", async (role) => {
  for (const department_code of ["works", "parks", null]) {
    const { no } = await openPetition({ department_code });
    await reached(no, "response", Date.now());
    await park(`${hex(no)}:rejected`, "creator_news");
    await alarm(no, "surge");
    await confirmedMailing(no, { state: "parked", error: "network" });
    await wrongCount(no);
    await waiting(Date.now(), { department_code });
    await crowd(no, 1, { hold: "'rate'" });
    const [held, gone] = [await openPetition({ department_code }), await openPetition({ department_code })];
    await env.DB.batch([
      env.DB.prepare("INSERT INTO retention_holds VALUES (?, 'Court file', ?, 'local', 1)").bind(
        held.no,
        Date.now() + DAY,
      ),
      env.DB.prepare("UPDATE retention SET erase_at = ?1 WHERE petition_no = ?2 OR petition_no = ?3").bind(
        ...[Date.now() + DAY, no, held.no],
      ),
      env.DB.prepare(
        "UPDATE retention SET failures = 3, failed_at = 1, error = 'SQLITE_CONSTRAINT' WHERE petition_no = ?",
      ).bind(no),
      env.DB.prepare(
        "UPDATE retention SET look_at = NULL, erasing_since = ?1, erased_at = ?1, erased = 7 WHERE petition_no = ?2",
      ).bind(Date.now(), gone.no),
    ]);
  }
  await perish("folkmoot-mail-dead");
  const kept = { erasures_failing: 1, data_held: 1, erasures_coming: 1, erasures_done: 7 };
  const mail = role === "viewer" ? {} : { holds_to_review: 1, mailings_in_trouble: 1, mail_parked: 1, ...kept };
  expect(await counts(await staffKey(role, "works"))).toEqual({
    switches_on: 0,
    answers_overdue: 0,
    petitions_waiting: 1,
    thresholds_unanswered: 1,
    alarms: 1,
    counts_wrong: 1,
    ...mail,
  });
  const all = {
    ...(role === "viewer"
      ? {}
      : { holds_to_review: 3, mailings_in_trouble: 3, mail_parked: 3, dead_letters: 1, ...times(3, kept) }),
    ...(role === "admin" ? { partner_keys_ending: 0, webhooks_disabled: 0 } : {}),
  };
  expect(await counts(await staffKey(role))).toEqual({
    switches_on: 0,
    answers_overdue: 0,
    petitions_waiting: 3,
    thresholds_unanswered: 3,
    alarms: 3,
    counts_wrong: 3,
    ...all,
  });
});

test("it reads a few rows for what waits, however many petitions, thresholds and mails there are", async () => {
  const logged: string[] = [];
  const cost = async (key: string) => {
    const spy = vi.spyOn(console, "log").mockImplementation((line: string) => void logged.push(line));
    await asStaff(isolate, "GET", "/overview", { key });
    spy.mockRestore();
    return (JSON.parse(logged.at(-1) ?? "") as { d1_rows_read: number; d1_calls: number }) ?? null;
  };
  const numbers = (from: number, many: number) =>
    `WITH RECURSIVE n (n) AS (SELECT ${from} UNION ALL SELECT n + 1 FROM n WHERE n < ${from + many - 1})`;
  const fill = (state: string, from: number, many: number, extra = "NULL, NULL") =>
    env.DB.prepare(
      `INSERT INTO petitions (no, id, state, title, background, locale, created_at, opens_at, closes_at, ended_at, waiting_since,
        department_code) ${numbers(from, many)} SELECT n, '01936d9e-8c4b-7f00-9a51-0000' || printf('%08x', n), '${state}', 'Benches', 'None.',
        'en', n, 1, 2, 2, ${extra} FROM n`,
    ).run();
  await waiting(Date.now());
  const keys = [await staffKey("admin"), await staffKey("moderator", "works")];
  for (const key of keys) await cost(key); // the first use of a key in an hour is noted
  const before = [await cost(keys[0] as string), await cost(keys[1] as string)];
  await fill("open", 1_000_000, 2_000);
  await fill("closed", 1_010_000, 500);
  await env.DB.prepare(
    `INSERT INTO thresholds (petition_no, name, signatures, reached_at, acted_at) ${numbers(1_000_000, 1_000)} SELECT n, 'response', 9, 1, 2 FROM n`,
  ).run();
  await env.DB.prepare(
    `INSERT INTO outbox (id, kind, state, items, remaining, due_at, created_at) ${numbers(1, 1_000)}
    SELECT '01936d9e-8c4b-7f00-9a51-0000' || printf('%08x', n), 'signature_answer', 'sent', '[]', '[]', 1, 1 FROM n`,
  ).run();
  const after = [await cost(keys[0] as string), await cost(keys[1] as string)];
  expect(after).toMatchObject(before.map(({ d1_rows_read, d1_calls }) => ({ d1_rows_read, d1_calls })));
  expect(after[0]?.d1_rows_read).toBeLessThanOrEqual(23);

  // A flood is counted to a hundred, and read little further: also the share of one department in everybody's.
  await fill("moderation", 1_020_000, 1_500, "n, iif(n % 100 = 0, 'works', 'parks')");
  expect((await overview()).petitions_waiting).toMatchObject({ count: 100, more: true });
  expect((await overview(keys[1])).petitions_waiting).toMatchObject({ count: 15, more: false });
  expect((await cost(keys[0] as string)).d1_rows_read).toBeLessThanOrEqual(123);
  expect((await cost(keys[1] as string)).d1_rows_read).toBeLessThanOrEqual(35);
});
