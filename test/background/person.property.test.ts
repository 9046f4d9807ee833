import { env } from "cloudflare:workers";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fromHex } from "../../src/lib/bytes.ts";
import { PetitionSecret } from "../../src/petitions/petition-secret.ts";
import { personToken } from "../../src/signatures/person-token.ts";
import type { SignatureKey } from "../../src/signatures/signature.ts";
import type { IntakeMessage } from "../../src/signatures/submission.ts";
import { verificationToken } from "../../src/signatures/verify-signature.ts";
import { withdrawalToken } from "../../src/signatures/withdraw-signature.ts";
import { coldIsolate, keepingQueue } from "../support/isolate.ts";
import { ended } from "../support/person.ts";
import { expectTalliesToEqualRecount } from "../support/recount.ts";
import { postJson, sign } from "../support/resident.ts";
import { foundTown, openPetition, rootKeys } from "../support/town.ts";

beforeAll(foundTown);

const NAMES = ["Mara", "Mára", "Jon", "Kim"];
const EMAIL = "mara@example.org";

// One mailbox, few names: every act by every link that a mail to it could have held, in any order and again.
const name = fc.nat({ max: NAMES.length - 1 });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("sign" as const), name, to: name }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("verify" as const), name, to: name }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("correct" as const), name, to: name }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("withdraw" as const, "erase" as const), name, to: name }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom("invalidate" as const, "revive" as const, "close" as const, "open" as const),
      name,
      to: name,
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

// What each run begins with, so that it gets far: two names that count.
const HOUSEHOLD: Step[] = [0, 2].flatMap((nth) => [
  { do: "sign", name: nth, to: 0 },
  { do: "verify", name: nth, to: 0 },
]);

// And some of them with a count that is final, or with one that was taken out and given back.
const begun = fc.constantFrom<Step[]>(
  [
    { do: "invalidate", name: 0, to: 0 },
    { do: "revive", name: 0, to: 0 },
  ],
  [],
  [
    { do: "close", name: 0, to: 0 },
    { do: "erase", name: 0, to: 0 },
  ],
);

const seen = { corrected: 0, refused: 0, counted: 0, erased: 0, kept: 0, revived: 0 };

interface Row {
  readonly person_hash: number;
  readonly state: string;
  readonly verified_at: number | null;
  readonly other_names: string | null;
  readonly sealed: unknown;
}

const rowsOf = async (no: number) =>
  (
    await env.DB.prepare(
      "SELECT person_hash, state, verified_at, other_names, hex(sealed) AS sealed FROM signatures WHERE petition_no = ?",
    )
      .bind(no)
      .all<Row>()
  ).results;

const hex = (hash: number) => hash.toString(16).padStart(8, "0");
const namesOf = ({ person_hash, other_names }: Row) => [hex(person_hash), ...(other_names?.split(" ") ?? [])];

/** What must hold after every step: nobody counts twice, under whatever of their names. */
async function expectOnePersonEach(no: number): Promise<void> {
  const rows = await rowsOf(no);
  const holding = rows.filter(({ verified_at }) => verified_at !== null);
  expect(rows.filter(({ state }) => state === "verified").length).toBeLessThanOrEqual(2);
  // A name is one signature's, by its key or by a correction, as long as that holds a place.
  const names = holding.flatMap(namesOf);
  expect(new Set(names).size, JSON.stringify(rows)).toBe(names.length);
  for (const row of rows) if (row.state === "withdrawn") expect(row.other_names).toBe(null);
  await expectTalliesToEqualRecount(no);
}

test("in any order of signing, verifying, correcting, withdrawing and erasing nobody counts twice", async () => {
  const INTAKE = keepingQueue<IntakeMessage>();
  const quiet = { sendBatch: async () => {}, send: async () => {} };
  await fc.assert(
    fc.asyncProperty(begun, fc.array(step, { minLength: 3, maxLength: 12 }), async (first, steps) => {
      const petition = await openPetition();
      const stored = await env.DB.prepare("SELECT hex(secret) AS hex FROM petitions WHERE no = ?")
        .bind(petition.no)
        .first<string>("hex");
      const secret = (await PetitionSecret.unwrap(rootKeys, petition.uuid, fromHex(stored ?? ""))) as PetitionSecret;
      const emailHash = await secret.emailHash(EMAIL);
      const keyOf = async (nth: number): Promise<SignatureKey> => ({
        petitionNo: petition.no,
        emailHash,
        personHash: await secret.personHash(EMAIL, NAMES[nth] as string),
      });
      for (const taken of [...HOUSEHOLD, ...first, ...steps]) {
        await take({ petition, at: coldIsolate({ INTAKE, MAIL: quiet }), INTAKE, keyOf }, taken);
        await expectOnePersonEach(petition.no);
      }
    }),
    { numRuns: 30, endOnFailure: false },
  );
}, 120_000);

interface Place {
  readonly petition: Awaited<ReturnType<typeof openPetition>>;
  readonly at: ReturnType<typeof coldIsolate>;
  readonly INTAKE: ReturnType<typeof keepingQueue<IntakeMessage>>;
  readonly keyOf: (nth: number) => Promise<SignatureKey>;
}

async function take({ petition, at, INTAKE, keyOf }: Place, { do: act, name: nth, to }: Step): Promise<void> {
  const key = await keyOf(nth);
  const row = async () => (await rowsOf(petition.no)).find(({ person_hash }) => person_hash === key.personHash);
  const before = await row();
  switch (act) {
    case "sign":
      await sign(at, petition.id, { name: NAMES[nth], email: EMAIL });
      await at.deliver("intake", INTAKE.sent.splice(0));
      return;
    case "verify": {
      const token = await verificationToken(rootKeys, key, { recipient: new Uint8Array(16), mailedAt: 0 });
      if ((await postJson(at, "/v1/verifications", { token })).status === 200) seen.counted++;
      return;
    }
    case "withdraw":
      await postJson(at, "/v1/withdrawals", { token: await withdrawalToken(rootKeys, key) });
      return;
    case "erase": {
      await postJson(at, "/v1/erasures", { token: await personToken(rootKeys, key) });
      const after = await row();
      if (before?.sealed && after?.state === "withdrawn") seen.erased++;
      if (before?.sealed && after?.state === "verified") seen.kept++;
      if (after) expect(after.sealed).toBe("");
      return;
    }
    case "correct": {
      const token = await personToken(rootKeys, key);
      const { status } = await postJson(at, "/v1/corrections", { token, name: NAMES[to] });
      if (status === 200) seen.corrected++;
      if (status === 409) seen.refused++;
      expect([200, 409, 410]).toContain(status);
      // The count, the state and the key are as they were.
      if (before) expect(await row()).toMatchObject({ state: before.state, verified_at: before.verified_at });
      return;
    }
    case "invalidate":
    case "revive": {
      const sql =
        act === "invalidate"
          ? "UPDATE signatures SET state = 'invalidated', ended_at = 1 WHERE petition_no = ? AND person_hash = ? AND state IN ('pending', 'verified')"
          : "UPDATE signatures SET state = iif(verified_at IS NULL, 'pending', 'verified'), ended_at = NULL WHERE petition_no = ? AND person_hash = ? AND state = 'invalidated' AND (sealed IS NOT NULL OR verified_at IS NOT NULL)";
      const { meta } = await env.DB.prepare(sql).bind(petition.no, key.personHash).run();
      if (act === "revive" && meta.changes > 0) seen.revived++;
      return;
    }
    case "close":
      return ended(petition.no, 25);
    default:
      await env.DB.prepare("UPDATE petitions SET state = 'open', ended_at = NULL, closes_at = ? WHERE no = ?")
        .bind(Date.now() + 9e8, petition.no)
        .run();
  }
}

afterAll(() => {
  // A property that never does what it is about proves nothing.
  for (const [what, times] of Object.entries(seen)) expect(times, what).toBeGreaterThan(0);
});
