import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { coldIsolate, faultyDatabase } from "../support/isolate.ts";
import { expectTalliesToEqualRecount } from "../support/recount.ts";
import { mailsTo, nextMail } from "../support/resident.ts";
import { asStaff, newStaff } from "../support/staff.ts";
import { foundTown, openPetition } from "../support/town.ts";

const MINUTE = "* * * * *";
const isolate = coldIsolate();

beforeAll(foundTown);

// A test's petition is the only one that is due.
beforeEach(() =>
  env.DB.batch(
    ["DELETE FROM recounts", "UPDATE reconciliations SET due_at = 9e15", "UPDATE staff SET revoked_at = 1"].map((sql) =>
      env.DB.prepare(sql),
    ),
  ),
);

/** A petition with verified signatures, and its tally off by some. */
async function petition({
  signatures = 20,
  off = 0,
  ...columns
}: {
  signatures?: number;
  off?: number;
  department_code?: string;
} = {}) {
  const made = await openPetition(columns);
  await crowd(made.no, signatures);
  if (off !== 0) await tamper(made.no, off);
  return made;
}

const crowd = (no: number, total: number) =>
  env.DB.prepare(
    `INSERT INTO signatures (petition_no, email_hash, person_hash, submission, state, locale, area_code, channel, accepted_at, verified_at, verified_hour)
     WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
     SELECT ?1, randomblob(8), i, randomblob(16), 'verified', 'en', 'north', 'poster', i, i, '2026-11-23T1' || CAST(i % 10 AS INTEGER) FROM n`,
  )
    .bind(no, total)
    .run();

const tamper = (no: number, by: number) =>
  env.DB.prepare("UPDATE petition_tallies SET verified = verified + ?1, email = email + ?1 WHERE petition_no = ?2")
    .bind(by, no)
    .run();

const rowsOf = async (sql: string, ...values: unknown[]) =>
  (
    await env.DB.prepare(sql)
      .bind(...values)
      .all()
  ).results;
const differencesOf = (no: number) => rowsOf("SELECT outcome, cells FROM tally_differences WHERE petition_no = ?", no);
const reconciliationOf = async (no: number) =>
  (await rowsOf("SELECT * FROM reconciliations WHERE petition_no = ?", no))[0] as Record<string, number | null>;
const stageOf = async (no: number) =>
  (await rowsOf("SELECT pass, length(passed) AS passed FROM recounts WHERE petition_no = ?", no))[0];

test("a petition is recounted once a day, by the minute's job, and a doubled run changes nothing", async () => {
  const { no } = await petition();
  const before = Date.now();
  await Promise.all([isolate.cron(MINUTE), isolate.cron(MINUTE)]);
  const first = await reconciliationOf(no);
  expect(first.reconciled_at).toBeGreaterThanOrEqual(before);
  expect(first).toMatchObject({ due_at: Number(first.reconciled_at) + 86_400_000, repaired_at: null });
  await isolate.cron(MINUTE);
  expect(await reconciliationOf(no)).toEqual(first);
  expect(await differencesOf(no)).toEqual([]);
});

test("counts across petitions follow a repair, also of cells that leave the petition's number as it was", async () => {
  const { id, no } = await petition();
  const HOUR = "17 * * * *";
  const cell = "UPDATE area_tallies SET verified = verified + ?1 WHERE petition_no = ?2 AND area_code = 'north'";
  await env.DB.prepare(cell).bind(-3, no).run();
  const across = async () =>
    JSON.parse(String((await rowsOf("SELECT areas FROM petition_snapshots WHERE petition_no = ?", no))[0]?.areas))
      .north;
  await isolate.cron(HOUR);
  expect(await across()).toBe(17);
  await env.DB.prepare("UPDATE reconciliations SET due_at = 0 WHERE petition_no = ?").bind(no).run();
  await isolate.cron(MINUTE);
  await isolate.cron(HOUR);
  const answer = await asStaff(isolate, "GET", `/petitions/${id}/counts?by=area`);
  const { by } = (await answer.json()) as { by: { area: { key: string; count: number }[] } };
  expect(by.area).toEqual([expect.objectContaining({ key: "north", count: 20 })]);
  expect(await across()).toBe(20);
});

test("a tally tampered with by hand is repaired, recorded, and shown to staff who see the petition", async () => {
  const { no, id } = await petition({ off: 22, department_code: "works" });
  const { key } = await newStaff("viewer", "works");
  await Promise.all([isolate.cron(MINUTE), isolate.cron(MINUTE), isolate.cron(MINUTE)]);
  await isolate.cron(MINUTE);
  await expectTalliesToEqualRecount(no);
  expect(await differencesOf(no)).toHaveLength(1);
  const answer = await asStaff(isolate, "GET", `/reconciliations?petition=${id}`, { key });
  const { data } = (await answer.json()) as { data: Record<string, unknown>[] };
  const cells = [
    { cell: "state:verified", before: 42, after: 20 },
    { cell: "assurance:email", before: 42, after: 20 },
  ];
  expect(data).toEqual([
    expect.objectContaining({ petition_id: id, outcome: "repaired", cells: expect.arrayContaining(cells) }),
  ]);
  expect((await reconciliationOf(no)).repaired_at).toBe((await reconciliationOf(no)).reconciled_at);
});

test("what has ended is recounted once a week", async () => {
  const { no } = await petition();
  await env.DB.prepare("UPDATE petitions SET state = 'closed', ended_at = 1 WHERE no = ?").bind(no).run();
  await isolate.cron(MINUTE);
  const { due_at, reconciled_at } = await reconciliationOf(no);
  expect(Number(due_at) - Number(reconciled_at)).toBe(7 * 86_400_000);
});

test("differences are listed the newest first, in pages, and a department's staff read no other's", async () => {
  await env.DB.prepare(`INSERT OR IGNORE INTO departments VALUES ('schools', '{"en":"Schools"}')`).run();
  const found: string[] = [];
  for (const department_code of ["schools", "works", "schools"]) {
    const { id } = await petition({ off: 5, department_code });
    await isolate.cron(MINUTE);
    if (department_code === "schools") found.unshift(id);
  }
  const { key } = await newStaff("viewer", "schools");
  const read = async (path: string) =>
    (await asStaff(isolate, "GET", path, { key })).json() as Promise<{
      data: { petition_id: string }[];
      next_cursor: string | null;
    }>;
  const first = await read("/reconciliations?limit=1");
  const second = await read(`/reconciliations?limit=1&cursor=${first.next_cursor}`);
  expect([...first.data, ...second.data].map(({ petition_id }) => petition_id)).toEqual(found);
  expect(second.next_cursor).toBeNull();
  const { id } = await petition({ department_code: "works" });
  expect((await asStaff(isolate, "GET", `/reconciliations?petition=${id}`, { key })).status).toBe(404);
});

test("each moderator who sees the petition gets one mail of a difference, in the own language; others get none", async () => {
  const { id } = await petition({ off: 22, department_code: "works" });
  const [everything, department, viewer, gone] = [
    await newStaff("moderator"),
    await newStaff("admin", "works"),
    await newStaff("viewer"),
    await newStaff("moderator"),
  ];
  await env.DB.batch([
    env.DB.prepare("UPDATE staff SET locale = 'de' WHERE email = ?").bind(department.email),
    env.DB.prepare("UPDATE staff SET revoked_at = 1 WHERE email = ?").bind(gone.email),
  ]);
  for (let run = 0; run < 4; run++) await isolate.cron(MINUTE);
  const mail = await nextMail(everything.email);
  expect(mail.subject).toBe("A count has been checked and was wrong: “Benches for the market square”");
  expect(mail.text.replaceAll("\n", " ")).toContain("Verified signatures: 42 until now, 20 by the new count.");
  expect(mail.text).toContain(`/v1/admin/reconciliations?petition=${id}`);
  expect((await nextMail(department.email)).text.replaceAll("\n", " ")).toContain(
    "bisher 42, nach der neuen Zählung 20",
  );
  expect(await mailsTo(viewer.email)).toEqual([]);
  expect(await mailsTo(gone.email)).toEqual([]);
});

test("a threshold that only a false tally reached is taken back, and one that it hid is stamped", async () => {
  const [high, low] = [await petition(), await petition()];
  await env.DB.prepare(
    "INSERT INTO thresholds (petition_no, name, signatures) VALUES (?, 'response', 30), (?, 'response', 10)",
  )
    .bind(high.no, low.no)
    .run();
  await tamper(high.no, 22);
  await tamper(low.no, -15);
  const stamp = async ({ no }: { no: number }) =>
    (await rowsOf("SELECT reached_at FROM thresholds WHERE petition_no = ?", no))[0]?.reached_at;
  expect([await stamp(high), await stamp(low)]).toEqual([expect.any(Number), null]);
  for (let run = 0; run < 4; run++) await isolate.cron(MINUTE);
  expect([await stamp(high), await stamp(low)]).toEqual([null, expect.any(Number)]);
});

test("a run that dies at any call of the database is taken up by the next, and repairs once", async () => {
  for (let dies = 1; dies <= 12; dies++) {
    const { no } = await petition({ off: 3 });
    await coldIsolate({ DB: faultyDatabase((call) => call === dies) }).cron(MINUTE);
    for (let run = 0; run < 2; run++) await isolate.cron(MINUTE);
    expect(
      (await differencesOf(no)).map(({ outcome }) => outcome),
      `dies at ${dies}`,
    ).toEqual(["repaired"]);
    await expectTalliesToEqualRecount(no);
  }
});

test("a difference that changes from pass to pass is told, and nothing is changed", async () => {
  const { no } = await petition({ signatures: 5 });
  const { email } = await newStaff("moderator");
  // Somebody tampers after each pass.
  let pass = 0;
  const DB = new Proxy(env.DB, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (name !== "batch") return typeof value === "function" ? value.bind(target) : value;
      return async (statements: D1PreparedStatement[]) => {
        const stage = await stageOf(no);
        if (Number(stage?.pass ?? 1) > pass) await tamper(no, ++pass);
        return target.batch(statements);
      };
    },
  });
  await coldIsolate({ DB }).cron(MINUTE);
  expect(await differencesOf(no)).toEqual([
    {
      outcome: "unsettled",
      cells: JSON.stringify({ "state:verified": { tally: 15, rows: 5 }, "assurance:email": { tally: 15, rows: 5 } }),
    },
  ]);
  expect(await rowsOf("SELECT verified FROM petition_tallies WHERE petition_no = ?", no)).toEqual([{ verified: 15 }]);
  expect((await reconciliationOf(no)).reconciled_at).toBeNull();
  await isolate.cron(MINUTE);
  expect((await nextMail(email)).text).toContain("Nothing has been changed.");
});

describe("with 120,000 signatures", () => {
  const TOTAL = 120_000;

  test("runs are bounded: each reads a part, until all are counted, also while people sign", async () => {
    const { no } = await petition({ signatures: TOTAL });
    const costs: { read: number; written: number; calls: number }[] = [];
    for (let run = 0; run < 10 && (await reconciliationOf(no)).due_at === 0; run++) {
      const cost = { read: 0, written: 0, calls: 0 };
      const DB = new Proxy(env.DB, {
        get(target, name) {
          const value = Reflect.get(target, name);
          if (name !== "batch") return typeof value === "function" ? value.bind(target) : value;
          return async (statements: D1PreparedStatement[]) => {
            cost.calls++;
            const results = await target.batch(statements);
            for (const { meta } of results) {
              cost.read += meta.rows_read;
              cost.written += meta.rows_written;
            }
            return results;
          };
        },
      });
      await coldIsolate({ DB }).cron(MINUTE);
      costs.push(cost);
      await crowd(no, 50);
      await env.DB.prepare(
        "UPDATE signatures SET hold = 'burst' WHERE petition_no = ?1 AND email_hash IN (SELECT email_hash FROM signatures WHERE petition_no = ?1 AND hold IS NULL LIMIT 20)",
      )
        .bind(no)
        .run();
    }
    console.log(JSON.stringify({ event: "reconciliation_cost", total: TOTAL, costs }));
    expect(costs.length).toBe(4);
    // A run counts 40,000 rows: each is read to find the end of its slice and to count it, and once a tally and key.
    for (const { read, written, calls } of costs) {
      expect(read).toBeLessThan(20 * 40_000);
      expect(written).toBeLessThan(400);
      expect(calls).toBeLessThan(60);
    }
    expect(await differencesOf(no)).toEqual([]);
    await expectTalliesToEqualRecount(no);
  }, 120_000);
});
