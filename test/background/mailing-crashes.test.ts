import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { coldIsolate, faultyDatabase, keepingQueue } from "../support/isolate.ts";
import { mortal } from "../support/mortal.ts";
import { listenToLogs, mailingThroughResend, problem, standInForResend } from "../support/resend.ts";
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

// A worker may die between any two things that it does to the outside: each life here ends one step later than the one
// before, until everybody has been written to.

const MINUTE = "* * * * *";
const { settings, keys } = mailingThroughResend();
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

describe("through a provider that knows a call again", () => {
  test("2,000 people get one mail each, wherever workers die", async () => {
    const { signers, id } = await mailingTo(2_000);
    let life = mortal(0);
    const resend = standInForResend({
      fault: () => {
        if (life.isDead()) return { throws: new Error("the worker is dead") };
        life.act();
        return undefined;
      },
    });
    const lives = await untilOver(id, (run) => {
      life = mortal(run);
      return coldIsolate({ ...settings, ...PACE, DB: life.DB });
    });
    expect(lives).toBeGreaterThan(14);
    expect(
      timesOf(
        signers,
        resend.delivered.flatMap(({ to }) => to),
      ),
    ).toEqual({ 1: 2_000 });
    expect(await mailingRow(id)).toMatchObject({
      state: "done",
      recipients: 2_000,
      sent: 2_000,
      failed: 0,
      skipped: 0,
    });
  });

  test("a third of the calls fail, before or after they are taken: one mail each all the same", async () => {
    const { signers, id } = await mailingTo(900);
    const resend = standInForResend({
      fault: (call) => {
        if (call % 6 === 0) return { lost: new Error("the answer is lost") };
        return call % 6 === 3 ? { answer: problem(500, "internal_server_error") } : undefined;
      },
    });
    await untilOver(id, () => coldIsolate({ ...settings, ...PACE }));
    expect(
      timesOf(
        signers,
        resend.delivered.flatMap(({ to }) => to),
      ),
    ).toEqual({ 1: 900 });
    expect(await mailingRow(id)).toMatchObject({ state: "done", sent: 900, failed: 0 });
  });

  test("who unsubscribes between a call and its repetition gets no second mail, and the others none too many", async () => {
    const { signers, petition, id } = await mailingTo(50);
    const resend = standInForResend({ fault: (call) => (call === 1 ? { lost: new Error("lost") } : undefined) });
    await coldIsolate({ ...settings, ...PACE }).cron(MINUTE);
    await env.DB.prepare("UPDATE signatures SET updates = 0 WHERE petition_no = ? AND person_hash % 2 = 0")
      .bind(petition.no)
      .run();
    await untilOver(id, () => coldIsolate({ ...settings, ...PACE }));
    expect(resend.calls.length).toBe(2);
    expect(
      timesOf(
        signers,
        resend.delivered.flatMap(({ to }) => to),
      ),
    ).toEqual({ 1: 50 });
  });

  test("also when a worker dies between a call and its note: the call that goes again is the call that it was", async () => {
    const { signers, petition, id } = await mailingTo(150);
    const resend = standInForResend();
    const DB = faultyDatabase(() => resend.calls.length > 0);
    await coldIsolate({ ...settings, ...PACE, DB }).cron(MINUTE);
    expect(resend.delivered.length).toBe(100);
    await env.DB.prepare("UPDATE signatures SET updates = 0 WHERE petition_no = ? AND person_hash % 2 = 0")
      .bind(petition.no)
      .run();
    vi.setSystemTime(Date.now() + 240_000);
    await untilOver(id, () => coldIsolate({ ...settings, ...PACE }));
    const times = timesOf(
      signers,
      resend.delivered.flatMap(({ to }) => to),
    );
    expect(Object.keys(times).every((n) => Number(n) <= 1)).toBe(true);
    expect(times[1]).toBeLessThan(150);
  });

  test("a call that nobody has answered for within twenty hours is given up, not made again", async () => {
    const { signers, id } = await mailingTo(30);
    const resend = standInForResend({ fault: (call) => (call === 1 ? { lost: new Error("lost") } : undefined) });
    await coldIsolate({ ...settings, ...PACE }).cron(MINUTE);
    vi.setSystemTime(Date.now() + 21 * 60 * 60_000);
    await untilOver(id, () => coldIsolate({ ...settings, ...PACE }));
    expect(resend.calls.length).toBe(1);
    expect(
      timesOf(
        signers,
        resend.delivered.flatMap(({ to }) => to),
      ),
    ).toEqual({ 1: 30 });
    expect(await mailingRow(id)).toMatchObject({ state: "done", recipients: 30, sent: 0, failed: 30 });
  });
});
