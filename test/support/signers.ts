import { env } from "cloudflare:workers";
import { type Bytes, fromHex, toHex } from "../../src/lib/bytes.ts";
import { PetitionSecret } from "../../src/petitions/petition-secret.ts";
import { type SignatureKey, type SignerData, sealContext, signatureId } from "../../src/signatures/signature.ts";
import { rootKeys } from "./town.ts";

/** A signature to be written straight into the table; the triggers count it. */
export interface Signer extends Partial<SignerData> {
  readonly state?: "pending" | "verified" | "withdrawn" | "invalidated";
  readonly hold?: string | null;
  /** Why staff took it out. */
  readonly reason?: string | null;
  readonly area?: string | null;
  readonly channel?: string | null;
  readonly acceptedAt?: number;
  /** Instead of the sealed data: null for erased data. */
  readonly sealed?: Bytes | null;
}

let people = 0;

/** Signatures with sealed data, at random places of the key; gives their ids in the order given. */
export async function signersOf(
  { no, uuid }: { no: number; uuid: string },
  signers: readonly Signer[],
): Promise<string[]> {
  const stored = await env.DB.prepare("SELECT hex(secret) AS hex FROM petitions WHERE no = ?")
    .bind(no)
    .first<string>("hex");
  const wrapped = fromHex(stored ?? "");
  const secret = (await PetitionSecret.unwrap(rootKeys, uuid, wrapped)) as PetitionSecret;
  const written = await Promise.all(signers.map((signer) => prepare(secret, no, signer)));
  for (let at = 0; at < written.length; at += 500) {
    const rows = written.slice(at, at + 500).map((each) => each.row);
    await env.DB.prepare(
      `INSERT INTO signatures (petition_no, email_hash, person_hash, submission, state, hold, locale, area_code, channel,
         sealed, accepted_at, verified_at, verified_hour, ended_at, invalidated_reason)
       SELECT ?, unhex(value ->> 0), value ->> 1, randomblob(16), value ->> 2, value ->> 3, 'en', value ->> 4, value ->> 5,
         unhex(value ->> 6), value ->> 7, value ->> 8, iif(value ->> 8 IS NULL, NULL, '2026-11-23T12'), value ->> 9, value ->> 10
       FROM json_each(?)`,
    )
      .bind(no, JSON.stringify(rows))
      .run();
  }
  return written.map(({ id }) => id);
}

async function prepare(secret: PetitionSecret, petitionNo: number, signer: Signer) {
  const nth = ++people;
  const email = signer.email ?? `signer.${nth}@example.org`;
  const emailHash = await secret.emailHash(`${nth}`);
  const key: SignatureKey = { petitionNo, emailHash, personHash: nth };
  const { state = "verified", hold = null, area = null, channel = null, acceptedAt = 1_764_000_000_000 + nth } = signer;
  const data = { name: signer.name ?? "Mara Quill", email, postcode: signer.postcode };
  const sealed = signer.sealed === undefined ? await secret.seal(data, sealContext(key)) : signer.sealed;
  const ended = state === "withdrawn" || state === "invalidated" ? acceptedAt + 2 : null;
  const verified = state === "verified" ? acceptedAt + 1 : null;
  const times = [acceptedAt, verified, ended];
  const row = [
    toHex(emailHash),
    nth,
    state,
    hold,
    area,
    channel,
    sealed && toHex(sealed),
    ...times,
    signer.reason ?? null,
  ];
  return { id: signatureId(key), row };
}
