import { inTime } from "../lib/in-time.ts";
import { describeError, log } from "../lib/log.ts";
import type { RecordOutcome } from "./record-submissions.ts";
import type { IntakeMessage } from "./submission.ts";
import { QUEUE_MS } from "./submit-signature.ts";

export interface EnqueueBatchDeps {
  /** Puts messages into the INTAKE queue, at most 100 and 256 KB of them. */
  readonly enqueueAll: (messages: readonly IntakeMessage[]) => Promise<unknown>;
  /** Records at most 100 messages without the queue. */
  readonly recordBatch: (messages: readonly IntakeMessage[]) => Promise<RecordOutcome[]>;
}

// The queue takes 256 KB at once, and counts some 100 bytes of its own for each message.
const PART_BYTES = 200 * 1024;
const OWN_BYTES = 100;

/**
 * Puts at most 100 messages into the INTAKE queue, in parts that it takes; a part that it refuses is recorded directly.
 * Says of each message, in step, whether it was taken.
 */
export async function enqueueBatch(deps: EnqueueBatchDeps, messages: readonly IntakeMessage[]): Promise<boolean[]> {
  const taken = await Promise.all(partsOf(messages).map((part) => enqueuePart(deps, part)));
  return taken.flat();
}

async function enqueuePart(deps: EnqueueBatchDeps, part: readonly IntakeMessage[]): Promise<boolean[]> {
  try {
    await inTime(deps.enqueueAll(part), QUEUE_MS);
    return part.map(() => true);
  } catch (refused) {
    log("intake_queue_refused", describeError(refused));
  }
  try {
    return (await deps.recordBatch(part)).map((outcome) => outcome === "done");
  } catch (error) {
    log("intake_not_recorded", { ...describeError(error), rows: part.length });
    return part.map(() => false);
  }
}

function partsOf(messages: readonly IntakeMessage[]): IntakeMessage[][] {
  const parts: IntakeMessage[][] = [];
  let room = 0;
  for (const message of messages) {
    const size = JSON.stringify(message).length + OWN_BYTES;
    if (size > room) {
      parts.push([]);
      room = PART_BYTES;
    }
    parts.at(-1)?.push(message);
    room -= size;
  }
  return parts;
}
