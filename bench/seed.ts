import { assertTalliesAgree } from "../scripts/demo/recount.ts";
import type { BenchPetition } from "./town.ts";

// A statement of so many rows stays within what a call to D1 may take, on a slow machine too.
const CHUNK = 10_000;

const AREAS = 20;
const CHANNELS = 8;
// Three weeks in which the hours of the day are not equal would change no figure: these are.
const HOURS = 500;

/** A postcode of one of the areas, and a channel, that people may name: `n` turns through them. */
export const postcodeOf = (n: number): string => `BW${1 + (n % AREAS)} 1AA`;
export const channelOf = (n: number): string => `channel-${1 + (n % CHANNELS)}`;

/** Areas with a postcode each, and channels, so that counts have names. */
export async function seedReference(db: D1Database): Promise<void> {
  const many = (count: number) => JSON.stringify(Array.from({ length: count }, (_, n) => n + 1));
  await db.batch([
    db
      .prepare(
        "INSERT INTO areas (code, name, population) SELECT 'ward-' || value, 'Ward ' || value, 5000 FROM json_each(?)",
      )
      .bind(many(AREAS)),
    db
      .prepare(
        "INSERT INTO postcodes (postcode, area_code) SELECT 'BW' || value || '1AA', 'ward-' || value FROM json_each(?)",
      )
      .bind(many(AREAS)),
    db
      .prepare("INSERT INTO channels (code, label) SELECT 'channel-' || value, 'Channel ' || value FROM json_each(?)")
      .bind(many(CHANNELS)),
  ]);
}

/**
 * Writes verified signatures straight into the table, spread evenly over petitions: as wide as real ones, of people who
 * are nobody. The triggers are the ones that count real signatures, so every tally is right when a statement is done;
 * `checkTallies` counts again. Gives the seconds that it took.
 */
export async function seedSignatures(
  db: D1Database,
  petitions: readonly BenchPetition[],
  total: number,
  progress: (done: number) => void = () => undefined,
): Promise<number> {
  const begun = performance.now();
  const insert = db.prepare(
    `INSERT INTO signatures (petition_no, email_hash, person_hash, submission, state, locale, area_code, channel,
       postcode_hash, address_hash, network_hash, domain_hash, sealed, accepted_at, verified_at, verified_hour)
     WITH RECURSIVE n (i) AS (SELECT CAST(?2 AS INTEGER) UNION ALL SELECT i + 1 FROM n WHERE i < ?3)
     SELECT ?1 ->> CAST(i % ?4 AS INTEGER), randomblob(8), 1, randomblob(16), 'verified', 'en',
       'ward-' || (1 + i % ${AREAS}), 'channel-' || (1 + i % ${CHANNELS}), randomblob(8), randomblob(8), randomblob(8),
       randomblob(8), randomblob(150), 1764000000000 + i, 1764000060000 + i,
       strftime('%Y-%m-%dT%H', 1764000000 + 3600 * (i % ${HOURS}), 'unixepoch') FROM n`,
  );
  const numbers = JSON.stringify(petitions.map(({ no }) => no));
  for (let done = 0; done < total; done += CHUNK) {
    const last = Math.min(done + CHUNK, total);
    await insert.bind(numbers, done + 1, last, petitions.length).run();
    progress(last);
  }
  return (performance.now() - begun) / 1000;
}

/** Counts all signatures again, and throws when a tally says something else. */
export const checkTallies = (db: D1Database): Promise<void> => assertTalliesAgree(db);

/** Bytes of the whole database. */
export async function databaseBytes(db: D1Database): Promise<number> {
  const { meta } = await db.prepare("SELECT 1").run();
  return meta.size_after;
}
