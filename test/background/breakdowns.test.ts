import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { dayAfter, localDay } from "../../src/lib/local-time.ts";
import { expectDocumentedAnswer, expectDocumentedProblem } from "../support/documented.ts";
import { coldIsolate, faultyDatabase } from "../support/isolate.ts";
import { foundTown, openPetition } from "../support/town.ts";

const HOUR = "17 * * * *";
const today = localDay(Date.now(), "Europe/London");
const yesterday = dayAfter(today, -1);

beforeAll(foundTown);

const get = (id: string, by: string) => coldIsolate().fetch(`/v1/petitions/${id}/breakdown?by=${by}`);

const read = async (id: string, by = "area") =>
  (await expectDocumentedAnswer("breakDownPetition", await get(id, by))) as {
    as_of: string | null;
    data: { key: string; label: string; count: number }[];
  };

const counts = async (id: string, by = "area") => (await read(id, by)).data.map(({ key, count }) => [key, count]);

/** People who sign and count, written straight into the table: the triggers count them. */
const sign = (
  no: number,
  count: number,
  { area = null, channel = null, day = yesterday }: Record<string, string | null> = {},
) =>
  env.DB.prepare(
    `INSERT INTO signatures (petition_no, email_hash, person_hash, submission, state, locale, area_code, channel, accepted_at, verified_at, verified_hour)
     SELECT ?1, randomblob(8), 1, randomblob(16), 'verified', 'en', ?3, ?4, 1, 1, ?5 || 'T12' FROM json_each(?2)`,
  )
    .bind(no, JSON.stringify(Array(count).fill(0)), area, channel, day)
    .run();

const withdraw = (no: number, count: number) =>
  env.DB.prepare(
    `UPDATE signatures SET state = 'withdrawn', ended_at = 1, verified_at = NULL, verified_hour = NULL WHERE petition_no = ?1
      AND email_hash IN (SELECT email_hash FROM signatures WHERE petition_no = ?1 AND state = 'verified' LIMIT ?2)`,
  )
    .bind(no, count)
    .run();

/** As if what was published had been taken on an earlier day. */
const nextDay = () => env.DB.prepare("UPDATE breakdowns SET day = ?").bind(yesterday).run();

const row = (no: number) => env.DB.prepare("SELECT * FROM breakdowns WHERE petition_no = ?").bind(no).first();

describe("the public breakdown", () => {
  test("is taken by the hour's job, rounded, with names, and of days those that are over", async () => {
    const { id, no } = await openPetition();
    expect(await read(id)).toMatchObject({ as_of: null, data: [] });
    await env.DB.prepare("INSERT INTO petition_channels VALUES (?, ?)")
      .bind(no, JSON.stringify({ stall: { label: "Stall", owner: "Library", retired_at: null } }))
      .run();
    await sign(no, 12, { area: "north", channel: "stall" });
    await sign(no, 9, { area: "south", channel: "poster", day: dayAfter(today, -2) });
    await sign(no, 30, { area: null, day: today });
    await sign(no, 4, { area: "gone", day: dayAfter(today, -3) });
    await coldIsolate().cron(HOUR);
    expect(await read(id)).toEqual({
      ...{ petition_id: id, by: "area", as_of: today },
      data: [
        { key: "north", label: "North Ward", count: 10 },
        { key: "south", label: "South Ward", count: 5 },
      ],
    });
    expect(await counts(id, "channel")).toEqual([
      ["poster", 5],
      ["stall", 10],
    ]);
    expect((await read(id, "channel")).data[1]?.label).toBe("Stall");
    expect(await counts(id, "day")).toEqual([
      [dayAfter(today, -2), 5],
      [yesterday, 10],
    ]);
  });

  test("is taken once a day: a second run changes nothing, and a missed one is made up for", async () => {
    const { id, no } = await openPetition();
    await sign(no, 20, { area: "north" });
    await coldIsolate().cron(HOUR);
    const first = await row(no);
    await sign(no, 20, { area: "north" });
    await coldIsolate().cron(HOUR);
    expect(await row(no)).toEqual(first);
    await nextDay();
    await coldIsolate().cron(HOUR);
    expect(await counts(id)).toEqual([["north", 30]]); // fifteen of the twenty: some of each batch are in no number
    expect((await read(id)).as_of).toBe(today);
  });

  test("does not move for fewer than ten, and falls when many are gone", async () => {
    const { id, no } = await openPetition();
    await sign(no, 30, { area: "north" });
    await coldIsolate().cron(HOUR);
    expect(await counts(id)).toEqual([["north", 25]]);
    await nextDay();
    await sign(no, 9, { area: "north" });
    await withdraw(no, 9);
    await coldIsolate().cron(HOUR);
    expect(await read(id)).toMatchObject({ as_of: yesterday, data: [{ key: "north", count: 25 }] });
    await withdraw(no, 11);
    await coldIsolate().cron(HOUR);
    expect(await read(id)).toMatchObject({ as_of: today, data: [{ key: "north", count: 10 }] });
  });

  test("takes all that are due, however many, and goes on after a failure with the next run", async () => {
    const petitions = await Promise.all(Array.from({ length: 55 }, () => openPetition()));
    for (const { no } of petitions) await sign(no, 15, { area: "south" });
    await coldIsolate({ DB: faultyDatabase((call) => call > 20) }).cron(HOUR);
    await coldIsolate().cron(HOUR);
    for (const { no } of petitions) expect(await row(no)).toMatchObject({ day: today, verified: 15 });
  });

  test.each(["draft", "gathering", "moderation", "changes_requested", "hidden"])(
    "of a petition that is in %s is not there, nor taken",
    async (state) => {
      const { id, no } = await openPetition({ state, rejection_code: "x" });
      await sign(no, 20, { area: "north" });
      await coldIsolate().cron(HOUR);
      expect(await row(no)).toBeNull();
      for (const by of ["area", "day", "channel"]) await expectDocumentedProblem("not_found", await get(id, by));
    },
  );

  test("goes when the petition is hidden", async () => {
    const { id, no } = await openPetition();
    await sign(no, 20, { area: "north" });
    await coldIsolate().cron(HOUR);
    expect(await counts(id)).toEqual([["north", 15]]);
    await env.DB.prepare("UPDATE petitions SET state = 'hidden', rejection_code = 'x' WHERE no = ?").bind(no).run();
    await expectDocumentedProblem("not_found", await get(id, "area"));
  });

  test.each(["hour", "locale", "", "area,day"])("by %s is not to be had", async (by) => {
    await expectDocumentedProblem("invalid_request", await get((await openPetition()).id, by));
  });

  test("costs two rows to read, and none while it is remembered", async () => {
    const { id, no } = await openPetition();
    await sign(no, 20, { area: "north" });
    await coldIsolate().cron(HOUR);
    const lines: string[] = [];
    const log = console.log;
    console.log = (line: string) => void lines.push(line);
    const isolate = coldIsolate();
    for (let time = 0; time < 2; time++) await isolate.fetch(`/v1/petitions/${id}/breakdown?by=area`);
    console.log = log;
    expect(lines.map((line) => JSON.parse(line).d1_rows_read)).toEqual([2, 0]);
  });
});
