import { env } from "cloudflare:workers";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import type { MailMessage } from "../../src/bindings.ts";
import type { IntakeMessage } from "../../src/signatures/submission.ts";
import { signatureIds } from "../support/crowd.ts";
import { coldIsolate, keepingQueue } from "../support/isolate.ts";
import { funnelOf, keepLedger } from "../support/ledger.ts";
import { expectTalliesToEqualRecount } from "../support/recount.ts";
import { linkIn, mailsTo, postJson, sign, tokenOf } from "../support/resident.ts";
import { asStaff } from "../support/staff.ts";
import { foundTown, openPetition } from "../support/town.ts";

beforeAll(async () => {
  await foundTown();
  await keepLedger();
});

// Few mailboxes, names and postcodes, so that they meet; everything through the Worker but what happens by itself.
const person = fc.record({
  mailbox: fc.integer({ min: 0, max: 2 }),
  name: fc.constantFrom("Mara Quill", "MARA  QUILL", "Jon Quill", "Third Quill"),
  postcode: fc.constantFrom("BW1 1AA", "bw11aa", "BW1 2BB", undefined),
  channel: fc.constantFrom("poster", "letter", "made-up", undefined),
  locale: fc.constantFrom("en", "de"),
  crowd: fc.boolean(),
});
const pick = fc.nat({ max: 30 });
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("submit" as const), person }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("deliver" as const),
      picks: fc.array(pick, { minLength: 1, maxLength: 6 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("verify" as const), pick }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("withdraw" as const), pick }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom(
        "hold" as const,
        "release" as const,
        "invalidate" as const,
        "revive" as const,
        "expire" as const,
      ),
      pick,
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

// What time and the rules against abuse do by themselves.
const BY_THEMSELVES = {
  hold: "UPDATE signatures SET hold = 'rate' WHERE rowid_of = ? AND hold IS NULL",
  expire: "DELETE FROM signatures WHERE rowid_of = ? AND state = 'pending'",
};

// How often the acts that matter happened over all runs: a property that never counts anybody proves nothing.
const seen = { verified: 0, withdrawn: 0, released: 0, invalidated: 0, mailed: 0, again: 0 };

/** Staff decide on one of a petition's signatures, or give back what they took out; what can't be is refused. */
async function decide(isolate: ReturnType<typeof coldIsolate>, no: number, act: { do: string; pick: number }) {
  const from = async (list: Promise<string[]>) => {
    const ids = await list;
    return ids[act.pick % Math.max(ids.length, 1)];
  };
  const acts = env.DB.prepare("SELECT 'inv_' || id AS id FROM invalidations WHERE petition_no = ? AND state = 'done'")
    .bind(no)
    .all<{ id: string }>()
    .then(({ results }) => results.map(({ id }) => id));
  const id = await from(act.do === "revive" ? acts : signatureIds(no));
  if (id === undefined) return;
  const path = act.do === "revive" ? `/invalidations/${id}/undo` : `/signatures/${id}/${act.do}`;
  const body = act.do === "invalidate" ? { body: { reason: "bots" } } : {};
  const answer = await asStaff(isolate, "POST", path, body);
  expect([200, 202, 409]).toContain(answer.status);
  if (answer.status === 200) seen[act.do === "release" ? "released" : "invalidated"]++;
}

async function live(steps: readonly Step[]): Promise<void> {
  const { id, no } = await openPetition();
  const INTAKE = keepingQueue<IntakeMessage>();
  const MAIL = keepingQueue<MailMessage>();
  const isolate = coldIsolate({ INTAKE, MAIL });
  const run = crypto.randomUUID().slice(0, 8);
  const crowd = `2001:db8:${run.slice(0, 4)}:${run.slice(4)}::1`;
  const funnel = funnelOf(
    no,
    [0, 1, 2].map((n) => `${run}.${n}@example.org`),
  );
  for (const one of steps) {
    if (one.do === "submit") {
      const { mailbox, crowd: crowded, ...fields } = one.person;
      await sign(isolate, id, { ...fields, email: `${run}.${mailbox}@example.org` }, crowded ? crowd : undefined);
    } else if (one.do === "deliver") {
      const sent = INTAKE.sent;
      if (sent.length > 0)
        await isolate.deliver(
          "intake",
          one.picks.map((n) => sent[n % sent.length]),
        );
    } else if (one.do === "verify" || one.do === "withdraw") {
      const kind = one.do === "verify" ? "v" : "w";
      const mails = (await Promise.all([0, 1, 2].map((n) => mailsTo(`${run}.${n}@example.org`))))
        .flat()
        .filter(({ text }) => text.includes(`/${kind}/`));
      const mail = mails[one.pick % Math.max(mails.length, 1)];
      if (mail)
        await postJson(isolate, one.do === "verify" ? "/v1/verifications" : "/v1/withdrawals", {
          token: tokenOf(linkIn(mail, kind)),
        });
    } else if (one.do === "release" || one.do === "invalidate" || one.do === "revive") {
      await decide(isolate, no, one);
    } else {
      const where =
        "(petition_no, email_hash, person_hash) = (SELECT petition_no, email_hash, person_hash FROM signatures WHERE petition_no = ? ORDER BY email_hash, person_hash LIMIT 1 OFFSET ?)";
      await env.DB.prepare(BY_THEMSELVES[one.do].replace("rowid_of = ?", where))
        .bind(no, one.pick % 4)
        .run();
    }
    await isolate.deliver("mail", MAIL.sent.splice(0));
    await expectTalliesToEqualRecount(no);
    // Nothing else brings submissions into the table, or sends mails that verify.
    if (one.do === "deliver") await funnel.expectToHold();
  }
  const tally = await env.DB.prepare("SELECT verified, withdrawn FROM petition_tallies WHERE petition_no = ?")
    .bind(no)
    .first<Record<string, number>>();
  seen.verified += tally?.verified ?? 0;
  seen.withdrawn += tally?.withdrawn ?? 0;
  const happened = await funnel.expectToHold();
  seen.mailed += happened.funnel_mailed;
  seen.again += INTAKE.sent.length - happened.funnel_submitted;
}

test("any interleaving and repetition of submissions, deliveries, verifications, withdrawals, holds and staff's acts leaves every tally equal to a recount and every funnel to what has happened, and never more than a household counted in a mailbox", async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), live), { numRuns: 40 });
  expect(seen.verified).toBeGreaterThan(10);
  expect(seen.withdrawn).toBeGreaterThan(3);
  expect(seen.mailed).toBeGreaterThan(10);
  expect(seen.again).toBeGreaterThan(10);
  expect(seen.released + seen.invalidated).toBeGreaterThan(0);
}, 240_000);

test("in whatever order submissions arrive, the newest of each mailbox stands, beside at most one other at its postcode", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(person, { minLength: 2, maxLength: 7 }),
      fc.infiniteStream(fc.nat()),
      async (people, random) => {
        const { id, no } = await openPetition();
        const INTAKE = keepingQueue<IntakeMessage>();
        const isolate = coldIsolate({ INTAKE });
        for (const { mailbox, crowd: _crowd, ...fields } of people) {
          await sign(isolate, id, { ...fields, email: `${mailbox}.${no}@example.org` });
        }
        // Within one millisecond either of two submissions is the newest.
        fc.pre(new Set(INTAKE.sent.map(({ accepted_at }) => accepted_at)).size === INTAKE.sent.length);
        const shuffled = [...INTAKE.sent];
        for (let i = shuffled.length - 1; i > 0; i--) {
          const j = (random.next().value as number) % (i + 1);
          [shuffled[i], shuffled[j]] = [shuffled[j] as IntakeMessage, shuffled[i] as IntakeMessage];
        }
        for (const message of shuffled) await isolate.deliver("intake", [message]);
        const { results: mailboxes } = await env.DB.prepare(
          `SELECT max(accepted_at) AS newest, count(*) AS names, count(DISTINCT coalesce(hex(postcode_hash), '')) AS postcodes
         FROM signatures WHERE petition_no = ? GROUP BY email_hash ORDER BY newest`,
        )
          .bind(no)
          .all<{ newest: number; names: number; postcodes: number }>();
        const newest = new Map(people.map(({ mailbox }, index) => [mailbox, INTAKE.sent[index]?.accepted_at]));
        expect(mailboxes.map((row) => row.newest)).toEqual([...newest.values()].sort());
        for (const { names, postcodes } of mailboxes) expect([names <= 2, postcodes]).toEqual([true, 1]);
      },
    ),
    { numRuns: 40 },
  );
}, 120_000);
