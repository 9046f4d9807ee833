import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { petitionToken } from "../../src/petitions/petition-token.ts";
import type { IntakeMessage } from "../../src/signatures/submission.ts";
import { expectDocumentedProblem } from "../support/documented.ts";
import { coldIsolate, faultyDatabase, keepingQueue } from "../support/isolate.ts";
import { meteredDatabase } from "../support/metered-database.ts";
import { freshAddress, freshEmail, linkIn, nextMail, postJson, sign, tokenOf } from "../support/resident.ts";
import { actsOn, asStaff, newStaff, staffKey } from "../support/staff.ts";
import { setSwitches } from "../support/switches.ts";
import { foundTown, openPetition, rootKeys } from "../support/town.ts";

const DAY = 86_400_000;
const MINUTE = "* * * * *";
const OFF = { signing_paused: false, creation_paused: false, mailings_paused: false };

beforeAll(foundTown);
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
  await env.DB.batch(
    [
      "DELETE FROM settings",
      "DELETE FROM signing_pause",
      "UPDATE petitions SET state = 'stopped', ended_at = 1 WHERE state = 'open'",
    ].map((sql) => env.DB.prepare(sql)),
  );
});
afterEach(() => void vi.useRealTimers());

const later = (ms: number) => vi.setSystemTime(Date.now() + ms);
const read = async (at = coldIsolate()) => {
  const answer = await asStaff(at, "GET", "/switches");
  return { tag: answer.headers.get("ETag") ?? "", body: (await answer.json()) as Record<string, unknown> };
};
const row = async ({ no }: { no: number }) =>
  (await env.DB.prepare("SELECT state, closes_at, ended_at, version, pause_credit FROM petitions WHERE no = ?")
    .bind(no)
    .first()) as { state: string; closes_at: number; ended_at: number | null; version: number; pause_credit: number };
const shown = async ({ id }: { id: string }, at = coldIsolate()) =>
  (await (await at.fetch(`/v1/petitions/${id}`)).json()) as Record<string, unknown>;
/** A petition that staff have given until the end of a day. */
const closingIn = async (days: number) => {
  const petition = await openPetition({ closes_at: Date.now() + 1_000 });
  const closes_at = new Date(Date.now() + days * DAY).toISOString().slice(0, 10);
  expect((await decide(petition, "extend", { closes_at })).status).toBe(200);
  return { ...petition, closes: (await row(petition)).closes_at };
};
const decide = async (petition: { id: string; no: number }, act: string, body: unknown) =>
  asStaff(coldIsolate(), "POST", `/petitions/${petition.id}/${act}`, {
    body,
    headers: { "If-Match": `"${(await row(petition)).version}"` },
  });

describe("the switches", () => {
  test("are all off; an admin of the whole municipality changes them, with the reason and the times in the audit log", async () => {
    const { tag, body } = await read();
    expect(tag).toBe('"0"');
    expect(body).toEqual({ ...OFF, since: { signing_paused: null, creation_paused: null, mailings_paused: null } });
    const admin = await newStaff("admin");
    const now = new Date().toISOString();
    const before = (await actsOn("switches")).length;
    const answer = await setSwitches({ creation_paused: true }, { key: admin.key, reason: "Nobody is here." });
    expect(await answer.json()).toMatchObject({
      ...{ ...OFF, creation_paused: true },
      since: { creation_paused: now, signing_paused: null },
    });
    const acts = (await actsOn("switches")).slice(before);
    expect(acts).toHaveLength(1);
    expect(acts[0]).toMatchObject({ act: "switches.put", actor: admin.id, reason: "Nobody is here." });
    expect([acts[0]?.before, acts[0]?.after].map((text) => JSON.parse(String(text)))).toEqual([
      { creation_paused: null },
      { creation_paused: now },
    ]);
    // The same again changes nothing.
    const again = await setSwitches({ creation_paused: true });
    expect(again.headers.get("ETag")).toBe(answer.headers.get("ETag"));
    expect(await actsOn("switches")).toHaveLength(before + 1);
  });

  test("are not changed by moderators, nor by admins of one department, who read them", async () => {
    for (const key of [await staffKey("moderator"), await staffKey("admin", "works")]) {
      expect((await asStaff(coldIsolate(), "GET", "/switches", { key })).status).toBe(200);
      expect((await setSwitches({ creation_paused: true }, { key })).status).toBe(404);
    }
    expect((await read()).body).toMatchObject(OFF);
  });

  test("changed twice in a second are both in the audit log, the versions grow, and the last one holds", async () => {
    const before = (await actsOn("switches")).length;
    const on = await setSwitches({ mailings_paused: true });
    const off = await setSwitches({}, { tag: on.headers.get("ETag") ?? "" });
    const [first, second] = [on, off].map((answer) => Number(answer.headers.get("ETag")?.replaceAll('"', "")));
    expect(second).toBe((first as number) + 1); // at the same millisecond
    expect((await read()).body).toMatchObject(OFF);
    const acts = (await actsOn("switches")).slice(before);
    expect(acts.map(({ after }) => JSON.parse(String(after)).mailings_paused !== null)).toEqual([true, false]);
  });

  test("changed by two at once: one is told that they have changed, and its change is nowhere", async () => {
    const before = (await actsOn("switches")).length;
    const { tag } = await read();
    const answers = await Promise.all([
      setSwitches({ mailings_paused: true }, { tag }),
      setSwitches({ creation_paused: true }, { tag }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
    const won = answers[0]?.status === 200 ? "mailings_paused" : "creation_paused";
    expect((await read()).body).toMatchObject({ ...OFF, [won]: true });
    expect(await actsOn("switches")).toHaveLength(before + 1);
  });

  test.each(["signing_paused", "creation_paused"] as const)(
    "%s holds in a warm isolate after 5 seconds, and is lifted as fast",
    async (name) => {
      const warm = coldIsolate({ INTAKE: keepingQueue() });
      const petition = await openPetition();
      const act = () =>
        name === "signing_paused"
          ? sign(warm, petition.id)
          : postJson(warm, "/v1/petitions", {
              title: "Benches",
              background: "To sit on.",
              creator: { name: "Ada Anchorby", email: freshEmail() },
            });
      expect((await act()).status).toBe(202);
      await setSwitches({ [name]: true });
      later(5_000);
      const refused = await act();
      expect(refused.headers.get("Retry-After")).toBe("600");
      await expectDocumentedProblem(name, refused);
      await setSwitches({});
      later(5_000);
      expect((await act()).status).toBe(202);
    },
  );

  test("are shown in the overview and in the daily mail while they are on", async () => {
    await setSwitches({ signing_paused: true });
    later(2 * DAY);
    const overview = await asStaff(coldIsolate(), "GET", "/overview", { key: await staffKey("viewer", "works") });
    const { sections } = (await overview.json()) as { sections: { name: string }[] };
    expect(sections.find(({ name }) => name === "switches_on")).toMatchObject({
      ...{ count: 1, oldest_days: 2, items: [{ code: "signing_paused", petition_id: null }] },
    });
    const moderator = await newStaff("moderator", "works");
    await env.DB.prepare("UPDATE staff SET reminders = 1, locale = 'de' WHERE email = ?").bind(moderator.email).run();
    vi.setSystemTime(Date.parse(`${new Date(Date.now() + DAY).toISOString().slice(0, 10)}T12:00:00Z`));
    const mails = keepingQueue();
    const isolate = coldIsolate({ MAIL: mails });
    await isolate.cron(MINUTE);
    await isolate.deliver("mail", mails.sent);
    expect((await nextMail(moderator.email)).text).toContain("Von der Gemeinde angehalten: das Unterschreiben.");
    await env.DB.prepare("UPDATE staff SET reminders = 0").run();
  });
});

describe("while signing is paused", () => {
  test("an isolate that knows of it refuses without asking the database, and also while the database fails", async () => {
    let down = false;
    const DB = faultyDatabase(() => down);
    const isolate = coldIsolate({ DB });
    const petition = await openPetition();
    await setSwitches({ signing_paused: true });
    expect((await sign(isolate, petition.id)).status).toBe(503);
    const { calls } = DB;
    expect((await sign(isolate, petition.id)).status).toBe(503);
    expect(DB.calls).toBe(calls);
    down = true;
    later(60_000);
    await expectDocumentedProblem("signing_paused", await sign(isolate, petition.id));
  });

  test("asking costs one call in a cold isolate and no row of a pause that is not", async () => {
    const { DB, measure } = meteredDatabase();
    const isolate = coldIsolate({ DB, INTAKE: keepingQueue() });
    const petition = await openPetition();
    const cold = await measure(() => sign(isolate, petition.id));
    expect(cold).toMatchObject({ calls: 1, written: 0 });
    expect(cold.read).toBeLessThanOrEqual(7); // a row for each of four settings that it looks for, and the petition
    expect(await measure(() => sign(isolate, petition.id))).toMatchObject({ calls: 0 });
  });

  test("whoever tries again and again is not held for it afterwards", async () => {
    const INTAKE = keepingQueue<IntakeMessage>();
    const petition = await openPetition();
    const address = freshAddress();
    await setSwitches({ signing_paused: true });
    const isolate = coldIsolate({ INTAKE });
    for (let time = 0; time < 8; time++) expect((await sign(isolate, petition.id, {}, address)).status).toBe(503);
    await setSwitches({});
    expect((await sign(coldIsolate({ INTAKE }), petition.id, {}, address)).status).toBe(202);
    expect(INTAKE.sent.map(({ hold }) => hold)).toEqual([null]);
  });

  test("what was accepted before is recorded, gets its mail, and can be verified and withdrawn", async () => {
    const INTAKE = keepingQueue<IntakeMessage>();
    const petition = await openPetition();
    const email = freshEmail();
    expect((await sign(coldIsolate({ INTAKE }), petition.id, { email })).status).toBe(202);
    await setSwitches({ signing_paused: true });
    const isolate = coldIsolate();
    expect(await isolate.deliver("intake", INTAKE.sent)).toEqual([]);
    const mail = await nextMail(email);
    later(60_000);
    const verified = await isolate.fetch(linkIn(mail, "v"), { method: "POST" });
    expect(verified.status).toBe(200);
    expect(await shown(petition)).toMatchObject({ signature_count: 1, signing_paused: true });
    const withdrawn = await postJson(isolate, "/v1/withdrawals", { token: tokenOf(linkIn(mail, "w")) });
    expect(withdrawn.status).toBe(200);
  });

  test("a petition that has ended says so, and one that is not there is not told apart", async () => {
    const ended = await openPetition({ state: "closed", ended_at: Date.now() - 1 });
    await setSwitches({ signing_paused: true });
    await expectDocumentedProblem("petition_not_open", await sign(coldIsolate(), ended.id));
    expect((await sign(coldIsolate(), "pet_01936d9e-8c4b-7f00-9a51-0123deadbeef")).status).toBe(503);
    expect(await shown(ended)).toMatchObject({ signing_paused: false });
  });

  test.each([
    ["en", "Signing is paused"],
    ["de", "Das Unterschreiben ist gerade angehalten"],
    ["fr", "Les signatures sont suspendues"],
  ])("the page that signs says so in %s, with the petition and without a form", async (lang, text) => {
    const petition = await openPetition();
    const token = await petitionToken(rootKeys, "supporter", petition.uuid);
    await setSwitches({ signing_paused: true });
    const page = await coldIsolate().fetch(`/s/${token}?lang=${lang}`);
    const html = await page.text();
    expect(page.status).toBe(200);
    expect(html).toContain(text);
    expect(html).toContain("Benches for the market square");
    expect(html).not.toContain("<form");
    const posted = await coldIsolate().fetch(`/s/${token}?lang=${lang}`, {
      method: "POST",
      body: new URLSearchParams({ name: "Mara Quill", email: freshEmail(), eligible: "yes" }),
      headers: { "Content-Type": "application/x-www-form-urlencoded", "CF-Connecting-IP": freshAddress() },
    });
    expect(posted.status).toBe(503);
    expect(posted.headers.get("Retry-After")).toBe("600");
    expect(await posted.text()).toContain(text);
  });
});

test("its creator reads that signing is paused, and not a last day that moves", async () => {
  const petition = await openPetition();
  const page = async () =>
    (await coldIsolate().fetch(`/e/${await petitionToken(rootKeys, "edit", petition.uuid)}?lang=fr`)).text();
  expect(await page()).toContain("Tout le monde peut signer");
  await setSwitches({ signing_paused: true });
  const html = await page();
  expect(html).toContain("La commune a suspendu les signatures");
  expect(html).not.toContain("Tout le monde peut signer");
});

describe("closing is suspended while signing is paused", () => {
  test("a petition that is due then stays open for the job, the public, staff, the gate and verifying, and closes at its later end", async () => {
    const petition = await closingIn(2);
    const early = await closingIn(1);
    const INTAKE = keepingQueue<IntakeMessage>();
    const email = freshEmail();
    await sign(coldIsolate({ INTAKE }), petition.id, { email });
    await setSwitches({ signing_paused: true });
    await coldIsolate().deliver("intake", INTAKE.sent);
    const mail = await nextMail(email);
    vi.setSystemTime(petition.closes + 3 * DAY);
    await coldIsolate().cron(MINUTE);
    expect(await row(petition)).toMatchObject({ state: "open", closes_at: petition.closes });
    expect(await shown(petition)).toMatchObject({ state: "open", signing_paused: true, ended_at: null });
    const lists = await Promise.all(
      ["state=open", "sort=closing", "state=closed"].map(async (query) => {
        const { data } = (await (await coldIsolate().fetch(`/v1/petitions?${query}`)).json()) as {
          data: { id: string }[];
        };
        return data.some(({ id }) => id === petition.id);
      }),
    );
    expect(lists).toEqual([true, true, false]);
    const similar = await coldIsolate().fetch("/v1/petitions/similar?q=benches%20for%20the%20market%20square&limit=10");
    expect(await similar.text()).toContain(petition.id);
    const staff = await asStaff(coldIsolate(), "GET", `/petitions/${petition.id}`);
    expect(await staff.json()).toMatchObject({ state: "open" });
    await expectDocumentedProblem("signing_paused", await sign(coldIsolate(), petition.id));
    const verified = await postJson(coldIsolate(), "/v1/verifications", { token: tokenOf(linkIn(mail, "v")) });
    expect(verified.status).toBe(200);

    const before = (await actsOn("switches")).length;
    const paused = Date.now();
    const since = Date.parse(String(((await read()).body.since as Record<string, string>).signing_paused));
    await setSwitches({});
    const days = Math.ceil((paused - since) / DAY);
    const after = await row(petition);
    expect(after).toMatchObject({ state: "open", ended_at: null, version: 3 });
    expect(Math.abs(after.closes_at - petition.closes - days * DAY)).toBeLessThanOrEqual(3_600_000);
    expect(await shown(petition)).toMatchObject({
      ...{ state: "open", signing_paused: false, closes_at: new Date(after.closes_at).toISOString() },
    });
    const acts = (await actsOn("switches")).slice(before);
    expect(JSON.parse(String(acts[0]?.after)).closes_at).toEqual({
      [petition.id]: new Date(after.closes_at).toISOString(),
      [early.id]: new Date((await row(early)).closes_at).toISOString(),
    });
    expect((await sign(coldIsolate({ INTAKE }), petition.id)).status).toBe(202);
    vi.setSystemTime(after.closes_at - 1);
    await coldIsolate().cron(MINUTE);
    expect((await row(petition)).state).toBe("open");
    vi.setSystemTime(after.closes_at);
    await coldIsolate().cron(MINUTE);
    expect(await row(petition)).toMatchObject({ state: "closed", ended_at: after.closes_at });
  });

  test("one whose time was over before the pause closes then, and its deadline does not move", async () => {
    const petition = await openPetition({ closes_at: Date.now() - 1_000 });
    await setSwitches({ signing_paused: true });
    expect(await shown(petition)).toMatchObject({ state: "closed" });
    later(DAY);
    await setSwitches({});
    await coldIsolate().cron(MINUTE);
    const ended = await row(petition);
    expect(ended).toMatchObject({ state: "closed", version: 1 });
    expect(ended.ended_at).toBe(ended.closes_at);
  });

  test("two pauses on one day move a deadline by one day", async () => {
    const petition = await closingIn(20);
    for (let pause = 0; pause < 2; pause++) {
      await setSwitches({ signing_paused: true });
      later(3_600_000);
      await setSwitches({});
      later(60_000);
    }
    expect(Math.round(((await row(petition)).closes_at - petition.closes) / DAY)).toBe(1);
  });

  test("what opens, is reopened or extended while it lasts gets the time that it lost, and no more", async () => {
    const [extended, stopped] = [await closingIn(2), await closingIn(20)];
    const closed = await openPetition({ state: "closed", closes_at: Date.now() - DAY, ended_at: Date.now() - DAY });
    await setSwitches({ signing_paused: true });
    const opening = await openPetition({ state: "moderation", opens_at: null, closes_at: null });
    vi.setSystemTime(Date.now() + 5 * DAY);
    expect((await decide(opening, "approve", {})).status).toBe(200);
    const inTenDays = new Date(Date.now() + 10 * DAY).toISOString().slice(0, 10);
    expect((await decide(closed, "reopen", { closes_at: inTenDays })).status).toBe(200);
    const yesterday = new Date(Date.now() - DAY).toISOString().slice(0, 10);
    expect((await decide(extended, "extend", { closes_at: yesterday })).status).toBe(400);
    expect((await decide(extended, "extend", { closes_at: inTenDays })).status).toBe(200);
    expect((await decide(stopped, "stop", { reason: "Done." })).status).toBe(200);
    const set = await Promise.all([opening, closed, extended, stopped].map(row));
    expect((await shown(closed)).signing_paused).toBe(true);
    later(DAY + 60_000);
    await setSwitches({});
    const grown = await Promise.all([opening, closed, extended, stopped].map(row));
    expect(grown.map(({ closes_at }, index) => Math.round((closes_at - (set[index]?.closes_at ?? 0)) / DAY))).toEqual([
      ...[2, 2, 7, 0],
    ]);
  });

  test("a petition that opens while the switch is being lifted is counted: the switch is lifted on what is there then", async () => {
    const petition = await openPetition({ state: "moderation", approved_at: null });
    await setSwitches({ signing_paused: true });
    later(3 * DAY);
    const closes = (await row(petition)).closes_at;
    const DB = new Proxy(env.DB, {
      get(target, name) {
        const value = Reflect.get(target, name);
        if (name !== "batch") return typeof value === "function" ? value.bind(target) : value;
        return async (statements: D1PreparedStatement[]) => {
          // Just before the one batch that writes: by then the open petitions have been read.
          if (statements.length >= 4)
            await target
              .prepare(
                "UPDATE petitions SET state = 'open', version = version + 1 WHERE no = ? AND state = 'moderation'",
              )
              .bind(petition.no)
              .run();
          return target.batch(statements);
        };
      },
    }) as D1Database;
    const before = (await actsOn("switches")).length;
    expect((await setSwitches({}, { at: coldIsolate({ DB }) })).status).toBe(200);
    expect(Math.floor(((await row(petition)).closes_at - closes) / DAY)).toBe(3); // and to the end of that day
    expect(await actsOn("switches")).toHaveLength(before + 1);
  });
});
