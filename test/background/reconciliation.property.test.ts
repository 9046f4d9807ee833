import { env } from "cloudflare:workers";
import fc from "fast-check";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { openDatabase } from "../../src/db/database.ts";
import { reconcileTallies } from "../../src/integrity/reconcile-tallies.ts";
import { expectTalliesToEqualRecount } from "../support/recount.ts";
import { foundTown, openPetition } from "../support/town.ts";

beforeAll(foundTown);

// A test's petition is the only one that is due.
beforeEach(() =>
  env.DB.batch(["DELETE FROM recounts", "UPDATE reconciliations SET due_at = 9e15"].map((sql) => env.DB.prepare(sql))),
);

const { db } = openDatabase(env.DB);
const clock = () => Date.now();
/** One slice of two rows, or the comparison at the end. */
const step = () => reconcileTallies({ db, clock, slice: 2, most: 1 });
const differencesOf = async (no: number) =>
  (
    await env.DB.prepare("SELECT outcome, cells FROM tally_differences WHERE petition_no = ?")
      .bind(no)
      .all<{ outcome: string; cells: string }>()
  ).results;
const isDue = async (no: number) =>
  (await env.DB.prepare("SELECT due_at FROM reconciliations WHERE petition_no = ?")
    .bind(no)
    .first<number>("due_at")) === 0;

/** Which pass the recount is in: the second only when the first found a difference. */
const passOf = async (no: number) =>
  (await env.DB.prepare("SELECT pass FROM recounts WHERE petition_no = ?").bind(no).first<number>("pass")) ?? 1;

let passes = 1;

/** Slices until the petition is reconciled. */
async function finish(no: number): Promise<void> {
  for (let steps = 0; await isDue(no); steps++) {
    if (steps > 200) throw new Error("the recount does not end");
    await step();
    passes = Math.max(passes, await passOf(no));
  }
}

const row =
  "(SELECT email_hash FROM signatures WHERE petition_no = ?1 ORDER BY email_hash LIMIT 1 OFFSET CAST(?2 AS INTEGER))";
const change = (set: string, when: string) =>
  `UPDATE signatures SET ${set} WHERE petition_no = ?1 AND email_hash = ${row} AND ${when}`;
const MOVES = {
  verify: change(
    "state = 'verified', verified_at = 1, verified_hour = '2026-11-23T1' || (CAST(?2 AS INTEGER) % 10)",
    "state = 'pending'",
  ),
  hold: change("hold = 'rate'", "hold IS NULL"),
  release: change("hold = NULL", "hold IS NOT NULL"),
  invalidate: change(
    "state = 'invalidated', ended_at = 1, invalidated_reason = iif(accepted_at % 2, 'bots', NULL)",
    "state IN ('pending', 'verified')",
  ),
  withdraw: change(
    "state = 'withdrawn', ended_at = 1, verified_at = NULL, verified_hour = NULL, area_code = NULL, channel = NULL",
    "state IN ('pending', 'verified')",
  ),
  renew: change(
    "state = 'pending', ended_at = NULL, locale = 'de', area_code = 'south', channel = 'letter'",
    "state = 'withdrawn'",
  ),
  expire: `DELETE FROM signatures WHERE petition_no = ?1 AND email_hash = ${row} AND state = 'pending'`,
} as const;

/** A signature at a mailbox of the test's choice: the hash decides whether a recount has passed it. */
const sign = (no: number, at: number) =>
  env.DB.prepare(
    `INSERT INTO signatures (petition_no, email_hash, person_hash, submission, state, hold, locale, area_code, channel, accepted_at,
       verified_at, verified_hour)
     VALUES (?1, unhex(printf('%02x000000000000%02x', CAST(?2 AS INTEGER) % 256, CAST(?2 AS INTEGER) / 256)), CAST(?2 AS INTEGER), randomblob(16), iif(CAST(?2 AS INTEGER) % 3, 'verified', 'pending'), iif(CAST(?2 AS INTEGER) % 7, NULL, 'burst'),
       iif(CAST(?2 AS INTEGER) % 2, 'en', 'de'), iif(CAST(?2 AS INTEGER) % 5, 'north', NULL), iif(CAST(?2 AS INTEGER) % 4, 'poster', NULL), CAST(?2 AS INTEGER),
       iif(CAST(?2 AS INTEGER) % 3, 1, NULL), iif(CAST(?2 AS INTEGER) % 3, '2026-11-23T0' || (CAST(?2 AS INTEGER) % 10), NULL)) ON CONFLICT DO NOTHING`,
  ).bind(no, at);

const act = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("sign" as const), at: fc.nat({ max: 2_000 }) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom(...(Object.keys(MOVES) as (keyof typeof MOVES)[])),
      at: fc.nat({ max: 12 }),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("slice" as const), at: fc.constant(0) }) },
);
type Act = typeof act extends fc.Arbitrary<infer Value> ? Value : never;

async function play(no: number, acts: readonly Act[]): Promise<void> {
  for (const one of acts) {
    if (one.do === "slice") {
      await step();
      passes = Math.max(passes, await passOf(no));
    } else if (one.do === "sign") await sign(no, one.at).run();
    else await env.DB.prepare(MOVES[one.do]).bind(no, one.at).run();
  }
}

const before = fc.uniqueArray(fc.nat({ max: 2_000 }), { minLength: 3, maxLength: 12 });

// Every tally by hand: each column of the row, and a row more, fewer, or wrong in each table.
const TAMPERINGS = {
  ...Object.fromEntries(
    ["pending", "quarantined_pending", "quarantined_verified", "invalidated", "withdrawn"].map((column) => [
      column,
      `UPDATE petition_tallies SET ${column} = ${column} + 3 WHERE petition_no = ?`,
    ]),
  ),
  "verified and email": "UPDATE petition_tallies SET verified = verified + 7, email = email + 7 WHERE petition_no = ?",
  "register for email": "UPDATE petition_tallies SET register = register + email, email = 0 WHERE petition_no = ?",
  "paper for email": "UPDATE petition_tallies SET paper = paper + email, email = 0 WHERE petition_no = ?",
  "eid for email": "UPDATE petition_tallies SET eid = eid + email, email = 0 WHERE petition_no = ?",
  "everything to nothing":
    "UPDATE petition_tallies SET verified = 0, email = 0, pending = 0, locales = '{}' WHERE petition_no = ?",
  "a language": `UPDATE petition_tallies SET locales = json_set(locales, '$.fr', 4) WHERE petition_no = ?`,
  petition_id: "UPDATE petition_tallies SET petition_id = 'another' WHERE petition_no = ?",
  public: "UPDATE petition_tallies SET public = 0 WHERE petition_no = ?",
  gate: "UPDATE petition_tallies SET gate = 4000000000 WHERE petition_no = ?",
  next_threshold: "UPDATE petition_tallies SET next_threshold = 1 WHERE petition_no = ?",
  department_code: "UPDATE petition_tallies SET department_code = 'works' WHERE petition_no = ?",
  "areas, channels, hours":
    "UPDATE petition_tallies SET areas = areas + 1, channels = 9, hours = 0 WHERE petition_no = ?",
  begun: "UPDATE petition_tallies SET begun = 0 WHERE petition_no = ?",
  "a time to verify": `UPDATE petition_tallies SET verify_steps = json_set(verify_steps, '$."77"', 4) WHERE petition_no = ?`,
  "the whole row": "DELETE FROM petition_tallies WHERE petition_no = ?",
  ...Object.fromEntries(
    [
      ["area_tallies", "area_code"],
      ["channel_tallies", "channel"],
      ["hour_tallies", "hour"],
    ].flatMap(([table, key]) => [
      [`${table}: a row too many`, `INSERT INTO ${table} (petition_no, ${key}, verified) VALUES (?, 'made-up', 9)`],
      [`${table}: rows missing`, `DELETE FROM ${table} WHERE petition_no = ?`],
      [`${table}: rows wrong`, `UPDATE ${table} SET verified = verified + 2 WHERE petition_no = ?`],
    ]),
  ),
  "hold_tallies: a row too many": "INSERT INTO hold_tallies VALUES (?, 'made-up', 4, 5)",
  "hold_tallies: rows wrong":
    "UPDATE hold_tallies SET pending = pending + 2, verified = verified + 3 WHERE petition_no = ?",
  "hold_tallies: rows missing": "DELETE FROM hold_tallies WHERE petition_no = ?",
  "invalidation_tallies: a row too many": "INSERT INTO invalidation_tallies VALUES (?, 'made-up', 4)",
  "invalidation_tallies: rows wrong":
    "UPDATE invalidation_tallies SET invalidated = invalidated + 2 WHERE petition_no = ?",
} as Record<string, string>;

const seen = { slices: 0, moved: 0 };

test("whatever moves between the slices of a recount, a tally that nobody touched never differs from a recount, in any pass", async () => {
  await fc.assert(
    fc.asyncProperty(before, fc.array(act, { minLength: 5, maxLength: 40 }), async (ats, acts) => {
      passes = 1;
      const { no } = await openPetition();
      await env.DB.batch(ats.map((at) => sign(no, at)));
      await play(no, acts);
      seen.slices += acts.filter((one) => one.do === "slice").length;
      seen.moved +=
        (await env.DB.prepare("SELECT count(*) AS n FROM recount_moves WHERE petition_no = ?")
          .bind(no)
          .first<number>("n")) ?? 0;
      await finish(no);
      expect(await differencesOf(no)).toEqual([]);
      expect(passes).toBe(1);
      await expectTalliesToEqualRecount(no);
      expect(
        await env.DB.prepare(
          "SELECT (SELECT count(*) FROM recounts) + (SELECT count(*) FROM recount_moves) AS n",
        ).first("n"),
      ).toBe(0);
    }),
    { numRuns: 60 },
  );
  expect(seen.slices).toBeGreaterThan(200);
  expect(seen.moved).toBeGreaterThan(20);
}, 120_000);

test.each(Object.keys(TAMPERINGS))(
  "a tally tampered with by hand while people sign is found and repaired: %s",
  async (what) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(act, { maxLength: 12 }),
        fc.array(act, { minLength: 4, maxLength: 20 }),
        async (early, late) => {
          const { no } = await openPetition();
          await env.DB.prepare(
            "INSERT INTO thresholds (petition_no, name, signatures) VALUES (?, 'response', 2), (?, 'hearing', 900)",
          )
            .bind(no, no)
            .run();
          await env.DB.batch([1, 2, 4, 7, 8, 11, 13, 21, 25].map((at) => sign(no, at)));
          await env.DB.prepare(MOVES.invalidate).bind(no, 1).run();
          await play(no, early);
          await env.DB.prepare("UPDATE reconciliations SET due_at = 0 WHERE petition_no = ?").bind(no).run();
          await env.DB.prepare("DELETE FROM recounts").run();
          await env.DB.prepare(TAMPERINGS[what] as string)
            .bind(no)
            .run();
          // Without its row a petition takes no signatures, and below nothing no tally can go: then nobody signs meanwhile.
          const quiet = what === "the whole row" || /nothing|missing|for email/.test(what);
          await play(no, quiet ? late.filter((one) => one.do === "slice") : late);
          await finish(no);
          expect((await differencesOf(no)).map(({ outcome }) => outcome)).toEqual(["repaired"]);
          await expectTalliesToEqualRecount(no);
          const facts = await env.DB.prepare(
            "SELECT petition_id, public, gate, next_threshold IN (2, 900) AS next FROM petition_tallies WHERE petition_no = ?",
          )
            .bind(no)
            .first();
          expect(facts).toMatchObject({ public: 1, gate: null, next: 1 });
          expect(facts?.petition_id).not.toBe("another");
        },
      ),
      { numRuns: 3 },
    );
  },
);
