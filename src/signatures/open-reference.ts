import type { Database } from "../db/database.ts";
import type { Bytes } from "../lib/bytes.ts";
import { petitionNo } from "../lib/ids.ts";
import type { PetitionDirectory } from "../petitions/petition-directory.ts";
import { openerOf } from "./petition-opener.ts";
import { referenceContext } from "./sent-by-partner.ts";

/**
 * A partner's own id of a submission in clear; null when the petition's secret is destroyed, or no ROOT_KEY opens it.
 * `petition`: a UUID; `submission`: 32 hexadecimal digits.
 */
export async function openReference(
  { petitions, db }: { readonly petitions: PetitionDirectory; readonly db: Database },
  { petition, submission, sealed }: { petition: string; submission: string; sealed: Bytes },
): Promise<string | null> {
  const opener = await openerOf(petitions, db, petitionNo(petition));
  if (opener === "erased" || opener === "unreadable") return null;
  const reference = await opener.open(sealed, referenceContext(submission));
  return typeof reference === "string" ? reference : null;
}
