import * as v from "valibot";
import { countAnswer, idAnswer, timeAnswer } from "../../http/answer-fields.ts";
import { inJsonSchema } from "../../http/json-schema.ts";
import { because, textField } from "../../http/validation.ts";
import { dayAfter } from "../../lib/local-time.ts";

const DAY = /^20\d{2}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;

const day = v.pipe(
  v.string(),
  v.regex(DAY, because("wrong_type")),
  inJsonSchema(
    // JavaScript takes 30 February for 2 March. What is no day at all has been refused, and is looked at all the same.
    v.check((text: string) => !DAY.test(text) || dayAfter(text, 0) === text, because("wrong_type")),
    { says: "A day that exists, `YYYY-MM-DD`." },
  ),
);

/** Body of `PUT /v1/admin/petitions/{id}/retention-hold`. */
export const RetentionHoldBody = v.strictObject({
  reason: v.pipe(textField(1000), v.description("Why the data must stay: a file number, no resident's name.")),
  until: v.pipe(day, v.description("The last day of the municipality on which it does, at most ten years ahead.")),
});

/** Body of `POST /v1/admin/petitions/{id}/erase`. */
export const EraseBody = v.strictObject({
  confirm: v.pipe(textField(100), v.description("The petition's title or its id, typed once more.")),
  reason: v.pipe(textField(1000), v.description("Why before its time: a file number, no resident's name.")),
});

const nullableTime = v.nullable(timeAnswer);

/** How long a petition's personal data stays, as staff read it. */
export const Retention = v.strictObject({
  petition_id: idAnswer("pet"),
  version: v.pipe(countAnswer, v.description("The petition's, as in the `ETag`.")),
  over_since: v.pipe(nullableTime, v.description("Since when the petition has been over without a break.")),
  erase_at: v.pipe(
    nullableTime,
    v.description("When everything personal is erased, if nothing holds it; null while the petition is not over."),
  ),
  hold: v.nullable(
    v.strictObject({
      reason: v.string(),
      until: v.pipe(timeAnswer, v.description("When it ends by itself.")),
      by: v.pipe(v.string(), v.description("Who laid it, as `actor` in the audit log.")),
      since: timeAnswer,
    }),
  ),
  erasing_since: v.pipe(nullableTime, v.description("From then on nothing of it can be opened any more.")),
  erased_at: v.pipe(nullableTime, v.description("When the last of what was sealed and hashed was gone.")),
  erased_signatures: v.pipe(countAnswer, v.description("Signatures that were erased so far.")),
  trouble: v.pipe(
    v.nullable(v.strictObject({ failures: countAnswer, since: timeAnswer, error: v.string() })),
    v.description("Tries that have failed in a row."),
  ),
});
