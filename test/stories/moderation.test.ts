import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { clientOf, person } from "../support/client.ts";
import { coldIsolate } from "../support/isolate.ts";
import { readAsStaff } from "../support/moderation.ts";
import { codeIn, freshEmail, linkIn, mailsTo, nextMail, tokenOf } from "../support/resident.ts";
import { asStaff, newStaff } from "../support/staff.ts";
import { foundTown } from "../support/town.ts";

// A petition from its creator's draft to its end, with every message that people get on the way; over HTTP alone.

const town = coldIsolate({ SUPPORTERS_NEEDED: "2", THRESHOLDS: "response=5" });
const folkmoot = clientOf(town);
const MINUTE = "* * * * *";

beforeAll(foundTown);
afterEach(() => void vi.useRealTimers());

/** A minute passes: what is due happens, and mail that waits goes out. */
function aMinute(): Promise<void> {
  vi.setSystemTime(Date.now() + 60_000);
  return town.cron(MINUTE);
}

/** The newest mail to an address once it has got so many, the minute's job having rung. */
async function mail(email: string, count: number) {
  await aMinute();
  return nextMail(email, count);
}

async function verify(email: string, count = 1): Promise<void> {
  const token = tokenOf(linkIn(await nextMail(email, count), "v"));
  expect(await folkmoot.verifySignature({ body: { token } })).toMatchObject({ status: "verified" });
}

test("from a draft over supporters, changes and approval to a threshold and the last day", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
  const creator = { name: "Bran Brinewell", email: freshEmail() };
  const moderator = await newStaff("moderator");
  const submission = { title: "A lamp at the pier", background: "It is dark.", creator };
  const { id } = await folkmoot.submitPetition({ body: submission });
  expect(codeIn(await nextMail(creator.email))).toMatch(/^\d{6}$/);
  await verify(creator.email);

  // Its creator shares the link that the mail has; two confirm, and the petition is in the queue.
  const supporter_token = tokenOf(linkIn(await mail(creator.email, 2), "s"));
  for (let n = 0; n < 2; n++) {
    const email = freshEmail();
    await folkmoot.submitSignature({ id, body: person({ email, supporter_token }) });
    await verify(email);
  }
  const key = moderator.key;
  const queue = (await (await asStaff(town, "GET", "/petitions?waiting=true&limit=100", { key })).json()) as {
    data: { id: string }[];
  };
  expect(queue.data.map((petition) => petition.id)).toContain(id);
  await expect(folkmoot.readPetition({ id })).rejects.toMatchObject({ code: "not_found" });
  // Of the first supporter there is no mail: by now the petition is further.
  expect((await mail(creator.email, 3)).subject).toContain("looking at");

  const decide = async (act: string, body: unknown): Promise<Record<string, unknown>> => {
    const { version } = await readAsStaff(town, id, key);
    const headers = { "If-Match": `"${version}"` };
    const answer = await asStaff(town, "POST", `/petitions/${id}/${act}`, { key, body, headers });
    expect(answer.status, act).toBe(200);
    return (await answer.json()) as Record<string, unknown>;
  };

  // Staff ask for a change, the creator makes it, and staff see both texts.
  await decide("request-changes", { message: "Which pier?" });
  const asked = await mail(creator.email, 4);
  expect(asked.text).toContain("Which pier?");
  const creators = clientOf(town, tokenOf(linkIn(asked, "e")));
  const edited = { title: "A lamp at the south pier", background: "It is dark." };
  expect(await creators.editPetition({ id, body: edited })).toMatchObject(edited);
  expect(await creators.resubmitPetition({ id, body: {} })).toMatchObject({ state: "moderation" });
  const waiting = await readAsStaff(town, id, key);
  expect(waiting).toMatchObject({ state: "moderation", title: edited.title, changes_requested: null });
  expect((waiting.versions as { title: string }[]).map(({ title }) => title)).toEqual([edited.title, submission.title]);

  // Approved for the day after tomorrow: absent until then, and open from its first minute.
  const DAY = 86_400_000;
  const opens = new Date(Date.now() + 2 * DAY).toISOString().slice(0, 10);
  await decide("approve", { opens_at: opens, department: "works" });
  expect((await mail(creator.email, 5)).subject).toContain("accepted");
  await expect(folkmoot.readPetition({ id })).rejects.toMatchObject({ code: "not_found" });
  vi.setSystemTime(Date.now() + 2 * DAY);
  await aMinute();
  expect((await mail(creator.email, 6)).subject).toContain("open");
  const opened = await folkmoot.readPetition({ id });
  expect(opened.state).toBe("open");
  const closes = opened.closes_at ?? "";

  // Three and two more are five: the threshold is reached, and creator and moderator are told.
  for (let n = 0; n < 2; n++) {
    const email = freshEmail();
    await folkmoot.submitSignature({ id, body: person({ email }) });
    await verify(email);
  }
  expect((await mail(creator.email, 7)).text.replace(/\s+/g, " ")).toContain("has reached 5 signatures");
  expect((await nextMail(moderator.email)).text).toContain(id);

  // The last day ends, and the number is final a day later.
  vi.setSystemTime(Date.parse(closes) - 60_000);
  await aMinute();
  const later = clientOf(coldIsolate());
  expect(await later.readPetition({ id })).toMatchObject({ state: "closed", signature_count: 5, ended_at: closes });
  const late = later.submitSignature({ id, body: person() });
  await expect(late).rejects.toMatchObject({ code: "petition_not_open" });
  expect(await folkmoot.countPetition({ id })).toMatchObject({ verified: 5 });
  await aMinute();
  // Seven as its creator, and one as somebody who signed it and is told how it goes on.
  expect((await mailsTo(creator.email)).length).toBe(8);
});
