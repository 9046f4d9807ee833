import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import type { MailMessage } from "../../src/bindings.ts";
import { coldIsolate, keepingQueue } from "../support/isolate.ts";
import { meteredDatabase } from "../support/metered-database.ts";
import { freshEmail, linkIn, nextMail, postJson, sign, tokenOf } from "../support/resident.ts";
import { asStaff, staffKey } from "../support/staff.ts";
import { foundTown, openPetition } from "../support/town.ts";

const BATCH = 100;
const CHUNK = 50_000;

/** Gives a petition verified signatures written straight into the table; the triggers count them. */
async function crowd(no: number, total: number): Promise<void> {
  for (let done = 0; done < total; done += CHUNK) {
    await env.DB.prepare(
      `INSERT INTO signatures (petition_no, email_hash, person_hash, submission, state, locale, area_code, channel,
         sealed, accepted_at, verified_at, verified_hour)
       WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
       SELECT ?1, randomblob(8), i, randomblob(16), 'verified', 'en', 'north', 'poster', randomblob(120), i, i, '2026-11-23T12' FROM n`,
    )
      .bind(no, Math.min(CHUNK, total - done))
      .run();
  }
}

beforeAll(foundTown);

describe.each([1_000, 1_000_000])("with %i signatures in the table", (total) => {
  let petition: Awaited<ReturnType<typeof openPetition>>;

  beforeAll(async () => {
    petition = await openPetition();
    await env.DB.batch([
      env.DB.prepare(
        "INSERT INTO thresholds (petition_no, name, signatures) VALUES (?, 'response', 500), (?, 'hearing', 900000000)",
      ).bind(petition.no, petition.no),
    ]);
    // Neighbours on both sides: where a range ends, SQLite reads the row behind it.
    for (const side of ["00000001", "fffffffe"]) {
      const uuid = `01936d9e-0000-7000-8000-${total.toString(16).slice(0, 4).padStart(4, "0")}${side}`;
      const no = Number.parseInt(side, 16) + (total === 1_000 ? 0 : 1);
      const id = `${uuid.slice(0, 28)}${no.toString(16).padStart(8, "0")}`;
      await openPetition({ no, id });
      await env.DB.prepare("INSERT INTO thresholds (petition_no, name, signatures) VALUES (?, 'response', 500)")
        .bind(no)
        .run();
      await crowd(no, 10);
    }
    await crowd(petition.no, total);
  }, 180_000);

  test("a signature costs at most 7.5 rows written and 12 read from submission to verified, mail included", async () => {
    const { DB, measure } = meteredDatabase();
    const INTAKE = keepingQueue();
    const MAIL = keepingQueue<MailMessage>();
    const isolate = coldIsolate({ DB, INTAKE, MAIL });
    const people = Array.from({ length: BATCH }, () => freshEmail());
    const postcodes = ["BW1 1AA", "BW1 2BB"];
    const submit = await measure(async () => {
      for (const [n, email] of people.entries())
        await sign(isolate, petition.id, { email, postcode: postcodes[n % 2], channel: "letter" });
    });
    expect(submit).toMatchObject({ calls: 1, written: 0 });
    const record = await measure(() => isolate.deliver("intake", INTAKE.sent));
    const mail = await measure(() => isolate.deliver("mail", MAIL.sent));
    const tokens = await Promise.all(people.map(async (email) => tokenOf(linkIn(await nextMail(email), "v"))));
    const verify = await measure(async () => {
      for (const token of tokens) expect((await postJson(isolate, "/v1/verifications", { token })).status).toBe(200);
    });
    const each = (part: "read" | "written") => (submit[part] + record[part] + mail[part] + verify[part]) / BATCH;
    console.log(
      JSON.stringify({ event: "cost", total, record, mail, verify, read: each("read"), written: each("written") }),
    );
    expect(each("written")).toBeLessThanOrEqual(7.5);
    expect(each("read")).toBeLessThanOrEqual(12);

    // Repeats: of the verification, of the submission.
    const written = () =>
      env.DB.prepare("SELECT count(*) AS n, max(accepted_at) AS t FROM signatures WHERE petition_no = ?")
        .bind(petition.no)
        .first();
    const before = await written();
    const again = await measure(() => postJson(isolate, "/v1/verifications", { token: tokens[0] }));
    expect(again.written).toBe(0);
    INTAKE.sent.length = 0;
    await sign(isolate, petition.id, { email: people[0] });
    const repeated = await measure(() => isolate.deliver("intake", INTAKE.sent));
    expect(repeated.written).toBe(2); // the job of mail and its index entry, nothing in signatures
    expect(await written()).toEqual(before);
  }, 60_000);

  test("reading the count is one row, in a cold isolate too", async () => {
    const { DB, measure } = meteredDatabase();
    const isolate = coldIsolate({ DB });
    expect(await measure(() => isolate.fetch(`/v1/petitions/${petition.id}/count`))).toEqual({
      calls: 1,
      read: 1,
      written: 0,
    });
    expect(await measure(() => isolate.fetch(`/v1/petitions/${petition.id}/count`))).toEqual({
      calls: 0,
      read: 0,
      written: 0,
    });
  });

  test("each count for staff reads at most the rows that it returns, and five more; their key is two", async () => {
    // Beside the crowd's: what people of many areas, channels and hours leave in the tallies.
    await env.DB.batch([
      env.DB.prepare("INSERT OR REPLACE INTO petition_channels VALUES (?, ?)").bind(
        petition.no,
        JSON.stringify(Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`own-${n}`, { label: `Own ${n}` }]))),
      ),
      ...[
        `INSERT OR IGNORE INTO areas SELECT 'area-' || value, 'Ward ' || value, 1000 FROM json_each(?2)`,
        `INSERT OR IGNORE INTO area_tallies (petition_no, area_code, verified) SELECT ?1, 'area-' || value, 0 FROM json_each(?2)`,
        `INSERT OR IGNORE INTO channel_tallies (petition_no, channel, verified) SELECT ?1, 'own-' || value, 0 FROM json_each(?2)`,
        `INSERT OR IGNORE INTO hour_tallies (petition_no, hour, verified)
          SELECT ?1, date('2026-05-01', '+' || (value / 24) || ' days') || printf('T%02d', value % 24), 0 FROM json_each(?2)`,
      ].map((sql) => env.DB.prepare(sql).bind(petition.no, JSON.stringify(Array.from({ length: 40 }, (_, n) => n)))),
    ]);
    // A key and whose it is, as for every request of staff.
    const KEY_ROWS = 2;
    const key = await staffKey("viewer");
    const { DB, measure } = meteredDatabase();
    const isolate = coldIsolate({ DB });
    await isolate.cron("17 * * * *");
    const rows = async (query: string) => {
      const path = query.startsWith("/") ? query : `/petitions/${petition.id}/${query}`;
      const answer = await asStaff(isolate, "GET", path, { key });
      expect(answer.status, query).toBe(200);
      const text = await answer.text();
      // A bar is a row, a day's hour and a petition too.
      return (text.match(/"(key|hour|name|title)":/g) ?? []).length;
    };
    await rows("counts"); // the first use of a key in an hour is noted
    for (const [query, least] of [
      ["counts", 130],
      ["counts?by=area", 41],
      ["counts?by=channel", 42],
      ["counts?by=hour", 41],
      ["counts?by=area,channel", 83],
      ["counts?by=hour&from=2026-05-01&to=2026-05-01", 24],
      ["counts?by=locale", 1],
      ["trend", 4],
      ["reach", 84],
      ["/counts", 3],
      ["/counts?topic=parks", 0],
      ["/reach", 42],
    ] as const) {
      let returned = 0;
      const { read } = await measure(async () => {
        returned = await rows(query);
      });
      console.log(JSON.stringify({ event: "cost", total, query, read, returned }));
      expect(returned, query).toBeGreaterThanOrEqual(least);
      expect(read - KEY_ROWS, query).toBeLessThanOrEqual(returned + 5);
    }
    await env.DB.prepare("DELETE FROM areas WHERE code LIKE 'area-%'").run();
  }, 60_000);
});
