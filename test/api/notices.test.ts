import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import type { IntakeMessage } from "../../src/signatures/submission.ts";
import { gathering } from "../support/creator.ts";
import { coldIsolate, faultyDatabase, keepingQueue } from "../support/isolate.ts";
import { freshAddress, freshEmail, postJson, sign } from "../support/resident.ts";
import { actsOn, asStaff, staffKey } from "../support/staff.ts";
import { foundTown, openPetition } from "../support/town.ts";

type Kind = "privacy" | "eligibility" | "partner_consent";

const isolate = coldIsolate();
const textsOf = (word: string) => ({ en: `${word} (en)`, de: `${word} (de)`, fr: `${word} (fr)` });

beforeAll(foundTown);

const versionNow = async (kind: Kind): Promise<number> =>
  Number((await asStaff(isolate, "GET", `/notices/${kind}`)).headers.get("ETag")?.slice(1, -1));

const put = (kind: string, version: number | string, body: unknown, key?: string) =>
  asStaff(isolate, "PUT", `/notices/${kind}`, {
    body,
    headers: { "If-Match": `"${version}"` },
    ...(key === undefined ? {} : { key }),
  });

/** Publishes the next version of a kind; gives its number. */
async function publish(kind: Kind, word: string = crypto.randomUUID()): Promise<number> {
  const answer = await put(kind, await versionNow(kind), { texts: textsOf(word) });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { version: number }).version;
}

/** What the signatures of a petition have recorded. */
const recorded = async (no: number) =>
  (
    await env.DB.prepare(
      "SELECT privacy_version AS privacy, eligibility_version AS eligibility FROM signatures WHERE petition_no = ?",
    )
      .bind(no)
      .all()
  ).results;

/** Signs through a queue that is held, and records what came. */
async function signed(fields: Record<string, unknown>, { at = coldIsolate(), petition = openPetition() } = {}) {
  const { id, no } = await petition;
  const INTAKE = keepingQueue<IntakeMessage>();
  const answer = await sign(coldIsolate({ INTAKE }), id, fields);
  if (answer.status === 202) expect(await at.deliver("intake", INTAKE.sent)).toEqual([]);
  return { answer, no, sent: INTAKE.sent };
}

describe("publishing a notice", () => {
  test("takes effect at once, keeps every version readable, and is in the audit log", async () => {
    const before = await versionNow("eligibility");
    const answer = await put("eligibility", before, { texts: textsOf("I live here.") });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("ETag")).toBe(`"${before + 1}"`);
    const notice = await answer.json();
    expect(notice).toMatchObject({
      kind: "eligibility",
      version: before + 1,
      texts: textsOf("I live here."),
      url: null,
    });
    const current = await coldIsolate().fetch("/v1/notices");
    expect(current.headers.get("Cache-Control")).toBe("public, max-age=10");
    const { data } = (await current.json()) as { data: { kind: string }[] };
    expect(data.map(({ kind }) => kind)).toEqual(["privacy", "eligibility", "partner_consent"]);
    expect(data[1]).toEqual(notice);
    expect(await (await isolate.fetch(`/v1/notices/eligibility/${before + 1}`)).json()).toEqual(notice);
    const first = (await (await isolate.fetch("/v1/notices/eligibility/1")).json()) as { texts: { de: string } };
    expect(first).toMatchObject({ version: 1, published_at: null });
    expect(first.texts.de).toContain("Brackwater");
    expect((await actsOn("notice:eligibility")).at(-1)).toMatchObject({
      act: "notice.publish",
      before: JSON.stringify({ version: before }),
      after: JSON.stringify({ version: before + 1 }),
    });
  });

  test("needs the version that was read: of two at once one is published", async () => {
    const before = await versionNow("privacy");
    const answers = await Promise.all(["a", "b"].map((word) => put("privacy", before, { texts: textsOf(word) })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
    expect((await put("privacy", before, { texts: textsOf("late") })).status).toBe(412);
    expect(await versionNow("privacy")).toBe(before + 1);
  });

  test("refuses a text that is missing in a language, and an address where there is none", async () => {
    const version = await versionNow("eligibility");
    const { de: _, ...two } = textsOf("x");
    for (const [body, pointer] of [
      [{ texts: two }, "/texts/de"],
      [{ texts: { ...textsOf("x"), it: "x" } }, "/texts"],
      [{ texts: { ...textsOf("x"), fr: " " } }, "/texts/fr"],
      [{ texts: textsOf("x"), url: "https://town.example/x" }, "/url"],
      [{ texts: textsOf("x"), url: "http://town.example/x" }, "/url"],
    ] as const) {
      const answer = await put("eligibility", version, body);
      expect([answer.status, ((await answer.json()) as { errors: { pointer: string }[] }).errors[0]?.pointer]).toEqual([
        400,
        pointer,
      ]);
    }
    const url = "https://town.example/privacy/2";
    const privacy = await put("privacy", await versionNow("privacy"), { texts: textsOf("x"), url });
    expect(await privacy.json()).toMatchObject({ url });
  });

  test("is for admins of the whole municipality, and other kinds do not exist", async () => {
    for (const key of [await staffKey("moderator"), await staffKey("admin", "works")])
      expect((await put("eligibility", 1, { texts: textsOf("x") }, key)).status).toBe(404);
    expect((await put("cookies", 1, { texts: textsOf("x") })).status).toBe(404);
    for (const path of ["cookies/1", "privacy/0", "privacy/01", "privacy/999", "privacy/1e3", "privacy/-1"])
      expect((await isolate.fetch(`/v1/notices/${path}`)).status, path).toBe(404);
  });

  test("a version is never changed, replaced, left out or deleted, whatever code tries it", async () => {
    const version = await publish("partner_consent");
    for (const sql of [
      `UPDATE notices SET texts = '{}' WHERE version = ${version}`,
      `DELETE FROM notices WHERE version = ${version}`,
      `INSERT OR REPLACE INTO notices VALUES ('partner_consent', ${version}, '{}', NULL, 1)`,
      `INSERT INTO notices VALUES ('partner_consent', ${version + 2}, '{}', NULL, 1)`,
    ])
      await expect(env.DB.prepare(sql).run(), sql).rejects.toThrow(/notice/);
  });
});

describe("a signature records which versions its person saw", () => {
  test("those that the form says, old ones too; and for what it leaves out those that held when it was sent", async () => {
    const old = await publish("privacy");
    const privacy = await publish("privacy");
    const eligibility = await publish("eligibility");
    const { no } = await signed({ notices: { privacy: old } });
    expect(await recorded(no)).toEqual([{ privacy: old, eligibility }]);
    expect(await recorded((await signed({})).no)).toEqual([{ privacy, eligibility }]);
    expect(await recorded((await signed({ notices: {} })).no)).toEqual([{ privacy, eligibility }]);
  });

  test("published between sending and recording: the one that held when it was sent", async () => {
    const eligibility = await versionNow("eligibility");
    const { id, no } = await openPetition();
    const INTAKE = keepingQueue<IntakeMessage>();
    await sign(coldIsolate({ INTAKE }), id);
    await publish("eligibility");
    await coldIsolate().deliver("intake", INTAKE.sent);
    expect(await recorded(no)).toMatchObject([{ eligibility }]);
  });

  test("a version that there is not is refused, for a signature and for a petition", async () => {
    const next = (await versionNow("privacy")) + 1;
    const { answer, sent } = await signed({ notices: { privacy: next, eligibility: 1 } });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ pointer: "/notices/privacy", code: "unknown_value" }] });
    expect(sent).toEqual([]);
    for (const notices of [{ privacy: 0 }, { privacy: 1.5 }, { privacy: "1" }, { cookies: 1 }, 1, null])
      expect((await signed({ notices })).answer.status).toBe(400);
    const petition = { title: "Shade", background: "None.", creator: { name: "Bran", email: freshEmail() } };
    expect((await postJson(isolate, "/v1/petitions", { ...petition, notices: { privacy: next } })).status).toBe(400);
    const made = await postJson(isolate, "/v1/petitions", { ...petition, notices: { privacy: 1 } });
    const id = ((await made.json()) as { id: string }).id;
    const eligibility = await versionNow("eligibility");
    expect(await recorded(Number.parseInt(id.slice(-8), 16))).toEqual([{ privacy: 1, eligibility }]);
  });

  test("an isolate that has not heard of a version asks before it refuses one, and takes it", async () => {
    const at = coldIsolate();
    const { id, no } = await openPetition();
    expect((await sign(at, id, { notices: { eligibility: 1 } })).status).toBe(202);
    const eligibility = await publish("eligibility");
    const INTAKE = keepingQueue<IntakeMessage>();
    const warm = coldIsolate({ INTAKE });
    expect((await sign(warm, id, { notices: { eligibility } })).status).toBe(202);
    expect((await sign(at, id, { notices: { eligibility } })).status).toBe(202);
    await expect.poll(() => recorded(no), { timeout: 10_000 }).toHaveLength(2);
  });

  test("with the database down any version is accepted, and without one nothing is asked", async () => {
    const { id } = await openPetition();
    const INTAKE = keepingQueue<IntakeMessage>();
    const DB = faultyDatabase(() => true);
    expect((await sign(coldIsolate({ DB, INTAKE }), id, { notices: { privacy: 5000 } })).status).toBe(202);
    // What there is not is not recorded either.
    const privacy = await versionNow("privacy");
    await coldIsolate().deliver("intake", INTAKE.sent);
    const no = Number.parseInt(id.slice(-8), 16);
    expect(await recorded(no)).toMatchObject([{ privacy }]);
    const warmDb = faultyDatabase((call) => call > 1);
    const warm = coldIsolate({ DB: warmDb, INTAKE });
    await sign(warm, id, { notices: { privacy } });
    const calls = warmDb.calls;
    await sign(warm, id, { notices: { privacy } });
    expect(warmDb.calls).toBe(calls);
  });

  test("when nobody can say which versions there are, the record waits", async () => {
    const { id, no } = await openPetition();
    const INTAKE = keepingQueue<IntakeMessage>();
    await sign(coldIsolate({ INTAKE }), id);
    expect(await coldIsolate({ DB: faultyDatabase(() => true) }).deliver("intake", INTAKE.sent)).toEqual([0]);
    expect(await recorded(no)).toEqual([]);
  });

  test("the newest submission of a pending signature says what was seen last", async () => {
    const petition = openPetition();
    const email = freshEmail();
    const { no } = await signed({ email, notices: { privacy: 1, eligibility: 1 } }, { petition });
    await signed({ email, notices: { privacy: 2, eligibility: 2 } }, { petition });
    expect(await recorded(no)).toEqual([{ privacy: 2, eligibility: 2 }]);
  });

  test("staff read them in the list and in the export", async () => {
    const petition = await openPetition();
    await signed({ notices: { privacy: 1, eligibility: 2 } }, { petition: Promise.resolve(petition) });
    const list = await (await asStaff(isolate, "GET", `/petitions/${petition.id}/signatures`)).json();
    expect(list).toMatchObject({ data: [{ privacy_version: 1, eligibility_version: 2 }] });
    const csv = await asStaff(isolate, "GET", `/petitions/${petition.id}/signatures/export?reason=test`);
    const [head, row] = (await csv.text()).split("\r\n");
    expect(head).toMatch(/,privacy_version,eligibility_version$/);
    expect(row).toMatch(/,1,2$/);
  });
});

test("the supporters' page shows what holds now and sends its versions along", async () => {
  const eligibility = await publish("eligibility", "I dwell by the harbour");
  const privacy = await versionNow("privacy");
  const { supporterToken, no } = await gathering(isolate);
  const page = await (await coldIsolate().fetch(`/s/${supporterToken}?lang=de`)).text();
  expect(page).toContain("I dwell by the harbour (de)");
  expect(page).toContain(`<a href="https://brackwater.example/privacy">`);
  const hidden = Object.fromEntries(
    [...page.matchAll(/type="hidden" name="(\w+)" value="(\d+)"/g)].map(([, name, value]) => [name, value]),
  );
  expect(hidden).toEqual({ privacy: `${privacy}`, eligibility: `${eligibility}` });
  await publish("eligibility");
  const post = (fields: Record<string, string>) =>
    coldIsolate().fetch(`/s/${supporterToken}`, {
      method: "POST",
      body: new URLSearchParams({ name: "Mara Quill", email: freshEmail(), eligible: "yes", ...fields }),
      headers: { "Content-Type": "application/x-www-form-urlencoded", "CF-Connecting-IP": freshAddress() },
    });
  expect((await post(hidden)).status).toBe(200);
  await expect.poll(() => recorded(no), { timeout: 10_000 }).toContainEqual({ privacy, eligibility });
  const again = await post({ ...hidden, eligibility: "none" });
  expect([again.status, await again.text()]).toEqual([422, expect.stringContaining('role="alert"')]);
});
