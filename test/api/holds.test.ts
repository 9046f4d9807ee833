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
const NETWORK = "x'aa00000000000001'";
const OTHER = "x'aa00000000000002'";
const digest = (blob: string) => `digest:${blob.slice(2, -1)}`;

beforeAll(foundTown);

const post = (path: string, body?: unknown, key?: string) =>
  asStaff(isolate, "POST", path, { body, ...(key && { key }) });
const get = (path: string, key?: string) => asStaff(isolate, "GET", path, key ? { key } : {});

async function review(id: string) {
  const answer = await expectDocumentedAnswer("reviewHolds", await get(`/petitions/${id}/holds`));
  return (answer as { holds: Record<string, unknown>[] }).holds;
}

const countsOf = async (id: string) =>
  ((await (await get(`/petitions/${id}/counts`)).json()) as { states: Record<string, number> }).states;

/** A school's hour: one network, many addresses, and a few from elsewhere. */
async function burst(no: number): Promise<void> {
  const hour = Date.parse("2026-11-20T08:00:00Z");
  const school = {
    ...{ hold: "'burst'", network_hash: NETWORK, address_hash: "CAST(printf('%08d', i % 3) AS BLOB)", asn: "64496" },
    ...{ country: "'GB'", accepted_at: `${hour} + i * 1000`, domain_hash: "x'dd00000000000001'" },
  };
  await crowd(no, 40, school);
  await crowd(no, 5, { ...school, state: "'pending'" });
  await crowd(no, 3, { hold: "'burst'", network_hash: OTHER, accepted_at: `${hour} + 7200000 + i` });
  await crowd(no, 2, { hold: "'list'" });
  await crowd(no, 10);
}

describe("the review of what is held", () => {
  test("says how many by reason, and what they have in common, without saying who", async () => {
    const { id, no } = await openPetition();
    await burst(no);
    const [held, listed] = await review(id);
    expect(held).toMatchObject({ hold: "burst", pending: 5, verified: 43, looked_at: 48 });
    expect(listed).toMatchObject({ hold: "list", pending: 0, verified: 2, networks: [], domains: [], addresses: [] });
    expect(held?.networks).toEqual([
      {
        digest: digest(NETWORK),
        ...{ signatures: 45, verified: 40, addresses: 3, asn: 64496, country: "GB" },
        ...{ first_at: "2026-11-20T08:00:01.000Z", last_at: "2026-11-20T08:00:40.000Z" },
      },
      expect.objectContaining({ digest: digest(OTHER), signatures: 3, addresses: 0, asn: null, country: null }),
    ]);
    expect(held?.addresses).toHaveLength(3);
    expect(await review((await openPetition()).id)).toEqual([]);
  });

  test("is for those who see the petition", async () => {
    const { id } = await openPetition({ department_code: "works" });
    await env.DB.prepare(`INSERT OR IGNORE INTO departments VALUES ('parks', '{"en":"Parks"}')`).run();
    const path = `/petitions/${id}/holds`;
    expect((await get(path, await staffKey("viewer", "works"))).status).toBe(200);
    const stranger = await staffKey("moderator", "parks");
    expect((await get(path, stranger)).status).toBe(404);
    expect((await post(`${path}/release`, { where: { hold: "any" } }, stranger)).status).toBe(404);
  });
});

describe("releasing many", () => {
  test("of one network lets a school's burst through in one act, and nothing else", async () => {
    const { id, no } = await openPetition();
    await env.DB.prepare("INSERT INTO thresholds (petition_no, name, signatures) VALUES (?, 'response', 50)")
      .bind(no)
      .run();
    await burst(no);
    expect(await countsOf(id)).toMatchObject({ verified: 10, quarantined: 50 });
    const where = { hold: "burst", network: digest(NETWORK) };
    const answer = await post(`/petitions/${id}/holds/release`, { where });
    const release = (await expectDocumentedAnswer("releaseHolds", answer)) as { id: string };
    // A small act is over when the answer is read.
    expect(release).toMatchObject({ state: "done", released: 45, where, by: "local" });
    expect(await countsOf(id)).toMatchObject({ verified: 50, pending: 5, quarantined: 5 });
    const stamped = () =>
      env.DB.prepare("SELECT reached_at FROM thresholds WHERE petition_no = ?").bind(no).first("reached_at");
    expect(await stamped()).not.toBeNull();
    await expectTalliesToEqualRecount(no);
    await expectDocumentedAnswer("readRelease", await get(`/releases/${release.id}`));
    expect((await post(`/releases/${release.id}/cancel`)).status).toBe(409);
    expect(await actsOn(id)).toMatchObject([{ act: "holds.release", actor: "local" }]);
    // Repeating it finds nothing more.
    expect(await (await post(`/petitions/${id}/holds/release`, { where })).json()).toMatchObject({ released: 0 });
  });

  test("by their ids, by a span of time, or all that is held", async () => {
    const { id, no } = await openPetition();
    await burst(no);
    const release = async (where: unknown) =>
      ((await (await post(`/petitions/${id}/holds/release`, { where })).json()) as { released: number }).released;
    const ids = [...(await signatureIds(no, "hold = 'list'")), ...(await signatureIds(no, "hold IS NULL")).slice(0, 2)];
    expect(await release({ ids })).toBe(2);
    expect(await release({ from: "2026-11-20T10:00:00Z", to: "2026-11-20T11:00:00Z" })).toBe(3);
    expect(await release({ hold: "any" })).toBe(45);
    expect(await countsOf(id)).toMatchObject({ verified: 55, pending: 5, quarantined: 0 });
    await expectTalliesToEqualRecount(no);
    expect(await review(id)).toEqual([]);
  });

  test("never reaches another petition, nor what is over", async () => {
    const [mine, other] = [await openPetition(), await openPetition()];
    await crowd(other.no, 1, { hold: "'rate'" });
    const [foreign] = await signatureIds(other.no);
    const absent = `${foreign?.replace(/^sig_.{8}/, `sig_${mine.no.toString(16).padStart(8, "0")}`)}`;
    for (const id of [foreign, absent]) {
      const answer = await post(`/petitions/${mine.id}/holds/release`, { where: { ids: [id] } });
      expect([answer.status, ((await answer.json()) as { errors: unknown[] }).errors]).toEqual([
        400,
        [expect.objectContaining({ pointer: "/where/ids", code: "unknown_code" })],
      ]);
    }
    expect((await post(`/petitions/${mine.id}/holds/release`, { where: {} })).status).toBe(400);
    expect((await post(`/petitions/${mine.id}/holds/release`, {})).status).toBe(400);
    await post(`/signatures/${foreign}/invalidate`, { reason: "bots" });
    const where = { hold: "rate" };
    expect(await (await post(`/petitions/${other.id}/holds/release`, { where })).json()).toMatchObject({ released: 0 });
    expect(await countsOf(other.id)).toMatchObject({ invalidated: 1, verified: 0 });
  });
});

describe("one signature", () => {
  test("that is held and verified counts as soon as it is released, a pending one once it is verified", async () => {
    const { id, no } = await openPetition();
    const queue = keepingQueue();
    const at = coldIsolate({ INTAKE: queue });
    const email = freshEmail();
    await sign(at, id, { email });
    await at.deliver("intake", queue.sent);
    await env.DB.prepare("UPDATE signatures SET hold = 'rate' WHERE petition_no = ?").bind(no).run();
    const [signature] = await signatureIds(no);
    const token = tokenOf(linkIn(await nextMail(email), "v"));
    const released = await post(`/signatures/${signature}/release`);
    expect(await expectDocumentedAnswer("releaseSignature", released)).toMatchObject({ state: "pending", hold: null });
    expect(await (await postJson(isolate, "/v1/verifications", { token })).json()).toMatchObject({
      signature_count: 1,
    });

    await env.DB.prepare("UPDATE signatures SET hold = 'fast' WHERE petition_no = ?").bind(no).run();
    expect(await countsOf(id)).toMatchObject({ verified: 0, quarantined: 1 });
    const after = { state: "verified", hold: null, signature_count: 1 };
    expect(await (await post(`/signatures/${signature}/release`)).json()).toMatchObject(after);
    // Repeating it changes nothing and leaves no entry.
    expect(await (await post(`/signatures/${signature}/release`)).json()).toMatchObject(after);
    expect((await actsOn(id)).map(({ act }) => act)).toEqual(["signature.release", "signature.release"]);
    await expectTalliesToEqualRecount(no);
  });

  test("is taken out with a reason, once; its hold stays known, and it can be given back", async () => {
    const { id, no } = await openPetition();
    await crowd(no, 3, { hold: "iif(i = 1, 'rate', NULL)", email_hash: "CAST(printf('%08d', i) AS BLOB)" });
    const [held, counted] = await signatureIds(no);
    const answer = await post(`/signatures/${counted}/invalidate`, { reason: "on_request" });
    const taken = (await expectDocumentedAnswer("invalidateSignature", answer)) as { invalidation_id: string };
    expect(taken).toMatchObject({ state: "invalidated", hold: null, signature_count: 1 });
    const repeated = await post(`/signatures/${counted}/invalidate`, { reason: "bots" });
    expect([repeated.status, await repeated.json()]).toMatchObject([
      409,
      { code: "signature_state", errors: [{ pointer: "/state", code: "invalidated" }] },
    ]);
    expect((await post(`/signatures/${counted}/release`)).status).toBe(409);
    expect(await (await post(`/signatures/${held}/invalidate`, { reason: "bots" })).json()).toMatchObject({
      hold: "rate",
    });
    await expectTalliesToEqualRecount(no);
    const undone = await post(`/invalidations/${taken.invalidation_id}/undo`);
    expect(await undone.json()).toMatchObject({ state: "undone", invalidated: 1, restored: 1, not_restored: 0 });
    expect(await countsOf(id)).toMatchObject({ verified: 2, invalidated: 1, quarantined: 0 });
    await expectTalliesToEqualRecount(no);
  });

  test("is never the creator's, nor that of another department's petition", async () => {
    const { no } = await openPetition({ department_code: "works" });
    await crowd(no, 2, { role: "iif(i = 1, 'creator', 'signer')", email_hash: "CAST(printf('%08d', i) AS BLOB)" });
    const [creators, other] = await signatureIds(no);
    expect((await post(`/signatures/${creators}/invalidate`, { reason: "test" })).status).toBe(409);
    await env.DB.prepare(`INSERT OR IGNORE INTO departments VALUES ('parks', '{"en":"Parks"}')`).run();
    const stranger = await staffKey("moderator", "parks");
    expect((await post(`/signatures/${other}/invalidate`, { reason: "test" }, stranger)).status).toBe(404);
    expect((await post(`/signatures/${other}/release`, undefined, stranger)).status).toBe(404);
    for (const id of ["sig_x", "pet_01936d9e-8c4b-7f00-9a51-0123deadbeef", `${other?.slice(0, -8)}ffffffff`]) {
      expect((await post(`/signatures/${id}/release`)).status, id).toBe(404);
    }
    expect((await post(`/signatures/${other}/invalidate`, { reason: "whim" })).status).toBe(400);
    expect((await post(`/signatures/${other}/invalidate`, {})).status).toBe(400);
    await expectTalliesToEqualRecount(no);
  });
});
