import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { coldIsolate } from "../support/isolate.ts";
import { readAsStaff } from "../support/moderation.ts";
import {
  codeIn,
  countOf,
  freshAddress,
  freshEmail,
  linkIn,
  mailsTo,
  nextMail,
  postJson,
  sign,
  tokenOf,
} from "../support/resident.ts";
import { asStaff, newStaff } from "../support/staff.ts";
import { foundTown } from "../support/town.ts";

// A petition from its creator's draft to its end, with every message that people get on the way; over HTTP alone.

const town = coldIsolate({ SUPPORTERS_NEEDED: "2", THRESHOLDS: "response=5" });
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
  expect((await postJson(town, "/v1/verifications", { token })).status).toBe(200);
}

test("from a draft over supporters, changes and approval to a threshold and the last day", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
  const creator = { name: "Bran Brinewell", email: freshEmail() };
  const moderator = await newStaff("moderator");
  const submission = { title: "A lamp at the pier", background: "It is dark.", creator };
  const { id } = (await (await postJson(town, "/v1/petitions", submission)).json()) as { id: string };
  expect(codeIn(await nextMail(creator.email))).toMatch(/^\d{6}$/);
  await verify(creator.email);

  // Its creator shares the link that the mail has; two confirm, and the petition is in the queue.
  const supporter_token = tokenOf(linkIn(await mail(creator.email, 2), "s"));
  for (let n = 0; n < 2; n++) {
    const email = freshEmail();
    expect((await sign(town, id, { email, supporter_token })).status).toBe(202);
    await verify(email);
  }
  const key = moderator.key;
  const queue = (await (await asStaff(town, "GET", "/petitions?waiting=true&limit=100", { key })).json()) as {
    data: { id: string }[];
  };
  expect(queue.data.map((petition) => petition.id)).toContain(id);
  expect((await town.fetch(`/v1/petitions/${id}`)).status).toBe(404);
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
  const creatorsHeaders = {
    Authorization: `Bearer ${tokenOf(linkIn(asked, "e"))}`,
    "Content-Type": "application/json",
    "CF-Connecting-IP": freshAddress(),
  };
  const edited = { title: "A lamp at the south pier", background: "It is dark." };
  const put = await town.fetch(`/v1/petitions/${id}`, {
    ...{ method: "PUT", headers: creatorsHeaders, body: JSON.stringify(edited) },
  });
  expect(put.status).toBe(200);
  const again = await town.fetch(`/v1/petitions/${id}/resubmission`, {
    ...{ method: "POST", headers: creatorsHeaders, body: "{}" },
  });
  expect(again.status).toBe(200);
  const waiting = await readAsStaff(town, id, key);
  expect(waiting).toMatchObject({ state: "moderation", title: edited.title, changes_requested: null });
  expect((waiting.versions as { title: string }[]).map(({ title }) => title)).toEqual([edited.title, submission.title]);

  // Approved for the day after tomorrow: absent until then, and open from its first minute.
  const DAY = 86_400_000;
  const opens = new Date(Date.now() + 2 * DAY).toISOString().slice(0, 10);
  await decide("approve", { opens_at: opens, department: "works" });
  expect((await mail(creator.email, 5)).subject).toContain("accepted");
  expect((await town.fetch(`/v1/petitions/${id}`)).status).toBe(404);
  vi.setSystemTime(Date.now() + 2 * DAY);
  await aMinute();
  expect((await mail(creator.email, 6)).subject).toContain("open");
  const opened = (await (await town.fetch(`/v1/petitions/${id}`)).json()) as { closes_at: string; state: string };
  expect(opened.state).toBe("open");

  // Three and two more are five: the threshold is reached, and creator and moderator are told.
  for (let n = 0; n < 2; n++) {
    const email = freshEmail();
    expect((await sign(town, id, { email })).status).toBe(202);
    await verify(email);
  }
  expect((await mail(creator.email, 7)).text.replace(/\s+/g, " ")).toContain("has reached 5 signatures");
  expect((await nextMail(moderator.email)).text).toContain(id);

  // The last day ends, and the number is final a day later.
  vi.setSystemTime(Date.parse(opened.closes_at) - 60_000);
  await aMinute();
  expect(await (await coldIsolate().fetch(`/v1/petitions/${id}`)).json()).toMatchObject({
    ...{ state: "closed", signature_count: 5, ended_at: opened.closes_at },
  });
  expect((await sign(coldIsolate(), id)).status).toBe(409);
  expect(await countOf(town, id)).toBe(5);
  await aMinute();
  expect((await mailsTo(creator.email)).length).toBe(7);
});
