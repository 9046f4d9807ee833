import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { toBase64 } from "../../src/lib/bytes.ts";
import { coldIsolate, keepingQueue } from "../support/isolate.ts";
import { mortal } from "../support/mortal.ts";
import { listenToLogs, mailingThroughResend } from "../support/resend.ts";
import {
  clearMailings,
  confirmedMailing,
  mailingRow,
  people,
  subscribersOf,
  timesOf,
  untilOver,
} from "../support/subscribers.ts";
import { foundTown, openPetition } from "../support/town.ts";

// What `send_email` promises less than a provider that knows a call again; see mailing-crashes.test.ts for that one.

const MINUTE = "* * * * *";
const { keys, rootKey } = mailingThroughResend();
const PACE = { MAILINGS_PER_MINUTE: "60000", MAIL: keepingQueue() };

let logs: ReturnType<typeof listenToLogs>;

beforeAll(foundTown);

beforeEach(async () => {
  await clearMailings();
  logs = listenToLogs();
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  expect(logs.text).not.toContain("example.org");
});

async function mailingTo(count: number) {
  const signers = people(count);
  const petition = await openPetition({}, keys);
  await subscribersOf(
    petition,
    signers.map((email) => ({ email })),
    keys,
  );
  return { signers, petition, id: await confirmedMailing(petition.no) };
}

describe("through a provider that knows no call again", () => {
  const through = (overrides: Record<string, unknown>) =>
    coldIsolate({
      ...{ ENVIRONMENT: "production", PUBLIC_URL: "https://petitions.example", ROOT_KEY: toBase64(rootKey) },
      ...{ MAIL_CAPTURE: undefined, ...PACE },
      ...overrides,
    });
  const BATCH = 10;

  test("everybody gets at least one mail, and each death repeats one part at most", async () => {
    const count = 800;
    const { signers, id } = await mailingTo(count);
    const delivered: string[] = [];
    const lives = await untilOver(id, (run) => {
      // Seven at a time: a part takes fifteen steps, so that in the end somebody has died at each.
      const life = mortal(7 * run);
      const send = async ({ to }: { to: string }) => {
        life.act();
        delivered.push(to);
      };
      return through({ DB: life.DB, MAILER: { send } });
    });
    expect(lives).toBeGreaterThan(15);
    const times = timesOf(signers, delivered);
    expect(times[0]).toBeUndefined();
    expect(delivered.length - count).toBeLessThanOrEqual((lives - 1) * BATCH);
    expect(Object.keys(times).every((n) => Number(n) <= 3)).toBe(true);
    expect(await mailingRow(id)).toMatchObject({
      state: "done",
      recipients: count,
      sent: count,
      failed: 0,
      skipped: 0,
    });
  });

  test("a third of the mails fail for a while: nobody waits for them, and everybody has one mail in the end", async () => {
    const { signers, id } = await mailingTo(240);
    const delivered: string[] = [];
    let n = 0;
    const MAILER = {
      async send({ to }: { to: string }) {
        if (++n % 3 === 0) throw Object.assign(new Error("no"), { code: "E_INTERNAL_SERVER_ERROR" });
        delivered.push(to);
      },
    };
    await through({ MAILER }).cron(MINUTE);
    expect(delivered.length).toBeGreaterThan(150);
    await untilOver(id, () => through({ MAILER }));
    expect(timesOf(signers, delivered)).toEqual({ 1: 240 });
    expect(await mailingRow(id)).toMatchObject({ state: "done", sent: 240, failed: 0 });
  });

  test("mails that can't be delivered are counted, in every try or for good, and stop nobody else's", async () => {
    const { signers, id } = await mailingTo(60);
    const delivered: string[] = [];
    const MAILER = {
      async send({ to }: { to: string }) {
        if (to === signers[7]) throw Object.assign(new Error("no"), { code: "E_RECIPIENT_NOT_ALLOWED" });
        if (to === signers[21]) throw Object.assign(new Error("no"), { code: "E_DELIVERY_FAILED" });
        if (to === signers[33]) throw Object.assign(new Error("no"), { code: "E_RECIPIENT_SUPPRESSED" });
        delivered.push(to);
      },
    };
    await through({ MAILER }).cron(MINUTE);
    expect(await mailingRow(id)).toMatchObject({ state: "running", sent: 57, failed: 1, skipped: 1 });
    await untilOver(id, () => through({ MAILER }));
    expect(delivered.length).toBe(57);
    expect(await mailingRow(id)).toMatchObject({ state: "done", recipients: 60, sent: 57, failed: 2, skipped: 1 });
  });

  test.each([40, 3])(
    "a provider that takes nothing for hours parks the mailing of %i instead of losing people, and it goes on when told to",
    async (count) => {
      const { signers, id } = await mailingTo(count);
      let down = true;
      const delivered: string[] = [];
      const MAILER = {
        async send({ to }: { to: string }) {
          if (down) throw Object.assign(new Error("no"), { code: "E_DAILY_LIMIT_EXCEEDED" });
          delivered.push(to);
        },
      };
      await untilOver(id, () => through({ MAILER }));
      expect(await mailingRow(id)).toMatchObject({ state: "parked", error: "E_DAILY_LIMIT_EXCEEDED", failed: 0 });
      down = false;
      vi.setSystemTime(Date.now() + 61 * 60_000);
      await through({ MAILER }).cron(MINUTE);
      expect(delivered).toEqual([]);
      const answer = await coldIsolate().fetch(`/v1/admin/mailings/mlg_${id}/resume`, {
        method: "POST",
        headers: { Authorization: "Bearer fm_staff_local" },
      });
      expect(answer.status).toBe(200);
      await untilOver(id, () => through({ MAILER }));
      expect(timesOf(signers, delivered)).toEqual({ 1: count });
      expect(await mailingRow(id)).toMatchObject({ state: "done", sent: count, failed: 0 });
    },
  );
});
