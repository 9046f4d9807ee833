import { env } from "cloudflare:workers";
import type * as v from "valibot";
import { beforeAll, describe, expect, test } from "vitest";
import type { MailMessage } from "../../src/bindings.ts";
import type { PetitionTallies } from "../../src/counts/counts.schema.ts";
import { toBase64 } from "../../src/lib/bytes.ts";
import { dayAfter, localDay } from "../../src/lib/local-time.ts";
import { RootKeys } from "../../src/lib/root-keys.ts";
import { expectDocumentedAnswer, expectDocumentedProblem } from "../support/documented.ts";
import { coldIsolate, keepingQueue } from "../support/isolate.ts";
import { freshEmail, linkIn, mailsTo, nextMail, postJson, sign, tokenOf } from "../support/resident.ts";
import { asStaff, staffKey } from "../support/staff.ts";
import { foundTown, openPetition } from "../support/town.ts";

const isolate = coldIsolate();

beforeAll(foundTown);

const get = (id: string, query = "", key = "fm_staff_local", headers = {}) =>
  asStaff(isolate, "GET", `/petitions/${id}/counts${query}`, { key, headers });

const read = async (id: string, query = "") =>
  (await expectDocumentedAnswer("tallyPetition", await get(id, query))) as v.InferOutput<typeof PetitionTallies>;

/** A signature as it stands in the table, written straight into it: the triggers count it. */
const signedAt = (no: number, hour: string, more: Record<string, string | number | null> = {}) => {
  const row: Record<string, unknown> = {
    ...{ petition_no: no, state: "verified", locale: "en", accepted_at: 1, verified_at: 1, verified_hour: hour },
    ...more,
  };
  const names = Object.keys(row);
  return env.DB.prepare(
    `INSERT INTO signatures (email_hash, person_hash, submission, ${names})
     VALUES (randomblob(8), 1, randomblob(16), ${names.map(() => "?")})`,
  ).bind(...Object.values(row));
};

describe("a petition's counts", () => {
  test("are by area with people who live there, by channel with its own name, and by every other dimension", async () => {
    const { id, no } = await openPetition();
    const body = { label: "Market stall", owner: "Library" };
    await asStaff(isolate, "PUT", `/petitions/${id}/channels/stall`, { body });
    await env.DB.prepare("UPDATE channels SET partner = 'Sailing club' WHERE code = 'letter'").run();
    await env.DB.batch([
      signedAt(no, "2026-05-01T09", { area_code: "north", channel: "stall" }),
      signedAt(no, "2026-05-01T23", { area_code: "north", channel: "letter", locale: "de" }),
      signedAt(no, "2026-05-02T00", { area_code: "south", assurance: "paper" }),
      signedAt(no, "2026-05-02T00"),
    ]);
    const { by, states } = await read(id);
    expect(states.verified).toBe(4);
    expect(by).toEqual({
      area: [
        { key: "north", label: "North Ward", count: 2, population: 1000, per_1000: 2 },
        { key: "south", label: "South Ward", count: 1, population: 3000, per_1000: 0.33 },
        { key: "", label: "", count: 1, population: null, per_1000: null },
      ],
      channel: [
        { key: "letter", label: "Newsletter", count: 1 },
        { key: "stall", label: "Market stall", count: 1 },
        { key: "", label: "", count: 2 },
      ],
      partner: [
        { key: "Sailing club", label: "Sailing club", count: 1 },
        { key: "", label: "", count: 3 },
      ],
      assurance: [
        { key: "email", label: "email", count: 3 },
        { key: "paper", label: "paper", count: 1 },
      ],
      locale: [
        { key: "en", label: "en", count: 3 },
        { key: "de", label: "de", count: 1 },
      ],
      day: [
        { key: "2026-05-01", label: "2026-05-01", count: 2 },
        { key: "2026-05-02", label: "2026-05-02", count: 2 },
      ],
      hour: [
        { key: "2026-05-01T09", label: "2026-05-01T09", count: 1 },
        { key: "2026-05-01T23", label: "2026-05-01T23", count: 1 },
        { key: "2026-05-02T00", label: "2026-05-02T00", count: 2 },
      ],
    });
    await env.DB.prepare("UPDATE channels SET partner = NULL WHERE code = 'letter'").run();
  });

  test("follow the municipality's lists when these change", async () => {
    const { id, no } = await openPetition();
    await env.DB.prepare(`INSERT INTO areas VALUES ('x"y', 'Quay', NULL)`).run();
    await signedAt(no, "2026-05-01T09", { area_code: 'x"y' }).run();
    const area = async () => (await read(id, "?by=area")).by.area?.[0];
    expect(await area()).toMatchObject({ label: "Quay", population: null, per_1000: null });
    await env.DB.prepare(`UPDATE areas SET name = 'Old Quay', population = 40 WHERE code = 'x"y'`).run();
    expect(await area()).toMatchObject({ label: "Old Quay", population: 40, per_1000: 25 });
    await env.DB.prepare(`UPDATE areas SET population = NULL WHERE code = 'x"y'`).run();
    expect(await area()).toMatchObject({ label: "Old Quay", population: null });
    await env.DB.prepare(`DELETE FROM areas WHERE code = 'x"y'`).run();
    expect(await area()).toMatchObject({ key: 'x"y', label: 'x"y', population: null });
  });

  test("of a span are its days and hours, both ends included", async () => {
    const { id, no } = await openPetition();
    const hours = ["2026-04-30T23", "2026-05-01T00", "2026-05-02T23", "2026-05-03T00"];
    await env.DB.batch(hours.map((hour) => signedAt(no, hour)));
    const { by, span } = await read(id, "?from=2026-05-01&to=2026-05-02");
    expect(span).toEqual({ from: "2026-05-01", to: "2026-05-02", verified: 2 });
    expect(by.hour?.map(({ key }) => key)).toEqual(["2026-05-01T00", "2026-05-02T23"]);
    expect(by.day?.map(({ key, count }) => [key, count])).toEqual([
      ["2026-05-01", 1],
      ["2026-05-02", 1],
    ]);
    expect(Object.keys(by)).toEqual(["day", "hour"]);
    expect((await read(id, "?by=day&from=2026-05-02")).span?.verified).toBe(2);
    expect((await read(id, "?by=day&to=2026-05-02")).span?.verified).toBe(3);
    expect(Object.keys((await read(id, "?by=locale,area")).by)).toEqual(["area", "locale"]);
  });

  test("of a span without an end go to today; one may end later, as a month does, but not begin", async () => {
    const { id } = await openPetition();
    const today = localDay(Date.now(), "Europe/London");
    const tomorrow = dayAfter(today);
    for (const from of ["2026-05-02", today])
      expect((await read(id, `?from=${from}`)).span).toMatchObject({ from, to: today });
    expect((await read(id, `?from=${today}&to=${tomorrow}`)).span).toMatchObject({ to: tomorrow });
    for (const query of [`?from=${tomorrow}`, `?from=${tomorrow}&to=${dayAfter(tomorrow)}`]) {
      await expectDocumentedProblem("invalid_request", await get(id, query));
    }
  });

  test("add up also while people sign: all numbers of an answer are of one moment", async () => {
    const { id, no } = await openPetition();
    // Before each call to the database somebody signs; before the `fresh`th from where nobody had.
    const busy = (fresh: number) => {
      let call = 0;
      const batch = async (statements: D1PreparedStatement[]) => {
        const place =
          ++call === fresh ? { area_code: "aaa", channel: "aaa" } : { area_code: "north", channel: "other" };
        await signedAt(no, call === fresh ? "2026-05-01T00" : "2026-05-02T10", place).run();
        return env.DB.batch(statements);
      };
      return coldIsolate({ DB: new Proxy(env.DB, { get: (db, name) => bound(db, name, batch) }) });
    };
    const bound = (db: D1Database, name: string | symbol, batch: unknown) => {
      const value = name === "batch" ? batch : Reflect.get(db, name);
      return typeof value === "function" && name !== "batch" ? value.bind(db) : value;
    };
    await signedAt(no, "2026-05-02T10", { area_code: "north", channel: "other" }).run();
    for (const fresh of [0, 1, 2, 3]) {
      await env.DB.prepare("DELETE FROM signatures WHERE petition_no = ? AND area_code = 'aaa'").bind(no).run();
      for (const table of ["area", "channel", "hour"]) {
        const left = `DELETE FROM ${table}_tallies WHERE petition_no = ? AND verified = 0`;
        const { meta } = await env.DB.prepare(left).bind(no).run();
        const one = `UPDATE petition_tallies SET ${table}s = ${table}s - ? WHERE petition_no = ?`;
        await env.DB.prepare(one)
          .bind(meta.changes > 0 ? 1 : 0, no)
          .run();
      }
      const counts = await asStaff(busy(fresh), "GET", `/petitions/${id}/counts`);
      const { states, by } = (await expectDocumentedAnswer("tallyPetition", counts)) as v.InferOutput<
        typeof PetitionTallies
      >;
      for (const bars of Object.values(by)) {
        expect(bars?.reduce((sum, { count }) => sum + count, 0)).toBe(states.verified);
      }
      expect(by.area?.map(({ key }) => key)).not.toContain("");
      expect(by.hour?.map(({ key }) => key)).not.toContain("");
      const reach = await asStaff(busy(0), "GET", `/petitions/${id}/reach`);
      const { verified, channels } = (await expectDocumentedAnswer("readReach", reach)) as {
        verified: number;
        channels: { verified: number }[];
      };
      expect(channels.reduce((sum, channel) => sum + channel.verified, 0)).toBe(verified);
    }
  });

  test("are for staff who see the petition: not for another department's", async () => {
    const { id, no } = await openPetition({ department_code: "works" });
    await env.DB.prepare(`INSERT OR IGNORE INTO departments VALUES ('parks', '{"en":"Parks"}')`).run();
    const [works, parks] = [await staffKey("viewer", "works"), await staffKey("viewer", "parks")];
    expect((await get(id, "", works)).status).toBe(200);
    await expectDocumentedProblem("not_found", await get(id, "", parks));
    await env.DB.prepare("UPDATE petitions SET department_code = 'parks' WHERE no = ?").bind(no).run();
    await expectDocumentedProblem("not_found", await get(id, "", works));
    expect((await get(id, "", parks)).status).toBe(200);
    const unassigned = await openPetition();
    await expectDocumentedProblem("not_found", await get(unassigned.id, "", parks));
  });

  test.each([
    "?by=colour",
    "?by=",
    "?by=area,area",
    "?from=2026-05-02&to=2026-05-01",
    "?from=2020-01-01&to=2026-05-01",
    "?from=2026-02-30",
    "?from=1999-12-31",
    "?to=2100-01-01",
    "?from=2020-01-01",
    "?from=yesterday",
    "?by=area&from=2026-05-01",
    "?format=xml",
    "?bom=1",
    "?nothing=known",
  ])("refuse %s", async (query) => {
    await expectDocumentedProblem("invalid_request", await get((await openPetition()).id, query));
  });
});

describe("as a table", () => {
  test("they have a record for each number, and nothing that a spreadsheet would run", async () => {
    const { id, no } = await openPetition();
    await env.DB.prepare("INSERT OR REPLACE INTO areas VALUES ('odd', '=1+1, \"Odd\"', 500)").run();
    await env.DB.batch([
      signedAt(no, "2026-05-01T09", { area_code: "odd" }),
      signedAt(no, "2026-05-01T09", { area_code: "north" }),
    ]);
    const answer = await get(id, "?by=area&format=csv");
    expect(answer.headers.get("Content-Type")).toBe("text/csv; charset=utf-8; header=present");
    expect(answer.headers.get("Content-Disposition")).toBe(`attachment; filename="${id}-counts.csv"`);
    const text = await answer.text();
    const lines = text.split("\r\n");
    expect(lines[0]).toBe("as_of,dimension,key,label,count,population,per_1000");
    expect(lines.map((line) => line.replace(/^[^,]*,/, ""))).toEqual(
      expect.arrayContaining([
        "state,verified,verified,2,,",
        "funnel,submitted,submitted,2,,",
        "funnel_rate,overall,overall,1,,",
        "area,north,North Ward,1,1000,1",
        `area,odd,"'=1+1, ""Odd""",1,500,2`,
      ]),
    );
    expect(await (await get(id, "?by=area", undefined, { Accept: "text/csv" })).text()).toContain("area,north");
    expect(await (await get(id, "", undefined, { Accept: "application/json, text/csv" })).json()).toHaveProperty("by");
    const marked = new Uint8Array(await (await get(id, "?format=csv&bom=true")).arrayBuffer());
    expect([...marked.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    await env.DB.prepare("DELETE FROM areas WHERE code = 'odd'").run();
  });
});

describe("the funnel", () => {
  const funnel = async (id: string) => (await read(id)).funnel;

  test("counts each signature once at each stage, however often it is submitted, mailed, delivered and verified", async () => {
    const { id } = await openPetition();
    const [INTAKE, MAIL] = [keepingQueue(), keepingQueue<MailMessage>()];
    const at = coldIsolate({ INTAKE, MAIL });
    const [keen, lazy] = [freshEmail(), freshEmail()];
    for (const email of [keen, keen, lazy]) {
      await sign(at, id, { email });
      await at.deliver("intake", INTAKE.sent.splice(0));
    }
    expect(await funnel(id)).toMatchObject({ submitted: 2, mailed: 0, verified: 0 });
    const doorbells = MAIL.sent.splice(0);
    await at.deliver("mail", doorbells);
    await at.deliver("mail", doorbells);
    expect((await mailsTo(keen)).length).toBe(2);
    expect(await funnel(id)).toMatchObject({ submitted: 2, mailed: 2, verified: 0 });
    const token = tokenOf(linkIn(await nextMail(keen, 2), "v"));
    for (let time = 0; time < 2; time++) await postJson(at, "/v1/verifications", { token });
    expect(await funnel(id)).toEqual({
      ...{ submitted: 2, mailed: 2, verified: 1, rates: { mailed: 1, verified: 0.5, overall: 0.5 } },
      seconds_to_verify: { median: expect.any(Number), p95: expect.any(Number) },
    });
    // Who has verified and signs again gets a notice, which is no verification mail.
    await sign(at, id, { email: keen });
    await at.deliver("intake", INTAKE.sent.splice(0));
    await at.deliver("mail", MAIL.sent.splice(0));
    expect((await mailsTo(keen)).length).toBe(3);
    expect(await funnel(id)).toMatchObject({ submitted: 2, mailed: 2, verified: 1 });
  });

  test("keeps what has happened when somebody withdraws, and begins anew when they sign again", async () => {
    const { id } = await openPetition();
    const email = freshEmail();
    await sign(isolate, id, { email });
    const mail = await nextMail(email);
    await postJson(isolate, "/v1/verifications", { token: tokenOf(linkIn(mail, "v")) });
    await postJson(isolate, "/v1/withdrawals", { token: tokenOf(linkIn(mail, "w")) });
    expect(await funnel(id)).toMatchObject({
      ...{ submitted: 1, mailed: 1, verified: 1 },
      seconds_to_verify: { median: null, p95: null },
    });
    await nextMail(email, 2);
    await sign(isolate, id, { email });
    await nextMail(email, 3);
    expect(await funnel(id)).toMatchObject({ submitted: 2, mailed: 2, verified: 1 });
  });

  test("does not call mailed what could not be handed over", async () => {
    const key = crypto.getRandomValues(new Uint8Array(32));
    const { id } = await openPetition({}, new RootKeys(key));
    const [INTAKE, MAIL] = [keepingQueue(), keepingQueue<MailMessage>()];
    const refused = freshEmail();
    const send = async ({ to }: { to: string }) => {
      if (to === refused) throw Object.assign(new Error("refused"), { code: "E_RECIPIENT_NOT_ALLOWED" });
    };
    const deployed = { ENVIRONMENT: "production", PUBLIC_URL: "https://petitions.example", ROOT_KEY: toBase64(key) };
    const at = coldIsolate({ ...deployed, INTAKE, MAIL, MAILER: { send }, MAIL_CAPTURE: undefined });
    await sign(at, id, { email: refused });
    await sign(at, id);
    await at.deliver("intake", INTAKE.sent);
    await at.deliver("mail", MAIL.sent);
    expect(await funnel(id)).toMatchObject({ submitted: 2, mailed: 1 });
  });

  test("measures the time to verify from submission, of what counts now", async () => {
    const { id, no } = await openPetition();
    const minute = 60_000;
    await env.DB.batch([
      signedAt(no, "2026-05-01T09", { accepted_at: 1, verified_at: 1 + minute }),
      signedAt(no, "2026-05-01T09", { accepted_at: 1, verified_at: 1 + 60 * minute }),
      signedAt(no, "2026-05-01T09", { accepted_at: 1, verified_at: 1 + 600 * minute, hold: "burst" }),
      signedAt(no, "2026-05-01T09", { accepted_at: 1, verified_at: 1, assurance: "paper" }),
    ]);
    const { seconds_to_verify: seconds, submitted } = await funnel(id);
    expect(submitted).toBe(3);
    expect(Math.abs((seconds.median as number) / 60 - 1)).toBeLessThan(0.091);
    expect(Math.abs((seconds.p95 as number) / 3600 - 1)).toBeLessThan(0.091);
  });
});
