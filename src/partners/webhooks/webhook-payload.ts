import type { Bytes } from "../../lib/bytes.ts";
import { hexUuid, publicId } from "../../lib/ids.ts";
import type { DueDelivery } from "./turns.store.ts";
import { type EventType, eventTypes } from "./webhook.ts";

const time = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

export interface PayloadDeps {
  /** The address of a petition's page, by its public id. */
  readonly petitionUrl: (id: string) => string;
  /**
   * A partner's own id of a submission in clear; null when it is erased. `petition`: a UUID; `submission`: 32 digits; `test`:
   * it was sent with a test key.
   */
  readonly openReference: (of: {
    petition: string;
    submission: string;
    sealed: Bytes;
    test: boolean;
  }) => Promise<string | null>;
}

/**
 * The body of a delivery: Standard Webhooks' `type`, `timestamp` and `data`, and the `sequence`. What an event refers to is
 * read when it is sent: what has been hidden or erased meanwhile is in no later body, also of a replay. Never personal data.
 */
export async function webhookBody(deps: PayloadDeps, delivery: DueDelivery): Promise<string> {
  const { type, sequence, at, test } = delivery;
  const example = EXAMPLE_DATA[eventTypes.find((known) => known === type) ?? "petition.opened"];
  return JSON.stringify({
    type,
    timestamp: time(at),
    sequence,
    ...(test ? { test: true } : {}),
    // What a test key sent is told of; an event that is only asked for has happened to nothing.
    data: test && delivery.subject === null ? example : await dataOf(deps, delivery),
  });
}

async function dataOf({ petitionUrl, openReference }: PayloadDeps, delivery: DueDelivery): Promise<unknown> {
  if (delivery.data !== null) return JSON.parse(delivery.data);
  const petition_id = delivery.petition === null ? null : publicId("pet", delivery.petition);
  if (delivery.type === "submission.verified") {
    const { petition, reference: sealed } = delivery;
    const submission = delivery.subject as string;
    const reference =
      petition && sealed
        ? await openReference({ petition, submission, sealed: Uint8Array.from(sealed), test: delivery.test === 1 })
        : null;
    return { petition_id, submission_id: publicId("sub", hexUuid(submission)), reference };
  }
  if (petition_id === null || !delivery.shown) return { petition_id, withheld: true };
  const about = {
    petition_id,
    title: delivery.title,
    url: petitionUrl(petition_id),
    signature_count: delivery.verified,
  };
  switch (delivery.type) {
    case "petition.opened":
      return { ...about, reopened: delivery.subject === "reopened", closes_at: time(delivery.closesAt) };
    case "petition.closed":
      return { ...about, state: delivery.subject, ended_at: time(delivery.endedAt) };
    case "threshold.reached":
      return { ...about, threshold: delivery.subject, signatures: delivery.threshold };
    default:
      return { ...about, amended: delivery.subject === "amended", summary: delivery.summary };
  }
}

const PETITION = "pet_01936d9e-8c4b-7f00-9a51-0123deadbeef";
const about = {
  petition_id: PETITION,
  title: "Benches for the market square",
  url: "https://petitions.brackwater.example/benches",
  signature_count: 1204,
};

/** What the data of each event looks like: what test events say. */
const EXAMPLE_DATA = {
  "petition.opened": { ...about, signature_count: 6, reopened: false, closes_at: "2027-05-26T23:00:00.000Z" },
  "petition.closed": { ...about, state: "closed", ended_at: "2027-05-26T23:00:00.000Z" },
  "threshold.reached": { ...about, threshold: "response", signatures: 1000 },
  "response.published": { ...about, amended: false, summary: "The town will put up six benches by May." },
  "submission.verified": {
    petition_id: PETITION,
    submission_id: "sub_01936d9e-8c4b-7f00-9a51-0000ca11ab1e",
    reference: "member-4711",
  },
  "totals.daily": {
    day: "2026-11-26",
    as_of: "2026-11-27T00:17:04.000Z",
    petitions: [
      { petition_id: PETITION, state: "open", signature_count: 1204, own: { submitted: 310, verified: 251 } },
    ],
  },
} as const satisfies Record<EventType, object>;
