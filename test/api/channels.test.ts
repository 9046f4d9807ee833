import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { coldIsolate, keepingQueue } from "../support/isolate.ts";
import { sign } from "../support/resident.ts";
import { actsOn, asStaff, staffKey } from "../support/staff.ts";
import { foundTown, openPetition } from "../support/town.ts";

const isolate = coldIsolate();
const said = { label: "Stall", owner: "Community office" };

beforeAll(foundTown);

const put = (path: string, body: unknown = said, key = "fm_staff_local") =>
  asStaff(isolate, "PUT", path, { key, body });

const get = (path: string, key = "fm_staff_local") => asStaff(isolate, "GET", path, { key });

/** Under which channel a signature from a channel is recorded, by an isolate that has just started. */
async function countedUnder(petition: { id: string; no: number }, channel: string): Promise<unknown> {
  const queue = keepingQueue();
  const at = coldIsolate({ INTAKE: queue });
  await sign(at, petition.id, { channel });
  await at.deliver("intake", queue.sent);
  return (
    await env.DB.prepare("SELECT channel FROM signatures WHERE petition_no = ? ORDER BY accepted_at DESC LIMIT 1")
      .bind(petition.no)
      .first()
  )?.channel;
}

describe("a petition's own channel", () => {
  test("is registered, changed, retired and taken up again; each change is in the audit log", async () => {
    const { id } = await openPetition();
    const path = `/petitions/${id}/channels/stall`;
    expect(await (await put(path)).json()).toMatchObject({
      code: "stall",
      ...said,
      scope: "petition",
      retired_at: null,
    });
    const changed = { label: "Market stall", owner: "Library", retired: true };
    const retired = (await (await put(path, changed)).json()) as { retired_at: string };
    expect(Date.parse(retired.retired_at)).toBeGreaterThan(Date.now() - 60_000);
    // Repeating it does not move the moment.
    expect(await (await put(path, changed)).json()).toMatchObject({ retired_at: retired.retired_at });
    expect(await (await put(path)).json()).toMatchObject({ retired_at: null });
    const entries = await actsOn(id);
    expect(entries).toHaveLength(4);
    expect(JSON.parse(String(entries[1]?.before))).toEqual({ code: "stall", ...said, retired: false });
    expect(JSON.parse(String(entries[1]?.after))).toEqual({ code: "stall", ...changed });
  });

  test("counts signatures of its petition, and of no other", async () => {
    const [mine, other] = [await openPetition(), await openPetition()];
    await put(`/petitions/${mine.id}/channels/stall`);
    expect(await countedUnder(mine, "stall")).toBe("stall");
    expect(await countedUnder(other, "stall")).toBe("other");
    expect(await countedUnder(mine, "made-up")).toBe("other");
    expect(await countedUnder(mine, "poster")).toBe("poster");
    await put(`/petitions/${mine.id}/channels/stall`, { ...said, retired: true });
    expect(await countedUnder(mine, "stall")).toBe("other");
  });

  test("does not take the code of every petition's, and there are at most 50", async () => {
    const { id } = await openPetition();
    expect((await put(`/petitions/${id}/channels/poster`)).status).toBe(409);
    const codes = Array.from({ length: 51 }, (_, n) => `c${n}`);
    const answers: number[] = [];
    for (const code of codes) answers.push((await put(`/petitions/${id}/channels/${code}`)).status);
    expect(answers).toEqual([...Array(50).fill(200), 409]);
    expect((await put(`/petitions/${id}/channels/c7`, { ...said, label: "Changed" })).status).toBe(200);
    expect(await actsOn(id)).toHaveLength(51);
  });
});

test("channels of every petition: 50 at most, by moderators of no single department", async () => {
  expect((await put("/channels/fair", said, await staffKey("viewer"))).status).toBe(404);
  expect((await put("/channels/fair", said, await staffKey("moderator", "works"))).status).toBe(404);
  expect((await put("/channels/fair", said, await staffKey("moderator"))).status).toBe(200);
  expect((await put("/channels/Fair")).status).toBe(404);
  const there = ((await env.DB.prepare("SELECT count(*) AS n FROM channels").first()) as { n: number }).n;
  for (let n = there; n < 50; n++) expect((await put(`/channels/all-${n}`)).status).toBe(200);
  expect((await put("/channels/one-more")).status).toBe(409);
  expect((await put("/channels/fair", { ...said, label: "Fair" })).status).toBe(200);
  await env.DB.prepare("DELETE FROM channels WHERE code LIKE 'all-%'").run();
});

test("another department's petition has no channels to see or to change", async () => {
  const { id } = await openPetition({ department_code: "works" });
  const key = await staffKey("moderator", "works");
  await env.DB.prepare(`INSERT OR IGNORE INTO departments VALUES ('parks', '{"en":"Parks"}')`).run();
  const stranger = await staffKey("moderator", "parks");
  expect((await put(`/petitions/${id}/channels/stall`, said, key)).status).toBe(200);
  for (const path of ["", "/stall/qr"]) {
    expect((await get(`/petitions/${id}/channels${path}`, key)).status).toBe(200);
    expect((await get(`/petitions/${id}/channels${path}`, stranger)).status).toBe(404);
  }
  expect((await put(`/petitions/${id}/channels/stall`, said, stranger)).status).toBe(404);
});

describe("a short link", () => {
  test("leads to the petition's page with the channel, and a QR code holds it", async () => {
    const { id } = await openPetition();
    await put(`/petitions/${id}/channels/stall`);
    const list = (await (await get(`/petitions/${id}/channels`)).json()) as { data: { code: string; link: string }[] };
    const link = list.data.find(({ code }) => code === "stall")?.link as string;
    expect(link).toMatch(/^http:\/\/localhost:8787\/p\/[0-9a-z]{1,7}\/stall$/);
    const at = coldIsolate({ PETITION_PAGE: "https://town.example/petitions/{id}?from=mail" });
    const answer = await at.fetch(new URL(link).pathname, { redirect: "manual" });
    expect(answer.status).toBe(302);
    expect(answer.headers.get("Location")).toBe(`https://town.example/petitions/${id}?from=mail&channel=stall`);
    const svg = await get(`/petitions/${id}/channels/stall/qr`);
    expect(svg.headers.get("Content-Type")).toBe("image/svg+xml");
    const png = await get(`/petitions/${id}/channels/poster/qr?format=png&scale=4`);
    expect(png.headers.get("Content-Type")).toBe("image/png");
    expect((await get(`/petitions/${id}/channels/nowhere/qr`)).status).toBe(404);
    expect((await get(`/petitions/${id}/channels/stall/qr?scale=41`)).status).toBe(400);
  });

  test("of an unknown or retired channel leads there without one; of a hidden petition nowhere", async () => {
    const petition = await openPetition();
    const short = (no: number, code: string) =>
      coldIsolate().fetch(`/p/${no.toString(36)}/${code}`, { redirect: "manual" });
    expect((await short(petition.no, "made-up")).headers.get("Location")).not.toContain("channel");
    for (const state of ["gathering", "moderation", "hidden"]) {
      const { no } = await openPetition({ state, rejection_code: "x" });
      const answer = await short(no, "poster");
      expect([answer.status, answer.headers.get("Location")]).toEqual([404, null]);
    }
    for (const path of ["/p/zzzzzzz/poster", "/p/-1/poster", "/p/1.5/poster", "/p/0/poster"]) {
      expect((await coldIsolate().fetch(path)).status, path).toBe(404);
    }
  });
});
