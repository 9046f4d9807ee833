import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { petitionStates } from "../../src/db/schema.ts";
import { coldIsolate } from "../support/isolate.ts";
import { actsOn, asStaff, staffKey } from "../support/staff.ts";
import { type Act, acts, type PetitionState } from "../support/staff-acts.ts";
import { foundTown, openPetition } from "../support/town.ts";

// All states × all acts × all roles, over HTTP. The table says where an act leads; where it says nothing, the act is
// refused.

const DAY = 86_400_000;
const isolate = coldIsolate();
const keys: Record<string, string> = {};

beforeAll(async () => {
  await foundTown();
  await env.DB.prepare(`INSERT OR IGNORE INTO departments VALUES ('parks', '{"en":"Parks"}')`).run();
  keys.viewer = await staffKey("viewer");
  keys.moderator = await staffKey("moderator");
  keys.admin = await staffKey("admin");
  keys["another department's admin"] = await staffKey("admin", "parks");
});

/** A petition in a state, with what goes with it. */
const petitionIn = (state: PetitionState) =>
  openPetition({
    state,
    department_code: "works",
    ...(["closed", "stopped"].includes(state) ? { ended_at: Date.now() - DAY } : {}),
    ...(state === "closed" ? { closes_at: Date.now() - DAY } : {}),
    ...(["rejected", "hidden"].includes(state) ? { rejection_code: "unclear" } : {}),
    ...(["draft", "gathering", "moderation", "changes_requested"].includes(state)
      ? { opens_at: null, closes_at: null }
      : {}),
  });

/** Everything that the database holds of a petition, but for what reading it notes. */
const everythingOf = async (no: number, id: string) =>
  JSON.stringify(
    [
      await env.DB.prepare("SELECT * FROM petitions WHERE no = ?").bind(no).first(),
      await env.DB.prepare("SELECT * FROM petition_notes WHERE petition_no = ?").bind(no).all(),
      await env.DB.prepare("SELECT * FROM thresholds WHERE petition_no = ?").bind(no).all(),
      await env.DB.prepare("SELECT items FROM outbox WHERE items LIKE ?")
        .bind(`%${id.slice(-8)}%`)
        .all(),
      await actsOn(id),
    ].map((part) => (part !== null && "results" in part ? part.results : part)),
  );

const send = (id: string, { path, body }: Act, key: string, version = 1) =>
  asStaff(isolate, "POST", `/petitions/${id}/${path}`, { key, body, headers: { "If-Match": `"${version}"` } });

const cases = Object.keys(acts).flatMap((act) => petitionStates.map((state) => [act, state] as const));

describe("an act in a state, for every role", () => {
  test.each(cases)("%s in %s", async (name, state) => {
    const act = acts[name] as Act;
    const leadsTo = act.leads[state];
    const { id, no } = await petitionIn(state);
    const before = await everythingOf(no, id);
    for (const role of ["viewer", "another department's admin", ...(act.role === "admin" ? ["moderator"] : [])]) {
      const refused = await send(id, act, keys[role] as string);
      expect([role, refused.status, ((await refused.json()) as { code: string }).code]).toEqual([
        role,
        404,
        "not_found",
      ]);
    }
    expect(await everythingOf(no, id)).toBe(before);

    const answer = await send(id, act, keys[act.role] as string);
    if (leadsTo === undefined) {
      expect(answer.status).toBe(409);
      const detail = "is the state that the petition is in";
      const errors = [{ pointer: "/state", code: state, detail }];
      expect(await answer.json()).toMatchObject({ code: "illegal_state", errors });
      expect(await everythingOf(no, id)).toBe(before);
      return;
    }
    expect(answer.status).toBe(200);
    const version = act.version === "moved" ? 2 : 1;
    expect(answer.headers.get("ETag")).toBe(`"${version}"`);
    expect(await answer.json()).toMatchObject({ id, state: leadsTo, version });
    const entries = await actsOn(id);
    expect(entries.map((entry) => [entry.act, entry.role])).toEqual([[act.audit, act.role]]);
    if (act.version === "moved") {
      expect(JSON.parse(String(entries[0]?.before))).toMatchObject({ state });
      expect(JSON.parse(String(entries[0]?.after))).toMatchObject({ state: leadsTo });
    }
    // A higher role may do the same, and whoever decides on the old version may not.
    if (act.role === "moderator" && act.version === "moved") {
      const stale = await send(id, act, keys.admin as string);
      expect([stale.status, ((await stale.json()) as { code: string }).code]).toEqual([412, "precondition_failed"]);
    }
    expect(await actsOn(id)).toHaveLength(1);
  });

  test.each(Object.keys(acts))("%s by an admin", async (name) => {
    const act = acts[name] as Act;
    const [from, to] = Object.entries(act.leads)[0] as [PetitionState, PetitionState];
    const { id } = await petitionIn(from);
    expect(await (await send(id, act, keys.admin as string)).json()).toMatchObject({ state: to });
  });
});

test("the table has every legal act, and each state can be left or was reached", () => {
  const legal = cases.filter(([act, state]) => acts[act]?.leads[state] !== undefined);
  expect(legal.length).toBe(1 + 1 + 1 + 3 + 7 + 4 + 1 + 1 + 8 + 8);
  expect(new Set(legal.map(([, state]) => state)).size).toBe(petitionStates.length - 1);
});

describe("the order of answers", () => {
  const approve = (id: string, headers: Record<string, string>, body: unknown, key?: string) =>
    asStaff(isolate, "POST", `/petitions/${id}/approve`, { headers, body, key: key ?? (keys.moderator as string) });
  const code = async (answer: Promise<Response>) => ((await (await answer).json()) as { code: string }).code;

  test("401, 404, 428, 400, 412, 409: each before the next", async () => {
    const { id } = await petitionIn("open");
    const [stale, right] = [{ "If-Match": '"7"' }, { "If-Match": '"1"' }];
    const bad = { opens_at: "never" };
    expect(await code(approve(id, {}, bad, "nobody"))).toBe("unauthorized");
    expect(await code(approve(id, {}, bad, keys.viewer))).toBe("not_found");
    expect(await code(approve(id, {}, bad))).toBe("precondition_required");
    expect(await code(approve(id, stale, bad))).toBe("invalid_request");
    expect(await code(approve(id, stale, {}))).toBe("precondition_failed");
    expect(await code(approve(id, right, {}))).toBe("illegal_state");
  });

  test("a petition that is not there, and an id of another kind, are 404", async () => {
    for (const id of ["pet_01936d9e-8c4b-7f00-9a51-0123deadbeef", "sig_01936d9e-8c4b-7f00-9a51-0123deadbeef", "x"]) {
      expect(await code(approve(id, {}, {}))).toBe("not_found");
      expect((await asStaff(isolate, "GET", `/petitions/${id}`)).status).toBe(404);
    }
  });
});

/** The real database, which holds a call until as many have come to `gate`. */
function heldDatabase(at: number, gate: () => Promise<void>): D1Database {
  let calls = 0;
  return new Proxy(env.DB, {
    get(db, name) {
      const value = Reflect.get(db, name);
      if (typeof value !== "function") return value;
      if (name !== "batch") return value.bind(db);
      return async (statements: D1PreparedStatement[]) => {
        if (++calls === at) await gate();
        return db.batch(statements);
      };
    },
  });
}

/** Lets nobody through before `count` have come. */
function turnstile(count: number): () => Promise<void> {
  const waiting: (() => void)[] = [];
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (waiting.length === count) for (const go of waiting) go();
    });
}

describe("two who decide at once, both having read the same version", () => {
  // Calls to the database up to the decision: the key, the petition's department, what is looked up, the petition.
  const DECIDES_IN: Record<string, number> = { reject: 5, hide: 5, assign: 5 };

  test.each([
    ["the same", "approve", "approve"],
    ["different things", "reject", "request changes"],
    ["one hides what the other stops", "hide", "stop"],
    ["what leaves the state as it is", "extend", "assign"],
    ["the same that leaves the state as it is", "extend", "extend"],
  ])("%s: one wins, the other gets 412, and there is one entry", async (_, one, other) => {
    for (let round = 0; round < 3; round++) {
      const { id } = await petitionIn(["hide", "extend"].includes(one) ? "open" : "moderation");
      const gate = turnstile(2);
      const answers = await Promise.all(
        [one, other].map((name, index) => {
          const { path, body } = acts[name] as Act;
          const at = coldIsolate({ DB: heldDatabase(DECIDES_IN[name] ?? 4, gate) });
          const key = keys[index === 0 ? "moderator" : "admin"] as string;
          return asStaff(at, "POST", `/petitions/${id}/${path}`, { key, body, headers: { "If-Match": '"1"' } });
        }),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
      expect(await actsOn(id)).toHaveLength(1);
    }
  });
});
