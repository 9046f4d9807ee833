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
export const QUEUE_MS = 2_000;

/** Somebody's signature that has been let in. */
export interface Accepted {
  readonly petitionId: string;
  readonly locale: string;
  readonly input: NewSubmission;
  readonly client: Client;
  /** Why the signature waits for review, if it does. */
  readonly hold: SubmissionHold | null;
  /** The partner who sent it. */
  readonly via?: SubmittedData["via"];
}

/** What a submission that comes again has in common with itself: its UUID, and when it first came. */
export interface SubmissionStamp {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly acceptedAt: number;
}

/**
 * Accepts a submission: gate, seal, queue. The answer is the same for a new, repeated, held or blocked one.
 * Raises what `passGate` raises, and `unavailable` when neither queue nor database takes it.
 */
export async function submitSignature(
  deps: SubmitDeps,
  accepted: Accepted,
  stamp: SubmissionStamp = { id: newUuid(), acceptedAt: deps.clock() },
): Promise<{ submission_id: string; status: "pending" }> {
  const { petitionId, input } = accepted;
  const supporter = await passGate(deps, { petitionId, token: input.supporter_token, at: stamp.acceptedAt });
  const message = await sealAccepted(deps, accepted, { ...stamp, supporter });
  await inTime(deps.enqueue(message), QUEUE_MS).catch(async () => {
    log("intake_queue_refused", {});
    await deps.record(message).catch(() => {
      throw notTaken();
    });
  });
  return { submission_id: publicId("sub", stamp.id), status: "pending" };
}

/** Neither the queue nor the database took a submission. */
export const notTaken = (): Problem =>
  new Problem("unavailable", { headers: { "Retry-After": String(RETRY_AFTER_SECONDS) } });

/**
 * Lets somebody sign a petition at a moment; says whether as a supporter. Raises `token_invalid` for a supporter token that
 * is not this petition's, `not_found`, `petition_not_open` and `supporters_full`.
 */
export async function passGate(
  deps: Pick<SubmitDeps, "db" | "keys" | "petitions">,
  { petitionId, token, at }: { petitionId: string; token: string | undefined; at: number },
): Promise<boolean> {
  const supporter = await provesSupporter(deps.keys, petitionId, token);
  const gate = await deps.petitions.gate(deps.db, petitionId, supporter, at);
  if (gate === "absent") throw new Problem("not_found");
  if (gate === "not_open") throw new Problem("petition_not_open");
  if (gate === "full") throw new Problem("supporters_full");
  return supporter;
}

/** The message of a submission that has passed the gate. */
export const sealAccepted = (
  { keys }: Pick<SubmitDeps, "keys">,
  { petitionId, locale, input, client, hold, via }: Accepted,
  { id, acceptedAt, supporter }: SubmissionStamp & { supporter: boolean },
): Promise<IntakeMessage> =>
  sealSubmission(keys, {
    submission_id: id,
    petition_id: petitionId,
    accepted_at: acceptedAt,
    hold,
    supporter,
    data: {
      name: input.name,
      email: input.email.typed,
      postcode: input.postcode,
      country: input.country,
      updates: input.updates,
      channel: input.channel,
      locale,
      notices: input.notices,
      via,
      address: client.address?.address,
      network: client.address?.network,
      asn: client.asn,
    },
  });

/** Whether a token was given, and is this petition's. A wrong one reads the same for every petition, without D1. */
async function provesSupporter(keys: RootKeys, petitionId: string, token: string | undefined): Promise<boolean> {
  if (token === undefined) return false;
  if ((await readPetitionToken(keys, "supporter", token)) !== petitionId) throw new Problem("token_invalid");
  return true;
}
