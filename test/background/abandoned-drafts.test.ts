import { env } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import { openDatabase } from "../../src/db/database.ts";
import { removeAbandonedDrafts } from "../../src/petitions/remove-abandoned-drafts.ts";
import { petitionRow, type Submitted, submitted } from "../support/creator.ts";
import { coldIsolate } from "../support/isolate.ts";
import { linkIn, postJson, tokenOf } from "../support/resident.ts";
import { asStaff } from "../support/staff.ts";
import { foundTown } from "../support/town.ts";

// Drafts that nobody verified go, whatever has happened to them meanwhile.

beforeAll(foundTown);

const HOUR = "17 * * * *";
const DAY_MS = 86_400_000;
const isolate = coldIsolate();

/** So many days pass for a petition, for its creator's signature, and for the mails. */
async function pass(days: number, { no }: Submitted): Promise<void> {
  const past = Date.now() - days * DAY_MS;
  const hex = past.toString(16).padStart(12, "0");
  await env.DB.batch([
    env.DB.prepare("UPDATE petitions SET created_at = ?1 WHERE no = ?2").bind(past, no),
    env.DB.prepare("UPDATE signatures SET accepted_at = ?1 WHERE petition_no = ?2").bind(past, no),
    env.DB.prepare("UPDATE outbox SET id = ?1 || substr(id, 14) WHERE state = 'sent'").bind(
      `${hex.slice(0, 8)}-${hex.slice(8)}`,
    ),
  ]);
}

const left = async (...drafts: Submitted[]) => {
  const { results } = await env.DB.prepare("SELECT no FROM petitions WHERE no IN (SELECT value FROM json_each(?))")
    .bind(JSON.stringify(drafts.map(({ no }) => no)))
    .all();
  return results.map(({ no }) => no);
};

/** The creator withdraws; what stays of the signature is its key. */
async function withdrawn({ mail }: Submitted): Promise<void> {
  const answer = await postJson(isolate, "/v1/withdrawals", { token: tokenOf(linkIn(mail, "w")) });
  expect(answer.status).toBe(200);
}

test("one that was held and released, one whose code was tried lately, and one with its own channel go like any other", async () => {
  const drafts = [await submitted(isolate), await submitted(isolate), await submitted(isolate)];
  const [held, tried, withChannel] = drafts as [Submitted, Submitted, Submitted];
  await env.DB.prepare("UPDATE signatures SET hold = 'rate' WHERE petition_no = ?").bind(held.no).run();
  const release = { body: { where: { hold: "rate" } } };
  expect((await asStaff(isolate, "POST", `/petitions/${held.id}/holds/release`, release)).status).toBeLessThan(300);
  const { id, email } = tried;
  expect((await postJson(isolate, "/v1/verifications", { petition_id: id, email, code: "000000" })).status).toBe(422);
  const channel = { label: "Stall", owner: "Community office" };
  const put = await asStaff(isolate, "PUT", `/petitions/${withChannel.id}/channels/stall`, { body: channel });
  expect(put.status).toBe(200);
  for (const draft of drafts) await pass(15, draft);
  for (let run = 0; run < 2; run++) await isolate.cron(HOUR);
  expect(await left(...drafts)).toEqual([]);
});

test("one whose creator has withdrawn goes with what is left of the signature", async () => {
  const draft = await submitted(isolate);
  await withdrawn(draft);
  await pass(15, draft);
  await isolate.cron(HOUR);
  expect(await left(draft)).toEqual([]);
  const rows = env.DB.prepare("SELECT count(*) AS n FROM signatures WHERE petition_no = ?").bind(draft.no);
  expect(await rows.first("n")).toBe(0);
});

test("one that can't be removed stays, and stops no other", async () => {
  const [stuck, other] = [await submitted(isolate), await submitted(isolate)];
  await env.DB.prepare("INSERT INTO thresholds (petition_no, name, signatures) VALUES (?, 'response', 5)")
    .bind(stuck.no)
    .run();
  await pass(16, stuck);
  await pass(15, other);
  await isolate.cron(HOUR);
  expect(await left(stuck, other)).toEqual([stuck.no]);
});

test("one that somebody may verify again stays whole, also in the moment of its removal", async () => {
  const draft = await submitted(isolate);
  await withdrawn(draft);
  await pass(15, draft);
  let calls = 0;
  const between = new Proxy(env.DB, {
    get(target, name) {
      if (name !== "batch") return Reflect.get(target, name).bind(target);
      return async (statements: D1PreparedStatement[]) => {
        // Between the look and the removal somebody's signature waits to be verified again.
        if (++calls === 2) {
          await env.DB.prepare("UPDATE signatures SET state = 'pending', ended_at = NULL WHERE petition_no = ?")
            .bind(draft.no)
            .run();
        }
        return target.batch(statements);
      };
    },
  });
  const run = { db: openDatabase(between).db, clock: () => Date.now(), days: 14 };
  expect(await removeAbandonedDrafts(run)).toBe(0);
  expect(calls).toBeGreaterThanOrEqual(2);
  expect(await petitionRow(draft.no)).toMatchObject({ state: "draft", pending: 1 });
  const versions = env.DB.prepare("SELECT count(*) AS n FROM petition_versions WHERE petition_no = ?").bind(draft.no);
  expect(await versions.first("n")).toBe(1);
});
