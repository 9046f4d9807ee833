import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { openDatabase } from "../../src/db/database.ts";
import { newUuid } from "../../src/lib/ids.ts";
import { expireAddresses } from "../../src/privacy/retention/expire-addresses.ts";
import { crowd } from "../support/crowd.ts";
import { coldIsolate, faultyDatabase } from "../support/isolate.ts";
import { meteredDatabase } from "../support/metered-database.ts";
import { expectTalliesToEqualRecount } from "../support/recount.ts";
import { DAY_MS, expire, hold, policy, retentionRow } from "../support/retention.ts";
import { asStaff } from "../support/staff.ts";
import { foundTown, openPetition } from "../support/town.ts";

beforeAll(foundTown);

const HOUR = "17 * * * *";
const isolate = coldIsolate();
const ago = (days: number, ms = 0) => String(Date.now() - days * DAY_MS - ms);
const FROM_SOMEWHERE = { address_hash: "randomblob(8)", network_hash: "randomblob(8)", asn: "64500" };

/** How many signatures of a petition have an address, a network, an operator; and how many there are. */
const left = async (no: number) =>
  Object.values(
    (await env.DB.prepare(
      "SELECT count(address_hash), count(network_hash), count(asn), count(*) FROM signatures WHERE petition_no = ?",
    )
      .bind(no)
      .first<Record<string, number>>()) ?? {},
  );

/** A petition with signatures that are old, just not old enough, and of today. */
async function signed(old = 5) {
  const petition = await openPetition();
  await crowd(petition.no, old, { ...FROM_SOMEWHERE, accepted_at: ago(30, 1_000) });
  await crowd(petition.no, 3, { ...FROM_SOMEWHERE, accepted_at: ago(29.99) });
  await crowd(petition.no, 2, { ...FROM_SOMEWHERE, accepted_at: ago(0) });
  return petition;
}

describe("addresses and networks", () => {
  test("are erased after 30 days, with the network's operator and nothing else; the counts stay as they were", async () => {
    const { no } = await signed();
    await env.DB.prepare(
      "UPDATE signatures SET country = 'DE', domain_hash = x'0000000000000001' WHERE petition_no = ?",
    )
      .bind(no)
      .run();
    await expire([no]);
    expect(await left(no)).toEqual([5, 5, 5, 10]);
    const kept =
      "SELECT count(sealed) AS sealed, count(country) AS country, count(domain_hash) AS domain FROM signatures WHERE petition_no = ?";
    expect(await env.DB.prepare(kept).bind(no).first()).toEqual({ sealed: 10, country: 10, domain: 10 });
    await expectTalliesToEqualRecount(no);
  });

  test("are looked for when the first comes of age, at most once a day, and in a fortnight where none will", async () => {
    const soon = await openPetition();
    await crowd(soon.no, 2, { ...FROM_SOMEWHERE, accepted_at: ago(20) });
    const day = await signed();
    const quiet = await openPetition();
    await crowd(quiet.no, 2);
    const now = Date.now();
    await expire([soon.no, day.no, quiet.no]);
    const days = async ({ no }: { no: number }) => (Number((await retentionRow(no))?.look_at) - now) / DAY_MS;
    expect(await days(soon)).toBeCloseTo(10, 1);
    expect(await days(day)).toBeCloseTo(1, 1);
    expect(await days(quiet)).toBeCloseTo(15, 1);
  });

  test("stay where the petition is held, until the hold's day is over, and nowhere else", async () => {
    const [first, held, last] = [await signed(), await signed(), await signed()];
    await hold(held.no);
    await expire([first.no, held.no, last.no]);
    expect([await left(first.no), await left(held.no), await left(last.no)]).toEqual([
      [5, 5, 5, 10],
      [10, 10, 10, 10],
      [5, 5, 5, 10],
    ]);
    await hold(held.no, Date.now() - 1);
    await expire([held.no]);
    expect(await left(held.no)).toEqual([5, 5, 5, 10]);
  });

  test("go in slices, wherever runs die, and when two work at once", async () => {
    for (let dies = 1, whole = false; !whole; dies++) {
      const { no } = await signed(13);
      let calls = 0;
      const db = faultyDatabase((call) => {
        calls = call;
        return call === dies;
      });
      await expire([no], { db, slice: 4 }).catch(() => undefined);
      whole = calls < dies;
      await Promise.all([expire([no], { slice: 4 }), expire([no], { slice: 4 })]);
      expect(await left(no), `died at ${dies}`).toEqual([5, 5, 5, 18]);
      expect(dies).toBeLessThan(40);
    }
  });

  test("of a large petition take many runs, each bounded, and what has been passed is not read again", async () => {
    const { no } = await openPetition();
    await crowd(no, 6_000, { ...FROM_SOMEWHERE, accepted_at: ago(40) });
    const runs: number[] = [];
    await expire([no], { most: 2_000, slice: 500 });
    for (let run = 1; (await left(no))[0] !== 0; run++) {
      runs.push((await left(no))[0] ?? 0);
      const { DB, measure } = meteredDatabase();
      const cost = await measure(() =>
        expireAddresses({ db: openDatabase(DB).db, clock: Date.now, policy, most: 2_000, slice: 500 }),
      );
      expect(cost.read).toBeLessThan(10_000);
      expect(run).toBeLessThan(10);
    }
    expect(runs.length).toBeGreaterThanOrEqual(2);
  });

  test("cost one row written a signature, and a pass that finds none reads each row once", async () => {
    const { no } = await openPetition();
    await crowd(no, 3_000, { ...FROM_SOMEWHERE, accepted_at: ago(40) });
    const { DB, measure } = meteredDatabase();
    const erasing = await measure(() => expire([no], { db: DB }));
    expect(erasing.written / 3_000).toBeLessThan(1.01);
    expect(erasing.read / 3_000).toBeLessThan(3.1);
    const looking = await measure(() => expire([no], { db: DB }));
    expect(looking.read / 3_000).toBeLessThan(1.02);
    expect(looking.written).toBeLessThan(10);
    console.log(JSON.stringify({ event: "cost", erasing, looking }));
  });

  test("end in what staff's acts and alarms say of them, too; a dry run says since when it can meet any", async () => {
    const { id, no } = await signed();
    const act = (ended: string) =>
      env.DB.prepare(
        `INSERT INTO invalidations (id, petition_no, act, reason, conditions, state, actor, created_at, touched_at, ended_at)
         VALUES (?, ?, 'invalidate', 'bots', '{"network":"aa00000000000001","area":"north"}', 'done', 'local', 1, 1, ?)`,
      ).bind(newUuid(), no, ended);
    const alarm = (ended: string | null) =>
      env.DB.prepare(
        "INSERT INTO alarms (id, petition_no, kind, key, raised_at, seen_at, ended_at, evidence) VALUES (?, ?, 'network', 'aa00000000000001', 1, 1, ?, '{\"from\":1,\"to\":2}')",
      ).bind(newUuid(), no, ended);
    await env.DB.batch([act(ago(31)), act(ago(29)), alarm(ago(31)), alarm(null)]);
    await expire([no]);
    const acts = (await (await asStaff(isolate, "GET", `/invalidations?petition=${id}`)).json()) as {
      data: { where: Record<string, string> }[];
    };
    expect(acts.data.map(({ where }) => where.network).sort()).toEqual(["digest:aa00000000000001", "erased"]);
    const alarms = await env.DB.prepare("SELECT key FROM alarms WHERE petition_no = ? ORDER BY key").bind(no).all();
    expect(alarms.results).toEqual([{ key: "" }, { key: "aa00000000000001" }]);
    expect((await asStaff(isolate, "GET", `/alerts?petition=${id}`)).status).toBe(200);

    const dry = async (where: object) =>
      (await (
        await asStaff(isolate, "POST", "/invalidations", { body: { where: { petition: id, ...where }, dry_run: true } })
      ).json()) as { addresses_from: string | null };
    const from = (await dry({ network: "198.51.100.0/24" })).addresses_from;
    expect(Math.abs(Date.parse(from ?? "") - (Date.now() - 30 * DAY_MS))).toBeLessThan(60_000);
    expect((await dry({ area: "north" })).addresses_from).toBeNull();
  });
});

describe("an unverified signature", () => {
  test("goes after 14 days though no job of mail names it any more; a verified and a younger one stay", async () => {
    const { no } = await openPetition();
    await crowd(no, 4, { state: "'pending'", accepted_at: ago(14, 1_000) });
    await crowd(no, 3, { state: "'pending'", accepted_at: ago(13.99) });
    await crowd(no, 2, { state: "'pending'", hold: "'rate'", accepted_at: ago(15) });
    await crowd(no, 1, { accepted_at: ago(20) });
    await expire([no]);
    expect((await left(no))[3]).toBe(4);
    await expectTalliesToEqualRecount(no);
  });

  test("stays while its petition is held, for the jobs of mail as for the passes", async () => {
    const { no } = await openPetition();
    await crowd(no, 1, { state: "'pending'", accepted_at: ago(20) });
    const at = (Date.now() - 20 * DAY_MS).toString(16).padStart(12, "0");
    const job = () =>
      env.DB.prepare(
        `INSERT INTO outbox (id, kind, state, items, remaining, due_at, created_at)
         SELECT ?1, 'signature_answer', 'sent', json_array(printf('%08x', petition_no) || lower(hex(email_hash))
           || printf('%08x', person_hash)), '[]', 1, 1 FROM signatures WHERE petition_no = ?2`,
      )
        .bind(`${at.slice(0, 8)}-${at.slice(8)}${newUuid().slice(13)}`, no)
        .run();
    await hold(no);
    await job();
    await isolate.cron(HOUR);
    await expire([no]);
    expect((await left(no))[3]).toBe(1);
    await hold(no, Date.now() - 1);
    await job();
    await isolate.cron(HOUR);
    expect((await left(no))[3]).toBe(0);
  });

  test("that the database refuses to take out stops no other petition's", async () => {
    const [broken, sound] = [await openPetition(), await openPetition()];
    for (const { no } of [broken, sound]) await crowd(no, 1, { state: "'pending'", accepted_at: ago(20) });
    await env.DB.prepare("UPDATE petition_tallies SET pending = 0 WHERE petition_no = ?").bind(broken.no).run();
    await expire([broken.no, sound.no]);
    expect([(await left(broken.no))[3], (await left(sound.no))[3]]).toEqual([1, 0]);
    expect(await retentionRow(broken.no)).toMatchObject({ failures: 1, error: "SQLITE_CONSTRAINT" });
    await env.DB.prepare("UPDATE petition_tallies SET pending = 1 WHERE petition_no = ?").bind(broken.no).run();
    await expire([broken.no]);
    expect((await left(broken.no))[3]).toBe(0);
    expect(await retentionRow(broken.no)).toMatchObject({ failures: 0, failed_at: null, error: null });
  });
});

test("mail that was never sent goes after 30 days with what is sealed in it, and a hold that is over goes too", async () => {
  const { no } = await openPetition();
  await hold(no, Date.now() - 1);
  const job = (days: number, state: string) => {
    const at = (Date.now() - days * DAY_MS).toString(16).padStart(12, "0");
    return env.DB.prepare(
      `INSERT INTO outbox (id, kind, state, items, remaining, sealed, due_at, created_at)
       VALUES (?, 'signature_withdrawn', ?, '["x"]', '["x"]', x'01', 9000000000000000, 1)`,
    ).bind(`${at.slice(0, 8)}-${at.slice(8)}${newUuid().slice(13)}`, state);
  };
  await env.DB.prepare("DELETE FROM outbox").run();
  await env.DB.batch([job(31, "parked"), job(31, "waiting"), job(29, "parked"), job(29, "waiting")]);
  await isolate.cron(HOUR);
  expect(await env.DB.prepare("SELECT count(*) AS n FROM outbox").first("n")).toBe(2);
  expect(
    await env.DB.prepare("SELECT count(*) AS n FROM retention_holds WHERE petition_no = ?").bind(no).first("n"),
  ).toBe(0);
});
