import type { Database } from "../db/database.ts";
import type { Client } from "../http/client.ts";
import { Problem } from "../http/problems.ts";
import { newUuid, publicId } from "../lib/ids.ts";
import { inTime } from "../lib/in-time.ts";
import { log } from "../lib/log.ts";
import type { RootKeys } from "../lib/root-keys.ts";
import type { SubmissionHold } from "../limits/admit.ts";
import type { PetitionDirectory } from "../petitions/petition-directory.ts";
import { readPetitionToken } from "../petitions/petition-token.ts";
import type { NewSubmission } from "./signatures.schema.ts";
import { type IntakeMessage, type SubmittedData, sealSubmission } from "./submission.ts";

export interface SubmitDeps {
  readonly db: Database;
  readonly keys: RootKeys;
  readonly clock: () => number;
  readonly petitions: PetitionDirectory;
  /** Puts a message into the INTAKE queue. */
  readonly enqueue: (message: IntakeMessage) => Promise<unknown>;
  /** Records a message without the queue. */
  readonly record: (message: IntakeMessage) => Promise<void>;
}

// The queue and the database failed: by then a client has its data still, and both come back within seconds as a rule.
const RETRY_AFTER_SECONDS = 10;

// A queue that hangs has refused. Should it take the message after all, the consumer finds it recorded.
const QUEUE_MS = 2_000;

/**
 * Accepts a submission: gate, seal, queue. The answer is the same for a new, repeated, held or blocked one.
 * `hold`: why the signature waits for review, if it does. `via`: the partner who sent it.
 * Raises `token_invalid` for a supporter token that is not this petition's, `not_found`, `petition_not_open`,
 * `supporters_full`, and `unavailable` when neither queue nor database takes it.
 */
export async function submitSignature(
  deps: SubmitDeps,
  submission: {
    petitionId: string;
    locale: string;
    input: NewSubmission;
    client: Client;
    hold: SubmissionHold | null;
    via?: SubmittedData["via"];
  },
): Promise<{ submission_id: string; status: "pending" }> {
  const { petitionId, input, client } = submission;
  const supporter = await provesSupporter(deps.keys, petitionId, input.supporter_token);
  const gate = await deps.petitions.gate(deps.db, petitionId, supporter);
  if (gate === "absent") throw new Problem("not_found");
  if (gate === "not_open") throw new Problem("petition_not_open");
  if (gate === "full") throw new Problem("supporters_full");

  const id = newUuid();
  const message = await sealSubmission(deps.keys, {
    submission_id: id,
    petition_id: petitionId,
    accepted_at: deps.clock(),
    hold: submission.hold,
    supporter,
    data: {
      name: input.name,
      email: input.email.typed,
      postcode: input.postcode,
      country: input.country,
      updates: input.updates,
      channel: input.channel,
      locale: submission.locale,
      notices: input.notices,
      via: submission.via,
      address: client.address?.address,
      network: client.address?.network,
      asn: client.asn,
    },
  });
  await inTime(deps.enqueue(message), QUEUE_MS).catch(async () => {
    log("intake_queue_refused", {});
    await deps.record(message).catch(() => {
      throw new Problem("unavailable", { headers: { "Retry-After": String(RETRY_AFTER_SECONDS) } });
    });
  });
  return { submission_id: publicId("sub", id), status: "pending" };
}

/** Whether a token was given, and is this petition's. A wrong one reads the same for every petition, without D1. */
async function provesSupporter(keys: RootKeys, petitionId: string, token: string | undefined): Promise<boolean> {
  if (token === undefined) return false;
  if ((await readPetitionToken(keys, "supporter", token)) !== petitionId) throw new Problem("token_invalid");
  return true;
}
