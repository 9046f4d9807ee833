import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { coldIsolate, faultyDatabase, keepingQueue, refusingQueue } from "../support/isolate.ts";
import { type Mail, mailsTo } from "../support/resident.ts";
import { asStaff, newStaff as newMember } from "../support/staff.ts";
import { foundTown, openPetition } from "../support/town.ts";

const MINUTELY = "* * * * *";
const DAY = 86_400_000;
let day = Date.parse("2027-01-04T00:00:00Z");

beforeAll(async () => {
  await foundTown();
  await env.DB.prepare(`INSERT OR IGNORE INTO departments VALUES ('parks', '{"en":"Parks"}')`).run();
});
// Each test has a day of its own, in London's winter, on which nobody is staff and nothing waits.
beforeEach(async () => {
  await env.DB.batch([
    env.DB.prepare("UPDATE staff SET reminders = 0"),
    env.DB.prepare("UPDATE petitions SET approved_at = 1 WHERE state = 'moderation'"),
    env.DB.prepare("UPDATE thresholds SET acted_at = 1"),
    env.DB.prepare("DELETE FROM outbox"),
    env.DB.prepare("DELETE FROM dead_letters"),
  ]);
  day += DAY;
  vi.useFakeTimers({ toFake: ["Date"], now: day + 10 * 3_600_000 });
});
afterEach(() => void vi.useRealTimers());

const clockAt = (time: string) => vi.setSystemTime(Date.parse(`${new Date(day).toISOString().slice(0, 10)}T${time}Z`));
/** A new staff member who wants to be reminded. */
async function newStaff(...who: Parameters<typeof newMember>): ReturnType<typeof newMember> {
  const member = await newMember(...who);
  await env.DB.prepare("UPDATE staff SET reminders = 1 WHERE id = ?").bind(member.id.slice(4)).run();
  return member;
}

const waiting = (columns: Record<string, string | number | null> = {}) =>
  openPetition({ state: "moderation", waiting_since: Date.now(), ...columns });

/** Runs the minute's jobs, and delivers what they have rung for. */
async function run(overrides: Record<string, unknown> = {}): Promise<void> {
  const bells = keepingQueue<{ job_id: string }>();
  const isolate = coldIsolate({ MAIL: bells, ...overrides });
  await isolate.cron(MINUTELY);
  if (bells.sent.length > 0) expect(await isolate.deliver("mail", bells.sent)).toEqual([]);
}

const mails = async (...members: { email: string }[]): Promise<number[]> =>
  Promise.all(members.map(async ({ email }) => (await mailsTo(email)).length));

describe("the daily mail", () => {
  test("goes to moderators and admins who want it, when something waits", async () => {
    const [viewer, moderator, admin, unwilling, gone, without] = [
      await newStaff("viewer"),
      await newStaff("moderator"),
      await newStaff("admin"),
      await newStaff("moderator"),
      await newStaff("moderator"),
      await newStaff("moderator"),
    ];
    await asStaff(coldIsolate(), "PUT", "/me", { key: unwilling.key, body: { locale: null, reminders: false } });
    await asStaff(coldIsolate(), "POST", `/staff/${gone.id}/revoke`, { body: {} });
    await env.DB.prepare("UPDATE staff SET email = NULL WHERE id = ?").bind(without.id.slice(4)).run();
    await waiting();
    await run();
    expect(await mails(viewer, moderator, admin, unwilling, gone, without)).toEqual([0, 1, 1, 0, 0, 0]);
  });

  test("does not go when nothing waits, nor later on that day", async () => {
    const member = await newStaff("moderator");
    await waiting({ approved_at: 1 });
    await run();
    await waiting();
    await run();
    expect(await mails(member)).toEqual([0]);
    day += DAY;
    clockAt("08:00");
    await run();
    expect(await mails(member)).toEqual([1]);
  });

  test("goes from eight o'clock on, not before, by the municipality's clock in winter and in summer", async () => {
    const member = await newStaff("moderator");
    await waiting();
    clockAt("07:59:59");
    await run();
    expect(await mails(member)).toEqual([0]);
    clockAt("08:00");
    await run();
    expect(await mails(member)).toEqual([1]);
    vi.setSystemTime(Date.parse("2027-07-05T06:59:59Z"));
    await run();
    expect(await mails(member)).toEqual([1]);
    vi.setSystemTime(Date.parse("2027-07-05T07:00:00Z"));
    await run();
    expect(await mails(member)).toEqual([2]);
    const west = { TIME_ZONE: "America/Los_Angeles" };
    vi.setSystemTime(Date.parse("2027-07-06T14:59:59Z"));
    await run(west);
    expect(await mails(member)).toEqual([2]);
    vi.setSystemTime(Date.parse("2027-07-06T15:00:00Z"));
    await run(west);
    expect(await mails(member)).toEqual([3]);
  });

  test("goes once a day, however often the job runs, and also when two run at once", async () => {
    const member = await newStaff("moderator");
    await waiting();
    await Promise.all([run(), run(), run()]);
    await run();
    clockAt("23:59:59");
    await run();
    expect(await mails(member)).toEqual([1]);
    expect(await env.DB.prepare("SELECT count(*) AS n FROM outbox WHERE kind = 'staff_reminder'").first("n")).toBe(1);
  });

  test("makes up for a morning that was missed, and for a run that failed", async () => {
    const member = await newStaff("moderator");
    await waiting();
    clockAt("17:45");
    for (const from of [1, 2, 3, 4]) await run({ DB: faultyDatabase((call) => call >= from) });
    expect(await mails(member)).toEqual([0]);
    await run();
    await run();
    expect(await mails(member)).toEqual([1]);
  });

  test("is not lost when nobody can be rung", async () => {
    const member = await newStaff("moderator");
    await waiting();
    await coldIsolate({ MAIL: refusingQueue }).cron(MINUTELY);
    expect(await mails(member)).toEqual([0]);
    await run();
    expect(await mails(member)).toEqual([1]);
  });
});

describe("of one department", () => {
  test("somebody is told what waits there, and gets no mail for what waits elsewhere", async () => {
    const [works, parks, all] = [
      await newStaff("moderator", "works"),
      await newStaff("admin", "parks"),
      await newStaff("moderator"),
    ];
    await waiting({ department_code: "works" });
    await waiting({ department_code: "works" });
    await waiting();
    await run();
    expect(await mails(works, parks, all)).toEqual([1, 0, 1]);
    const [mine, everything] = [await mailsTo(works.email), await mailsTo(all.email)];
    expect(mine[0]?.text).toContain("Petitions waiting for a decision: 2,");
    expect(everything[0]?.text).toContain("Petitions waiting for a decision: 3,");
  });
});

describe("its text", () => {
  const sentTo = async ({ email }: { email: string }): Promise<Mail> => {
    const [mail] = await mailsTo(email);
    if (!mail) throw new Error("no mail");
    return mail;
  };

  test.each([
    ["en", "Petitions waiting for a decision: 1, the longest since December 24, 2026.", "Hello Sam Steward,"],
    ["de-AT", "Petitionen, die auf eine Entscheidung warten: 1, am längsten seit 24. Dezember 2026.", "Guten Tag"],
    [
      "fr",
      "Pétitions en attente d’une décision\u00a0: 1, la plus ancienne depuis le 24 décembre 2026.",
      "Bonjour Sam Steward,",
    ],
    ["it", "Petitions waiting for a decision: 1, the longest since December 24, 2026.", "Hello Sam Steward,"],
    [null, "Petitions waiting for a decision: 1, the longest since December 24, 2026.", "Hello Sam Steward,"],
  ])("is in the reader's language (%s), or in the municipality's first", async (locale, line, greeting) => {
    const member = await newStaff("moderator");
    await env.DB.prepare("UPDATE staff SET locale = ? WHERE id = ?").bind(locale, member.id.slice(4)).run();
    await waiting({ waiting_since: Date.parse("2026-12-24T09:00:00Z"), title: "A secret that is not to be told" });
    await run();
    const { text, html, subject, headers } = await sentTo(member);
    expect(text.replace(/\s+/g, " ")).toContain(line.replace(/\s+/g, " "));
    expect(text).toContain(greeting);
    expect(html).toContain("/v1/admin/overview");
    expect(subject).toContain("Town of Brackwater");
    expect(headers["Auto-Submitted"]).toBe("auto-generated");
    expect(text + html).not.toContain("A secret");
  });

  test("names thresholds too, and parked mail and dead letters beside them, and only what waits", async () => {
    const member = await newStaff("admin");
    const { no } = await openPetition();
    await env.DB.prepare(
      "INSERT INTO thresholds (petition_no, name, signatures, reached_at) VALUES (?, 'response', 1000, ?)",
    )
      .bind(no, Date.now())
      .run();
    await park(Date.now() - 40 * DAY);
    await run();
    const { text } = await sentTo(member);
    expect(text).toMatch(/Thresholds that were reached[^:]+: 1,/);
    expect(text).toMatch(/could not be\s+delivered: 1,/);
    expect(text).not.toContain("Petitions waiting");
    expect(text).not.toContain("could not process");
  });
});

const park = (at: number) =>
  env.DB.prepare(
    `INSERT INTO outbox (id, kind, state, items, remaining, due_at, created_at) VALUES (?, 'creator_news', 'parked', '["ffffffff:x"]', '["ffffffff:x"]', 1, ?)`,
  )
    .bind(crypto.randomUUID(), at)
    .run();

test("parked mail alone is a reason on the day after it was parked, and none for ever", async () => {
  const member = await newStaff("moderator");
  await park(Date.now() - DAY);
  await run();
  expect(await mails(member)).toEqual([0]);
  day += DAY;
  vi.setSystemTime(day + 10 * 3_600_000);
  await park(Date.now() - DAY + 1);
  await run();
  expect(await mails(member)).toEqual([1]);
});

describe("between the job and the mail", () => {
  /** Puts the mail into the outbox, and gives what delivers it. */
  async function prepared(): Promise<() => Promise<unknown>> {
    const bells = keepingQueue<{ job_id: string }>();
    await coldIsolate({ MAIL: bells }).cron(MINUTELY);
    expect(bells.sent.length).toBeGreaterThan(0);
    return () => coldIsolate().deliver("mail", bells.sent);
  }

  test.each<[string, (id: string) => unknown]>([
    [
      "everything has been decided",
      () => env.DB.prepare("UPDATE petitions SET approved_at = 1 WHERE state = 'moderation'").run(),
    ],
    ["the reader has lost their access", (id) => asStaff(coldIsolate(), "POST", `/staff/${id}/revoke`, { body: {} })],
    [
      "the reader has switched it off",
      (id) => env.DB.prepare("UPDATE staff SET reminders = 0 WHERE id = ?").bind(id.slice(4)).run(),
    ],
    [
      "the reader has become a viewer",
      (id) => env.DB.prepare("UPDATE staff SET role = 'viewer' WHERE id = ?").bind(id.slice(4)).run(),
    ],
    ["a day has passed", () => void vi.setSystemTime(day + DAY + 9 * 3_600_000)],
  ])("no mail goes when %s", async (_, happens) => {
    const member = await newStaff("moderator");
    await waiting();
    const deliver = await prepared();
    await happens(member.id);
    expect(await deliver()).toEqual([]);
    expect(await mails(member)).toEqual([0]);
    expect(await env.DB.prepare("SELECT state FROM outbox WHERE kind = 'staff_reminder'").first("state")).toBe("sent");
  });

  test("the mail says what waits when it is written, and a doubled doorbell sends it once", async () => {
    const member = await newStaff("moderator");
    await waiting();
    const deliver = await prepared();
    await waiting();
    expect(await deliver()).toEqual([]);
    expect(await deliver()).toEqual([]);
    const sent = await mailsTo(member.email);
    expect(sent).toHaveLength(1);
    expect(sent[0]?.text).toContain("Petitions waiting for a decision: 2,");
  });
});
