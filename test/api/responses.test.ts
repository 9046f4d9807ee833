import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { coldIsolate } from "../support/isolate.ts";
import { actsOn, asStaff, staffKey } from "../support/staff.ts";
import { foundTown, openPetition } from "../support/town.ts";

beforeAll(foundTown);

const yes = { summary: "Yes.", details: "Six benches by May." };
const later = { summary: "Yes, later.", details: "Six benches by June: the oak is late." };

interface Stands {
  version: number;
  draft: typeof yes | null;
  published: (typeof yes & { published_at: string; amended_at: string | null }) | null;
  versions: { version: number; summary: string }[];
  hearing: { date: string; outcome: string | null } | null;
}

/** Answers on a petition as one moderator does who always reads before deciding. */
function office(id: string, key?: string) {
  const isolate = coldIsolate();
  const read = async () =>
    (await (await asStaff(isolate, "GET", `/petitions/${id}/response`, { ...(key && { key }) })).json()) as Stands;
  const act = async (method: string, path: string, body: unknown) => {
    const headers = { "If-Match": `"${(await read()).version}"` };
    return asStaff(isolate, method, `/petitions/${id}/${path}`, { body, headers, ...(key && { key }) });
  };
  return {
    read,
    draft: (text: unknown) => act("PUT", "response", text),
    publish: () => act("POST", "response/publish", {}),
    hear: (hearing: unknown) => act("PUT", "hearing", hearing),
  };
}

/** What everybody reads, from an isolate that has cached nothing. */
const shown = async (id: string, path = "") => (await coldIsolate().fetch(`/v1/petitions/${id}${path}`)).json();

const threshold = (no: number, name: string) =>
  env.DB.prepare("SELECT reached_at, acted_at FROM thresholds WHERE petition_no = ? AND name = ?")
    .bind(no, name)
    .first();

const setThresholds = (no: number, response: number, hearing: number) =>
  env.DB.prepare(
    "INSERT INTO thresholds (petition_no, name, signatures) VALUES (?1, 'response', ?2), (?1, 'hearing', ?3)",
  )
    .bind(no, response, hearing)
    .run();

const setVerified = (no: number, n: number) =>
  env.DB.prepare("UPDATE petition_tallies SET verified = ?1, email = ?1 WHERE petition_no = ?2").bind(n, no).run();

describe("an answer", () => {
  test("is nobody's but staff's while it is a draft, everybody's once published, and keeps every text", async () => {
    const { id } = await openPetition();
    const { read, draft, publish } = office(id);
    expect((await draft(yes)).status).toBe(200);
    expect(await shown(id)).toMatchObject({ response: null });
    expect(await shown(id, "/responses")).toEqual({ data: [], next_cursor: null });
    expect((await publish()).status).toBe(200);
    const first = (await shown(id)) as { response: { published_at: string } };
    expect(first.response).toMatchObject({ ...yes, amended_at: null });

    // An amendment is a draft again until it is published; the first text stays readable, and its date too.
    await draft(later);
    expect(await shown(id)).toMatchObject({ response: yes });
    await publish();
    expect(await shown(id)).toMatchObject({
      response: { ...later, published_at: first.response.published_at, amended_at: expect.any(String) },
    });
    const { data } = (await shown(id, "/responses")) as { data: unknown[] };
    expect(data).toMatchObject([
      { version: 2, ...later },
      { version: 1, ...yes },
    ]);
    expect(await read()).toMatchObject({ draft: null, published: later, versions: [{ version: 2 }, { version: 1 }] });
    expect((await publish()).status).toBe(409);
  });

  test("each step is in the audit log: a draft by its digest, what everybody reads in full", async () => {
    const { id } = await openPetition();
    const { draft, publish } = office(id);
    await draft(yes);
    await publish();
    await draft(later);
    await publish();
    const acts = await actsOn(id);
    expect(acts.map(({ act }) => act)).toEqual([
      ...["petition.draft_response", "petition.publish_response"],
      ...["petition.draft_response", "petition.publish_response"],
    ]);
    expect(String(acts[0]?.after)).not.toContain("Six benches");
    expect(JSON.parse(String(acts[3]?.before))).toMatchObject({ response: yes });
    expect(JSON.parse(String(acts[3]?.after))).toMatchObject({ response: later });
  });

  test("of two who decide on the same version one wins, and the other's text is not published", async () => {
    const { id } = await openPetition();
    await office(id).draft(yes);
    const headers = { "If-Match": '"2"' };
    const answers = await Promise.all([
      asStaff(coldIsolate(), "POST", `/petitions/${id}/response/publish`, { body: {}, headers }),
      asStaff(coldIsolate(), "PUT", `/petitions/${id}/response`, { body: later, headers }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
    const { published, draft } = await office(id).read();
    expect([published?.summary, draft?.summary]).toEqual(
      answers[0]?.status === 200 ? ["Yes.", undefined] : [undefined, "Yes, later."],
    );
    expect((await actsOn(id)).length).toBe(2);
  });

  test("is given while a petition is open, closed or stopped, by moderators who see it", async () => {
    const now = Date.now();
    for (const state of ["draft", "gathering", "moderation", "changes_requested", "rejected", "hidden"]) {
      const { id } = await openPetition({ state, rejection_code: "duplicate" });
      expect((await office(id).draft(yes)).status, state).toBe(409);
      expect((await office(id).hear({ date: "2027-01-14" })).status, state).toBe(409);
    }
    for (const state of ["open", "closed", "stopped"]) {
      const { id } = await openPetition({ state, ended_at: now });
      expect((await office(id).draft(yes)).status, state).toBe(200);
    }
    const { id } = await openPetition({ department_code: "works" });
    await env.DB.prepare(`INSERT OR IGNORE INTO departments VALUES ('parks', '{"en":"Parks"}')`).run();
    expect((await office(id, await staffKey("moderator", "works")).draft(yes)).status).toBe(200);
    expect((await office(id, await staffKey("moderator", "parks")).draft(yes)).status).toBe(404);
    expect((await office(id, await staffKey("viewer", "works")).draft(yes)).status).toBe(404);
  });

  test("is gone from view with a petition that is hidden", async () => {
    const { id, no } = await openPetition();
    await office(id).draft(yes);
    await office(id).publish();
    await env.DB.prepare("UPDATE petitions SET state = 'hidden', rejection_code = 'offensive' WHERE no = ?")
      .bind(no)
      .run();
    expect(await shown(id, "/responses")).toMatchObject({ code: "not_found" });
  });
});

describe("a threshold", () => {
  test("keeps its stamp once the municipality has answered, and loses it while it has not", async () => {
    for (const answered of [true, false]) {
      const { id, no } = await openPetition();
      await setThresholds(no, 10, 100);
      await setVerified(no, 10);
      const { draft, publish } = office(id);
      await draft(yes);
      if (answered) await publish();
      expect(await threshold(no, "response")).toMatchObject({ acted_at: answered ? expect.any(Number) : null });
      await setVerified(no, 9);
      expect(await threshold(no, "response")).toMatchObject({ reached_at: answered ? expect.any(Number) : null });
      expect(await threshold(no, "hearing")).toEqual({ reached_at: null, acted_at: null });
    }
  });

  test("is acted on at once when it is reached after the answer or the hearing's day is there", async () => {
    const { id, no } = await openPetition();
    await setThresholds(no, 10, 20);
    const { draft, publish, hear } = office(id);
    await draft(yes);
    await publish();
    await hear({ date: "2027-01-14" });
    await setVerified(no, 9);
    expect(await threshold(no, "response")).toEqual({ reached_at: null, acted_at: null });
    await setVerified(no, 20);
    for (const name of ["response", "hearing"]) {
      const { reached_at, acted_at } = (await threshold(no, name)) as Record<string, number>;
      expect(acted_at, name).toBe(reached_at);
    }
  });
});

test("a hearing has a day, then an outcome; what is left out stays", async () => {
  const { id, no } = await openPetition();
  await setThresholds(no, 100, 10);
  await setVerified(no, 10);
  const { hear } = office(id);
  expect((await hear({ outcome: "The council agrees." })).status).toBe(400);
  expect((await hear({ date: "2027-02-29" })).status).toBe(400);
  expect((await hear({ date: "2027-01-14" })).status).toBe(200);
  expect(await threshold(no, "hearing")).toMatchObject({ acted_at: expect.any(Number) });
  expect(await shown(id)).toMatchObject({ hearing: { date: "2027-01-14", outcome: null } });
  await hear({ outcome: "The council agrees." });
  await hear({ date: "2027-01-15" });
  expect(await shown(id)).toMatchObject({ hearing: { date: "2027-01-15", outcome: "The council agrees." } });
  expect((await actsOn(id)).map(({ act }) => act)).toEqual(Array(3).fill("petition.hear"));
});

test("an answer that comes from elsewhere has its history, too", async () => {
  const { id, no } = await openPetition();
  await env.DB.prepare(
    "INSERT INTO responses (petition_no, summary, details, published_at) VALUES (?, 'No.', 'Sorry.', 5)",
  )
    .bind(no)
    .run();
  expect(await office(id).read()).toMatchObject({ versions: [{ version: 1, summary: "No." }] });
});
