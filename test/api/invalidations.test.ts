import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { crowd, signatureIds } from "../support/crowd.ts";
import { expectDocumentedAnswer } from "../support/documented.ts";
import { coldIsolate, keepingQueue } from "../support/isolate.ts";
import { expectTalliesToEqualRecount } from "../support/recount.ts";
import { freshEmail, linkIn, nextMail, postJson, sign, tokenOf } from "../support/resident.ts";
import { actsOn, asStaff, staffKey } from "../support/staff.ts";
import { foundTown, openPetition } from "../support/town.ts";

const isolate = coldIsolate();

beforeAll(foundTown);

const post = (path: string, body?: unknown, key?: string) =>
  asStaff(isolate, "POST", path, { body, ...(key && { key }) });
const get = (path: string, key?: string) => asStaff(isolate, "GET", path, key ? { key } : {});

interface Run {
  readonly id: string;
  readonly state: string;
  readonly invalidated: number;
}
interface DryRun {
  readonly matches: number;
  readonly creator_kept: boolean;
  readonly breakdown: Record<string, { key: string; count: number }[]>;
  readonly sample: { signature_id: string }[];
}

const dryRun = async (where: Record<string, unknown>) =>
  (await expectDocumentedAnswer("invalidate", await post("/invalidations", { where, dry_run: true }))) as DryRun;

const takeOut = async (where: Record<string, unknown>, reason = "bots") =>
  (await expectDocumentedAnswer("invalidate", await post("/invalidations", { where, reason }))) as Run;

const undo = async ({ id }: Run) =>
  (await expectDocumentedAnswer("undoInvalidation", await post(`/invalidations/${id}/undo`))) as Run;

const statesOf = async (no: number) =>
  Object.fromEntries(
    (
      await env.DB.prepare("SELECT state, count(*) AS n FROM signatures WHERE petition_no = ? GROUP BY 1")
        .bind(no)
        .all<{ state: string; n: number }>()
    ).results.map(({ state, n }) => [state, n]),
  );

/** Signs and, unless told otherwise, verifies; gives the tokens of the mail. */
async function signed(id: string, fields: Record<string, unknown> = {}, address?: string, verify = true) {
  const email = String(fields.email ?? freshEmail());
  await sign(isolate, id, { ...fields, email }, address);
  const mail = await nextMail(email);
  const tokens = { verify: tokenOf(linkIn(mail, "v")), withdraw: tokenOf(linkIn(mail, "w")), email };
  if (verify) expect((await postJson(isolate, "/v1/verifications", { token: tokens.verify })).status).toBe(200);
  return tokens;
}

const V4 = () => `198.${51 + Math.floor(Math.random() * 9)}.${Math.floor(Math.random() * 255)}.`;

describe("what is taken out", () => {
  test("is named in clear, by address, network, domain or mailbox in any spelling, and kept only as digests", async () => {
    const { id, no } = await openPetition();
    const net = V4();
    await signed(id, { email: "ann@first.example" }, `${net}7`);
    await signed(id, { email: "bob@first.example" }, `${net}8`);
    await signed(id, { email: "cem@second.example" }, "2001:db8:77:1:2::9");
    const matches = async (where: object) => (await dryRun({ petition: id, ...where })).matches;
    expect(await matches({ address: `${net}7` })).toBe(1);
    expect(await matches({ network: `${net}0/24` })).toBe(2);
    expect(await matches({ network: `${net}200` })).toBe(2);
    expect(await matches({ address: "2001:0db8:77:1::/64" })).toBe(1);
    expect(await matches({ network: "2001:db8:77::/48" })).toBe(1);
    expect(await matches({ domain: "First.Example" })).toBe(2);
    expect(await matches({ domain: "@first.example" })).toBe(2);
    expect(await matches({ email: "Ann+news@first.example" })).toBe(1);
    expect(await matches({ email: "nobody@first.example" })).toBe(0);
    expect(await matches({ domain: "first.example", address: `${net}8` })).toBe(1);
    expect(await matches({ domain: "second.example", address: `${net}8` })).toBe(0);

    const run = await takeOut({ petition: id, network: `${net}0/24`, email: "ann@first.example" });
    expect(run).toMatchObject({ state: "done", invalidated: 1 });
    const shown = (await (await get(`/invalidations/${run.id}`)).json()) as { where: Record<string, string> };
    expect(shown.where.network).toMatch(/^digest:[0-9a-f]{16}$/);
    // What was shown can be used again.
    expect(await matches({ network: shown.where.network })).toBe(1);
    const kept = await env.DB.prepare("SELECT conditions FROM invalidations WHERE petition_no = ?").bind(no).first();
    const texts = JSON.stringify([kept, await actsOn(id), shown]);
    for (const clear of [net, "first.example", "ann"]) expect(texts).not.toContain(clear);
    expect(await actsOn(id)).toMatchObject([{ act: "invalidation.start", reason: "bots", actor: "local" }]);
    await expectTalliesToEqualRecount(no);
  });

  test("is named by area, channel, partner, span of time and hold, and any combination of them", async () => {
    const { id, no } = await openPetition();
    await env.DB.prepare(
      "INSERT OR IGNORE INTO channels (code, label, partner) VALUES ('club', 'Club', 'sports'), ('hall', 'Hall', 'sports')",
    ).run();
    await crowd(no, 60, {
      area_code: "iif(i % 2, 'north', 'south')",
      channel: "CASE i % 3 WHEN 0 THEN 'club' WHEN 1 THEN 'hall' ELSE 'poster' END",
      hold: "iif(i > 50, 'rate', NULL)",
      state: "iif(i % 5, 'verified', 'pending')",
      accepted_at: "1000000 * i",
    });
    const at = (i: number) => new Date(1_000_000 * i).toISOString();
    const matches = async (where: object) => (await dryRun({ petition: id, ...where })).matches;
    expect(await matches({ area: "north" })).toBe(30);
    expect(await matches({ channel: "poster" })).toBe(20);
    expect(await matches({ channel: "other" })).toBe(0);
    expect(await matches({ partner: "sports" })).toBe(40);
    expect(await matches({ hold: "rate" })).toBe(10);
    expect(await matches({ hold: "any", area: "south" })).toBe(5);
    expect(await matches({ hold: "list" })).toBe(0);
    // From the first moment on, up to but without the last.
    expect(await matches({ from: at(10), to: at(20) })).toBe(10);
    expect(await matches({ from: at(60) })).toBe(1);
    expect(await matches({ to: at(1) })).toBe(0);
    const where = { petition: id, area: "north", partner: "sports", from: at(11), to: at(56), hold: "any" };
    const dry = await dryRun(where);
    // 51, 55; 53 is a poster's.
    expect(dry.matches).toBe(2);
    expect(await takeOut(where)).toMatchObject({ invalidated: 2 });
    expect(await statesOf(no)).toMatchObject({ invalidated: 2 });
    await expectTalliesToEqualRecount(no);
  });

  test("is what a dry run says, by every dimension; the dry run changes nothing", async () => {
    const { id, no } = await openPetition();
    const noon = Date.parse("2026-07-01T22:30:00Z"); // half past eleven at night in the municipality
    await crowd(no, 25, {
      area_code: "iif(i <= 4, NULL, iif(i % 2, 'north', 'south'))",
      hold: "iif(i > 20, 'burst', NULL)",
      state: "iif(i = 7, 'pending', 'verified')",
      role: "iif(i = 1, 'creator', 'signer')",
      accepted_at: `${noon} + 60000 * i * 2`,
      network_hash: "x'aa00000000000001'",
    });
    await env.DB.prepare(
      `UPDATE petitions SET (creator_email_hash, creator_person_hash) =
        (SELECT email_hash, person_hash FROM signatures WHERE petition_no = no AND role = 'creator') WHERE no = ?`,
    )
      .bind(no)
      .run();
    await crowd(no, 5);
    const where = { petition: id, network: "digest:aa00000000000001" };
    const before = await statesOf(no);
    const dry = await dryRun(where);
    expect(dry).toMatchObject({ matches: 24, creator_kept: true });
    expect(dry.breakdown).toEqual({
      state: [
        { key: "pending", count: 1 },
        { key: "verified", count: 23 },
      ],
      hold: [
        { key: "", count: 19 },
        { key: "burst", count: 5 },
      ],
      area: [
        { key: "", count: 3 },
        { key: "north", count: 11 },
        { key: "south", count: 10 },
      ],
      channel: [{ key: "poster", count: 24 }],
      day: [
        { key: "2026-07-01", count: 13 },
        { key: "2026-07-02", count: 11 },
      ],
    });
    expect(dry.sample).toHaveLength(10);
    expect(await signatureIds(no)).toEqual(expect.arrayContaining(dry.sample.map(({ signature_id }) => signature_id)));
    expect([await statesOf(no), await actsOn(id)]).toEqual([before, []]);
    const run = await takeOut(where);
    expect(run).toMatchObject({ state: "done", invalidated: 24, creator_kept: true });
    expect((await dryRun(where)).matches).toBe(0);
    await expectTalliesToEqualRecount(no);
  });

  test("falls from the public total and from thresholds at once; nobody taken out sees anything unusual", async () => {
    const { id, no } = await openPetition();
    await env.DB.prepare("INSERT INTO thresholds (petition_no, name, signatures) VALUES (?, 'response', 3)")
      .bind(no)
      .run();
    await crowd(no, 2);
    const email = "dee@taken.example";
    const tokens = await signed(id, { email });
    const stamp = () =>
      env.DB.prepare("SELECT reached_at FROM thresholds WHERE petition_no = ?").bind(no).first("reached_at");
    expect(await stamp()).not.toBeNull();
    const run = await takeOut({ petition: id, email });
    expect(await stamp()).toBeNull();
    const count = await coldIsolate().fetch(`/v1/petitions/${id}/count`);
    expect(await count.json()).toMatchObject({ verified: 2 });
    const again = await postJson(isolate, "/v1/verifications", { token: tokens.verify });
    expect([again.status, ((await again.json()) as { status: string }).status]).toEqual([200, "verified"]);
    await undo(run);
    expect(await stamp()).not.toBeNull();
    await expectTalliesToEqualRecount(no);
  });
});

test("who was verified and taken out reads, signing again, what any verified person reads, and changes nothing", async () => {
  const { id, no } = await openPetition();
  const [taken, stays] = [await signed(id), await signed(id)];
  const rows = () => env.DB.prepare("SELECT area_code FROM signatures WHERE petition_no = ? ORDER BY 1").bind(no).all();
  const before = (await rows()).results;
  const run = await takeOut({ petition: id, email: taken.email });
  // Somebody else may type it: only what was verified counts.
  const answers = await Promise.all(
    [taken, stays].map(async ({ email }) => {
      await sign(isolate, id, { email, postcode: "BW1 2BB" });
      const { subject, text } = await nextMail(email, 2);
      return { subject, text: text.replace(/\/(w|d)\/\S+/g, "/$1/") };
    }),
  );
  expect(answers[0]).toEqual(answers[1]);
  await undo(run);
  expect((await rows()).results).toEqual(before);
  await expectTalliesToEqualRecount(no);
});

describe("an undo", () => {
  test("gives back exactly what its own run took, whatever other runs overlap with it", async () => {
    const { id, no } = await openPetition();
    await crowd(no, 30, {
      area_code: "iif(i <= 20, 'north', 'south')",
      channel: "iif(i > 10, 'poster', 'letter')",
      hold: "iif(i % 7 = 0, 'rate', NULL)",
      state: "iif(i % 4, 'verified', 'pending')",
    });
    const rows = () =>
      env.DB.prepare("SELECT * FROM signatures WHERE petition_no = ? ORDER BY person_hash").bind(no).all();
    const before = (await rows()).results;
    const north = await takeOut({ petition: id, area: "north" });
    const posters = await takeOut({ petition: id, channel: "poster" }, "duplicates");
    expect([north.invalidated, posters.invalidated]).toEqual([20, 10]);
    await expectTalliesToEqualRecount(no);
    expect(await undo(north)).toMatchObject({ state: "undone", restored: 20, withdrawn: 0, not_restored: 0 });
    expect(await statesOf(no)).toMatchObject({ invalidated: 10 });
    await expectTalliesToEqualRecount(no);
    const twice = await post(`/invalidations/${north.id}/undo`);
    expect([twice.status, await twice.json()]).toMatchObject([
      409,
      { code: "run_state", errors: [{ code: "undone" }] },
    ]);
    // What the second run had left to the first one is not the second one's to give back.
    expect(await undo(posters)).toMatchObject({ restored: 10 });
    expect((await rows()).results).toEqual(before);
    expect((await actsOn(id)).map(({ act }) => act)).toEqual([
      ...["invalidation.start", "invalidation.start", "invalidation.undo", "invalidation.undo"],
    ]);
    await expectTalliesToEqualRecount(no);
  });

  test("gives nobody back who has withdrawn: they are withdrawn, and may sign again", async () => {
    const { id, no } = await openPetition();
    const [gone, back, stays] = [await signed(id), await signed(id), await signed(id)];
    const run = await takeOut({ petition: id, area: "north" });
    for (const { withdraw } of [gone, back]) {
      expect((await postJson(isolate, "/v1/withdrawals", { token: withdraw })).status).toBe(200);
    }
    // One of them has signed again, and not verified: what was verified before is not this.
    await sign(isolate, id, { email: back.email });
    await nextMail(back.email, 3);
    expect(await undo(run)).toMatchObject({ restored: 2, withdrawn: 1, not_restored: 0 });
    expect(await statesOf(no)).toEqual({ verified: 1, pending: 1, withdrawn: 1 });
    await expectTalliesToEqualRecount(no);
    expect((await postJson(isolate, "/v1/verifications", { token: back.verify })).status).toBe(200);
    await sign(isolate, id, { email: gone.email, postcode: "BW1 2BB" });
    await nextMail(gone.email, 3);
    for (const { verify } of [gone, stays]) {
      expect((await postJson(isolate, "/v1/verifications", { token: verify })).status).toBe(200);
    }
    expect(await statesOf(no)).toEqual({ verified: 3 });
    await expectTalliesToEqualRecount(no);
  });

  test("counts who has pressed the button meanwhile: they were told that it is done", async () => {
    const { id, no } = await openPetition();
    const [pressed, waits] = [await signed(id, {}, undefined, false), await signed(id, {}, undefined, false)];
    const run = await takeOut({ petition: id, area: "north" });
    const answer = await postJson(isolate, "/v1/verifications", { token: pressed.verify });
    expect([answer.status, await answer.json()]).toMatchObject([200, { status: "verified", signature_count: 0 }]);
    await expectTalliesToEqualRecount(no);
    await undo(run);
    expect(await statesOf(no)).toEqual({ verified: 1, pending: 1 });
    await postJson(isolate, "/v1/verifications", { token: waits.verify });
    expect(await statesOf(no)).toEqual({ verified: 2 });
    await expectTalliesToEqualRecount(no);
  });

  test("gives who has not verified their time anew, and deletes them when it is over", async () => {
    const { id, no } = await openPetition();
    const [waits, done] = [await signed(id, {}, undefined, false), await signed(id)];
    const run = await takeOut({ petition: id, area: "north" });
    const days = async (n: number) => {
      const hex = (Date.now() - n * 86_400_000).toString(16).padStart(12, "0");
      const times = ["UPDATE signatures SET accepted_at = accepted_at - ?2 * 86400000 WHERE petition_no = ?1"];
      await env.DB.batch(times.map((sql) => env.DB.prepare(sql).bind(no, n)));
      await env.DB.prepare("UPDATE outbox SET id = ?1 || substr(id, 14)")
        .bind(`${hex.slice(0, 8)}-${hex.slice(8)}`)
        .run();
      await isolate.cron("17 * * * *");
    };
    // The mail's own job goes with its time.
    await days(15);
    expect(await statesOf(no)).toEqual({ invalidated: 2 });
    await undo(run);
    await isolate.cron("17 * * * *");
    expect(await statesOf(no)).toEqual({ pending: 1, verified: 1 });
    await days(15);
    expect(await statesOf(no)).toEqual({ verified: 1 });
    expect((await postJson(isolate, "/v1/verifications", { token: waits.verify })).status).toBe(410);
    expect((await postJson(isolate, "/v1/verifications", { token: done.verify })).status).toBe(200);
    await expectTalliesToEqualRecount(no);
  });

  test("brings back everybody of a mailbox: what was verified kept its place, so nobody else could take it", async () => {
    const { id, no } = await openPetition();
    const email = freshEmail();
    const names = ["Ann Quill", "Bob Quill", "Cem Quill"];
    for (const [n, name] of names.slice(0, 2).entries()) {
      await sign(isolate, id, { email, name });
      const mail = await nextMail(email, n + 1);
      await postJson(isolate, "/v1/verifications", { token: tokenOf(linkIn(mail, "v")) });
    }
    const run = await takeOut({ petition: id, email });
    expect(run.invalidated).toBe(2);
    await sign(isolate, id, { email, name: names[2] });
    // The notice that a full mailbox gets, and nothing to verify.
    expect((await nextMail(email, 3)).text).not.toContain("/v/");
    expect(await undo(run)).toMatchObject({ restored: 2, withdrawn: 0, not_restored: 0 });
    expect(await statesOf(no)).toEqual({ verified: 2 });
    await expectTalliesToEqualRecount(no);
  });
});

describe("a request is refused", () => {
  const refused = async (where: Record<string, unknown>, more: object = { dry_run: true }) => {
    const answer = await post("/invalidations", { where, ...more });
    const { errors = [] } = (await answer.json()) as { errors?: { pointer: string; code: string }[] };
    return [answer.status, ...errors.map(({ pointer, code }) => `${pointer} ${code}`)];
  };

  test("without a condition, with unknown codes, or with what is no address", async () => {
    const { id: petition } = await openPetition();
    expect(await refused({ petition })).toEqual([400, "/where missing"]);
    expect(await refused({ area: "north" })).toEqual([400, "/where/petition missing"]);
    expect(await refused({ petition, area: "west", channel: "nowhere", partner: "nobody" })).toEqual([
      ...[400, "/where/area unknown_code", "/where/channel unknown_code", "/where/partner unknown_code"],
    ]);
    expect(await refused({ petition, address: "198.51.100" })).toEqual([400, "/where/address wrong_type"]);
    expect(await refused({ petition, network: "198.51.100.0/23" })).toEqual([400, "/where/network wrong_type"]);
    expect(await refused({ petition, domain: "localhost" })).toEqual([400, "/where/domain wrong_type"]);
    expect(await refused({ petition, email: "ann" })).toEqual([400, "/where/email wrong_type"]);
    expect(await refused({ petition, hold: "whim" })).toEqual([400, "/where/hold wrong_type"]);
    expect(await refused({ petition, from: "yesterday" })).toEqual([400, "/where/from wrong_type"]);
    const [from, to] = ["2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z"];
    expect(await refused({ petition, from, to })).toEqual([400, "/where/to out_of_range"]);
    expect(await refused({ petition, colour: "red" })).toEqual([400, " unknown_field"]);
    expect(await refused({ petition, ids: [] })).toEqual([400, "/where/ids empty"]);
    expect(await refused({ petition, area: "north" }, {})).toEqual([400, "/reason missing"]);
    expect(await refused({ petition, area: "north" }, { reason: "whim" })).toEqual([400, "/reason wrong_type"]);
    expect(await refused({ petition: "pet_01936d9e-8c4b-7f00-9a51-0123deadbeef", area: "north" })).toEqual([404]);
  });

  test("of somebody who may not: another department's reads as absent, a viewer's too", async () => {
    await env.DB.prepare(`INSERT OR IGNORE INTO departments VALUES ('parks', '{"en":"Parks"}')`).run();
    const { id: petition, no } = await openPetition({ department_code: "works" });
    await crowd(no, 2);
    const run = await takeOut({ petition, area: "north" });
    const stranger = await staffKey("moderator", "parks");
    const viewer = await staffKey("viewer");
    for (const key of [stranger, viewer]) {
      expect((await post("/invalidations", { where: { petition, area: "north" }, reason: "bots" }, key)).status).toBe(
        404,
      );
      for (const act of ["cancel", "undo"]) {
        expect((await post(`/invalidations/${run.id}/${act}`, undefined, key)).status, act).toBe(404);
      }
    }
    expect((await get(`/invalidations/${run.id}`, stranger)).status).toBe(404);
    expect((await get(`/invalidations?petition=${petition}`, stranger)).status).toBe(404);
    expect((await get(`/invalidations/${run.id}`, viewer)).status).toBe(200);
    const listed = (await (await get("/invalidations?limit=100", stranger)).json()) as { data: Run[] };
    expect(listed.data.map(({ id }) => id)).not.toContain(run.id);
    // A run that releases is none that takes out.
    expect((await get(`/invalidations/${run.id.replace("inv", "rel")}`)).status).toBe(404);
    expect((await get(`/releases/${run.id.replace("inv", "rel")}`)).status).toBe(404);
  });
});

test("the list has every act once, newest first, page by page", async () => {
  const { id, no } = await openPetition();
  await crowd(no, 5);
  const ids = [];
  for (let n = 0; n < 5; n++) ids.unshift((await takeOut({ petition: id, area: "north" })).id);
  const seen: string[] = [];
  let path = `/invalidations?petition=${id}&limit=2`;
  for (let pages = 0; pages < 3; pages++) {
    const answer = await get(path);
    const page = (await expectDocumentedAnswer("listInvalidations", answer)) as { data: Run[]; next_cursor: string };
    seen.push(...page.data.map((run) => run.id));
    expect(answer.headers.has("Link")).toBe(page.next_cursor !== null);
    path = `/invalidations?petition=${id}&limit=2&cursor=${page.next_cursor}`;
  }
  expect(seen).toEqual(ids);
  const other = await openPetition();
  const { next_cursor } = (await (await get(`/invalidations?petition=${id}&limit=2`)).json()) as {
    next_cursor: string;
  };
  expect((await get(`/invalidations?petition=${other.id}&limit=2&cursor=${next_cursor}`)).status).toBe(400);
});

test("a petition whose personal data is erased can still be gone through by what is not personal", async () => {
  const { id, no } = await openPetition({ secret: null });
  await crowd(no, 3);
  const where = { petition: id, email: "ann@first.example" };
  const answer = await post("/invalidations", { where, dry_run: true });
  expect(await answer.json()).toMatchObject({ errors: [{ pointer: "/where", code: "erased" }] });
  expect((await dryRun({ petition: id, area: "north" })).matches).toBe(3);
});

test("a queue that takes nothing stops no act: small ones are over at once, and the sweeper finds the others", async () => {
  const { id, no } = await openPetition();
  await crowd(no, 1_500, { accepted_at: "1" });
  const refusing = coldIsolate({
    REVIEW: { sendBatch: () => Promise.reject(new Error("queue refused")) },
  });
  const where = { petition: id, area: "north" };
  const answer = await asStaff(refusing, "POST", "/invalidations", { body: { where, reason: "test" } });
  const run = (await answer.json()) as Run;
  expect([answer.status, run.state]).toEqual([202, "running"]);
  await expectTalliesToEqualRecount(no);
  const REVIEW = keepingQueue<{ run_id: string }>();
  const at = coldIsolate({ REVIEW });
  await at.cron("* * * * *");
  expect(REVIEW.sent).toEqual([]);
  await env.DB.prepare("UPDATE invalidations SET touched_at = touched_at - 61000 WHERE petition_no = ?").bind(no).run();
  await at.cron("* * * * *");
  expect(REVIEW.sent).toHaveLength(1);
  await at.deliver("review", REVIEW.sent);
  expect(await (await get(`/invalidations/${run.id}`)).json()).toMatchObject({ state: "done", invalidated: 1_500 });
  await expectTalliesToEqualRecount(no);
});
