import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { coldIsolate, keepingQueue } from "../support/isolate.ts";
import {
  cloudflareEvent,
  HARD,
  listenToLogs,
  mailingThroughResend,
  PERMANENT,
  type ResendMail,
  resendEvent,
  signWebhook,
  standInForResend,
} from "../support/resend.ts";
import { clearMailings, confirmedMailing, mailingRow, people, subscribersOf } from "../support/subscribers.ts";
import { foundTown, openPetition } from "../support/town.ts";

const { settings, keys } = mailingThroughResend();
const MINUTE = "* * * * *";
let logs: ReturnType<typeof listenToLogs>;

beforeAll(foundTown);
beforeEach(async () => {
  await clearMailings();
  logs = listenToLogs();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  expect(logs.text).not.toContain("example.org");
});

/** A mailing that has gone to some people through Resend. */
async function mailed(count: number) {
  const signers = people(count);
  const petition = await openPetition({}, keys);
  await subscribersOf(
    petition,
    signers.map((email) => ({ email })),
    keys,
  );
  const id = await confirmedMailing(petition.no);
  const resend = standInForResend();
  await coldIsolate({ ...settings, MAIL: keepingQueue() }).cron(MINUTE);
  expect((await mailingRow(id)).state).toBe("done");
  return { petition, id, signers, mailTo: (address: string) => resend.mailTo(address) as ResendMail };
}

/** What Resend's webhook puts into the queue. */
async function queued(event: object, id?: string) {
  const MAIL_EVENTS = keepingQueue();
  const body = JSON.stringify(event);
  const headers = await signWebhook(body, id === undefined ? {} : { id });
  const answer = await coldIsolate({ ...settings, MAIL_EVENTS }).fetch("/hooks/resend", {
    method: "POST",
    body,
    headers,
  });
  expect(answer.status).toBe(204);
  return MAIL_EVENTS.sent[0];
}

const deliver = (messages: readonly unknown[]) => coldIsolate(settings).deliver("mail-events", messages);

const updatesOf = (no: number) =>
  env.DB.prepare("SELECT sum(updates) AS n FROM signatures WHERE petition_no = ?").bind(no).first<number>("n");

test("what comes back through Resend is counted by its mailing, once however often it comes", async () => {
  const { id, signers, petition, mailTo } = await mailed(4);
  const events = [
    await queued(resendEvent("email.bounced", mailTo(signers[0] as string), PERMANENT)),
    await queued(resendEvent("email.complained", mailTo(signers[1] as string))),
    await queued(resendEvent("email.delivered", mailTo(signers[2] as string))),
  ];
  for (let n = 0; n < 3; n++) expect(await deliver(events)).toEqual([]);
  expect(await mailingRow(id)).toMatchObject({ sent: 4, bounced: 1, complained: 1 });
  // Who complained has asked for nothing any more; the tag that came back names nobody.
  expect(await updatesOf(petition.no)).toBe(3);
  const trouble = env.DB.prepare(
    "SELECT mail_trouble AS t FROM signatures WHERE petition_no = ? AND mail_trouble > ''",
  );
  const { results } = await trouble.bind(petition.no).all<{ t: string }>();
  expect(results.map(({ t }) => t).sort()).toEqual(["bounced_hard", "complained"]);
  expect(JSON.stringify(events)).not.toContain("example.org");
});

test("a mailbox that complained gets no further mailing, and neither does one that is gone", async () => {
  const { petition, signers, mailTo } = await mailed(3);
  await deliver([
    await queued(resendEvent("email.bounced", mailTo(signers[0] as string), PERMANENT)),
    await queued(resendEvent("email.complained", mailTo(signers[1] as string))),
  ]);
  const second = await confirmedMailing(petition.no);
  const resend = standInForResend();
  await env.DB.prepare("UPDATE mailing_turn SET due_at = 0").run();
  await coldIsolate({ ...settings, MAIL: keepingQueue() }).cron(MINUTE);
  expect(resend.received(signers)).toEqual([0, 0, 1]);
  expect(await mailingRow(second)).toMatchObject({ recipients: 2, sent: 1, skipped: 1 });
});

test("Cloudflare names only the address: the latest mailing that wrote to it counts it, once", async () => {
  const [first, last] = [await mailed(2), await mailed(2)];
  const [both = ""] = people(1);
  for (const { petition, id } of [first, last]) {
    await subscribersOf(petition, [{ email: both }], keys);
    await env.DB.prepare("UPDATE mailings SET started_at = ? WHERE id = ?")
      .bind(Date.now() - (id === first.id ? 60_000 : 30_000), id)
      .run();
  }
  const events = [
    cloudflareEvent("bounced", both, HARD),
    cloudflareEvent("bounced", first.signers[0] as string, HARD),
    cloudflareEvent("complained", first.signers[1] as string),
    cloudflareEvent("bounced", people(1)[0] as string, HARD),
    cloudflareEvent("delivered", last.signers[0] as string),
  ];
  for (let n = 0; n < 2; n++) expect(await deliver(events)).toEqual([]);
  expect(await mailingRow(first.id)).toMatchObject({ bounced: 1, complained: 1 });
  expect(await mailingRow(last.id)).toMatchObject({ bounced: 1, complained: 0 });
  expect(await updatesOf(first.petition.no)).toBe(2);
});
