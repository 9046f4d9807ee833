const COUNTED = "state = 'verified' AND hold IS NULL";

/** What each tally says, and the recount that it must equal: rows without a count of zero. */
const TALLIES: readonly (readonly [tallied: string, recount: string])[] = [
  [
    `SELECT petition_no, pending, verified, quarantined_pending, quarantined_verified, invalidated, withdrawn, email
      FROM petition_tallies`,
    `SELECT petition_no, count(*) FILTER (WHERE state = 'pending' AND hold IS NULL), count(*) FILTER (WHERE ${COUNTED}),
      count(*) FILTER (WHERE state = 'pending' AND hold IS NOT NULL),
      count(*) FILTER (WHERE state = 'verified' AND hold IS NOT NULL), count(*) FILTER (WHERE state = 'invalidated'),
      count(*) FILTER (WHERE state = 'withdrawn'), count(*) FILTER (WHERE ${COUNTED} AND assurance = 'email')
      FROM signatures GROUP BY petition_no`,
  ],
  ["SELECT petition_no, key, value FROM petition_tallies, json_each(locales) WHERE value <> 0", recountBy("locale")],
  [
    "SELECT petition_no, CAST(key AS INTEGER), value FROM petition_tallies, json_each(verify_steps) WHERE value <> 0",
    recountBy("verify_step"),
  ],
  ["SELECT petition_no, area_code, verified FROM area_tallies WHERE verified <> 0", recountBy("area_code")],
  ["SELECT petition_no, channel, verified FROM channel_tallies WHERE verified <> 0", recountBy("channel")],
  ["SELECT petition_no, hour, verified FROM hour_tallies WHERE verified <> 0", recountBy("verified_hour")],
];

function recountBy(column: string): string {
  return `SELECT petition_no, ${column}, count(*) FROM signatures WHERE ${COUNTED} AND ${column} IS NOT NULL GROUP BY 1, 2`;
}

/** Counts the signatures of all petitions again; throws when a tally says something else. Every petition needs one. */
export async function assertTalliesAgree(d1: D1Database): Promise<void> {
  const differences = TALLIES.flatMap(([tallied, recount]) => [
    d1.prepare(`${tallied} EXCEPT ${recount}`),
    d1.prepare(`${recount} EXCEPT ${tallied}`),
  ]);
  const results = await d1.batch(differences);
  const found = results.flatMap((result) => result.results);
  if (found.length > 0) throw new Error(`tallies differ from the rows they count: ${JSON.stringify(found)}`);
}
