import { type Database, DatabaseFailure, type Statement } from "../db/database.ts";
import { Problem } from "../http/problems.ts";
import type { Bytes } from "../lib/bytes.ts";
import { newUuid, petitionNo, publicId } from "../lib/ids.ts";
import { describeError, log } from "../lib/log.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import { PetitionSecret } from "./petition-secret.ts";
import { insertPetition, insertPetitionTopics } from "./petitions.store.ts";

/** The text of a new petition, parsed. */
export interface NewPetitionText {
  readonly title: string;
  readonly background: string;
  readonly details?: string | undefined;
  readonly area?: string | undefined;
  readonly topics?: readonly string[] | undefined;
}

/** The creator's own signature, not yet written: statements to join the petition's batch, and whose it is. */
export interface CreatorSignature {
  readonly statements: readonly Statement[];
  readonly emailHash: Bytes;
  readonly personHash: number;
  /** The job of mail among the statements. */
  readonly jobId: string;
}

/** Makes the creator's signature for a petition with this UUID and secret. */
export type SignAsCreator = (petition: {
  id: string;
  secret: PetitionSecret;
  now: number;
}) => Promise<CreatorSignature>;

/** A petition that has been let in, and its creator. */
interface Submitted {
  readonly text: NewPetitionText;
  readonly locale: string;
  readonly signAsCreator: SignAsCreator;
}

export interface SubmitPetitionDeps {
  readonly db: Database;
  readonly keys: RootKeys;
  readonly clock: () => number;
  /** Supporters that the petition needs, and how many it may have before it opens: as they are set now. */
  readonly supporters: { readonly needed: number; readonly max: number };
  readonly ring: (jobIds: readonly string[]) => Promise<void>;
}

// A petition's number is 32 random bits: among 10,000 petitions one in 430,000 is taken already.
const TRIES = 3;

const RETRY_AFTER_SECONDS = 10;

/**
 * Records a petition as a draft, with its creator's pending signature and the mail to verify it, in one transaction.
 * Raises `unavailable` when the database does not take it.
 */
export async function submitPetition(
  deps: SubmitPetitionDeps,
  submitted: Submitted,
): Promise<{ id: string; state: "draft" }> {
  for (let attempt = 1; ; attempt++) {
    const id = newUuid();
    try {
      await record(deps, id, submitted);
      return { id: publicId("pet", id), state: "draft" };
    } catch (error) {
      log("petition_not_recorded", { ...describeError(error), attempt });
      // A number that is taken is a refusal; a database that is out of order is not asked again and again.
      if (attempt < TRIES && error instanceof DatabaseFailure && error.refused) continue;
      throw new Problem("unavailable", { headers: { "Retry-After": String(RETRY_AFTER_SECONDS) } });
    }
  }
}

async function record(deps: SubmitPetitionDeps, id: string, { text, locale, signAsCreator }: Submitted): Promise<void> {
  const { db } = deps;
  const now = deps.clock();
  const no = petitionNo(id);
  const { secret, wrapped } = await PetitionSecret.create(deps.keys, id);
  const creator = await signAsCreator({ id, secret, now });
  await db.batch([
    insertPetition(db, {
      no,
      id,
      title: text.title,
      background: text.background,
      details: text.details ?? "",
      locale,
      areaCode: text.area,
      createdAt: now,
      supportersNeeded: deps.supporters.needed,
      supportersMax: deps.supporters.max,
      secret: wrapped,
      creatorEmailHash: creator.emailHash,
      creatorPersonHash: creator.personHash,
    }),
    insertPetitionTopics(db, no, [...new Set(text.topics ?? [])]),
    ...creator.statements,
  ]);
  await deps.ring([creator.jobId]).catch((error) => log("doorbell_failed", describeError(error)));
}
