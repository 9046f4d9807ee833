import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { expectDocumentedAnswer } from "../support/documented.ts";
import { coldIsolate, faultyDatabase } from "../support/isolate.ts";
import { decided, decideOn, readAsStaff } from "../support/moderation.ts";
import { freshEmail, nextMail, postJson } from "../support/resident.ts";
import { actsOn, asStaff, staffKey } from "../support/staff.ts";
import { foundTown, openPetition } from "../support/town.ts";

const isolate = coldIsolate();
const DAY = 86_400_000;

beforeAll(foundTown);

const waiting = (columns: Record<string, string | number | null> = {}) =>
  openPetition({ state: "moderation", opens_at: null, closes_at: null, ...columns });

/** A petition that somebody submitted, and waits for staff. */
async function submitted(): Promise<{ id: string; no: number; name: string; email: string }> {
  const creator = { name: "Ilse Brandung", email: freshEmail(), postcode: "BW1 1AA" };
  const answer = await postJson(isolate, "/v1/petitions", { title: "A lamp", background: "It is dark.", creator });
  const { id } = (await answer.json()) as { id: string };
  await nextMail(creator.email);
  const no = Number.parseInt(id.slice(-8), 16);
  await env.DB.prepare("UPDATE petitions SET state = 'moderation' WHERE no = ?").bind(no).run();
  return { id, no, ...creator };
}

type List = { data: { id: string; state: string; waiting_days: number | null }[]; next_cursor: string | null };

async function list(query: string, key?: string): Promise<List> {
  const answer = await asStaff(isolate, "GET", `/petitions?${query}`, key === undefined ? {} : { key });
  return (await expectDocumentedAnswer("listPetitionsForStaff", answer)) as List;
}

/** Every id of a list, page by page. */
async function walk(query: string, key?: string): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const page: List = await list(`${query}${cursor === "" ? "" : `&cursor=${cursor}`}`, key);
    ids.push(...page.data.map(({ id }) => id));
    cursor = page.next_cursor;
  }
  return ids;
}

describe("staff's list", () => {
  test("what waits is there with the longest wait first, page by page, and what is approved waits no more", async () => {
    const now = Date.now();
    const ids: string[] = [];
    for (const days of [3, 40, 1, 7]) ids.push((await waiting({ waiting_since: now - days * DAY - 5 })).id);
    const [three, forty, one, seven] = ids as [string, string, string, string];
    const expected = [forty, seven, three, one];
    const mine = (all: string[]) => all.filter((id) => ids.includes(id));
    expect(mine(await walk("waiting=true&limit=1"))).toEqual(expected);
    expect(mine(await walk("state=moderation&limit=3"))).toEqual(expected);
    const { data } = await list("waiting=true&limit=100");
    expect(data.find(({ id }) => id === seven)).toMatchObject({ waiting_days: 7, state: "moderation" });
    await decided(isolate, seven, "approve", { opens_at: new Date(now + 3 * DAY).toISOString() });
    expect(mine(await walk("waiting=true"))).toEqual([forty, three, one]);
    expect(mine(await walk("state=moderation"))).toEqual(expected);
    expect(await list("waiting=true&state=open")).toEqual({ data: [], next_cursor: null });
  });

  test("has every state, filters by department, topic and words, and keeps no page of it twice", async () => {
    const title = "Quayside lanterns";
    const made: Record<string, string> = {};
    for (const state of ["draft", "gathering", "moderation", "open", "changes_requested", "rejected", "hidden"]) {
      made[state] = (await openPetition({ state, title, rejection_code: "unclear" })).id;
    }
    expect((await walk("q=quayside&limit=2")).sort()).toEqual(Object.values(made).sort());
    expect(await walk("q=quayside+lantern&state=hidden")).toEqual([made.hidden]);
    expect(await walk("q=%22%29%28*")).toEqual([]);
    const works = await openPetition({ title, department_code: "works" });
    await env.DB.prepare("INSERT INTO petition_topics VALUES ('roads', ?)").bind(works.no).run();
    expect(await walk("q=quayside&department=works")).toEqual([works.id]);
    expect(await walk("q=quayside&topic=roads")).toEqual([works.id]);
    expect((await walk("q=quayside&department=none")).sort()).toEqual(Object.values(made).sort());
  });

  test("who is limited to a department sees its petitions and no other's", async () => {
    const key = await staffKey("viewer", "works");
    const [mine, other] = [await waiting({ department_code: "works" }), await waiting()];
    expect(await walk("waiting=true", key)).toContain(mine.id);
    for (const query of ["", "waiting=true", "department=none", "state=moderation", "department=parks"]) {
      expect(await walk(query, key), query).not.toContain(other.id);
    }
    expect((await asStaff(isolate, "GET", `/petitions/${other.id}`, { key })).status).toBe(404);
    expect(await readAsStaff(isolate, mine.id, key)).toMatchObject({ department: "works" });
  });

  test.each(["state=lost", "waiting=false", "limit=101", "limit=0", "nothing=known", "state=open&state=open", "q="])(
    "%s is refused",
    async (query) => {
      expect((await asStaff(isolate, "GET", `/petitions?${query}`)).status).toBe(400);
    },
  );

  test("a cursor opens its own query only", async () => {
    await waiting();
    await waiting();
    const { next_cursor } = await list("waiting=true&limit=1");
    for (const query of ["state=moderation", "waiting=true&department=works", "q=benches&waiting=true"]) {
      const answer = await asStaff(isolate, "GET", `/petitions?${query}&cursor=${next_cursor}`);
      expect(await answer.json()).toMatchObject({ code: "invalid_cursor" });
    }
  });
});

describe("what staff read of a petition", () => {
  test("is the same document for a viewer, but for the creator's name; nobody reads the address", async () => {
    const { id, name, email } = await submitted();
    const answer = await asStaff(isolate, "GET", `/petitions/${id}`);
    expect(answer.headers.get("ETag")).toBe('"1"');
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    const text = await answer.clone().text();
    expect(await expectDocumentedAnswer("readPetitionForStaff", answer)).toMatchObject({
      ...{ state: "moderation", creator: { name }, versions: [{ version: 1, title: "A lamp" }], notes: [] },
    });
    expect(text).not.toContain(email);
    expect(text).not.toContain("BW1");
    const seen = await readAsStaff(isolate, id, await staffKey("viewer"));
    expect(seen).toEqual({ ...(JSON.parse(text) as object), creator: null });
  });

  test("is without a creator where there is none, or where the data is gone", async () => {
    const { id, no } = await submitted();
    await env.DB.prepare("UPDATE signatures SET sealed = NULL WHERE petition_no = ?").bind(no).run();
    expect(await readAsStaff(isolate, id)).toMatchObject({ creator: null });
    expect(await readAsStaff(isolate, (await waiting()).id)).toMatchObject({ creator: null });
  });

  test("names similar petitions while it is undecided, and to a department nothing of others that is not public", async () => {
    const title = "Warmer seats for the swimming hall";
    const others = { open: "", moderation: "", hidden: "", draft: "" };
    for (const state of ["open", "moderation", "hidden", "draft"] as const) {
      others[state] = (await openPetition({ state, title: `${title}, ${state}`, rejection_code: "unclear" })).id;
    }
    const { id } = await waiting({ title, department_code: "works" });
    const similar = async (key?: string) =>
      ((await readAsStaff(isolate, id, key)).similar as { id: string }[]).map((other) => other.id).sort();
    expect(await similar()).toEqual([others.open, others.moderation].sort());
    expect(await similar(await staffKey("moderator", "works"))).toEqual([others.open]);
    await decided(isolate, id, "approve");
    expect(await similar()).toEqual([]);
  });

  test("notes are sealed in the database, read by staff with who wrote them, newest first, and kept out of the log", async () => {
    const { id, no } = await waiting();
    const key = await staffKey("moderator");
    for (const text of ["Jo Pikestaff rang.", "Works says\nno."]) {
      const answer = await asStaff(isolate, "POST", `/petitions/${id}/notes`, { key, body: { text } });
      await expectDocumentedAnswer("notePetition", answer);
    }
    const { notes, version } = await readAsStaff(isolate, id);
    expect(version).toBe(1);
    expect(notes).toMatchObject([
      { text: "Works says\nno.", author_name: "Sam Steward", author: expect.stringMatching(/^stf_/) },
      { text: "Jo Pikestaff rang." },
    ]);
    const { results } = await env.DB.prepare("SELECT * FROM petition_notes WHERE petition_no = ?").bind(no).all();
    const stored = JSON.stringify([results, await actsOn(id)]);
    expect(stored).not.toContain("Pikestaff");
    expect(String.fromCharCode(...((results[0]?.sealed ?? []) as number[]))).not.toContain("Works");
    expect(await actsOn(id)).toHaveLength(2);
  });
});

describe("approving", () => {
  test("opens now, until the end of the day months later, with the municipality's thresholds", async () => {
    const { id, no } = await waiting();
    const before = Date.now();
    const petition = await decided(isolate, id, "approve");
    expect(petition).toMatchObject({
      state: "open",
      thresholds: [
        { name: "response", signatures: 100, reached_at: null },
        { name: "hearing", signatures: 1000, reached_at: null },
      ],
    });
    expect(Date.parse(String(petition.opens_at))).toBeGreaterThanOrEqual(before);
    const shown = (await (await isolate.fetch(`/v1/petitions/${id}`)).json()) as { closes_at: string };
    expect(shown).toMatchObject({ state: "open", closes_at: petition.closes_at });
    expect(
      await env.DB.prepare("SELECT next_threshold AS n FROM petition_tallies WHERE petition_no = ?")
        .bind(no)
        .first("n"),
    ).toBe(100);
  });

  test("takes thresholds, a department and a last day", async () => {
    const { id } = await waiting();
    const thresholds = [{ name: "hearing", signatures: 7 }];
    expect(
      await decided(isolate, id, "approve", { closes_at: "2030-07-15", thresholds, department: "works" }),
    ).toMatchObject({ closes_at: "2030-07-15T23:00:00.000Z", thresholds, department: "works" });
    expect(await decided(isolate, (await waiting()).id, "approve", { thresholds: [] })).toMatchObject({
      thresholds: [],
    });
  });

  test.each([
    [{ opens_at: "2020-01-01" }, "/opens_at", "out_of_range"],
    [{ opens_at: "2090-01-01" }, "/opens_at", "out_of_range"],
    // A slip of the finger, and what people write for "never".
    [{ opens_at: "0206-12-01" }, "/opens_at", "out_of_range"],
    [{ opens_at: "9999-12-31" }, "/opens_at", "out_of_range"],
    [{ closes_at: "0206-12-01" }, "/closes_at", "out_of_range"],
    [{ closes_at: "9999-12-31" }, "/closes_at", "out_of_range"],
    [{ closes_at: "2020-01-01" }, "/closes_at", "out_of_range"],
    [{ closes_at: "2090-01-01" }, "/closes_at", "out_of_range"],
    [{ closes_at: "2030-02-30" }, "/closes_at", "wrong_type"],
    [{ closes_at: "2030-06-31T10:00:00Z" }, "/closes_at", "wrong_type"],
    [{ closes_at: "tomorrow" }, "/closes_at", "wrong_type"],
    [{ closes_at: 5 }, "/closes_at", "wrong_type"],
    [{ thresholds: [{ name: "debate", signatures: 1 }] }, "/thresholds/0/name", "wrong_type"],
    [{ thresholds: [{ name: "response", signatures: 0 }] }, "/thresholds/0/signatures", "out_of_range"],
    [{ thresholds: [{ name: "response", signatures: 1.5 }] }, "/thresholds/0/signatures", "wrong_type"],
    [
      {
        thresholds: [
          { name: "response", signatures: 1 },
          { name: "response", signatures: 2 },
        ],
      },
      "/thresholds",
      "repeated_name",
    ],
    [{ department: "nowhere" }, "/department", "unknown_code"],
    [{ department: null }, "/department", "wrong_type"],
  ])("refuses %j and changes nothing", async (body, pointer, code) => {
    const { id } = await waiting();
    const answer = await decideOn(isolate, id, "approve", body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: "invalid_request", errors: [{ pointer, code }] });
    expect(await readAsStaff(isolate, id)).toMatchObject({ state: "moderation", version: 1 });
    expect(await actsOn(id)).toEqual([]);
  });
});

describe("rejecting and hiding", () => {
  test("a reason that may be shown is public with its details; one that may not makes the petition absent", async () => {
    const [shown, hidden] = [await waiting(), await waiting()];
    const details = "See Jo Pikestaff's.";
    await decided(isolate, shown.id, "reject", { code: "duplicate", details });
    await decided(isolate, hidden.id, "reject", { code: "personal_data", details, hidden: true });
    expect(await (await isolate.fetch(`/v1/petitions/${shown.id}`)).json()).toMatchObject({
      state: "rejected",
      rejection: { code: "duplicate", details },
    });
    expect((await isolate.fetch(`/v1/petitions/${hidden.id}`)).status).toBe(404);
    expect(await readAsStaff(isolate, hidden.id)).toMatchObject({ rejection: { code: "personal_data", details } });
    // What may not be shown does not stand in the log.
    expect(JSON.stringify(await actsOn(hidden.id))).not.toContain("Pikestaff");
    expect(await actsOn(hidden.id)).toMatchObject([{ act: "petition.hide", reason: "personal_data" }]);
  });

  test.each([
    [{ code: "nothing" }, "/code"],
    [{ code: "duplicate", hidden: true }, "/hidden"],
    [{ code: "defamatory", hidden: false }, "/hidden"],
    [{ code: "duplicate", details: "x".repeat(2001) }, "/details"],
    [{ details: "No code." }, "/code"],
  ])("%j is refused", async (body, pointer) => {
    const { id } = await waiting();
    const answer = await decideOn(isolate, id, "reject", body);
    expect([answer.status, await answer.json()]).toMatchObject([400, { errors: [{ pointer }] }]);
    expect(await actsOn(id)).toEqual([]);
  });

  test("an approval for later is taken back with the state that it was for", async () => {
    for (const [act, body] of [
      ["request-changes", { message: "Shorter." }],
      ["reject", { code: "unclear" }],
      ["reject", { code: "offensive" }],
    ] as const) {
      const { id } = await waiting();
      await decided(isolate, id, "approve", { opens_at: new Date(Date.now() + DAY).toISOString() });
      expect(await decided(isolate, id, act, body)).toMatchObject({
        ...{ opens_at: null, closes_at: null, approved_at: null, approved_thresholds: null },
      });
    }
  });
});

test("changes are asked for in a message that is sealed, and that staff read", async () => {
  const { id, no } = await waiting();
  const message = "Please leave Jo Pikestaff out.";
  expect(await decided(isolate, id, "request-changes", { message })).toMatchObject({
    state: "changes_requested",
    changes_requested: { message },
  });
  const row = await env.DB.prepare("SELECT * FROM petitions WHERE no = ?").bind(no).first();
  expect(JSON.stringify([row, await actsOn(id)])).not.toContain("Pikestaff");
  expect(row?.changes_message).not.toBeNull();
});

describe("reopening", () => {
  test("what was hidden while it was open waits again, and opens with its own times and thresholds", async () => {
    const { id } = await waiting();
    const thresholds = [{ name: "response", signatures: 7 }];
    const first = await decided(isolate, id, "approve", { closes_at: "2030-07-15", thresholds });
    await decided(isolate, id, "reject", { code: "offensive" });
    expect(await decided(isolate, id, "reopen")).toMatchObject({
      state: "moderation",
      rejection: null,
      approved_at: null,
    });
    expect((await isolate.fetch(`/v1/petitions/${id}`)).status).toBe(404);
    const again = await decided(isolate, id, "approve");
    expect(again).toMatchObject({ state: "open", opens_at: first.opens_at, closes_at: first.closes_at, thresholds });
    expect((again.thresholds as unknown[]).length).toBe(1);
  });

  test("what was open keeps its thresholds also when it is approved for one later day and then for another", async () => {
    const { id } = await waiting();
    const thresholds = [{ name: "response", signatures: 7 }];
    await decided(isolate, id, "approve", { thresholds });
    await decided(isolate, id, "reject", { code: "offensive" });
    await decided(isolate, id, "reopen");
    for (const days of [2, 3]) {
      const opens_at = new Date(Date.now() + days * DAY).toISOString();
      expect(await decided(isolate, id, "approve", { opens_at })).toMatchObject({
        opens_at,
        approved_thresholds: null,
      });
    }
    expect(await decided(isolate, id, "approve")).toMatchObject({ state: "open", thresholds });
  });

  test("what was stopped takes signatures again until the day that was set", async () => {
    const { id } = await openPetition();
    const { closes_at } = await readAsStaff(isolate, id);
    expect(await decided(isolate, id, "stop", { reason: "By mistake." })).toMatchObject({
      state: "stopped",
      stop: { by: "staff", reason: "By mistake." },
      ended_at: expect.any(String),
    });
    expect(await decided(isolate, id, "reopen")).toMatchObject({
      state: "open",
      closes_at,
      ended_at: null,
      stop: null,
    });
  });

  test("a day that is over, or for a petition that does not open by it, is refused", async () => {
    const stopped = await openPetition({ state: "stopped", ended_at: Date.now() - DAY });
    expect((await decideOn(isolate, stopped.id, "reopen", { closes_at: "2020-01-01" })).status).toBe(400);
    expect(await decided(isolate, stopped.id, "reopen", { closes_at: "2030-01-31" })).toMatchObject({
      closes_at: "2030-02-01T00:00:00.000Z",
    });
    const rejected = await openPetition({ state: "rejected", rejection_code: "unclear" });
    expect((await decideOn(isolate, rejected.id, "reopen", { closes_at: "2030-01-31" })).status).toBe(400);
  });
});

test("reasons: the public reads those that may be shown, staff all of them", async () => {
  const shown = (await expectDocumentedAnswer(
    "listRejectionReasons",
    await isolate.fetch("/v1/rejection-reasons"),
  )) as {
    data: { code: string; names: Record<string, string> }[];
  };
  const answer = await asStaff(isolate, "GET", "/rejection-reasons", { key: await staffKey("viewer") });
  const all = (await expectDocumentedAnswer("listAllRejectionReasons", answer)) as {
    data: { code: string; hidden: boolean }[];
  };
  const codes = (list: { data: { code: string }[] }) => list.data.map(({ code }) => code);
  expect(codes({ data: all.data.filter(({ hidden }) => !hidden) })).toEqual(codes(shown));
  expect(all.data.some(({ hidden }) => hidden)).toBe(true);
  for (const { code, names } of shown.data) expect(Object.keys(names).sort(), code).toEqual(["de", "en", "fr"]);
});

test("a decision whose database fails changes nothing, and can be sent again", async () => {
  for (let call = 1; call <= 4; call++) {
    const { id } = await waiting();
    const body = { closes_at: "2030-07-15" };
    const send = (at: typeof isolate, version: number) =>
      asStaff(at, "POST", `/petitions/${id}/approve`, { body, headers: { "If-Match": `"${version}"` } });
    const answer = await send(coldIsolate({ DB: faultyDatabase((n) => n === call) }), 1);
    expect(answer.status, `call ${call}`).toBe(503);
    const { state, version } = await readAsStaff(isolate, id);
    // The decision is one call: after it the answer is lost, not the decision.
    expect([state, version, (await actsOn(id)).length]).toEqual(call < 4 ? ["moderation", 1, 0] : ["open", 2, 1]);
    expect((await send(isolate, version)).status).toBe(call < 4 ? 200 : 409);
  }
});
