import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { MailMessage } from "../../src/bindings.ts";
import { parsePublicId, petitionNo } from "../../src/lib/ids.ts";
import { petitionToken } from "../../src/petitions/petition-token.ts";
import { coldIsolate, faultyDatabase, keepingQueue } from "../support/isolate.ts";
import { decided } from "../support/moderation.ts";
import { freshEmail, linkIn, type Mail, mailsTo, nextMail, postJson, sign, tokenOf } from "../support/resident.ts";
import { newStaff } from "../support/staff.ts";
import { foundTown, rootKeys } from "../support/town.ts";

beforeAll(async () => {
  await foundTown();
  await env.DB.prepare(`INSERT OR IGNORE INTO departments VALUES ('parks', '{"en":"Parks"}')`).run();
});
afterEach(() => void vi.useRealTimers());

const isolate = coldIsolate();
const MINUTE = "* * * * *";
const DAY = 86_400_000;

interface Submitted {
  readonly id: string;
  readonly no: number;
  readonly email: string;
}

/** A petition whose creator, writing in a language, has verified; `supporters` are needed. */
async function submitted(locale = "en", supporters = 0): Promise<Submitted> {
  const creator = { name: "Ilse Brandung", email: freshEmail() };
  const answer = await postJson(isolate, "/v1/petitions", { title: "Licht am Kai", background: "x", creator, locale });
  const { id } = (await answer.json()) as { id: string };
  const no = petitionNo(parsePublicId("pet", id) as string);
  await env.DB.prepare("UPDATE petitions SET supporters_needed = ? WHERE no = ?").bind(supporters, no).run();
  const mail = await nextMail(creator.email);
  await postJson(isolate, "/v1/verifications", { token: tokenOf(linkIn(mail, "v")) });
  return { id, no, email: creator.email };
}

/** Jobs of mail about a petition that wait, oldest first. */
async function jobsOf(no: number): Promise<MailMessage[]> {
  const { results } = await env.DB.prepare("SELECT id FROM outbox WHERE state = 'waiting' AND items LIKE ? ORDER BY id")
    .bind(`%${no.toString(16).padStart(8, "0")}:%`)
    .all<{ id: string }>();
  return results.map(({ id }) => ({ v: 1, job_id: id }));
}

/** Delivers what waits about a petition, each message twice and once more; gives the mails that came of it, oldest first. */
async function deliver({ no, email }: Submitted, to = email): Promise<Mail[]> {
  const before = (await mailsTo(to)).length;
  const jobs = await jobsOf(no);
  expect(
    await isolate.deliver(
      "mail",
      jobs.flatMap((job) => [job, job]),
    ),
  ).toEqual([]);
  await coldIsolate().deliver("mail", jobs);
  const mails = await mailsTo(to);
  return mails.slice(0, mails.length - before).reverse();
}

const words = (mail: Mail): string => mail.text.replace(/\s+/g, " ");

describe("the creator is told", () => {
  test("that supporters are needed, with the link for them and the own one; then of the first; then that staff look at it", async () => {
    const petition = await submitted("en", 2);
    const [first] = await deliver(petition);
    expect(first?.subject).toBe("Your petition needs supporters: “Licht am Kai”");
    expect(words(first as Mail)).toContain("2 more people have to support it");
    const uuid = parsePublicId("pet", petition.id) as string;
    expect(linkIn(first as Mail, "s")).toBe(`/s/${await petitionToken(rootKeys, "supporter", uuid)}`);
    expect(linkIn(first as Mail, "e")).toBe(`/e/${await petitionToken(rootKeys, "edit", uuid)}?lang=en`);

    await env.DB.prepare("UPDATE petitions SET first_supporter_at = 1 WHERE no = ?").bind(petition.no).run();
    const [second] = await deliver(petition);
    expect(second?.subject).toBe("Your first supporter: “Licht am Kai”");
    expect(words(second as Mail)).toContain("2 supporters in all are needed");

    await env.DB.prepare("UPDATE petitions SET state = 'moderation' WHERE no = ?").bind(petition.no).run();
    expect((await deliver(petition)).map(({ subject }) => subject)).toEqual([
      "We are looking at your petition: “Licht am Kai”",
    ]);
  });

  test("of how many supporters are missing when it gathers again, not of those it has", async () => {
    const petition = await submitted("en", 3);
    await deliver(petition);
    const uuid = parsePublicId("pet", petition.id) as string;
    const supporter_token = await petitionToken(rootKeys, "supporter", uuid);
    for (const email of [freshEmail(), freshEmail()]) {
      await sign(isolate, petition.id, { email, supporter_token });
      await postJson(isolate, "/v1/verifications", { token: tokenOf(linkIn(await nextMail(email), "v")) });
    }
    for (const columns of [
      "state = 'hidden', rejection_code = 'offensive'",
      "state = 'moderation'",
      "state = 'changes_requested'",
      "state = 'gathering'",
    ])
      await env.DB.prepare(`UPDATE petitions SET ${columns} WHERE no = ?`).bind(petition.no).run();
    const mails = await deliver(petition);
    expect(words(mails.at(-1) as Mail)).toContain("One more person has to support it");
  });

  test("at once that staff look at it, where no supporters are needed", async () => {
    const petition = await submitted();
    expect((await deliver(petition)).map(({ subject }) => subject)).toEqual([
      "We are looking at your petition: “Licht am Kai”",
    ]);
  });

  test("what to change, in staff's words line by line, with the link to change it", async () => {
    const petition = await submitted("de");
    await deliver(petition);
    await decided(isolate, petition.id, "request-changes", { message: "Welcher Kai?\n\nBitte ohne den Namen." });
    const [mail, ...more] = await deliver(petition);
    expect(more).toEqual([]);
    expect(mail?.subject).toBe("Bitte ändern Sie Ihre Petition: „Licht am Kai“");
    expect(mail?.text).toContain("\n\nWelcher Kai?\n\nBitte ohne den Namen.\n\n");
    expect(tokenOf(linkIn(mail as Mail, "e"))).toMatch(/^[\w-]{40,}$/);
  });

  test.each([
    ["en", "unclear", "It is not clear what the municipality is asked to do."],
    ["de-AT", "unclear", "Es ist nicht klar, worum die Gemeinde gebeten wird."],
    ["fr", "offensive", "Elle insulte des personnes ou appelle à la haine ou à la violence."],
  ])("why it is not accepted, in their language (%s, %s)", async (locale, code, reason) => {
    const petition = await submitted(locale);
    await deliver(petition);
    await decided(isolate, petition.id, "reject", { code, details: "Mehr dazu: Raum 5." });
    const [mail] = await deliver(petition);
    expect(words(mail as Mail)).toContain(`${reason} Mehr dazu: Raum 5.`);
    // What nobody can see has no address to send people to.
    expect(mail?.text.includes(petition.id)).toBe(code === "unclear");
  });

  test("that it opens, opened, was ended, and is open again: with days as people write them", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 1000 });
    const petition = await submitted("de");
    await deliver(petition);
    const opens = new Date(Date.now() + 3 * DAY);
    await decided(isolate, petition.id, "approve", { opens_at: opens.toISOString(), closes_at: "2027-05-31" });
    const day = new Intl.DateTimeFormat("de", { dateStyle: "long", timeZone: "Europe/London" });
    const [scheduled, ...none] = await deliver(petition);
    expect(none).toEqual([]);
    expect(words(scheduled as Mail)).toContain(`Sie kann ab dem ${day.format(opens)} unterschrieben werden.`);
    // Approved again: another last day is no news, another first day is.
    await decided(isolate, petition.id, "approve", { opens_at: opens.toISOString(), closes_at: "2027-05-30" });
    expect(await deliver(petition)).toEqual([]);
    opens.setTime(opens.getTime() + DAY);
    await decided(isolate, petition.id, "approve", { opens_at: opens.toISOString(), closes_at: "2027-05-31" });
    expect((await deliver(petition)).length).toBe(1);
    vi.setSystemTime(opens);
    await coldIsolate({ MAIL: keepingQueue() }).cron(MINUTE);
    const [opened] = await deliver(petition);
    expect(words(opened as Mail)).toContain("Der letzte Tag ist der 31. Mai 2027.");
    expect(linkIn(opened as Mail, "e")).toBeTruthy();
    await decided(isolate, petition.id, "stop", { reason: "Der Rat hat entschieden." });
    const [stopped] = await deliver(petition);
    expect(words(stopped as Mail)).toContain("Der Rat hat entschieden.");
    await decided(isolate, petition.id, "reopen");
    expect((await deliver(petition)).map(({ subject }) => subject)).toEqual([
      "Ihre Petition ist wieder offen: „Licht am Kai“",
    ]);
  });

  test("nothing that is no longer so when the mail is made", async () => {
    const petition = await submitted();
    await deliver(petition);
    await decided(isolate, petition.id, "approve");
    await decided(isolate, petition.id, "stop", { reason: "No." });
    await decided(isolate, petition.id, "reopen");
    await decided(isolate, petition.id, "reject", { code: "offensive" });
    expect((await deliver(petition)).map(({ subject }) => subject)).toEqual([
      "We cannot show your petition: “Licht am Kai”",
    ]);
    await decided(isolate, petition.id, "reopen");
    await decided(isolate, petition.id, "request-changes", { message: "Shorter." });
    await env.DB.prepare("UPDATE petitions SET state = 'moderation', changes_message = NULL WHERE no = ?")
      .bind(petition.no)
      .run();
    expect(await deliver(petition)).toEqual([]);
    expect(await jobsOf(petition.no)).toEqual([]);
  });

  test("nothing once their data is gone", async () => {
    const petition = await submitted();
    await env.DB.prepare("UPDATE signatures SET sealed = NULL WHERE petition_no = ?").bind(petition.no).run();
    expect(await deliver(petition)).toEqual([]);
    expect(await jobsOf(petition.no)).toEqual([]);
  });

  test("later when the database or the provider fails, and then once", async () => {
    const petition = await submitted();
    const jobs = await jobsOf(petition.no);
    const before = (await mailsTo(petition.email)).length;
    for (const call of [1, 2, 3]) {
      expect(await coldIsolate({ DB: faultyDatabase((n) => n === call) }).deliver("mail", jobs)).toEqual([0]);
      await env.DB.prepare("UPDATE outbox SET lease_until = 0 WHERE id = ?").bind(jobs[0]?.job_id).run();
    }
    await isolate.deliver("mail", jobs);
    expect((await mailsTo(petition.email)).length).toBe(before + 1);
  });

  test("by the minute's job when nobody rang", async () => {
    const petition = await submitted();
    await deliver(petition);
    await decided(isolate, petition.id, "reject", { code: "duplicate" });
    const queue = keepingQueue<MailMessage>();
    await coldIsolate({ MAIL: queue }).cron(MINUTE);
    const [job] = await jobsOf(petition.no);
    expect(queue.sent.filter(({ job_id }) => job_id === job?.job_id)).toHaveLength(1);
  });
});

describe("a threshold", () => {
  interface Open extends Submitted {
    readonly staff: Awaited<ReturnType<typeof newStaff>>;
    /** People sign and verify; gives their links to withdraw. */
    readonly people: (count: number) => Promise<string[]>;
  }

  /** An open petition of the works department with a threshold of three, the creator's signature being the first. */
  async function open(): Promise<Open> {
    const petition = await submitted();
    await deliver(petition);
    const thresholds = [{ name: "response", signatures: 3 }];
    await decided(isolate, petition.id, "approve", { thresholds, department: "works" });
    await deliver(petition);
    const staff = await newStaff("moderator", "works");
    const people = async (count: number): Promise<string[]> => {
      const withdraw: string[] = [];
      for (let n = 0; n < count; n++) {
        const email = freshEmail();
        await sign(isolate, petition.id, { email });
        const mail = await nextMail(email);
        await postJson(isolate, "/v1/verifications", { token: tokenOf(linkIn(mail, "v")) });
        withdraw.push(tokenOf(linkIn(mail, "w")));
      }
      return withdraw;
    };
    return { ...petition, staff, people };
  }

  const withdraw = (token: string | undefined) => postJson(isolate, "/v1/withdrawals", { token });

  const reachedAt = async ({ id }: Submitted): Promise<unknown> => {
    const answer = await coldIsolate().fetch(`/v1/petitions/${id}`);
    return ((await answer.json()) as { thresholds: { reached_at: unknown }[] }).thresholds[0]?.reached_at;
  };

  test("is stamped once, cleared when the count falls below, set again, and mailed once ever, to creator and staff", async () => {
    const petition = await open();
    const { email: staffMail } = petition.staff;
    const [, second] = await petition.people(2);
    const first = await reachedAt(petition);
    expect(first).not.toBeNull();
    await petition.people(1);
    expect(await reachedAt(petition)).toBe(first);

    const [mail, ...more] = await deliver(petition);
    expect(more).toEqual([]);
    expect(mail?.subject).toBe("Your petition has reached its goal: “Licht am Kai”");
    expect(words(mail as Mail)).toContain("has reached 3 signatures");
    const [forStaff, ...others] = await mailsTo(staffMail);
    expect(others).toEqual([]);
    expect(words(forStaff as Mail)).toContain(petition.id);
    expect(forStaff?.text).toContain("Hello Sam Steward,");

    const [third] = await petition.people(1);
    for (const token of [second, third]) await withdraw(token);
    expect(await reachedAt(petition)).not.toBeNull(); // three are left
    const [last] = await petition.people(1);
    await withdraw(last);
    const row = await env.DB.prepare("SELECT verified FROM petition_tallies WHERE petition_no = ?")
      .bind(petition.no)
      .first("verified");
    expect(row).toBe(3);
    await env.DB.prepare(
      "UPDATE signatures SET state = 'invalidated', ended_at = 1 WHERE petition_no = ? AND role = 'signer' AND state = 'verified'",
    )
      .bind(petition.no)
      .run();
    expect(await reachedAt(petition)).toBeNull();
    await petition.people(2);
    expect(await reachedAt(petition)).not.toBeNull();
    expect(await jobsOf(petition.no)).toEqual([]);
    expect((await mailsTo(staffMail)).length).toBe(1);
  });

  test("that was lost before anybody was told is told when it is reached again, and then once", async () => {
    const petition = await open();
    const [, second] = await petition.people(2);
    expect(await jobsOf(petition.no)).toHaveLength(1);
    await withdraw(second);
    expect(await reachedAt(petition)).toBeNull();
    expect(await jobsOf(petition.no)).toEqual([]);
    await petition.people(1);
    expect((await deliver(petition)).length).toBe(1);
    expect((await mailsTo(petition.staff.email)).length).toBe(1);
  });

  test("is told to nobody of what is not shown, and to no staff who no longer see the petition", async () => {
    const [hidden, moved, revoked] = [await open(), await open(), await open()];
    for (const petition of [hidden, moved, revoked]) await petition.people(2);
    await decided(isolate, hidden.id, "reject", { code: "offensive" });
    await decided(isolate, moved.id, "assign", { department: "parks" });
    await env.DB.prepare("UPDATE staff SET revoked_at = 1 WHERE email = ?").bind(revoked.staff.email).run();
    expect((await deliver(hidden)).map(({ subject }) => subject)).toEqual([expect.stringContaining("cannot show")]);
    expect((await deliver(moved)).length).toBe(1);
    expect((await deliver(revoked)).length).toBe(1);
    // Their colleagues of the department are told of the last one, and none of the first two.
    const told = async (petition: Open, about: Submitted) =>
      (await mailsTo(petition.staff.email)).filter(({ text }) => text.includes(about.id)).length;
    for (const about of [hidden, moved]) {
      for (const petition of [hidden, moved, revoked]) expect(await told(petition, about)).toBe(0);
    }
    expect([await told(hidden, revoked), await told(revoked, revoked)]).toEqual([1, 0]);
  });

  test("that is acted on stays, whatever the count does", async () => {
    const petition = await open();
    const [, second] = await petition.people(2);
    await env.DB.prepare("UPDATE thresholds SET acted_at = 1 WHERE petition_no = ?").bind(petition.no).run();
    await withdraw(second);
    expect(await reachedAt(petition)).not.toBeNull();
  });
});
