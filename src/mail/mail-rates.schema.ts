import * as v from "valibot";
import { countAnswer, timeAnswer } from "../http/answer-fields.ts";
import { inJsonSchema } from "../http/json-schema.ts";
import { because } from "../http/validation.ts";

/** Query of `GET /v1/admin/mail/rates`. */
export const RateQuery = v.strictObject({
  days: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,3}$/, because("wrong_type")),
      inJsonSchema(v.transform(Number), { type: "integer", pattern: undefined }),
      v.minValue(1, because("out_of_range")),
      v.maxValue(366, because("out_of_range")),
      v.description("How many days, today included."),
    ),
    "30",
  ),
});

/** Answer of `GET /v1/admin/mail/rates`. */
export const MailRates = v.strictObject({
  as_of: v.pipe(timeAnswer, v.description("When the rates were read.")),
  days: v.array(
    v.strictObject({
      day: v.pipe(v.string(), v.isoDate(), v.description("A day of the municipality's.")),
      sent: countAnswer,
      delivered: countAnswer,
      bounced_hard: countAnswer,
      bounced_soft: countAnswer,
      complained: countAnswer,
      suppressed: v.pipe(countAnswer, v.description("Not sent, because the address had refused mail before.")),
    }),
  ),
});
