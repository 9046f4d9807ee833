import * as v from "valibot";
import type { Database } from "../db/database.ts";
import type { Bytes } from "../lib/bytes.ts";
import { petitionNo } from "../lib/ids.ts";
import type { PetitionDirectory } from "../petitions/petition-directory.ts";
import { openerOf } from "./petition-opener.ts";
import { referenceContext } from "./sent-by-partner.ts";
import { TestData, testContext } from "./test-submission.ts";

/**
 * A partner's own id of a submission in clear; null when the petition's secret is destroyed, or no ROOT_KEY opens it.
 * `petition`: a UUID; `submission`: 32 hexadecimal digits; `test`: it was sent with a test key, and `sealed` is all of it.
 */
export async function openReference(
  { petitions, db }: { readonly petitions: PetitionDirectory; readonly db: Database },
  { petition, submission, sealed, test }: { petition: string; submission: string; sealed: Bytes; test?: boolean },
): Promise<string | null> {
  const opener = await openerOf(petitions, db, petitionNo(petition));
  if (opener === "erased" || opener === "unreadable") return null;
  if (test) {
    const data = v.safeParse(TestData, await opener.open(sealed, testContext(submission)));
    return (data.success && data.output.reference) || null;
  }
  const reference = await opener.open(sealed, referenceContext(submission));
  return typeof reference === "string" ? reference : null;
}
