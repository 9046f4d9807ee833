import { env } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import { localDay } from "../../src/lib/local-time.ts";
import { coldIsolate } from "../support/isolate.ts";
import { foundTown, openPetition } from "../support/town.ts";

const HOUR = "17 * * * *";
const DAY_MS = 86_400_000;

beforeAll(foundTown);

/** Signatures of a state, hold and assurance, each at a mailbox of its own. */
const signatures = (
  no: number,
  count: number,
  { state = "verified", hold = null as string | null, assurance = "email", reason = null as string | null } = {},
) =>
  env.DB.prepare(
    `INSERT INTO signatures (petition_no, email_hash, person_hash, submission, state, hold, assurance, invalidated_reason, locale, accepted_at,
       verified_at, verified_hour, ended_at)
     WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
     SELECT ?1, randomblob(8), i, randomblob(16), ?3, ?4, ?5, ?6, 'en', i, i, '2026-11-23T12', iif(?3 = 'invalidated', 1, NULL) FROM n`,
  )
    .bind(no, count, state, hold, assurance, reason)
    .run();

const read = async (id: string) => (await coldIsolate().fetch(`/v1/petitions/${id}/integrity`)).json();

/** A day passes for all reports that were taken. */
const nextDay = () => env.DB.prepare("UPDATE integrity_reports SET day = '2020-01-01'").run();

test("the report tells rounded what is counted, taken out and held, and when it was proved, from the day's first run on", async () => {
  const { id, no } = await openPetition();
  await signatures(no, 23);
  await signatures(no, 7, { assurance: "paper" });
  await signatures(no, 4, { assurance: "eid" });
  await signatures(no, 11, { state: "invalidated", reason: "bots" });
  await signatures(no, 6, { state: "invalidated" });
  await signatures(no, 12, { hold: "rate" });
  const nothing = { verified: {}, invalidated: {}, held: 0, reconciliation: { day: null, repaired_day: null } };
  expect(await read(id)).toEqual({ petition_id: id, as_of: null, ...nothing });
  await coldIsolate().cron("* * * * *");
  await Promise.all([coldIsolate().cron(HOUR), coldIsolate().cron(HOUR)]);
  const report = {
    petition_id: id,
    as_of: expect.stringMatching(/^20.*Z$/),
    verified: { email: 20, paper: 5 }, // of 34: 9 are in neither
    invalidated: { bots: 5, unstated: 5 }, // of 17
    held: 5, // of 12
    reconciliation: { day: localDay(Date.now(), "Europe/London"), repaired_day: null },
  };
  expect(await read(id)).toEqual(report);

  // It is the day's: what comes later is the next day's, and nine more of a kind are nobody's business.
  await signatures(no, 40);
  await signatures(no, 3, { assurance: "paper" });
  await signatures(no, 9, { hold: "rate" });
  await coldIsolate().cron(HOUR);
  expect(await read(id)).toEqual(report);
  await nextDay();
  await coldIsolate().cron(HOUR);
  expect(await read(id)).toEqual({ ...report, verified: { email: 60, paper: 10 } });
});

test("the day of a repair is told", async () => {
  const { id, no } = await openPetition();
  await signatures(no, 5);
  await env.DB.prepare("UPDATE petition_tallies SET verified = 40, email = 40 WHERE petition_no = ?").bind(no).run();
  await coldIsolate().cron("* * * * *");
  const today = localDay(Date.now(), "Europe/London");
  expect(await read(id)).toMatchObject({ reconciliation: { day: today, repaired_day: today } });
  await env.DB.prepare("UPDATE reconciliations SET repaired_at = repaired_at - ?")
    .bind(3 * DAY_MS)
    .run();
  expect(await read(id)).toMatchObject({
    reconciliation: { day: today, repaired_day: localDay(Date.now() - 3 * DAY_MS, "Europe/London") },
  });
});

test("it is absent for what is not public and carries an ETag", async () => {
  for (const state of ["draft", "gathering", "moderation", "changes_requested"]) {
    expect((await coldIsolate().fetch(`/v1/petitions/${(await openPetition({ state })).id}/integrity`)).status).toBe(
      404,
    );
  }
  const hidden = await openPetition({ state: "hidden", rejection_code: "offensive" });
  expect((await coldIsolate().fetch(`/v1/petitions/${hidden.id}/integrity`)).status).toBe(404);
  const { id } = await openPetition();
  const isolate = coldIsolate();
  const first = await isolate.fetch(`/v1/petitions/${id}/integrity`);
  const headers = { "If-None-Match": first.headers.get("ETag") ?? "" };
  expect((await isolate.fetch(`/v1/petitions/${id}/integrity`, { headers })).status).toBe(304);
});
