import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { petitionStates } from "../../src/db/schema.ts";
import { newUuid, publicId } from "../../src/lib/ids.ts";
import { petitionToken } from "../../src/petitions/petition-token.ts";
import { gathering, newsOf, petitionRow, supported } from "../support/creator.ts";
import { coldIsolate, faultyDatabase } from "../support/isolate.ts";
import { freshAddress } from "../support/resident.ts";
import { actsOn } from "../support/staff.ts";
import { foundTown, openPetition, rootKeys } from "../support/town.ts";

const isolate = coldIsolate();

beforeAll(foundTown);

const ACTS = {
  edit: {
    method: "PUT",
    path: "",
    body: { title: "A new title", background: "New words." },
    from: ["draft", "gathering", "changes_requested"],
  },
  resubmission: { method: "POST", path: "/resubmission", body: {}, from: ["changes_requested"] },
  stop: { method: "POST", path: "/stop", body: { reason: "The lamp is there." }, from: ["open"] },
} as const;
type Act = keyof typeof ACTS;

const editToken = (id: string) => petitionToken(rootKeys, "edit", id.slice(4));

async function act(
  name: Act,
  id: string,
  { body, token, at = isolate }: { body?: unknown; token?: string; at?: typeof isolate } = {},
): Promise<{ status: number; body: Record<string, unknown> & { code?: string } }> {
  const answer = await at.fetch(`/v1/petitions/${id}${ACTS[name].path}`, {
    method: ACTS[name].method,
    headers: {
      Authorization: `Bearer ${token ?? (await editToken(id))}`,
      "Content-Type": "application/json",
      "CF-Connecting-IP": freshAddress(),
    },
    body: JSON.stringify(body ?? ACTS[name].body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

const inState = (state: string, more: Record<string, string | number | null> = {}) =>
  openPetition({
    state,
    rejection_code: state === "rejected" || state === "hidden" ? "offensive" : null,
    ended_at: state === "closed" || state === "stopped" ? 5 : null,
    gate_reached_at: 1,
    ...more,
  });

describe.each(Object.keys(ACTS) as Act[])("%s", (name) => {
  test.each(petitionStates.map((state) => [state]))(
    "of a petition that is %s is allowed or names the state",
    async (state) => {
      const { id } = await inState(state);
      const { status, body } = await act(name, id);
      if ((ACTS[name].from as readonly string[]).includes(state)) {
        expect(status).toBe(200);
        expect((await actsOn(id)).length).toBe(1);
        return;
      }
      expect(status).toBe(409);
      expect(body).toMatchObject({ code: "illegal_state", errors: [{ pointer: "/state", code: state }] });
      expect(await actsOn(id)).toEqual([]);
    },
  );

  test("with a wrong token reads like a petition that is not there, in every state and without the database", async () => {
    const down = coldIsolate({ DB: faultyDatabase(() => true) });
    const absent = publicId("pet", newUuid());
    const other = await openPetition();
    for (const { id } of [await inState("open"), await inState("hidden"), { id: absent }]) {
      for (const token of [
        "x",
        await editToken(other.id),
        await petitionToken(rootKeys, "supporter", id.slice(4)),
        "fm_staff_local",
      ]) {
        for (const body of [undefined, { nothing: "known" }]) {
          const answer = await act(name, id, { token, body, at: down });
          expect([answer.status, answer.body.code]).toEqual([404, "not_found"]);
        }
      }
      const nobody = await isolate.fetch(`/v1/petitions/${id}${ACTS[name].path}`, { method: ACTS[name].method });
      expect(nobody.status).toBe(401);
    }
    expect((await act(name, absent)).status).toBe(404);
    expect((await act(name, "pet_x", { token: "x" })).status).toBe(404);
  });
});

describe("editing", () => {
  test("keeps every version, grows the version with each, and writes who did it without the words", async () => {
    const { id, no } = await inState("draft");
    const texts = [
      { title: "First", background: "One.", details: "More." },
      { title: "First", background: "Two." },
      { title: "Third", background: "Two.", details: "Again." },
    ];
    for (const [index, text] of texts.entries()) {
      const { body } = await act("edit", id, { body: text });
      expect(body).toEqual({ id, state: "draft", version: index + 2, details: "", ...text });
    }
    const { results } = await env.DB.prepare(
      "SELECT version, title, background, details FROM petition_versions WHERE petition_no = ? ORDER BY version",
    )
      .bind(no)
      .all();
    expect(results).toEqual([
      { version: 1, title: "Benches for the market square", background: "There is nowhere to sit.", details: "" },
      ...texts.map((text, index) => ({ version: index + 2, details: "", ...text })),
    ]);
    const acts = await actsOn(id);
    expect(acts).toMatchObject([
      { actor: "creator", role: null, act: "petition.edit", reason: null },
      { actor: "creator", act: "petition.edit" },
      { actor: "creator", act: "petition.edit" },
    ]);
    expect(JSON.parse(String(acts[1]?.after))).toEqual({
      state: "draft",
      version: 3,
      changed: ["background", "details"],
    });
    expect(JSON.stringify(acts)).not.toMatch(/First|Two|Again/);
  });

  test("with the same text again changes nothing, whatever its blanks", async () => {
    const { id, no } = await inState("gathering");
    const same = { title: " Benches for the market square ", background: "There is nowhere to sit." };
    expect((await act("edit", id, { body: same })).body).toMatchObject({ version: 1 });
    expect((await petitionRow(no)).version).toBe(1);
    expect(await actsOn(id)).toEqual([]);
  });

  test("of two at once neither is lost: both are versions, one after the other", async () => {
    const { id, no } = await inState("gathering");
    const answers = await Promise.all(
      ["Left", "Right", "Middle"].map((title) =>
        act("edit", id, { body: { title, background: "B." }, at: coldIsolate() }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(answers.map(({ body }) => body.version).sort()).toEqual([2, 3, 4]);
    const newest = answers.find(({ body }) => body.version === 4);
    expect(await petitionRow(no)).toMatchObject({ version: 4, title: newest?.body.title });
    expect((await actsOn(id)).length).toBe(3);
  });

  test.each([
    ["a title over 100 characters", { title: "x".repeat(101), background: "B" }, "/title", "too_long"],
    ["a formula", { title: "=1+1", background: "B" }, "/title", "formula"],
    ["a title of two lines", { title: "a\nb", background: "B" }, "/title", "forbidden_characters"],
    ["a background over 500", { title: "T", background: "x".repeat(501) }, "/background", "too_long"],
    ["no background", { title: "T", background: "  " }, "/background", "empty"],
    ["details over 1,000", { title: "T", background: "B", details: "x".repeat(1001) }, "/details", "too_long"],
    ["another field", { title: "T", background: "B", state: "open" }, "", "unknown_field"],
  ])("refuses %s as at creation", async (_, body, pointer, code) => {
    const { id } = await inState("draft");
    const answer = await act("edit", id, { body });
    expect(answer.status).toBe(400);
    expect(answer.body.errors).toMatchObject([{ pointer, code }]);
    expect(await actsOn(id)).toEqual([]);
  });

  test("the new text is what is found and shown", async () => {
    const { id, no } = await inState("draft");
    await act("edit", id, { body: { title: "Zeppelin mast for the harbour", background: "B." } });
    await env.DB.batch([
      env.DB.prepare("UPDATE petitions SET state = 'moderation' WHERE no = ?").bind(no),
      env.DB.prepare("UPDATE petitions SET state = 'open' WHERE no = ?").bind(no),
    ]);
    const found = (await (await isolate.fetch("/v1/petitions/similar?q=zeppelins")).json()) as {
      data: { id: string }[];
    };
    expect(found.data.map((one) => one.id)).toEqual([id]);
  });
});

describe("resubmission", () => {
  test("leads to moderation, waiting from then on, and the creator's first stamp stays", async () => {
    const petition = await gathering(coldIsolate({ SUPPORTERS_NEEDED: "1" }));
    await supported(isolate, petition, 1);
    const before = await petitionRow(petition.no);
    await env.DB.prepare("UPDATE petitions SET state = 'changes_requested', waiting_since = NULL WHERE no = ?")
      .bind(petition.no)
      .run();
    expect((await act("resubmission", petition.id)).body).toMatchObject({ state: "moderation", version: 2 });
    const row = await petitionRow(petition.no);
    expect(row).toMatchObject({ state: "moderation", version: 2, gate_reached_at: before.gate_reached_at, gate: null });
    expect(row.waiting_since).toBeGreaterThanOrEqual(before.waiting_since as number);
    const [entry] = await actsOn(petition.id);
    expect(entry).toMatchObject({ actor: "creator", act: "petition.resubmit" });
    expect(JSON.parse(String(entry?.before))).toEqual({ state: "changes_requested", version: 1 });
  });

  test("leads back to gathering when there never were enough supporters, and the gate is where it was", async () => {
    const petition = await gathering(coldIsolate({ SUPPORTERS_NEEDED: "2" }));
    for (const columns of [
      "state = 'hidden', rejection_code = 'offensive'",
      "state = 'moderation'",
      "state = 'changes_requested'",
    ])
      await env.DB.prepare(`UPDATE petitions SET ${columns} WHERE no = ?`).bind(petition.no).run();
    await supported(isolate, petition, 1);
    expect((await act("resubmission", petition.id)).body).toMatchObject({ state: "gathering" });
    expect(await petitionRow(petition.no)).toMatchObject({ state: "gathering", gate: 3, gate_reached_at: null });
    await supported(isolate, petition, 1);
    expect((await petitionRow(petition.no)).state).toBe("moderation");
    expect((await newsOf(petition.no)).filter((event) => event === "moderation")).toEqual(["moderation"]);
  });

  test("goes straight through the gate when it got enough of them meanwhile", async () => {
    const petition = await gathering(coldIsolate({ SUPPORTERS_NEEDED: "1" }));
    for (const columns of [
      "state = 'hidden', rejection_code = 'offensive'",
      "state = 'moderation'",
      "state = 'changes_requested'",
    ])
      await env.DB.prepare(`UPDATE petitions SET ${columns} WHERE no = ?`).bind(petition.no).run();
    await supported(isolate, petition, 1);
    expect((await act("resubmission", petition.id)).body).toMatchObject({ state: "moderation" });
    expect((await petitionRow(petition.no)).gate_reached_at).toBeGreaterThan(0);
  });
});

describe("stopping", () => {
  test("ends the petition at once: it is public with its state, and takes no further signature", async () => {
    const { id, no } = await inState("open");
    expect((await act("stop", id)).body).toMatchObject({ state: "stopped", version: 2 });
    const row = await petitionRow(no);
    expect(row).toMatchObject({ stopped_by: "creator", stop_reason: "The lamp is there." });
    expect(row.ended_at).toBeGreaterThan(Date.now() - 60_000);
    const shown = (await (await coldIsolate().fetch(`/v1/petitions/${id}`)).json()) as { state: string };
    expect(shown.state).toBe("stopped");
    const acts = await actsOn(id);
    expect(acts).toMatchObject([{ actor: "creator", act: "petition.stop", reason: null }]);
    expect(JSON.stringify(acts)).not.toContain("lamp");
    expect(await newsOf(no)).toEqual([]);
  });

  test("is too late once the petition's time is over, whether or not the job has run", async () => {
    const { id } = await inState("open", { closes_at: Date.now() - 1 });
    const { status, body } = await act("stop", id);
    expect(status).toBe(409);
    expect(body.errors).toMatchObject([{ code: "closed" }]);
  });

  test("needs a reason", async () => {
    const { id } = await inState("open");
    for (const body of [{}, { reason: " " }, { reason: "x".repeat(1001) }])
      expect((await act("stop", id, { body })).status).toBe(400);
  });
});

test("of two acts at once one wins, and the other names the state that it left", async () => {
  for (const [name, state] of [
    ["stop", "open"],
    ["resubmission", "changes_requested"],
  ] as const) {
    const { id, no } = await inState(state);
    const answers = await Promise.all(Array.from({ length: 4 }, () => act(name, id, { at: coldIsolate() })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    expect((await petitionRow(no)).version).toBe(2);
    expect((await actsOn(id)).length).toBe(1);
  }
});

test("a database that fails midway leaves neither a change nor an entry", async () => {
  const { id, no } = await inState("open");
  const answer = await act("stop", id, { at: coldIsolate({ DB: faultyDatabase((call) => call === 2) }) });
  expect([answer.status, answer.body.code]).toEqual([503, "unavailable"]);
  expect(await petitionRow(no)).toMatchObject({ state: "open", version: 1 });
  expect(await actsOn(id)).toEqual([]);
});

test("nothing that is not public is shown by any public route, whoever created it", async () => {
  for (const state of ["draft", "gathering", "moderation", "changes_requested", "hidden"]) {
    const { id } = await inState(state, { title: `Unseen kiosk ${state}` });
    for (const path of [`/v1/petitions/${id}`, `/v1/petitions/${id}/count`]) {
      const answer = await coldIsolate().fetch(path, { headers: { Authorization: `Bearer ${await editToken(id)}` } });
      expect(answer.status, `${state} ${path}`).toBe(404);
    }
  }
  for (const path of ["/v1/petitions?q=kiosk", "/v1/petitions/similar?q=kiosk"]) {
    expect(((await (await coldIsolate().fetch(path)).json()) as { data: unknown[] }).data).toEqual([]);
  }
});
