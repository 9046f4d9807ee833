import { env } from "cloudflare:workers";
import type * as v from "valibot";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { newStaffKey } from "../../src/access/staff-key.ts";
import { FORECAST_METHOD } from "../../src/counts/forecast.ts";
import type { PetitionTrend } from "../../src/counts/trend.schema.ts";
import { newUuid } from "../../src/lib/ids.ts";
import { dayAfter, localDay } from "../../src/lib/local-time.ts";
import { expectDocumentedAnswer } from "../support/documented.ts";
import { coldIsolate } from "../support/isolate.ts";
import { freshEmail, linkIn, nextMail, postJson, sign, tokenOf } from "../support/resident.ts";
import { foundTown, openPetition } from "../support/town.ts";

type Trend = v.InferOutput<typeof PetitionTrend>;

const DAY = 86_400_000;
const ZONE = "Europe/London"; // wrangler.toml's
const today = localDay(Date.now(), ZONE);
const local = { Authorization: "Bearer fm_staff_local" };

beforeAll(foundTown);

const read = async (id: string, headers: HeadersInit = local) =>
  (await expectDocumentedAnswer(
    "readTrend",
    await coldIsolate().fetch(`/v1/admin/petitions/${id}/trend`, { headers }),
  )) as Trend;

/** Gives a petition verified signatures in an hour, written straight into the table: the triggers count them. */
const signAt = (no: number, hour: string, count: number, state = "verified") =>
  env.DB.prepare(
    `INSERT INTO signatures (petition_no, email_hash, person_hash, submission, state, locale, accepted_at, verified_at, verified_hour, ended_at)
     WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?3)
     SELECT ?1, randomblob(8), i, randomblob(16), ?4, 'en', 1, 1, ?2, iif(?4 = 'verified', NULL, 1) FROM n`,
  ).bind(no, hour, count, state);

/** A petition that opened some days ago at noon and has got so many signatures a day, the opening day first. */
async function petitionOf(counts: readonly number[], columns: Record<string, string | number | null> = {}) {
  const from = dayAfter(today, 1 - counts.length);
  const opensAt = Math.min(Date.parse(`${from}T12:00:00Z`), Date.now() - 1);
  const petition = await openPetition({ opens_at: opensAt, created_at: opensAt - 1, ...columns });
  const statements = counts.flatMap((count, day) => {
    const hours = [`${dayAfter(from, day)}T09`, `${dayAfter(from, day)}T18`];
    const evening = Math.floor(count / 3);
    return [count - evening, evening].flatMap((part, at) =>
      part === 0 ? [] : [signAt(petition.no, hours[at] as string, part)],
    );
  });
  if (statements.length > 0) await env.DB.batch(statements);
  return { ...petition, from };
}

const thresholdsOf = (no: number, response: number, hearing: number) =>
  env.DB.prepare(
    "INSERT INTO thresholds (petition_no, name, signatures) VALUES (?1, 'response', ?2), (?1, 'hearing', ?3)",
  )
    .bind(no, response, hearing)
    .run();

const forecasts = ({ thresholds }: Trend) =>
  Object.fromEntries(thresholds.map(({ name, forecast, reason }) => [name, forecast ?? reason]));

describe("the trend of a petition", () => {
  test("is every day from its opening to today, with the mean of seven full days", async () => {
    const counts = [5, 0, 3, 1, 0, 0, 12, 7, 0, 2];
    const { id, from } = await petitionOf(counts);
    const trend = await read(id);
    expect(trend).toMatchObject({ petition_id: id, time_zone: ZONE, verified: 30, method: FORECAST_METHOD });
    expect(trend.days.map(({ day, count }) => [day, count])).toEqual(
      counts.map((count, day) => [dayAfter(from, day), count]),
    );
    expect(trend.days.map(({ mean_7d }) => mean_7d)).toEqual([
      ...Array(6).fill(null),
      3, // 21 / 7
      3.29, // 23 / 7
      3.29,
      null,
    ]);
    expect(trend.days.filter(({ partial }) => partial).map(({ day }) => day)).toEqual([today]);
    expect(trend.days[0]?.hours).toEqual([
      { hour: 9, count: 4 },
      { hour: 18, count: 1 },
    ]);
  });

  test("has what a resident verifies at once, and not what was invalidated, is held, or came before the opening", async () => {
    const { id, no, from } = await petitionOf([0, 4]);
    await env.DB.batch([
      signAt(no, `${dayAfter(from, -3)}T10`, 6),
      signAt(no, `${today}T08`, 9, "invalidated"),
      env.DB.prepare(
        "UPDATE signatures SET state = 'invalidated', ended_at = 1 WHERE petition_no = ? AND verified_hour = ?",
      ).bind(no, `${today}T18`),
    ]);
    const before = await read(id);
    expect(before.verified).toBe(9);
    expect(before.days.map(({ count }) => count)).toEqual([0, 3]);

    const isolate = coldIsolate();
    const email = freshEmail();
    await sign(isolate, id, { email });
    const token = tokenOf(linkIn(await nextMail(email), "v"));
    expect((await postJson(isolate, "/v1/verifications", { token })).status).toBe(200);
    const after = await read(id);
    expect(after.verified).toBe(10);
    expect(after.days.at(-1)?.count).toBe((before.days.at(-1)?.count ?? 0) + 1);
    expect(after.days.reduce((sum, { count }) => sum + count, 0)).toBe(4);
  });

  test("ends with the petition, and is empty before it opens", async () => {
    const counts = [3, 1, 2, 0, 0, 0];
    const endedAt = Date.now() - 2 * DAY;
    const stopped = await petitionOf(counts, { state: "stopped", ended_at: endedAt });
    await thresholdsOf(stopped.no, 5, 100);
    const trend = await read(stopped.id);
    expect(trend.days.at(-1)?.day).toBe(localDay(endedAt - 1, ZONE));
    expect(trend.days.some(({ partial }) => partial)).toBe(false);
    expect(forecasts(trend)).toEqual({ response: "already_reached", hearing: "not_open" });

    const waiting = await openPetition({ state: "moderation", opens_at: null, closes_at: null });
    expect(await read(waiting.id)).toMatchObject({ days: [], thresholds: [], closes_at: null });
    const announced = await openPetition({ state: "moderation", opens_at: Date.now() + DAY });
    expect(await read(announced.id)).toMatchObject({ days: [] });
  });
});

describe("a threshold", () => {
  const steady = Array<number>(30).fill(12);

  test("is expected within a range, or not before the petition closes", async () => {
    const { id, no } = await petitionOf([...steady, 3], { closes_at: Date.now() + 60 * DAY });
    await thresholdsOf(no, 363 + 120, 100_000);
    const trend = await read(id);
    const { response, hearing } = forecasts(trend);
    expect(hearing).toBe("not_before_closing");
    expect(response).toMatchObject({
      earliest: expect.any(String),
      likely: expect.any(String),
      latest: expect.any(String),
    });
    const { earliest, likely, latest } = response as { earliest: string; likely: string; latest: string };
    expect([today, earliest, likely, latest].toSorted()).toEqual([today, earliest, likely, latest]);
    // Twelve a day: ten days, of which today has had a part.
    expect(likely >= dayAfter(today, 8) && likely <= dayAfter(today, 12)).toBe(true);
  });

  test("is expected up to the closing day, and no day later", async () => {
    const { id, no } = await petitionOf([...steady, 3]);
    await thresholdsOf(no, 363 + 120, 500);
    const closingAt = async (closesAt: number) => {
      await env.DB.prepare("UPDATE petitions SET closes_at = ? WHERE no = ?").bind(closesAt, no).run();
      return forecasts(await read(id)).response as { earliest: string; likely: string | null; latest: string | null };
    };
    const { earliest, likely } = await closingAt(Date.now() + 60 * DAY);
    // Noon in UTC is on the same day in London.
    const onDay = (day: string) => Date.parse(`${day}T12:00:00Z`);
    expect(await closingAt(onDay(likely as string))).toEqual({ earliest, likely, latest: null });
    expect(await closingAt(onDay(dayAfter(likely as string, -1)))).toEqual({ earliest, likely: null, latest: null });
    expect(await closingAt(onDay(dayAfter(earliest, -1)))).toBe("not_before_closing");
  });

  test("has no day while there is too little data", async () => {
    for (const [counts, expected] of [
      [[50, 50, 50, 50, 50, 50, 50, 5], "too_little_data"],
      [[50, 50, 50, 50, 50, 50, 50, 50, 5], { likely: expect.any(String) }],
      [[50, 1, 1, 1, 1, 1, 1, 1, 5], "too_little_data"],
    ] as const) {
      const { id, no } = await petitionOf(counts);
      await thresholdsOf(no, 600, 1000);
      const { response } = forecasts(await read(id));
      if (typeof expected === "string") expect(response).toBe(expected);
      else expect(response).toMatchObject(expected);
    }
  });

  test("that was reached has no day, also when the count has fallen below it again", async () => {
    const { id, no } = await petitionOf([...steady, 3]);
    await thresholdsOf(no, 363, 1000);
    await env.DB.prepare(
      "UPDATE thresholds SET reached_at = 1, signatures = 400 WHERE petition_no = ? AND name = 'response'",
    )
      .bind(no)
      .run();
    const [response, hearing] = (await read(id)).thresholds;
    expect(response).toMatchObject({
      name: "response",
      reached_at: "1970-01-01T00:00:00.001Z",
      forecast: null,
      reason: "already_reached",
    });
    expect(hearing).toMatchObject({ reached_at: null, reason: expect.anything() });
  });
});

describe("reading the trend", () => {
  /** A member of staff with a key. */
  async function staffMember(columns: { role: string; department?: string }): Promise<HeadersInit> {
    const { key, digest, prefix } = await newStaffKey();
    const id = newUuid();
    await env.DB.batch([
      env.DB.prepare(
        "INSERT INTO staff (id, name, role, department_code, created_at) VALUES (?, 'Vera Vane', ?, ?, 1)",
      ).bind(id, columns.role, columns.department ?? null),
      env.DB.prepare("INSERT INTO staff_keys (digest, id, staff_id, prefix, created_at) VALUES (?, ?, ?, ?, 1)").bind(
        digest,
        newUuid(),
        id,
        prefix,
      ),
    ]);
    return { Authorization: `Bearer ${key}` };
  }

  test("reads at most six rows more than it answers with, however many have signed", async () => {
    const petition = await openPetition({ opens_at: Date.parse(`${dayAfter(today, -39)}T12:00:00Z`) });
    // Neighbours: where a range ends, SQLite reads the row behind it.
    for (const no of [petition.no, petition.no + 1]) {
      if (no !== petition.no) {
        const uuid = `${petition.uuid.slice(0, 28)}${no.toString(16).padStart(8, "0")}`;
        await openPetition({ no, id: uuid });
      }
      await thresholdsOf(no, 20_000, 50_000);
      // Ten of them before it opened.
      const days = Array.from({ length: 50 }, (_, ahead) => dayAfter(today, ahead - 49));
      await env.DB.batch(
        days.flatMap((day) =>
          Array.from({ length: 12 }, (_, hour) => signAt(no, `${day}T${String(8 + hour).padStart(2, "0")}`, 25)),
        ),
      );
    }
    const vera = await staffMember({ role: "viewer" });
    const cost = async (headers: HeadersInit) => {
      const spy = vi.spyOn(console, "log").mockImplementation(() => undefined);
      const trend = await read(petition.id, headers);
      const { d1_rows_read, d1_rows_written } = JSON.parse(spy.mock.calls.at(-1)?.[0]);
      spy.mockRestore();
      const rows = trend.days.flatMap(({ hours }) => hours).length + trend.thresholds.length;
      return { verified: trend.verified, rows, read: d1_rows_read, written: d1_rows_written };
    };
    const answered = { verified: 50 * 12 * 25, rows: 40 * 12 + 2 };
    // One of them says whether signing is paused, on which the end rests.
    expect(await cost(local)).toEqual({ ...answered, read: answered.rows + 4, written: 0 });
    // Once an hour the use of a key is noted.
    expect(await cost(vera)).toEqual({ ...answered, read: expect.any(Number), written: 1 });
    // The petition's own row and its tally are answered with, too: `closes_at` and `verified`.
    const again = await cost(vera);
    expect(again).toMatchObject({ ...answered, written: 0 });
    expect(again.read).toBeLessThanOrEqual(answered.rows + 2 + 6);
  }, 60_000);

  test("is for every role, but only of one's department's petitions", async () => {
    const { id } = await openPetition({ department_code: "works" });
    const status = async (columns: { role: string; department?: string }) =>
      (await coldIsolate().fetch(`/v1/admin/petitions/${id}/trend`, { headers: await staffMember(columns) })).status;
    await env.DB.prepare(`INSERT OR IGNORE INTO departments VALUES ('parks', '{"en":"Parks"}')`).run();
    expect(await status({ role: "viewer" })).toBe(200);
    expect(await status({ role: "viewer", department: "works" })).toBe(200);
    expect(await status({ role: "admin", department: "parks" })).toBe(404);
  });

  test("gives a table of days and thresholds", async () => {
    const { id, no } = await petitionOf([5, 0, 3]);
    await thresholdsOf(no, 8, 900);
    const answer = await coldIsolate().fetch(`/v1/admin/petitions/${id}/trend?format=csv`, { headers: local });
    expect(answer.headers.get("Content-Type")).toContain("text/csv");
    const lines = (await answer.text()).trimEnd().split("\r\n");
    expect(lines[0]).toBe("as_of,kind,key,count,mean_7d,partial,reached_at,earliest,likely,latest,reason");
    expect(lines.slice(1).map((line) => line.split(",").slice(1).join(","))).toEqual([
      ...[5, 0].map((count, day) => `day,${dayAfter(today, day - 2)},${count},,,,,,,`),
      `day,${today},3,,true,,,,,`,
      expect.stringMatching(/^threshold,response,8,,,20.+Z,,,,already_reached$/),
      "threshold,hearing,900,,,,,,,too_little_data",
    ]);
  });
});
