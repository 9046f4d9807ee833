import { env } from "cloudflare:workers";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { newsOf, petitionRow } from "../support/creator.ts";
import { expectTalliesToEqualRecount } from "../support/recount.ts";
import { foundTown, openPetition } from "../support/town.ts";

beforeAll(foundTown);

// Person 0 is the creator. What the Worker and staff do to a signature's row, in any order and as often as they like.
const step = fc.record({
  do: fc.constantFrom("verify", "verify", "verify", "withdraw", "sign", "hold", "release", "invalidate", "revive"),
  person: fc.nat({ max: 7 }),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

interface Person {
  state: "none" | "pending" | "verified" | "withdrawn" | "invalidated";
  held: boolean;
  wasVerified: boolean;
}

/** What must be true after each step, told once more in a few lines. */
class Model {
  readonly people: Person[] = Array.from({ length: 8 }, (_, n) => ({
    state: n === 0 ? "pending" : "none",
    held: false,
    wasVerified: false,
  }));
  state: "draft" | "gathering" | "moderation" = "draft";

  readonly needed: number;
  readonly max: number;

  constructor(needed: number, max: number) {
    this.needed = needed;
    this.max = max;
  }

  get counted(): number {
    return this.people.filter(({ state, held }) => state === "verified" && !held).length;
  }

  /** Whether the step changes the row at all. */
  take({ do: act, person }: Step): boolean {
    const one = this.people[person] as Person;
    if (person > 0 && this.state === "draft") return false;
    const moved = this.move(act, one, person);
    if (moved) this.advance();
    return moved;
  }

  private move(act: string, one: Person, person: number): boolean {
    const taken = this.people.slice(1).filter(({ state }) => state === "verified").length;
    const from = one.state;
    if (act === "sign" && (from === "none" || from === "withdrawn")) one.state = "pending";
    else if (act === "verify" && from === "pending" && (person === 0 || taken < this.max)) one.state = "verified";
    else if (act === "withdraw" && (from === "pending" || from === "verified")) one.state = "withdrawn";
    else if (act === "invalidate" && (from === "pending" || from === "verified")) one.state = "invalidated";
    else if (act === "revive" && from === "invalidated") one.state = one.wasVerified ? "verified" : "pending";
    else if (act === "hold" && from !== "none" && !one.held) one.held = true;
    else if (act === "release" && one.held) one.held = false;
    else return false;
    if (act === "sign" || act === "withdraw") one.wasVerified = false;
    if (act === "verify") one.wasVerified = true;
    return true;
  }

  private advance(): void {
    const creator = this.people[0] as Person;
    if (this.state === "draft" && creator.state === "verified" && !creator.held) this.state = "gathering";
    if (this.state === "gathering" && this.counted > this.needed) this.state = "moderation";
  }
}

const SQL: Record<string, string> = {
  sign: `INSERT INTO signatures (petition_no, email_hash, person_hash, submission, state, role, locale, sealed, accepted_at)
    VALUES (?, ?, ?, randomblob(16), 'pending', ?, 'en', x'00', ?) ON CONFLICT DO UPDATE SET
    state = iif(state = 'invalidated', state, 'pending'), ended_at = iif(state = 'invalidated', ended_at, NULL)`,
  verify: "SET state = 'verified', verified_at = 1, verified_hour = '2026-11-23T15' WHERE state = 'pending'",
  withdraw:
    "SET state = 'withdrawn', ended_at = 1, verified_at = NULL, verified_hour = NULL WHERE state IN ('pending', 'verified')",
  invalidate: "SET state = 'invalidated', ended_at = 1 WHERE state IN ('pending', 'verified')",
  revive: "SET state = iif(verified_at IS NULL, 'pending', 'verified'), ended_at = NULL WHERE state = 'invalidated'",
  hold: "SET hold = 'rate' WHERE hold IS NULL",
  release: "SET hold = NULL WHERE hold IS NOT NULL",
};

// How often the gate was reached and the places were taken, over all runs: else nothing was tried.
const seen = { reached: 0, full: 0 };

async function live(needed: number, max: number, steps: readonly Step[]): Promise<void> {
  const mailbox = (person: number) => Uint8Array.of(1, 2, 3, 4, 5, 6, 7, person);
  const { no } = await openPetition({
    ...{ state: "draft", opens_at: null, closes_at: null, supporters_needed: needed, supporters_max: max },
  });
  await env.DB.prepare("UPDATE petitions SET creator_email_hash = ?, creator_person_hash = 0 WHERE no = ?")
    .bind(mailbox(0), no)
    .run();
  const model = new Model(needed, max);
  let moment = 10;
  const run = (act: string, person: number) => {
    const role = person === 0 ? "creator" : "supporter";
    if (act === "sign")
      return env.DB.prepare(SQL.sign as string)
        .bind(no, mailbox(person), person, role, ++moment)
        .run();
    return env.DB.prepare(`UPDATE signatures ${SQL[act]} AND petition_no = ? AND person_hash = ?`)
      .bind(no, person)
      .run();
  };
  await run("sign", 0);
  let stamp: unknown = null;
  for (const one of steps) {
    const early = one.person > 0 && model.state === "draft";
    const moved = model.take(one);
    if (early) continue;
    await run(one.do, one.person);
    if (one.do === "verify" && !moved && model.people[one.person]?.state === "pending") seen.full++;
    const row = await petitionRow(no);
    expect([row.state, row.verified], JSON.stringify(one)).toEqual([model.state, model.counted]);
    expect(row.gate_reached_at !== null).toBe(model.state === "moderation");
    expect(row.gate).toBe(model.state === "gathering" ? needed + 1 : null);
    if (stamp !== null) expect(row.gate_reached_at).toBe(stamp);
    else if (row.gate_reached_at !== null) seen.reached++;
    stamp = row.gate_reached_at;
  }
  const news = await newsOf(no);
  expect(news.filter((event) => event === "gathering").length).toBe(needed > 0 && model.state !== "draft" ? 1 : 0);
  expect(news.filter((event) => event === "moderation").length).toBe(model.state === "moderation" ? 1 : 0);
  expect(news.filter((event) => event === "first_supporter").length).toBeLessThanOrEqual(1);
  await expectTalliesToEqualRecount(no);
}

test("a petition passes its gate once, exactly when enough count, and no supporter verifies beyond the maximum", async () => {
  const limits = fc
    .tuple(fc.nat({ max: 3 }), fc.nat({ max: 2 }))
    .map(([needed, more]) => [needed, Math.max(needed, 1) + more] as const);
  await fc.assert(
    fc.asyncProperty(limits, fc.array(step, { minLength: 10, maxLength: 60 }), async ([needed, max], steps) =>
      live(needed, max, [
        { do: "verify", person: 0 },
        ...Array.from({ length: 7 }, (_, n) => ({ do: "sign" as const, person: n + 1 })),
        ...steps,
      ]),
    ),
    { numRuns: 25 },
  );
  expect(seen.reached).toBeGreaterThan(5);
  expect(seen.full).toBeGreaterThan(5);
});
