import { env } from "cloudflare:workers";
import { expect } from "vitest";

const COUNTED = "state = 'verified' AND hold IS NULL";

type Row = Record<string, unknown>;

/** What must be equal: a tally, and the recount of it. */
const PAIRS: readonly (readonly [string, string])[] = [
  ...(
    [
      ["area_tallies", "area_code", "area_code"],
      ["channel_tallies", "channel", "channel"],
      ["hour_tallies", "hour", "verified_hour"],
    ] as const
  ).map(
    ([table, key, column]) =>
      [
        `SELECT ${key} AS key, verified AS n FROM ${table} WHERE petition_no = ? AND verified <> 0 ORDER BY 1`,
        `SELECT ${column} AS key, count(*) AS n FROM signatures
          WHERE petition_no = ? AND ${COUNTED} AND ${column} IS NOT NULL GROUP BY 1 ORDER BY 1`,
      ] as const,
  ),
  [
    "SELECT * FROM hold_tallies WHERE petition_no = ? AND pending + verified <> 0 ORDER BY hold",
    `SELECT petition_no, hold, sum(state = 'pending') AS pending, sum(state = 'verified') AS verified
      FROM signatures WHERE petition_no = ? AND hold IS NOT NULL AND state IN ('pending', 'verified') GROUP BY 1, 2`,
  ],
  [
    "SELECT hold FROM holds_waiting WHERE petition_no = ? ORDER BY 1",
    "SELECT hold FROM hold_tallies WHERE petition_no = ? AND pending + verified <> 0 ORDER BY 1",
  ],
  [
    "SELECT * FROM invalidation_tallies WHERE petition_no = ? AND invalidated <> 0 ORDER BY reason",
    `SELECT petition_no, coalesce(invalidated_reason, 'unstated') AS reason, count(*) AS invalidated
      FROM signatures WHERE petition_no = ? AND state = 'invalidated' GROUP BY 1, 2 ORDER BY 2`,
  ],
  [
    `SELECT CAST(key AS INTEGER) AS step, value AS n FROM petition_tallies, json_each(verify_steps)
      WHERE petition_no = ? AND value <> 0 ORDER BY 1`,
    `SELECT verify_step AS step, count(*) AS n FROM signatures
      WHERE petition_no = ? AND ${COUNTED} AND assurance = 'email' GROUP BY 1 ORDER BY 1`,
  ],
  // No mailbox counts more than two names or two households; of whoever has erased their data the household is not known.
  [
    "SELECT 1 FROM signatures WHERE petition_no = ? AND 0",
    `SELECT 1 FROM signatures WHERE petition_no = ? AND state = 'verified'
      GROUP BY email_hash HAVING count(*) > 2
          OR count(DISTINCT coalesce(hex(postcode_hash), '')) FILTER (WHERE sealed IS NOT NULL) > 1`,
  ],
];

const TALLY = "SELECT * FROM petition_tallies WHERE petition_no = ?";

const RECOUNT = `SELECT
  count(*) FILTER (WHERE state = 'pending' AND hold IS NULL) AS pending,
  count(*) FILTER (WHERE ${COUNTED}) AS verified,
  count(*) FILTER (WHERE state = 'pending' AND hold IS NOT NULL) AS quarantined_pending,
  count(*) FILTER (WHERE state = 'verified' AND hold IS NOT NULL) AS quarantined_verified,
  count(*) FILTER (WHERE state = 'invalidated') AS invalidated,
  count(*) FILTER (WHERE state = 'withdrawn') AS withdrawn,
  count(*) FILTER (WHERE ${COUNTED} AND assurance = 'email') AS email
  FROM signatures WHERE petition_no = ?`;

const LOCALES = `SELECT locale, count(*) AS n FROM signatures WHERE petition_no = ? AND ${COUNTED} GROUP BY 1`;

/**
 * Expects every tally of a petition to equal a recount of its rows at one moment, and no mailbox to count against the
 * rules.
 */
export async function expectTalliesToEqualRecount(no: number): Promise<void> {
  const statements = [TALLY, RECOUNT, LOCALES, ...PAIRS.flat()].map((sql) => env.DB.prepare(sql).bind(no));
  const [tallies, recounts, locales, ...pairs] = (await env.DB.batch<Row>(statements)).map(({ results }) => results);
  const tally = tallies?.[0];
  expect(tally).toMatchObject(recounts?.[0] ?? {});
  const tallied = Object.entries(JSON.parse(String(tally?.locales)) as Record<string, number>);
  expect(Object.fromEntries(tallied.filter(([, n]) => n !== 0))).toEqual(
    Object.fromEntries((locales ?? []).map(({ locale, n }) => [locale, n])),
  );
  for (const [index, [sql]] of PAIRS.entries()) expect(pairs[2 * index], sql).toEqual(pairs[2 * index + 1]);
}
