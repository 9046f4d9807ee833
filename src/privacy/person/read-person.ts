import * as v from "valibot";
import type { Database } from "../../db/database.ts";
import type { signatures } from "../../db/schema.ts";
import { Problem } from "../../http/problems.ts";
import { type Bytes, toHex } from "../../lib/bytes.ts";
import { publicId } from "../../lib/ids.ts";
import type { RootKeys } from "../../lib/root-keys.ts";
import type { PetitionDirectory, PetitionFacts } from "../../petitions/petition-directory.ts";
import type { PetitionSecret } from "../../petitions/petition-secret.ts";
import { openReference } from "../../signatures/open-reference.ts";
import { readPersonToken } from "../../signatures/person-token.ts";
import { type SignatureKey, type SignerData, sealContext } from "../../signatures/signature.ts";
import type { RetentionPolicy } from "../retention/retention.ts";
import { partnerFacts, personRow } from "./person.store.ts";
import { keptUntil, type PersonData, personSignature } from "./person.ts";

export interface PersonDeps {
  readonly db: Database;
  readonly keys: RootKeys;
  readonly petitions: PetitionDirectory;
  readonly retention: RetentionPolicy;
}

/** Whose data a token opens: the petition, and the row with the data opened where there is any. */
export interface Person {
  readonly key: SignatureKey;
  readonly petition: PetitionFacts;
  readonly held: {
    readonly row: typeof signatures.$inferSelect & { readonly sealed: Bytes };
    readonly signer: SignerData;
    readonly secret: PetitionSecret;
  } | null;
}

const Sealed = v.object({ name: v.string(), email: v.string(), postcode: v.optional(v.string()) });

/**
 * The person of a token; `held` is null when nothing personal is held any more, or never was. Raises `token_invalid`,
 * `signature_gone` when the petition is gone too, and `unavailable` when what is stored does not open.
 */
export async function personOf({ db, keys, petitions }: PersonDeps, token: string): Promise<Person> {
  const key = await readPersonToken(keys, token);
  const [petition, [[row]]] = await Promise.all([petitions.facts(db, key.petitionNo), db.batch([personRow(db, key)])]);
  if (!petition) throw new Problem("signature_gone");
  const secret = row?.sealed ? await petitions.secret(petition) : null;
  if (!row?.sealed || !secret) return { key, petition, held: null };
  const signer = v.safeParse(Sealed, await secret.open(row.sealed, sealContext(key)));
  if (!signer.success) throw new Problem("unavailable", { headers: { "Retry-After": "60" } });
  return { key, petition, held: { row: { ...row, sealed: row.sealed }, signer: signer.output, secret } };
}

/** What is held about the person of a token, as they read it. Raises as `personOf` does. */
export async function readPerson(deps: PersonDeps, token: string): Promise<PersonData> {
  const { petition, held } = await personOf(deps, token);
  return {
    petition_id: publicId("pet", petition.id),
    petition_title: petition.state === "hidden" ? null : petition.title,
    signature:
      held &&
      personSignature(held.row, held.signer, {
        keptUntil: keptUntil(held.row, petition, deps.retention),
        ...(await throughPartner(deps, petition, held.row)),
      }),
  };
}

/** What is held of a submission that came through a partner. */
async function throughPartner(
  deps: PersonDeps,
  petition: PetitionFacts,
  { partner, submission }: { partner: string | null; submission: Bytes },
): Promise<{ reference: string | null; consent: number | null }> {
  const [[facts]] = partner === null ? [[]] : await deps.db.batch([partnerFacts(deps.db, { partner, submission })]);
  const of = { petition: petition.id, submission: toHex(submission) };
  const sealed = facts?.reference ?? null;
  const reference = sealed === null ? null : await openReference(deps, { ...of, sealed });
  return { reference, consent: facts?.consent ?? null };
}
