import { env } from "cloudflare:workers";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import type { MailMessage, ReviewMessage } from "../../src/bindings.ts";
import type { IntakeMessage } from "../../src/signatures/submission.ts";
import { crowd } from "../support/crowd.ts";
import { coldIsolate, faultyDatabase, keepingQueue } from "../support/isolate.ts";
import { expectTalliesToEqualRecount } from "../support/recount.ts";
import { linkIn, mailsTo, postJson, sign, tokenOf } from "../support/resident.ts";
import { asStaff } from "../support/staff.ts";
import { foundTown, openPetition } from "../support/town.ts";

beforeAll(foundTown);

// More than two batches of a thousand, so that every act can die, be repeated, cancelled and undone in its midst.
const CROWD = 2_300;
const NETWORKS = ["digest:aa00000000000001", "digest:aa00000000000002"];

const where = fc.oneof(
  fc.record({ network: fc.constantFrom(...NETWORKS) }),
  fc.record({ area: fc.constantFrom("north", "south") }),
  fc.record({ channel: fc.constantFrom("poster", "letter"), network: fc.constantFrom(...NETWORKS) }),
  fc.record({ hold: fc.constantFrom("rate", "burst", "any") }),
  fc.record({ from: fc.constant("1970-01-01T00:00:00.500Z") }),
);
const pick = fc.nat({ max: 20 });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("start" as const), where }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("release" as const), where }) },
  // A message again, a consumer that dies after some calls, or two at once.
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant("deliver" as const), pick, dies: fc.nat({ max: 4 }), twice: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("cancel" as const), pick }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("undo" as const), pick }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("submit" as const), pick }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("verify" as const, "withdraw" as const), pick }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

// How often what matters happened over all runs: a property that never meets it proves nothing.
const seen = { taken: 0, midway: 0, undone: 0, verified: 0, released: 0 };

async function stage() {
  const { id, no } = await openPetition();
  await env.DB.prepare("INSERT INTO thresholds (petition_no, name, signatures) VALUES (?, 'response', 900)")
    .bind(no)
    .run();
  await crowd(no, CROWD, {
    network_hash: "CASE i % 5 WHEN 0 THEN x'aa00000000000001' WHEN 1 THEN x'aa00000000000002' END",
    area_code: "CASE i % 3 WHEN 0 THEN 'north' WHEN 1 THEN 'south' END",
    channel: "iif(i % 2, 'poster', 'letter')",
    hold: "CASE i % 11 WHEN 0 THEN 'rate' WHEN 1 THEN 'burst' END",
    state: "iif(i % 4, 'verified', 'pending')",
  });
  const queues = {
    INTAKE: keepingQueue<IntakeMessage>(),
    MAIL: keepingQueue<MailMessage>(),
    REVIEW: keepingQueue<ReviewMessage>(),
  };
  return {
    id,
    no,
    queues,
    isolate: coldIsolate(queues),
    runs: [] as string[],
    people: `${crypto.randomUUID().slice(0, 8)}`,
  };
}
type Stage = Awaited<ReturnType<typeof stage>>;

async function act(at: Stage, one: Step): Promise<void> {
  const { id, isolate, queues, runs } = at;
  const chosen = "pick" in one ? runs[one.pick % Math.max(runs.length, 1)] : undefined;
  const email = (n: number) => `${at.people}.${n % 3}@example.org`;
  if (one.do === "start") {
    const body = { where: { petition: id, ...one.where }, reason: "bots" };
    const run = (await (await asStaff(isolate, "POST", "/invalidations", { body })).json()) as {
      id: string;
      state: string;
    };
    runs.push(run.id);
    if (run.state === "running") seen.midway++;
  } else if (one.do === "release") {
    await asStaff(isolate, "POST", `/petitions/${id}/holds/release`, { body: { where: one.where } });
  } else if (one.do === "deliver") {
    const message = queues.REVIEW.sent[one.pick % Math.max(queues.REVIEW.sent.length, 1)];
    if (!message) return;
    const dying = coldIsolate({ ...queues, DB: faultyDatabase((call) => call > one.dies) });
    const both = one.twice ? [isolate, dying] : [one.dies < 4 ? dying : isolate];
    await Promise.all(both.map((each) => each.deliver("review", [message])));
  } else if (one.do === "cancel" || one.do === "undo") {
    if (chosen === undefined) return;
    const { status } = await asStaff(isolate, "POST", `/invalidations/${chosen}/${one.do}`);
    expect([200, 202, 409]).toContain(status);
  } else if (one.do === "submit") {
    await sign(isolate, id, { email: email(one.pick), channel: "poster" });
    await isolate.deliver("intake", queues.INTAKE.sent.splice(0));
    await isolate.deliver("mail", queues.MAIL.sent.splice(0));
  } else {
    const kind = one.do === "verify" ? "v" : "w";
    const [mail] = (await mailsTo(email(one.pick))).filter(({ text }) => text.includes(`/${kind}/`));
    if (!mail) return;
    const path = one.do === "verify" ? "/v1/verifications" : "/v1/withdrawals";
    const { status } = await postJson(isolate, path, { token: tokenOf(linkIn(mail, kind)) });
    expect(status).toBeLessThan(500);
    if (one.do === "verify" && status === 200) seen.verified++;
  }
}

async function finish({ isolate, queues }: Stage): Promise<void> {
  while (queues.REVIEW.sent.length > 0) {
    expect(await isolate.deliver("review", queues.REVIEW.sent.splice(0))).toEqual([]);
  }
}

const statesOf = (no: number) =>
  env.DB.prepare(
    "SELECT person_hash, state, verified_at FROM signatures WHERE petition_no = ? AND person_hash <= ? ORDER BY person_hash",
  )
    .bind(no, CROWD)
    .all()
    .then(({ results }) => results);

async function live(steps: readonly Step[]): Promise<void> {
  const at = await stage();
  const before = await statesOf(at.no);
  for (const pick of [0, 1, 2]) await act(at, { do: "submit", pick });
  for (const one of steps) {
    await act(at, one);
    await expectTalliesToEqualRecount(at.no);
    const threshold = await env.DB.prepare(
      "SELECT (reached_at IS NOT NULL) = (verified >= signatures) AS right FROM thresholds JOIN petition_tallies USING (petition_no) WHERE petition_no = ?",
    )
      .bind(at.no)
      .first("right");
    expect(threshold).toBe(1);
  }
  // A doorbell that died with its consumer: the sweeper's work.
  await env.DB.prepare("UPDATE invalidations SET touched_at = 0 WHERE petition_no = ?").bind(at.no).run();
  await at.isolate.cron("* * * * *");
  await finish(at);
  const { results } = await env.DB.prepare("SELECT * FROM invalidations WHERE petition_no = ?").bind(at.no).all();
  for (const run of results) {
    expect(["done", "cancelled", "undone"]).toContain(run.state);
    if (run.act === "release") seen.released += Number(run.changed);
    else seen.taken += Number(run.changed);
    if (run.state === "undone") seen.undone += Number(run.restored);
  }
  for (const id of at.runs) await asStaff(at.isolate, "POST", `/invalidations/${id}/undo`);
  await finish(at);
  await expectTalliesToEqualRecount(at.no);
  expect(await statesOf(at.no)).toEqual(before);
}

test("whatever dies, comes twice, is cancelled or undone, while people sign, verify and withdraw: every tally and threshold is exact after every step, and undoing all gives everybody back", async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 12, maxLength: 24 }), live), { numRuns: 12 });
  for (const [what, times] of Object.entries(seen)) expect(times, what).toBeGreaterThan(0);
  expect(seen.taken).toBeGreaterThan(2_000);
}, 120_000);
