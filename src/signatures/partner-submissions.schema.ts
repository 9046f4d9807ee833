import * as v from "valibot";
import { spanFields } from "../counts/span.ts";
import { countAnswer, idAnswer, listAnswer, timeAnswer } from "../http/answer-fields.ts";
import { pageFields } from "../http/paging.ts";
import { because } from "../http/validation.ts";
import { sentStatuses } from "./partner-submissions.store.ts";

const petition = v.optional(
  v.pipe(
    v.string(),
    v.regex(/^pet_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, because("wrong_type")),
    v.description("Only this petition's."),
  ),
);

/** Query of `GET /v1/partner/submissions`. */
export const SentQueryFields = v.strictObject({
  ...pageFields(100),
  petition,
  status: v.optional(v.pipe(v.picklist(sentStatuses, because("unknown_value")), v.description("Only these."))),
});

/** Query of `GET /v1/partner/counts`. */
export const SentCountsQuery = v.strictObject({ petition, ...spanFields });

/** A submission as the partner who sent it reads it. */
export const SentSubmission = v.strictObject({
  submission_id: idAnswer("sub"),
  petition_id: idAnswer("pet"),
  reference: v.pipe(
    v.nullable(v.string()),
    v.description("Your own id; null once it is erased, or when you gave none."),
  ),
  status: v.pipe(
    v.picklist(sentStatuses),
    v.description(
      "`pending`: not verified yet, and nobody is told more: a repeat and one that is held for review look the same. `verified`: it counts, or has counted; that stays. `expired`: it was not verified in time.",
    ),
  ),
  submitted_at: timeAnswer,
  verified_at: v.nullable(timeAnswer),
  signer: v.pipe(
    v.nullable(v.strictObject({ name: v.string(), email: v.string(), postcode: v.nullable(v.string()) })),
    v.description("Only with the signer's `consent`, once it is verified, and as long as they have not erased it."),
  ),
  test: v.optional(v.pipe(v.literal(true), v.description("A test key sent it, and reads it: it counts nothing."))),
});

/** Answer of `GET /v1/partner/submissions`. */
export const SentList = listAnswer(SentSubmission);

/** Answer of `GET /v1/partner/counts`. */
export const SentCounts = v.strictObject({
  from: v.pipe(v.string(), v.isoDate()),
  to: v.pipe(v.string(), v.isoDate()),
  data: v.array(
    v.strictObject({
      petition_id: idAnswer("pet"),
      day: v.pipe(v.string(), v.isoDate(), v.description("The municipality's, on which they were sent.")),
      submitted: countAnswer,
      verified: v.pipe(countAnswer, v.description("Of these, those that count or have counted.")),
    }),
  ),
});
