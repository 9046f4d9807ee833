import * as v from "valibot";
import type { Database } from "../db/database.ts";
import { parseEmailAddress } from "../lib/email-address.ts";
import type { CreatorKey } from "../petitions/moderation/read-for-staff.ts";
import type { PetitionDirectory } from "../petitions/petition-directory.ts";
import { sealContext } from "./signature.ts";
import { signatureForMail } from "./signatures.store.ts";

const Sealed = v.object({ name: v.string(), email: v.string() });

/** A petition's creator, as their signature says. */
export interface CreatorData {
  readonly name: string;
  /** As typed. */
  readonly email: string;
  /** Canonical address. */
  readonly recipient: string;
  readonly locale: string;
}

/** Opens what a petition's creator said of themselves; null when it has no creator, or the data is gone. One row read. */
export async function creatorOf(
  { db, petitions }: { readonly db: Database; readonly petitions: PetitionDirectory },
  petition: CreatorKey,
): Promise<CreatorData | null> {
  const { no, creatorEmailHash: emailHash, creatorPersonHash: personHash } = petition;
  if (!emailHash || personHash === null) return null;
  const key = { petitionNo: no, emailHash, personHash };
  const [[row]] = await db.batch([signatureForMail(db, key)]);
  const secret = row?.sealed ? await petitions.secret(petition) : null;
  const data = v.safeParse(Sealed, row?.sealed && (await secret?.open(row.sealed, sealContext(key))));
  const address = data.success ? parseEmailAddress(data.output.email) : null;
  if (!row || !data.success || !address) return null;
  return { name: data.output.name, email: address.typed, recipient: address.canonical, locale: row.locale };
}
