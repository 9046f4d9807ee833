import { env } from "cloudflare:workers";
import { expect } from "vitest";

const COUNTED = "state = 'verified' AND hold IS NULL";

/** Expects every tally of a petition to equal a recount of its rows, and no mailbox to count against the rules. */
export async function expectTalliesToEqualRecount(no: number): Promise<void> {
  const one = (sql: string) => env.DB.prepare(sql).bind(no).first<Record<string, unknown>>();
  const all = async (sql: string) => (await env.DB.prepare(sql).bind(no).all<Record<string, unknown>>()).results;
  const tally = await one("SELECT * FROM petition_tallies WHERE petition_no = ?");
  const recount = await one(`SELECT
    count(*) FILTER (WHERE state = 'pending' AND hold IS NULL) AS pending,
    count(*) FILTER (WHERE ${COUNTED}) AS verified,
    count(*) FILTER (WHERE state = 'pending' AND hold IS NOT NULL) AS quarantined_pending,
    count(*) FILTER (WHERE state = 'verified' AND hold IS NOT NULL) AS quarantined_verified,
    count(*) FILTER (WHERE state = 'invalidated') AS invalidated,
    count(*) FILTER (WHERE state = 'withdrawn') AS withdrawn,
    count(*) FILTER (WHERE ${COUNTED} AND assurance = 'email') AS email
    FROM signatures WHERE petition_no = ?`);
  expect(tally).toMatchObject(recount ?? {});
  const locales = await all(
    `SELECT locale, count(*) AS n FROM signatures WHERE petition_no = ? AND ${COUNTED} GROUP BY 1`,
  );
  const tallied = Object.entries(JSON.parse(String(tally?.locales)) as Record<string, number>).filter(
    ([, n]) => n !== 0,
  );
  expect(Object.fromEntries(tallied)).toEqual(Object.fromEntries(locales.map(({ locale, n }) => [locale, n])));
  for (const [table, key, column] of [
    ["area_tallies", "area_code", "area_code"],
    ["channel_tallies", "channel", "channel"],
    ["hour_tallies", "hour", "verified_hour"],
  ]) {
    expect(
      await all(`SELECT ${key} AS key, verified AS n FROM ${table} WHERE petition_no = ? AND verified <> 0 ORDER BY 1`),
    ).toEqual(
      await all(`SELECT ${column} AS key, count(*) AS n FROM signatures
        WHERE petition_no = ? AND ${COUNTED} AND ${column} IS NOT NULL GROUP BY 1 ORDER BY 1`),
    );
  }
  expect(
    await all("SELECT * FROM hold_tallies WHERE petition_no = ? AND pending + verified <> 0 ORDER BY hold"),
  ).toEqual(
    await all(`SELECT petition_no, hold, sum(state = 'pending') AS pending, sum(state = 'verified') AS verified
      FROM signatures WHERE petition_no = ? AND hold IS NOT NULL AND state IN ('pending', 'verified') GROUP BY 1, 2`),
  );
  expect(
    await all("SELECT * FROM invalidation_tallies WHERE petition_no = ? AND invalidated <> 0 ORDER BY reason"),
  ).toEqual(
    await all(`SELECT petition_no, coalesce(invalidated_reason, 'unstated') AS reason, count(*) AS invalidated
      FROM signatures WHERE petition_no = ? AND state = 'invalidated' GROUP BY 1, 2 ORDER BY 2`),
  );
  expect(
    await all(`SELECT 1 FROM signatures WHERE petition_no = ? AND state = 'verified'
      GROUP BY email_hash HAVING count(*) > 2 OR count(DISTINCT coalesce(hex(postcode_hash), '')) > 1`),
  ).toEqual([]);
}
