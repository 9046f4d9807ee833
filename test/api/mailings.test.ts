import { env } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import { crowd } from "../support/crowd.ts";
import { coldIsolate } from "../support/isolate.ts";
import { mailsTo, nextMail } from "../support/resident.ts";
import { actsOn, asStaff, newStaff, staffKey } from "../support/staff.ts";
import { confirmedMailing, mailingRow, people, subscribersOf } from "../support/subscribers.ts";
import { foundTown, openPetition } from "../support/town.ts";

const isolate = coldIsolate();
const texts = {
  en: { subject: "Come to the hearing", body: "The council meets at 19:00.\n\nEverybody is welcome." },
  de: { subject: "Kommen Sie zur Anhörung", body: "Der Rat tagt um 19 Uhr." },
};

interface Mailing {
  readonly id: string;
  readonly state: string;
  readonly version: number;
  readonly expected_recipients: number | null;
  readonly [field: string]: unknown;
}

beforeAll(foundTown);

async function draftOn(petition: string, key?: string, body: unknown = { texts }): Promise<Mailing> {
  const answer = await asStaff(isolate, "POST", `/petitions/${petition}/mailings`, { body, ...(key ? { key } : {}) });
  expect(answer.status).toBe(201);
  const mailing = (await answer.json()) as Mailing;
  expect(answer.headers.get("ETag")).toBe(`"${mailing.version}"`);
  return mailing;
}

const act = (id: string, verb: string, version?: number, body: unknown = {}) =>
  asStaff(isolate, "POST", `/mailings/${id}/${verb}`, {
    body,
    headers: version === undefined ? {} : { "If-Match": `"${version}"` },
  });

const codeOf = async (answer: Response) => [answer.status, ((await answer.json()) as { code?: string }).code];

async function petitionWith(count: number) {
  const petition = await openPetition();
  const addresses = people(count);
  await subscribersOf(
    petition,
    addresses.map((email) => ({ email })),
  );
  return { ...petition, addresses };
}

test("staff write a message, see it in each language, confirm it with the number they read, and it goes out", async () => {
  const { id, addresses } = await petitionWith(3);
  const draft = await draftOn(id);
  expect(draft).toMatchObject({ state: "draft", kind: "message", texts, expected_recipients: 3, sent: 0, by: "local" });
  const preview = await (await asStaff(isolate, "GET", `/mailings/${draft.id}/preview`)).json();
  const { data } = preview as { data: { locale: string; subject: string; text: string; html: string }[] };
  expect(data.map(({ locale, subject }) => [locale, subject])).toEqual([
    ["en", "Come to the hearing"],
    ["de", "Kommen Sie zur Anhörung"],
    ["fr", "Come to the hearing"],
  ]);
  expect(data[0]?.text).toMatch(/The council meets at 19:00\.\n\nEverybody is welcome\./);
  expect(data[1]?.html).toContain('lang="de"');
  // Nothing is written in French: all of that mail is in the municipality's first language.
  expect(data[2]?.html).toContain('lang="en"');
  const confirmed = await act(draft.id, "confirm", draft.version);
  expect(await confirmed.json()).toMatchObject({ state: "waiting", version: draft.version + 1 });
  await isolate.cron("* * * * *");
  for (const address of addresses) expect((await nextMail(address)).subject).toBe("Come to the hearing");
  const read = await (await asStaff(isolate, "GET", `/mailings/${draft.id}`)).json();
  expect(read).toMatchObject({
    state: "done",
    recipients: 3,
    sent: 3,
    failed: 0,
    skipped: 0,
    waiting: 0,
    progress: 100,
  });
  expect(JSON.stringify(read)).not.toContain("example.org");
});

test("the number of recipients counts mailboxes that asked, whatever their number of names, over slices of a large petition", async () => {
  const { id, no, uuid } = await openPetition();
  const [shared = ""] = people(1);
  await subscribersOf({ no, uuid }, [
    { email: shared, name: "Ada Anchorby" },
    { email: shared, name: "Bran Anchorby" },
    { email: people(1)[0] as string, updates: 0 },
    { email: people(1)[0] as string, hold: "rate" },
    { email: people(1)[0] as string, state: "pending" },
  ]);
  expect((await draftOn(id)).expected_recipients).toBe(1);
  // Two thirds of 60,000 asked: more than one request counts.
  await crowd(no, 60_000, { updates: "i % 3 > 0", sealed: "x'00'" });
  const draft = await draftOn(id);
  expect(draft.expected_recipients).toBeNull();
  expect(await codeOf(await act(draft.id, "confirm", draft.version))).toEqual([409, "run_state"]);
  await isolate.cron("* * * * *");
  const read = (await (await asStaff(isolate, "GET", `/mailings/${draft.id}`)).json()) as Mailing;
  expect(read).toMatchObject({ expected_recipients: 40_001, version: draft.version + 1 });
});

test("who has read another text or another number does not decide: 412, and without If-Match 428", async () => {
  const { id } = await petitionWith(1);
  const draft = await draftOn(id);
  const body = { texts: { en: { subject: "Postponed", body: "Come next week." } } };
  expect((await asStaff(isolate, "PUT", `/mailings/${draft.id}`, { body })).status).toBe(428);
  const headers = { "If-Match": `"${draft.version}"` };
  const edited = (await (await asStaff(isolate, "PUT", `/mailings/${draft.id}`, { body, headers })).json()) as Mailing;
  expect(edited).toMatchObject({ state: "draft", texts: body.texts, expected_recipients: 1 });
  expect(edited.version).toBeGreaterThan(draft.version);
  expect((await act(draft.id, "confirm")).status).toBe(428);
  expect(await codeOf(await act(draft.id, "confirm", draft.version))).toEqual([412, "precondition_failed"]);
  expect((await act(draft.id, "confirm", edited.version)).status).toBe(200);
  expect(await codeOf(await asStaff(isolate, "PUT", `/mailings/${draft.id}`, { body, headers }))).toEqual([
    412,
    "precondition_failed",
  ]);
});

test("of two confirmed at once one begins, and the other is told so", async () => {
  const { id } = await petitionWith(1);
  const [one, other] = [await draftOn(id), await draftOn(id)];
  const answers = await Promise.all([act(one.id, "confirm", one.version), act(other.id, "confirm", other.version)]);
  expect((await Promise.all(answers.map(codeOf))).sort()).toEqual([
    [200, undefined],
    [409, "mailing_under_way"],
  ]);
  const acts = (await actsOn(id)).filter(({ act: name }) => name === "mailing.confirm");
  expect(acts.length).toBe(1);
});

test("a mailing that waits for a day to come does not stand in the way of a message", async () => {
  const { id, no } = await petitionWith(1);
  await confirmedMailing(no, { kind: "end", about: "1", texts: null as never, due_at: Date.now() + 86_400_000 });
  const draft = await draftOn(id);
  expect((await act(draft.id, "confirm", draft.version)).status).toBe(200);
});

test.each([
  ["without the municipality's first language", { de: texts.de }],
  ["in a language that it does not have", { ...texts, it: texts.en }],
  ["without a subject", { en: { subject: " ", body: "x" } }],
  ["with a subject of two lines", { en: { subject: "a\nb", body: "x" } }],
  ["with too long a text", { en: { subject: "a", body: "x".repeat(3001) } }],
])("a message %s is refused", async (_, wrong) => {
  const { id } = await openPetition();
  expect((await asStaff(isolate, "POST", `/petitions/${id}/mailings`, { body: { texts: wrong } })).status).toBe(400);
});

test("a test goes to the staff member who asks, and to nobody else, and its link changes nothing", async () => {
  const { id, addresses } = await petitionWith(2);
  const draft = await draftOn(id);
  const { key, email } = await newStaff("moderator");
  const answer = await asStaff(isolate, "POST", `/mailings/${draft.id}/test`, { key, body: { locale: "de" } });
  expect([answer.status, await answer.json()]).toEqual([202, { status: "on_its_way", locales: ["de"] }]);
  const mail = await nextMail(email);
  expect(mail.subject).toBe("Kommen Sie zur Anhörung");
  const link = /https?:\/\/\S+?(\/u\/\S+)/.exec(mail.text)?.[1] ?? "";
  const pressed = await isolate.fetch(link, {
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: "List-Unsubscribe=One-Click",
  });
  expect(pressed.status).toBe(200);
  const asking = env.DB.prepare("SELECT sum(updates) AS n FROM signatures WHERE petition_no = ?");
  expect(await asking.bind((await mailingRow(draft.id.slice(4))).petition_no).first("n")).toBe(2);
  for (const address of addresses) expect(await mailsTo(address)).toEqual([]);
  expect(await mailingRow(draft.id.slice(4))).toMatchObject({ state: "draft", sent: 0, unsubscribed: 0 });
});

test("staff end a mailing that runs, one that waits, and a draft; what is over is not ended again", async () => {
  const { no } = await openPetition();
  for (const state of ["draft", "waiting", "running", "parked"]) {
    const id = `mlg_${await confirmedMailing(no, { state })}`;
    expect(await (await act(id, "cancel")).json()).toMatchObject({ state: "cancelled", ended_because: "cancelled" });
    expect(await codeOf(await act(id, "cancel"))).toEqual([409, "run_state"]);
  }
});

test("a department sees its petitions' mailings, and neither reads nor decides on another's", async () => {
  const ours = await openPetition({ department_code: "works" });
  const theirs = await openPetition();
  const id = `mlg_${await confirmedMailing(ours.no, { state: "draft" })}`;
  const other = `mlg_${await confirmedMailing(theirs.no, { state: "draft" })}`;
  const key = await staffKey("moderator", "works");
  const listed = await (await asStaff(isolate, "GET", "/mailings?limit=50", { key })).json();
  const ids = (listed as { data: Mailing[] }).data.map((mailing) => mailing.id);
  expect([ids.includes(id), ids.includes(other)]).toEqual([true, false]);
  expect((await asStaff(isolate, "GET", `/mailings/${other}`, { key })).status).toBe(404);
  expect((await asStaff(isolate, "POST", `/mailings/${other}/cancel`, { key })).status).toBe(404);
  expect((await asStaff(isolate, "POST", `/mailings/${id}/cancel`, { key })).status).toBe(200);
  const viewer = await staffKey("viewer");
  expect((await asStaff(isolate, "GET", `/mailings/${other}`, { key: viewer })).status).toBe(200);
  expect((await asStaff(isolate, "POST", `/mailings/${other}/cancel`, { key: viewer })).status).toBe(404);
});

test("the list goes page by page, newest first, by petition and state", async () => {
  const { id, no } = await openPetition();
  const made: string[] = [];
  for (let n = 0; n < 3; n++) made.unshift(`mlg_${await confirmedMailing(no, { state: "done" })}`);
  const running = `mlg_${await confirmedMailing(no, { state: "cancelled" })}`;
  const page = async (query: string) =>
    (await (await asStaff(isolate, "GET", `/mailings?petition=${id}&${query}`)).json()) as {
      data: Mailing[];
      next_cursor: string | null;
    };
  expect((await page("limit=50")).data.map((one) => one.id)).toEqual([running, ...made]);
  const first = await page("state=done&limit=2");
  const second = await page(`state=done&limit=2&cursor=${first.next_cursor}`);
  expect([...first.data, ...second.data].map((one) => one.id)).toEqual(made);
  expect(second.next_cursor).toBeNull();
});

test("everything that staff do is in the audit log, with digests in the place of texts", async () => {
  const { id } = await petitionWith(1);
  const draft = await draftOn(id);
  const { key } = await newStaff("moderator");
  await asStaff(isolate, "POST", `/mailings/${draft.id}/test`, { key, body: {} });
  const headers = { "If-Match": `"${draft.version}"` };
  const edited = await asStaff(isolate, "PUT", `/mailings/${draft.id}`, { body: { texts }, headers });
  await act(draft.id, "confirm", ((await edited.json()) as Mailing).version);
  await act(draft.id, "cancel");
  const acts = await actsOn(id);
  expect(acts.map(({ act: name }) => name)).toEqual([
    ...["mailing.draft", "mailing.test", "mailing.edit", "mailing.confirm", "mailing.cancel"],
  ]);
  expect(JSON.parse(String(acts[3]?.after))).toMatchObject({ mailing: draft.id, expected_recipients: 1 });
  expect(JSON.stringify(acts)).not.toContain("hearing");
});
