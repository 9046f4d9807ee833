import { recordAct } from "../../access/audit.ts";
import { Problem } from "../../http/problems.ts";
import { sameBytes } from "../../lib/bytes.ts";
import { parseEmailAddress } from "../../lib/email-address.ts";
import { publicId } from "../../lib/ids.ts";
import { hasName, nameHex, sealContext, signatureId } from "../../signatures/signature.ts";
import { HAS_CHANGED, writeName } from "./person.store.ts";
import { type Person, type PersonDeps, personOf } from "./read-person.ts";

/** Names that one signature may be corrected to, so that nobody keeps many. */
const MOST_NAMES = 5;

// Who was outrun, by another correction or a new submission, reads again.
const TRIES = 3;

/**
 * Corrects the name of a signature, with its entry in the audit log. The key stays, and with it the count, the state and
 * every link; whoever signs at the mailbox under the new name, or under an earlier one, is the same person from then on.
 * Raises `token_invalid`, `signature_gone` when nothing is held, `name_taken` when another signature of the mailbox has
 * the name, and `name_fixed` after `MOST_NAMES` corrections. `name`: parsed.
 * @returns the petition's public id
 */
export async function correctName(
  deps: PersonDeps & { readonly clock: () => number },
  token: string,
  name: string,
): Promise<string> {
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const person = await personOf(deps, token);
    if (await write(deps, person, name)) return publicId("pet", person.petition.id);
    const now = await personOf(deps, token);
    if (!now.held) throw new Problem("signature_gone");
    // Nothing has changed meanwhile: the database has refused the name.
    if (person.held && sameBytes(now.held.row.sealed, person.held.row.sealed)) throw new Problem("name_taken");
  }
  throw new Problem("unavailable", { headers: { "Retry-After": "1" } });
}

async function write(
  { db, clock }: PersonDeps & { readonly clock: () => number },
  { key, petition, held }: Person,
  name: string,
): Promise<boolean> {
  if (!held) throw new Problem("signature_gone");
  const { row, signer, secret } = held;
  if (name === signer.name) return true;
  const canonical = parseEmailAddress(signer.email)?.canonical ?? signer.email;
  const hash = await secret.personHash(canonical, name);
  const known = hash === key.personHash || hasName(row.otherNames, hash);
  if (!known && (row.otherNames?.split(" ").length ?? 0) >= MOST_NAMES) throw new Problem("name_fixed");
  const otherNames = known ? row.otherNames : [row.otherNames, nameHex(hash)].filter(Boolean).join(" ");
  const sealed = await secret.seal({ ...signer, name }, sealContext(key));
  const entry = recordAct(
    db,
    {
      actor: "signer",
      act: "signature.correct_name",
      subject: publicId("pet", petition.id),
      before: { signature: signatureId(key) },
      at: clock(),
    },
    HAS_CHANGED,
  );
  const [written] = await db.batch([writeName(db, key, { read: row.sealed, sealed, otherNames }), entry]);
  return written.meta.changes > 0;
}
