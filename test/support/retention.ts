import { env } from "cloudflare:workers";
import { openDatabase } from "../../src/db/database.ts";
import { erasePetitions, planErasures } from "../../src/privacy/retention/erase-petitions.ts";
import { expireAddresses } from "../../src/privacy/retention/expire-addresses.ts";
import type { RetentionPolicy } from "../../src/privacy/retention/retention.ts";

export const DAY_MS = 86_400_000;

/** The settings that the Worker under test has. */
export const policy: RetentionPolicy = {
  unverifiedDays: 14,
  addressDays: 30,
  retentionMonths: 6,
  timeZone: "Europe/London",
};

/** What a petition's row about retention says. */
export const retentionRow = (no: number) =>
  env.DB.prepare("SELECT * FROM retention WHERE petition_no = ?")
    .bind(no)
    .first<Record<string, number | string | null>>();

/** Ends a petition at a moment as if it had been so since. */
export const endAt = (no: number, at: number) =>
  env.DB.batch([
    env.DB.prepare(
      "UPDATE petitions SET state = 'closed', opens_at = min(opens_at, ?1 - 1), closes_at = ?1, ended_at = ?1 WHERE no = ?2",
    ).bind(at, no),
    env.DB.prepare(
      "UPDATE retention SET over_since = ?1, erase_at = NULL, erase_plan = NULL WHERE petition_no = ?2",
    ).bind(...[at, no]),
  ]);

/** Holds a petition's data until a moment. */
export const hold = (no: number, until = Date.now() + DAY_MS) =>
  env.DB.prepare("INSERT OR REPLACE INTO retention_holds VALUES (?, 'Court file', ?, 'local', 1)")
    .bind(no, until)
    .run();

type At = { db?: D1Database; slice?: number; most?: number; later?: number };

const depsOf = ({ db = env.DB, later = 0, ...sizes }: At) => ({
  ...{ db: openDatabase(db).db, clock: () => Date.now() + later, policy },
  ...sizes,
});

/** A run of the job that expires addresses, for the petitions named at once: all others wait. */
export async function expire(nos: readonly number[], at: At = {}): Promise<void> {
  await env.DB.batch([
    env.DB.prepare("UPDATE retention SET look_at = 9e15 WHERE look_at IS NOT NULL"),
    env.DB.prepare(
      "UPDATE retention SET look_at = 0, retry_at = 0 WHERE look_at IS NOT NULL AND petition_no IN (SELECT value FROM json_each(?))",
    ).bind(JSON.stringify(nos)),
  ]);
  await expireAddresses(depsOf(at));
}

/**
 * Runs of the job that erases petitions, an hour apart, until nothing is left to do; the last of them is given. `runs`: at
 * most so many.
 */
export async function erase({ runs = 6, ...at }: At & { runs?: number } = {}): Promise<void> {
  await planErasures(depsOf(at));
  for (let run = 0; run < runs; run++)
    await erasePetitions(depsOf({ ...at, later: (at.later ?? 0) + run * 3_600_000 }));
}
