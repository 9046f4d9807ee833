import { env } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import { coldIsolate, refusingQueue } from "../support/isolate.ts";
import { decideOn } from "../support/moderation.ts";
import { sign } from "../support/resident.ts";
import { DAY_MS, endAt, erase, retentionRow } from "../support/retention.ts";
import { signersOf } from "../support/signers.ts";
import { actsOn, asStaff, staffKey } from "../support/staff.ts";
import { foundTown, openPetition } from "../support/town.ts";

beforeAll(foundTown);

const isolate = coldIsolate({ INTAKE: refusingQueue });

interface Retention {
  readonly version: number;
  readonly over_since: string | null;
  readonly erase_at: string | null;
  readonly hold: { reason: string; until: string; by: string } | null;
  readonly erasing_since: string | null;
  readonly erased_at: string | null;
  readonly erased_signatures: number;
}

async function read(id: string, key?: string): Promise<Retention> {
  const answer = await asStaff(isolate, "GET", `/petitions/${id}/retention`, key === undefined ? {} : { key });
  expect(answer.status).toBe(200);
  const body = (await answer.json()) as Retention;
  expect(answer.headers.get("ETag")).toBe(`"${body.version}"`);
  return body;
}

async function change(method: "PUT" | "DELETE", id: string, body?: unknown, key = "fm_staff_local"): Promise<Response> {
  const headers = { "If-Match": `"${(await read(id)).version}"` };
  return asStaff(isolate, method, `/petitions/${id}/retention-hold`, { headers, key, ...(body ? { body } : {}) });
}

/** A day of the municipality so many days ahead. */
const dayIn = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
const reason = "Court file 12 K 34/26";

/** A petition that has been over for `days`. */
async function over(days = 2) {
  const petition = await openPetition();
  await signersOf(petition, [{ name: "Mara Quill" }, { name: "Jon Weir" }]);
  await endAt(petition.no, Date.now() - days * DAY_MS);
  return petition;
}

const confirmedBy = (confirm: string) => ({ confirm, reason: "Order of the authority, file 7-114" });

test("staff read since when a petition is over, when it is erased, and what holds it; what is open has no such day", async () => {
  const { id } = await openPetition();
  expect(await read(id)).toMatchObject({ over_since: null, erase_at: null, hold: null, erased_signatures: 0 });
  const petition = await over();
  const found = await read(petition.id, await staffKey("viewer"));
  const months = (Date.parse(found.erase_at ?? "") - Date.parse(found.over_since ?? "")) / DAY_MS;
  expect(months).toBeGreaterThan(180);
  expect(months).toBeLessThan(186);
  const elsewhere = await asStaff(isolate, "GET", `/petitions/${petition.id}/retention`, {
    key: await staffKey("admin", "works"),
  });
  expect(elsewhere.status).toBe(404);
});

test("an admin holds data until the end of a day, again for longer, and releases it; each is in the audit log", async () => {
  const { id } = await over();
  expect((await change("PUT", id, { reason, until: dayIn(10) })).status).toBe(200);
  const first = await read(id);
  expect(first.hold).toMatchObject({ reason, by: "local" });
  expect(Date.parse(first.hold?.until ?? "")).toBeGreaterThan(Date.now() + 9 * DAY_MS);
  expect((await change("PUT", id, { reason: "Appeal", until: dayIn(400) })).status).toBe(200);
  expect((await read(id)).hold).toMatchObject({ reason: "Appeal" });
  expect((await change("DELETE", id)).status).toBe(200);
  expect((await read(id)).hold).toBeNull();
  expect((await change("DELETE", id)).status).toBe(404);
  const acts = await actsOn(id);
  expect(acts.map(({ act, reason: why }) => [act, why])).toEqual([
    ["petition.hold_data", reason],
    ["petition.hold_data", "Appeal"],
    ["petition.release_data", null],
  ]);
  expect(JSON.parse(String(acts[1]?.before))).toMatchObject({ held_until: first.hold?.until });
});

test("a hold has a reason, a day that exists and is to come, at most ten years ahead, and needs an admin who has read", async () => {
  const { id } = await over();
  for (const [body, code] of [
    [{ until: dayIn(3) }, "missing"],
    [{ reason, until: "2027-02-30" }, "wrong_type"],
    [{ reason, until: "soon" }, "wrong_type"],
    [{ reason, until: dayIn(-2) }, "out_of_range"],
    [{ reason, until: dayIn(3_700) }, "out_of_range"],
  ] as const) {
    const answer = await change("PUT", id, body);
    expect(await answer.json()).toMatchObject({ status: 400, errors: [{ code }] });
  }
  for (const role of ["viewer", "moderator"] as const) {
    expect((await change("PUT", id, { reason, until: dayIn(3) }, await staffKey(role))).status).toBe(404);
  }
  const headers = { "If-Match": '"99"' };
  const stale = await asStaff(isolate, "PUT", `/petitions/${id}/retention-hold`, {
    headers,
    body: { reason, until: dayIn(3) },
  });
  expect(stale.status).toBe(412);
  expect((await read(id)).hold).toBeNull();
});

test("erasing at once takes the title or the id, typed as it is; anything else changes nothing", async () => {
  const [byTitle, byId] = [await over(), await over()];
  for (const wrong of ["benches for the market square", "pet_", `${byTitle.id.slice(0, -1)}0x`]) {
    const answer = await decideOn(isolate, byTitle.id, "erase", confirmedBy(wrong));
    expect(await answer.json()).toMatchObject({
      status: 400,
      errors: [{ pointer: "/confirm", code: "not_confirmed" }],
    });
  }
  const unread = await asStaff(isolate, "POST", `/petitions/${byTitle.id}/erase`, { body: confirmedBy(byTitle.id) });
  expect(unread.status).toBe(428);
  const moderator = await staffKey("moderator");
  expect((await decideOn(isolate, byTitle.id, "erase", confirmedBy(byTitle.id), moderator)).status).toBe(404);
  expect((await read(byTitle.id)).erasing_since).toBeNull();
  expect((await decideOn(isolate, byTitle.id, "erase", confirmedBy("Benches for the market square"))).status).toBe(200);
  expect((await decideOn(isolate, byId.id, "erase", confirmedBy(byId.id))).status).toBe(200);
  await erase({ later: 60_000, runs: 2 });
  expect(await read(byId.id)).toMatchObject({ erased_signatures: 2, erased_at: expect.any(String) });
  const [act] = await actsOn(byId.id);
  expect(act).toMatchObject({ act: "petition.erase", actor: "local", reason: "Order of the authority, file 7-114" });
  expect(JSON.stringify(act)).not.toContain("Quill");
});

test("an erased petition is not opened again, not signed, not held, not erased twice; its answer may still change", async () => {
  const { id, no } = await over();
  expect((await decideOn(isolate, id, "erase", confirmedBy(id))).status).toBe(200);
  for (const phase of ["begun", "done"]) {
    const refused = async (answer: Response | Promise<Response>) =>
      ((await (await answer).json()) as { code: string }).code;
    expect(await refused(decideOn(isolate, id, "reopen")), phase).toBe("petition_erased");
    expect(await refused(decideOn(isolate, id, "erase", confirmedBy(id))), phase).toBe("petition_erased");
    expect(await refused(change("PUT", id, { reason, until: dayIn(3) })), phase).toBe("petition_erased");
    expect(await refused(decideOn(isolate, id, "extend", { closes_at: dayIn(30) })), phase).toBe("illegal_state");
    expect(await refused(asStaff(isolate, "POST", `/petitions/${id}/notes`, { body: { text: "Late." } })), phase).toBe(
      "illegal_state",
    );
    expect(await refused(sign(isolate, id)), phase).toBe("petition_not_open");
    const where = { petition: id, area: "north" };
    const taking = asStaff(isolate, "POST", "/invalidations", { body: { where, reason: "bots" } });
    expect(await refused(taking), phase).toBe("petition_erased");
    await expect(
      env.DB.prepare("UPDATE petitions SET state = 'open', ended_at = NULL WHERE no = ?").bind(no).run(),
    ).rejects.toThrow("petition_erased");
    await expect(env.DB.prepare("UPDATE petitions SET secret = x'01' WHERE no = ?").bind(no).run()).rejects.toThrow(
      "petition_erased",
    );
    await erase({ later: 60_000, runs: 2 });
  }
  expect((await retentionRow(no))?.erased_at).not.toBeNull();
  const { version } = await read(id);
  const headers = { "If-Match": `"${version}"` };
  const body = { summary: "Yes.", details: "Six benches." };
  expect((await asStaff(isolate, "PUT", `/petitions/${id}/response`, { headers, body })).status).toBe(200);
});

test("of an admin who opens a petition again and the job that erases it, whoever is second finds it decided", async () => {
  for (let n = 0; n < 5; n++) {
    const { id, no } = await over(400);
    const [answer] = await Promise.all([decideOn(isolate, id, "reopen"), erase({ runs: 1 })]);
    const row = await env.DB.prepare("SELECT state, secret IS NULL AS erased FROM petitions WHERE no = ?")
      .bind(no)
      .first();
    expect(row).toEqual(answer.status === 200 ? { state: "open", erased: 0 } : { state: "closed", erased: 1 });
  }
});
