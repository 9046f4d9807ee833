import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { MailMessage } from "../../src/bindings.ts";
import { coldIsolate, faultyDatabase, keepingQueue, refusingQueue } from "../support/isolate.ts";
import { mailsTo } from "../support/resident.ts";
import { asStaff, newStaff, staffKey } from "../support/staff.ts";
import { foundTown, openPetition } from "../support/town.ts";

const DAY = 86_400_000;
const HOUR = "17 * * * *";
const NOON = Date.parse("2027-03-01T12:00:00Z");

beforeAll(foundTown);
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOON });
  await env.DB.batch(
    ["UPDATE staff SET revoked_at = 1, email = NULL", "DELETE FROM outbox", "DELETE FROM thresholds"].map((sql) =>
      env.DB.prepare(sql),
    ),
  );
});
afterEach(() => void vi.useRealTimers());

const later = (ms: number) => vi.setSystemTime(Date.now() + ms);

/** A petition that reached a threshold so many days ago. */
async function owed(days: number, columns: Record<string, string | number | null> = {}, name = "response") {
  const petition = await openPetition({ closes_at: NOON + 300 * DAY, ...columns });
  await env.DB.prepare(
    "INSERT INTO thresholds (petition_no, name, signatures, reached_at, mailed_at) VALUES (?, ?, 100, ?, 1)",
  )
    .bind(petition.no, name, Date.now() - days * DAY)
    .run();
  return petition;
}

async function hour(overrides: Record<string, unknown> = {}): Promise<void> {
  const MAIL = keepingQueue<MailMessage>();
  const isolate = coldIsolate({ MAIL, ...overrides });
  await isolate.cron(HOUR);
  expect(await isolate.deliver("mail", MAIL.sent)).toEqual([]);
}
const counts = (...members: { email: string }[]) =>
  Promise.all(members.map(async ({ email }) => (await mailsTo(email)).length));

describe("an answer that is overdue", () => {
  test("is told to the department when it becomes so, weekly from then on, and no more once it is acted on", async () => {
    const [own, admin, viewer, other] = [
      await newStaff("moderator", "works"),
      await newStaff("admin", "works"),
      await newStaff("viewer", "works"),
      await newStaff("admin"),
    ];
    await env.DB.prepare("UPDATE staff SET locale = 'de' WHERE email = ?").bind(own.email).run();
    const petition = await owed(60, { department_code: "works" });
    later(-1);
    await hour();
    expect(await counts(own, admin)).toEqual([0, 0]);
    later(1);
    for (let run = 0; run < 3; run++) await hour();
    expect(await counts(own, admin, viewer, other)).toEqual([1, 1, 0, 0]);
    const [mail] = await mailsTo(own.email);
    expect(mail?.subject).toBe("Überfällig: „Benches for the market square“");
    const text = mail?.text.replace(/\s+/g, " ");
    expect(text).toContain("hat am 31. Dezember 2026 100 Unterschriften erreicht");
    expect(text).toContain("war bis zum 1. März 2027 fällig");
    expect(mail?.text).toContain(petition.id);
    later(7 * DAY - 1);
    await hour();
    expect(await counts(own)).toEqual([1]);
    later(1);
    await hour();
    expect(await counts(own, admin)).toEqual([2, 2]);
    await env.DB.prepare("UPDATE thresholds SET acted_at = 1 WHERE petition_no = ?").bind(petition.no).run();
    later(14 * DAY);
    await hour();
    expect(await counts(own, admin)).toEqual([2, 2]);
  });

  test("goes to those of all departments where the department has nobody, or the petition has none", async () => {
    const admin = await newStaff("admin");
    await newStaff("viewer", "works");
    await owed(61, { department_code: "works" });
    await owed(61, {}, "hearing");
    await hour();
    expect(await counts(admin)).toEqual([2]);
    expect((await mailsTo(admin.email)).map(({ text }) => text.includes("hearing was due"))).toContain(true);
  });

  test("waits for somebody to be told, and for the morning", async () => {
    await owed(70);
    await hour();
    const admin = await newStaff("admin");
    vi.setSystemTime(Date.parse("2027-03-02T05:00:00Z"));
    await hour();
    expect(await counts(admin)).toEqual([0]);
    vi.setSystemTime(Date.parse("2027-03-02T08:30:00Z"));
    await hour();
    expect(await counts(admin)).toEqual([1]);
  });

  test.each([
    ["hidden", { state: "hidden", rejection_code: "offensive" }],
    ["rejected", { state: "rejected", rejection_code: "advertising" }],
  ])("is told of no petition that is %s", async (_, columns) => {
    const admin = await newStaff("admin");
    await owed(70, columns);
    await hour();
    expect(await counts(admin)).toEqual([0]);
  });

  test("that is acted on, or whose petition is hidden, while the mail waits is not told", async () => {
    const admin = await newStaff("admin");
    const [acted, hidden] = [await owed(70), await owed(70)];
    const MAIL = keepingQueue<MailMessage>();
    await coldIsolate({ MAIL }).cron(HOUR);
    expect(MAIL.sent).toHaveLength(2);
    await env.DB.batch([
      env.DB.prepare("UPDATE thresholds SET acted_at = 1 WHERE petition_no = ?").bind(acted.no),
      env.DB.prepare("UPDATE petitions SET state = 'hidden', rejection_code = 'offensive' WHERE no = ?").bind(
        hidden.no,
      ),
    ]);
    await coldIsolate().deliver("mail", MAIL.sent);
    expect(await counts(admin)).toEqual([0]);
  });

  test("is told once, whichever call of the database fails and with two runs at once", async () => {
    const admin = await newStaff("admin");
    await owed(70);
    for (let call = 1; call <= 12; call++)
      await coldIsolate({ DB: faultyDatabase((n) => n === call), MAIL: refusingQueue }).cron(HOUR);
    await Promise.all([hour(), hour()]);
    later(60_000);
    const MAIL = keepingQueue<MailMessage>();
    await coldIsolate({ MAIL }).cron("* * * * *");
    await coldIsolate().deliver("mail", MAIL.sent);
    expect(await counts(admin)).toEqual([1]);
  });

  test("is due after the days that are set", async () => {
    const admin = await newStaff("admin");
    await owed(8);
    await hour({ RESPONSE_DUE_DAYS: "9" });
    expect(await counts(admin)).toEqual([0]);
    await hour({ RESPONSE_DUE_DAYS: "8" });
    expect(await counts(admin)).toEqual([1]);
  });

  test("stands in the overview by itself, with the days that are over; before that the days that are left", async () => {
    const [late, early] = [await owed(63), await owed(50)];
    const key = await staffKey("viewer");
    const answer = await asStaff(coldIsolate(), "GET", "/overview", { key });
    const { sections } = (await answer.json()) as {
      sections: { name: string; items: { petition_id: string; days_left: number; due_at: string }[] }[];
    };
    const items = (name: string) => sections.find((section) => section.name === name)?.items;
    expect(items("answers_overdue")).toMatchObject([
      { petition_id: late.id, days_left: -3, due_at: new Date(NOON - 3 * DAY).toISOString() },
    ]);
    expect(items("thresholds_unanswered")).toMatchObject([{ petition_id: early.id, days_left: 10 }]);
  });
});
