import { LOCAL_ROOT_KEY } from "../src/config.ts";
import { fromBase64, fromHex, toHex } from "../src/lib/bytes.ts";
import { newUuid, petitionNo, publicId } from "../src/lib/ids.ts";
import { RootKeys } from "../src/lib/root-keys.ts";
import { PetitionSecret } from "../src/petitions/petition-secret.ts";
import { sealContext } from "../src/signatures/signature.ts";
import { type IntakeMessage, sealSubmission } from "../src/signatures/submission.ts";
import { verificationToken } from "../src/signatures/verify-signature.ts";

const DAY = 86_400_000;
const CHUNK = 10_000;

const keys = new RootKeys(fromBase64(LOCAL_ROOT_KEY) ?? new Uint8Array());

export interface BenchPetition {
  readonly id: string;
  readonly uuid: string;
  readonly no: number;
}

/** An open petition with so many verified signatures, written straight into the table: the triggers count them. */
export async function petitionWith(db: D1Database, signatures: number): Promise<BenchPetition> {
  const uuid = newUuid();
  const no = petitionNo(uuid);
  const { wrapped } = await PetitionSecret.create(keys, uuid);
  const now = Date.now();
  await db
    .prepare(
      `INSERT INTO petitions (no, id, state, title, background, locale, created_at, opens_at, closes_at, secret)
       VALUES (?, ?, 'open', 'A petition to measure by', 'It has many signatures.', 'en', ?, ?, ?, ?)`,
    )
    .bind(no, uuid, now - DAY, now - DAY, now + 30 * DAY, wrapped)
    .run();
  for (let done = 0; done < signatures; done += CHUNK) {
    await db
      .prepare(
        `INSERT INTO signatures (petition_no, email_hash, person_hash, submission, state, locale, sealed, accepted_at,
           verified_at, verified_hour)
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
         SELECT ?1, randomblob(8), i, randomblob(16), 'verified', 'en', randomblob(120), i, i, '2026-01-01T12' FROM n`,
      )
      .bind(no, Math.min(CHUNK, signatures - done))
      .run();
  }
  return { id: publicId("pet", uuid), uuid, no };
}

/** Pending signatures of a petition, and the tokens that verify them. */
export async function pendingTokens(db: D1Database, { no }: BenchPetition, count: number): Promise<string[]> {
  const hashes = Array.from({ length: count }, () => crypto.getRandomValues(new Uint8Array(8)));
  for (let at = 0; at < count; at += 500) {
    await db
      .prepare(
        `INSERT INTO signatures (petition_no, email_hash, person_hash, submission, state, locale, area_code, channel,
           sealed, accepted_at)
         SELECT ?, unhex(value), 1, randomblob(16), 'pending', 'en', 'north', 'poster', randomblob(120), 1 FROM json_each(?)`,
      )
      .bind(no, JSON.stringify(hashes.slice(at, at + 500).map(toHex)))
      .run();
  }
  return Promise.all(
    hashes.map((emailHash) =>
      verificationToken(
        keys,
        { petitionNo: no, emailHash, personHash: 1 },
        { recipient: new Uint8Array(16), mailedAt: 1 },
      ),
    ),
  );
}

/** Verified signatures of a petition whose sealed data opens. */
export async function sealedSignatures(db: D1Database, { uuid, no }: BenchPetition, count: number): Promise<void> {
  const row = await db.prepare("SELECT hex(secret) AS hex FROM petitions WHERE no = ?").bind(no).first<string>("hex");
  const secret = await PetitionSecret.unwrap(keys, uuid, fromHex(row ?? ""));
  if (!secret) throw new Error("the petition's secret does not open");
  const sealed = async (person: number) => {
    const emailHash = await secret.emailHash(String(person));
    const data = { name: "Mara Quill-Anchorby", email: `mara.quill.${person}@example.org`, postcode: "BW1 1AA" };
    const bytes = await secret.seal(data, sealContext({ petitionNo: no, emailHash, personHash: person }));
    return [toHex(emailHash), person, toHex(bytes)];
  };
  for (let at = 0; at < count; at += 2_000) {
    const persons = Array.from({ length: Math.min(2_000, count - at) }, (_, n) => at + n + 1);
    await db
      .prepare(
        `INSERT INTO signatures (petition_no, email_hash, person_hash, submission, state, locale, area_code, channel,
           sealed, accepted_at, verified_at, verified_hour)
         SELECT ?, unhex(value ->> 0), value ->> 1, randomblob(16), 'verified', 'en', 'north', 'poster',
           unhex(value ->> 2), 1764000000000, 1764000060000, '2026-01-01T12' FROM json_each(?)`,
      )
      .bind(no, JSON.stringify(await Promise.all(persons.map(sealed))))
      .run();
  }
}

/** Messages as the INTAKE queue holds them, each of another person. */
export const sealedSubmissions = (petition: BenchPetition, count: number): Promise<IntakeMessage[]> =>
  Promise.all(
    Array.from({ length: count }, () =>
      sealSubmission(keys, {
        submission_id: newUuid(),
        petition_id: petition.uuid,
        accepted_at: Date.now(),
        hold: null,
        data: {
          name: "Mara Quill",
          email: `${crypto.randomUUID()}@example.org`,
          updates: false,
          locale: "en",
          address: "203.0.113.7",
          network: "203.0.113.0/24",
        },
      }),
    ),
  );
