import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import type { ReviewMessage } from "../../src/bindings.ts";
import { verificationToken } from "../../src/signatures/verify-signature.ts";
import { crowd } from "../support/crowd.ts";
import { coldIsolate, faultyDatabase, keepingQueue } from "../support/isolate.ts";
import { expectTalliesToEqualRecount } from "../support/recount.ts";
import { postJson, sign } from "../support/resident.ts";
import { asStaff } from "../support/staff.ts";
import { foundTown, openPetition, rootKeys } from "../support/town.ts";

beforeAll(foundTown);

const NETWORK = "x'aa00000000000001'";
const network = "digest:aa00000000000001";

interface Run {
  readonly id: string;
  readonly state: string;
  readonly invalidated: number;
  readonly restored: number;
  readonly progress: number;
}

const start = async (at: ReturnType<typeof coldIsolate>, petition: string) =>
  (await (
    await asStaff(at, "POST", "/invalidations", { body: { where: { petition, network }, reason: "bots" } })
  ).json()) as Run;

const read = async ({ id }: Run) => (await (await asStaff(coldIsolate(), "GET", `/invalidations/${id}`)).json()) as Run;

/** The real database, and what each call to it has read and written. */
function countingDatabase() {
  const calls: { read: number; written: number }[] = [];
  const DB = new Proxy(env.DB, {
    get(db, name) {
      const value = Reflect.get(db, name);
      if (typeof value !== "function") return value;
      if (name !== "batch") return value.bind(db);
      return async (statements: D1PreparedStatement[]) => {
        const results = await db.batch(statements);
        const sum = (of: "rows_read" | "rows_written") => results.reduce((total, { meta }) => total + meta[of], 0);
        calls.push({ read: sum("rows_read"), written: sum("rows_written") });
        return results;
      };
    },
  });
  return { DB, calls };
}

describe("taking 10,000 of 100,000 out while signing goes on", () => {
  const PENDING = 400;

  test("keeps every tally exact, fails no request, and undone gives all of them back", async () => {
    const { id, no } = await openPetition();
    await crowd(no, 100_000, { network_hash: `iif(i % 10, NULL, ${NETWORK})` });
    await crowd(no, PENDING, { state: "'pending'", email_hash: "unhex(printf('ee%06x80%06x', i, i))" });
    const tokens = await Promise.all(
      Array.from({ length: PENDING }, (_, n) => {
        const i = (n + 1).toString(16).padStart(6, "0");
        const emailHash = Uint8Array.from((`ee${i}80${i}`.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)));
        const key = { petitionNo: no, emailHash, personHash: n + 1 };
        return verificationToken(rootKeys, key, { recipient: new Uint8Array(16), mailedAt: 1 });
      }),
    );
    const { DB, calls } = countingDatabase();
    const REVIEW = keepingQueue<ReviewMessage>();
    const INTAKE = keepingQueue();
    const staff = coldIsolate({ DB, REVIEW });
    const residents = coldIsolate({ INTAKE });
    const failures: unknown[] = [];
    let signed = 0;

    /** Goes through a run's messages while residents verify, a dozen after each message, and submit. */
    async function meanwhile(run: Run): Promise<void> {
      while (REVIEW.sent.length > 0) {
        const work = staff.deliver("review", REVIEW.sent.splice(0));
        const requests = tokens.slice(signed, signed + 40).map(async (token) => {
          const answer = await postJson(residents, "/v1/verifications", { token });
          if (answer.status !== 200) failures.push(await answer.json());
        });
        signed += requests.length;
        requests.push(
          (async () => {
            const answer = await sign(residents, id);
            if (answer.status !== 202) failures.push(await answer.json());
            failures.push(...(await residents.deliver("intake", INTAKE.sent.splice(0))));
          })(),
        );
        failures.push(...(await work));
        await Promise.all(requests);
        await expectTalliesToEqualRecount(no);
        expect((await read(run)).progress).toBeGreaterThan(0);
      }
    }

    const run = await start(staff, id);
    await meanwhile(run);
    expect(await read(run)).toMatchObject({ state: "done", invalidated: 10_000, progress: 1 });
    expect(failures).toEqual([]);
    expect(signed).toBeGreaterThan(100);
    const verified = () =>
      env.DB.prepare("SELECT verified FROM petition_tallies WHERE petition_no = ?").bind(no).first("verified");
    expect(await verified()).toBe(90_000 + signed);

    // A batch of a thousand with a hundred to take out: bounded, wherever in the petition it is.
    const batches = calls.filter(({ written }) => written > 100);
    expect(batches.length).toBeGreaterThan(90);
    const most = (of: "read" | "written") => Math.max(...batches.map((call) => call[of]));
    console.log(
      JSON.stringify({ event: "cost", batches: batches.length, read: most("read"), written: most("written") }),
    );
    expect(most("read")).toBeLessThan(5_000);
    expect(most("written")).toBeLessThan(1_500);

    await asStaff(staff, "POST", `/invalidations/${run.id}/undo`);
    await meanwhile(run);
    expect(await read(run)).toMatchObject({ state: "undone", restored: 10_000 });
    expect(failures).toEqual([]);
    expect(await verified()).toBe(100_000 + signed);
  }, 60_000);
});

describe("a run", () => {
  const stage = async () => {
    const petition = await openPetition();
    await crowd(petition.no, 3_500, { network_hash: NETWORK });
    const REVIEW = keepingQueue<ReviewMessage>();
    const isolate = coldIsolate({ REVIEW });
    return { ...petition, REVIEW, isolate, run: await start(isolate, petition.id) };
  };

  test("goes on after a death in its midst; messages that come again, or two at once, do nothing twice", async () => {
    const { no, REVIEW, isolate, run } = await stage();
    expect(run).toMatchObject({ state: "running", invalidated: 1_000 });
    const [message] = REVIEW.sent.splice(0);
    // One call reads the run, the next does a batch, and then the database is gone.
    const dying = coldIsolate({ REVIEW, DB: faultyDatabase((call) => call > 2) });
    expect(await dying.deliver("review", [message])).toEqual([0]);
    expect(await read(run)).toMatchObject({ state: "running", invalidated: 2_000 });
    await expectTalliesToEqualRecount(no);
    await Promise.all([isolate.deliver("review", [message]), coldIsolate({ REVIEW }).deliver("review", [message])]);
    expect(await read(run)).toMatchObject({ state: "done", invalidated: 3_500 });
    expect(await isolate.deliver("review", [message, message])).toEqual([]);
    expect(await read(run)).toMatchObject({ state: "done", invalidated: 3_500 });
    await expectTalliesToEqualRecount(no);
  });

  test("stops where it stands when it is cancelled, and what it has done can be undone", async () => {
    const { no, REVIEW, isolate, run } = await stage();
    const cancelled = await asStaff(isolate, "POST", `/invalidations/${run.id}/cancel`);
    expect([cancelled.status, await cancelled.json()]).toMatchObject([200, { state: "cancelled", invalidated: 1_000 }]);
    expect(await isolate.deliver("review", REVIEW.sent)).toEqual([]);
    expect(await read(run)).toMatchObject({ state: "cancelled", invalidated: 1_000 });
    expect((await asStaff(isolate, "POST", `/invalidations/${run.id}/cancel`)).status).toBe(409);
    await expectTalliesToEqualRecount(no);
    await asStaff(isolate, "POST", `/invalidations/${run.id}/undo`);
    await isolate.deliver("review", REVIEW.sent);
    expect(await read(run)).toMatchObject({ state: "undone", restored: 1_000 });
    await expectTalliesToEqualRecount(no);
  });

  test("turns round when it is undone while it runs, and takes nothing out any more", async () => {
    const { no, REVIEW, isolate, run } = await stage();
    const stale = [...REVIEW.sent];
    expect(await (await asStaff(isolate, "POST", `/invalidations/${run.id}/undo`)).json()).toMatchObject({
      state: "undoing",
      restored: 1_000,
    });
    expect((await asStaff(isolate, "POST", `/invalidations/${run.id}/cancel`)).status).toBe(409);
    expect((await asStaff(isolate, "POST", `/invalidations/${run.id}/undo`)).status).toBe(409);
    await Promise.all([isolate.deliver("review", stale), isolate.deliver("review", REVIEW.sent.splice(0))]);
    expect(await read(run)).toMatchObject({ state: "undone", invalidated: 1_000, restored: 1_000, not_restored: 0 });
    await expectTalliesToEqualRecount(no);
  });

  test("that releases is cancelled and resumed alike, and goes by the held alone", async () => {
    const { id, no } = await openPetition();
    await crowd(no, 5_000);
    await crowd(no, 2_500, { hold: "'burst'", network_hash: NETWORK });
    const { DB, calls } = countingDatabase();
    const REVIEW = keepingQueue<ReviewMessage>();
    const isolate = coldIsolate({ DB, REVIEW });
    const release = async () =>
      (await (
        await asStaff(isolate, "POST", `/petitions/${id}/holds/release`, {
          body: { where: { hold: "burst", network } },
        })
      ).json()) as { id: string; state: string; released: number };
    const run = await release();
    expect(run).toMatchObject({ state: "running", released: 1_000 });
    await asStaff(isolate, "POST", `/releases/${run.id}/cancel`);
    expect(await isolate.deliver("review", REVIEW.sent.splice(0))).toEqual([]);
    await expectTalliesToEqualRecount(no);
    expect(await release()).toMatchObject({ state: "running", released: 1_000 });
    await isolate.deliver("review", REVIEW.sent.splice(0));
    await expectTalliesToEqualRecount(no);
    const held = await env.DB.prepare("SELECT sum(pending + verified) AS n FROM hold_tallies WHERE petition_no = ?")
      .bind(no)
      .first("n");
    expect(held).toBe(0);
    // Only held ones are looked at: about what they are written for.
    expect(Math.max(...calls.map(({ read: rows }) => rows))).toBeLessThan(25_000);
  });

  test("whose message is no message, or names nothing, ends where staff see it, or at once", async () => {
    const isolate = coldIsolate();
    expect(await isolate.deliver("review", [{ v: 1 }, null])).toEqual([0, 1]);
    expect(await isolate.deliver("review", [{ v: 1, run_id: "01936d9e-8c4b-7f00-9a51-0123deadbeef" }])).toEqual([]);
  });
});
