import { env } from "cloudflare:workers";
import { LOCAL_ROOT_KEY } from "../../src/config.ts";
import { fromBase64 } from "../../src/lib/bytes.ts";
import { newUuid, petitionNo, publicId } from "../../src/lib/ids.ts";
import { RootKeys } from "../../src/lib/root-keys.ts";
import { PetitionSecret } from "../../src/petitions/petition-secret.ts";

/** The keys that the Worker under test has. */
export const rootKeys = new RootKeys(fromBase64(LOCAL_ROOT_KEY) as NonNullable<ReturnType<typeof fromBase64>>);

const DAY = 86_400_000;

/** A town with two areas, known postcodes, two channels. */
export async function foundTown(): Promise<void> {
  await env.DB.batch([
    env.DB.prepare("INSERT OR IGNORE INTO areas VALUES ('north', 'North Ward', 1000), ('south', 'South Ward', 3000)"),
    env.DB.prepare("INSERT OR IGNORE INTO postcodes VALUES ('BW11AA', 'north'), ('BW12BB', 'south')"),
    env.DB.prepare(
      "INSERT OR IGNORE INTO channels (code, label) VALUES ('poster', 'Poster'), ('letter', 'Newsletter')",
    ),
    env.DB.prepare(`INSERT OR IGNORE INTO topics VALUES ('parks', '{"en":"Parks"}'), ('roads', '{"en":"Roads"}')`),
    env.DB.prepare(`INSERT OR IGNORE INTO departments VALUES ('works', '{"en":"Public works"}')`),
  ]);
}

/** A petition of a test's own, open for ten days, and for a month to come; `columns` override. */
export async function openPetition(
  columns: Record<string, string | number | null> = {},
  keys = rootKeys,
): Promise<{ id: string; no: number; uuid: string }> {
  const uuid = newUuid();
  const no = petitionNo(uuid);
  const { wrapped } = await PetitionSecret.create(keys, uuid);
  const now = Date.now();
  const row: Record<string, unknown> = {
    no,
    id: uuid,
    state: "open",
    title: "Benches for the market square",
    background: "There is nowhere to sit.",
    locale: "en",
    created_at: now - 11 * DAY,
    opens_at: now - 10 * DAY,
    closes_at: now + 30 * DAY,
    secret: wrapped,
    ...columns,
  };
  const names = Object.keys(row);
  await env.DB.prepare(`INSERT INTO petitions (${names}) VALUES (${names.map(() => "?")})`)
    .bind(...Object.values(row))
    .run();
  return { id: publicId("pet", uuid), no, uuid };
}
