import * as v from "valibot";
import { fromBase64, fromUtf8, toBase64, utf8 } from "../lib/bytes.ts";
import { parsePublicId } from "../lib/ids.ts";
import type { RootKeys } from "../lib/root-keys.ts";

/** What a resident submitted, and from where, as it travels sealed. */
const SubmittedData = v.strictObject({
  name: v.string(),
  email: v.string(),
  postcode: v.optional(v.string()),
  country: v.optional(v.string()),
  updates: v.boolean(),
  channel: v.optional(v.string()),
  locale: v.string(),
  address: v.optional(v.string()),
  network: v.optional(v.string()),
  asn: v.optional(v.number()),
});

const version = v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1)));

/** As later versions of the message seal it: with what the person's form says that it has shown, and who sent it. */
const SubmittedDataNow = v.strictObject({
  ...SubmittedData.entries,
  notices: v.optional(v.strictObject({ privacy: version, eligibility: version, partner_consent: version })),
  via: v.optional(
    v.strictObject({
      /** The partner's code. */
      partner: v.string(),
      /** The partner's own id. */
      reference: v.optional(v.string()),
      /** Whether the person agreed that the partner gets name and address. */
      consent: v.boolean(),
    }),
  ),
});

export type SubmittedData = v.InferOutput<typeof SubmittedDataNow>;

const uuid = v.pipe(
  v.string(),
  v.check((text) => parsePublicId("sub", `sub_${text}`) !== null),
);

const common = {
  submission_id: uuid,
  petition_id: uuid,
  accepted_at: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  // A consumer from before a reason was known leaves its message to the next one.
  hold: v.nullable(v.picklist(["list", "disposable", "rate", "burst"])),
  sealed: v.string(),
};

/**
 * A message of the INTAKE queue. Personal data only in `sealed`. The second version is that of somebody who has the
 * petition's supporter link, the third that of a form that says which notices it has shown, the fourth a partner's; every
 * other signature still travels in the first, so that a consumer from before can read it.
 */
const IntakeMessage = v.variant("v", [
  v.strictObject({ v: v.literal(1), ...common }),
  v.strictObject({ v: v.literal(2), supporter: v.literal(true), ...common }),
  v.strictObject({ v: v.literal(3), supporter: v.boolean(), ...common }),
  v.strictObject({ v: v.literal(4), supporter: v.boolean(), ...common }),
]);

export type IntakeMessage = v.InferOutput<typeof IntakeMessage>;

/** A submission that a consumer has opened. */
export interface Submission extends Omit<Extract<IntakeMessage, { v: 1 }>, "v" | "sealed"> {
  /** The person had the petition's supporter link. */
  readonly supporter?: boolean;
  readonly data: SubmittedData;
}

/** Seals a submission for the queue. The fields in clear are bound to the seal: none can be swapped. */
export async function sealSubmission(keys: RootKeys, submission: Submission): Promise<IntakeMessage> {
  const { data, ...clear } = submission;
  const { supporter, ...rest } = clear;
  const sealed = toBase64(await keys.seal("intake", utf8(JSON.stringify(data)), context(clear)));
  if (data.via) return { v: 4, supporter: supporter === true, ...rest, sealed };
  if (data.notices) return { v: 3, supporter: supporter === true, ...rest, sealed };
  return supporter ? { v: 2, supporter, ...rest, sealed } : { v: 1, ...rest, sealed };
}

/** Opens a message; null when it is not one of ours, or was altered. */
export async function openSubmission(keys: RootKeys, body: unknown): Promise<Submission | null> {
  const message = v.safeParse(IntakeMessage, body);
  if (!message.success) return null;
  const { v: _, sealed, ...clear } = message.output;
  const bytes = fromBase64(sealed);
  const plain = bytes && (await keys.open("intake", bytes, context(clear)));
  if (!plain) return null;
  const data = v.safeParse(SubmittedDataNow, JSON.parse(fromUtf8(plain)));
  return data.success ? { ...clear, data: data.output } : null;
}

const context = ({ submission_id, petition_id, accepted_at, hold, supporter }: Omit<Submission, "data">): string =>
  [submission_id, petition_id, accepted_at, hold, ...(supporter ? ["supporter"] : [])].join("|");
