import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { coldIsolate, keepingQueue } from "../support/isolate.ts";
import { decided } from "../support/moderation.ts";
import { mailsTo } from "../support/resident.ts";
import { asStaff } from "../support/staff.ts";
import { clearMailings, people, subscribersOf } from "../support/subscribers.ts";
import { foundTown, openPetition } from "../support/town.ts";

const MINUTE = "* * * * *";
const HOUR = 3_600_000;
const isolate = coldIsolate();
// Other mail of the same event goes first; here nobody delivers it, so it is taken away.
const run = async () => {
  await env.DB.prepare("UPDATE outbox SET state = 'sent' WHERE state = 'waiting'").run();
  await coldIsolate({ MAIL: keepingQueue() }).cron(MINUTE);
};
const wait = (ms: number) => vi.setSystemTime(Date.now() + ms);

beforeAll(foundTown);

beforeEach(async () => {
  await clearMailings();
  // The database has a clock of its own, which goes on: what it makes is due when the Worker looks.
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 60_000 });
});

afterEach(() => void vi.useRealTimers());

async function petitionWith(count: number, columns = {}) {
  const petition = await openPetition(columns);
  const addresses = people(count);
  await subscribersOf(
    petition,
    addresses.map((email) => ({ email })),
  );
  return { ...petition, addresses };
}

const mailingsOf = async (no: number) =>
  (
    await env.DB.prepare(
      "SELECT kind, about, state, signatures, ended_because, sent FROM mailings WHERE petition_no = ? ORDER BY id",
    )
      .bind(no)
      .all<Record<string, unknown>>()
  ).results;

const subjects = async (address: string) => (await mailsTo(address)).map(({ subject }) => subject).reverse();

const setThreshold = (no: number, name: string, signatures: number) =>
  env.DB.prepare("INSERT INTO thresholds (petition_no, name, signatures) VALUES (?, ?, ?)")
    .bind(no, name, signatures)
    .run();

const takeOut = (no: number) =>
  env.DB.prepare(
    "UPDATE signatures SET state = 'invalidated', ended_at = 1 WHERE petition_no = ?1 AND email_hash = (SELECT min(email_hash) FROM signatures WHERE petition_no = ?1 AND state = 'verified')",
  )
    .bind(no)
    .run();

const putBack = (no: number) =>
  env.DB.prepare(
    "UPDATE signatures SET state = 'verified', ended_at = NULL WHERE petition_no = ? AND state = 'invalidated'",
  )
    .bind(no)
    .run();

test("a threshold that is reached is told once to those who asked, with the number that was to be reached", async () => {
  const { no, addresses } = await petitionWith(3);
  await setThreshold(no, "response", 2);
  expect(await mailingsOf(no)).toMatchObject([{ kind: "threshold", about: "response", state: "waiting" }]);
  await run();
  await run();
  expect(await mailingsOf(no)).toMatchObject([{ state: "done", signatures: 2, sent: 3 }]);
  const [mail] = await mailsTo(addresses[0] as string);
  expect(mail?.text.replaceAll("\n", " ")).toContain("has reached 2 signatures. The municipality will give an answer");
  await takeOut(no);
  await takeOut(no);
  await putBack(no);
  await run();
  expect(await mailsTo(addresses[0] as string)).toHaveLength(1);
});

test("a threshold that is lost before anybody was told is told when it is reached again", async () => {
  const { no, addresses } = await petitionWith(2);
  await setThreshold(no, "hearing", 2);
  await takeOut(no);
  expect(await mailingsOf(no)).toEqual([]);
  await putBack(no);
  await run();
  expect(await mailingsOf(no)).toMatchObject([{ about: "hearing", state: "done", sent: 2 }]);
  expect(await subjects(addresses[1] as string)).toEqual([expect.stringContaining("reached its goal")]);
});

test("one that is lost while it is told stops, and is not told again", async () => {
  const { no, addresses } = await petitionWith(12);
  await setThreshold(no, "response", 12);
  await env.DB.prepare("UPDATE outbox SET state = 'sent' WHERE state = 'waiting'").run();
  await coldIsolate({ MAIL: keepingQueue(), MAILINGS_PER_MINUTE: "5" }).cron(MINUTE);
  await takeOut(no);
  await putBack(no);
  wait(HOUR);
  await run();
  expect(await mailingsOf(no)).toMatchObject([{ state: "stopped", ended_because: "no_longer_so", sent: 5 }]);
  expect((await Promise.all(addresses.map(mailsTo))).flat()).toHaveLength(5);
});

test("the municipality's answer is told once, with its summary; an amendment is not", async () => {
  const { id, no, addresses } = await petitionWith(2);
  const publish = async (summary: string) => {
    const { version } = (await (await asStaff(isolate, "GET", `/petitions/${id}/response`)).json()) as {
      version: number;
    };
    const headers = { "If-Match": `"${version}"` };
    await asStaff(isolate, "PUT", `/petitions/${id}/response`, { body: { summary, details: "All of it." }, headers });
    await decided(isolate, id, "response/publish").catch(() => undefined);
  };
  await publish("Six benches by May.");
  await publish("Six benches by June.");
  await run();
  await publish("Six benches by July.");
  await run();
  expect(await mailingsOf(no)).toMatchObject([{ kind: "response", about: "1", state: "done", sent: 2 }]);
  const mails = await mailsTo(addresses[0] as string);
  expect(mails).toHaveLength(1);
  expect(mails[0]?.text).toContain("Six benches by May.");
});

test("the end is told a day later, when the number is final", async () => {
  const { id, no, addresses } = await petitionWith(2);
  await decided(isolate, id, "stop", { reason: "Done." });
  wait(23 * HOUR);
  await run();
  expect(await mailingsOf(no)).toMatchObject([{ kind: "end", state: "waiting", sent: 0 }]);
  // Somebody confirms within the day that is left.
  await subscribersOf({ no, uuid: id.slice(4) }, [{ email: people(1)[0] as string, acceptedAt: Date.now() }]);
  wait(HOUR + 1_000);
  await run();
  expect(await mailingsOf(no)).toMatchObject([{ kind: "end", state: "done", signatures: 3, sent: 3 }]);
  const [mail] = await mailsTo(addresses[0] as string);
  expect(mail?.text.replaceAll("\n", " ")).toContain("The final number of signatures is 3.");
});

test("a petition that closes by itself tells its end too, and one that is opened again before does not", async () => {
  const [closes, reopens] = [await petitionWith(1), await petitionWith(1)];
  const end = env.DB.prepare("UPDATE petitions SET closes_at = ? WHERE no = ?");
  await env.DB.batch([closes, reopens].map(({ no }) => end.bind(Date.now() - 1_000, no)));
  await isolate.cron(MINUTE);
  await env.DB.prepare("UPDATE petitions SET state = 'open', closes_at = ?, ended_at = NULL WHERE no = ?")
    .bind(Date.now() + 90 * 24 * HOUR, reopens.no)
    .run();
  expect(await mailingsOf(reopens.no)).toEqual([]);
  wait(25 * HOUR);
  await run();
  expect(await mailingsOf(closes.no)).toMatchObject([{ kind: "end", state: "done", sent: 1 }]);
  expect(await mailsTo(reopens.addresses[0] as string)).toEqual([]);
});

test("two that begin at once go one after the other, the older first", async () => {
  const { no, addresses } = await petitionWith(2);
  await setThreshold(no, "response", 1);
  await setThreshold(no, "hearing", 2);
  for (let n = 0; n < 4; n++) await run();
  expect(await mailingsOf(no)).toMatchObject([
    { about: "response", state: "done", sent: 2 },
    { about: "hearing", state: "done", sent: 2 },
  ]);
  expect(await mailsTo(addresses[0] as string)).toHaveLength(2);
});

test("a petition that is hidden tells nobody anything, also not of what waited", async () => {
  const { id, no, addresses } = await petitionWith(1);
  await setThreshold(no, "response", 1);
  await decided(isolate, id, "reject", { code: "defamatory" });
  await run();
  expect(await mailingsOf(no)).toMatchObject([{ state: "stopped", ended_because: "petition_hidden", sent: 0 }]);
  expect(await mailsTo(addresses[0] as string)).toEqual([]);
});
