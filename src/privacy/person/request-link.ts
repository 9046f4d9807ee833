import type { Database } from "../../db/database.ts";
import { fromHex, toHex, utf8 } from "../../lib/bytes.ts";
import type { EmailAddress } from "../../lib/email-address.ts";
import { hexUuid, petitionNo } from "../../lib/ids.ts";
import type { PetitionDirectory } from "../../petitions/petition-directory.ts";
import { insertOnce } from "./person.store.ts";

/** A purpose of a job in the outbox: send a mailbox the links to what is held about it in a petition. */
export const PERSON_LINKS = "person_links";

export interface RequestDeps {
  readonly db: Database;
  readonly clock: () => number;
  readonly petitions: PetitionDirectory;
  readonly ring: (jobIds: readonly string[]) => Promise<void>;
  /** A text as a keyed hash of 16 bytes in base64url. */
  readonly recipientHash: (text: string) => Promise<string>;
}

const HOUR_MS = 60 * 60_000;

/**
 * Asks for a mail with the links to what is held about a mailbox in a petition (a UUID). Whether anything is held is for
 * the job to find out: what is done here is the same for every address, and for every petition, shown, hidden or none.
 * Once an hour for each mailbox and petition; mails that a stranger can cause have their own limits besides.
 */
export async function requestLink(
  deps: RequestDeps,
  { petitionId, email }: { petitionId: string; email: EmailAddress },
): Promise<void> {
  const { db, petitions } = deps;
  const no = petitionNo(petitionId);
  // Anew each time: what an isolate remembers would tell by its speed which petitions there are.
  const facts = await petitions.factsNow(db, no);
  const secret = facts?.id === petitionId ? await petitions.secret(facts) : null;
  const nobody = utf8(await deps.recipientHash(`${petitionId} ${email.canonical}`)).slice(0, 8);
  const mailbox = secret ? await secret.emailHash(email.canonical) : nobody;
  const item = `${no.toString(16).padStart(8, "0")}:${toHex(mailbox)}`;
  const now = deps.clock();
  const id = await jobId(item, now);
  await db.batch([insertOnce(db, { id, kind: PERSON_LINKS, item, now })]);
  await deps.ring([id]).catch(() => undefined);
}

/** The mailbox within an item of such a job. */
export const mailboxIn = (item: string) => ({
  petitionNo: Number.parseInt(item.slice(0, 8), 16),
  emailHash: fromHex(item.slice(9)),
});

/** The same for the same item within an hour. A UUIDv7 of the hour's beginning: jobs are read in the order of their ids. */
async function jobId(item: string, now: number): Promise<string> {
  const hour = (Math.floor(now / HOUR_MS) * HOUR_MS).toString(16).padStart(12, "0");
  const noise = toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(item)), 0, 9));
  return hexUuid(`${hour}7${noise.slice(0, 3)}8${noise.slice(3, 18)}`);
}
