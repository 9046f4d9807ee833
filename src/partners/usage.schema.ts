import * as v from "valibot";
import { partnerScopes } from "../db/partner-schema.ts";
import { idAnswer, timeAnswer } from "../http/answer-fields.ts";

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** Answer of `GET /v1/partner/usage`. */
export const UsageAnswer = v.strictObject({
  partner: v.strictObject({ id: idAnswer("par"), code: v.string(), name: v.string() }),
  key: v.strictObject({
    id: idAnswer("key"),
    test: v.boolean(),
    scopes: v.array(v.picklist(partnerScopes)),
    petitions: v.pipe(
      v.nullable(v.array(idAnswer("pet"))),
      v.description("Those that it is for; null: every petition."),
    ),
    expires_at: v.nullable(timeAnswer),
  }),
  limits: v.pipe(
    v.array(
      v.strictObject({
        name: v.pipe(v.string(), v.description("As in `RateLimit`.")),
        limit: count,
        window: v.pipe(count, v.description("Seconds.")),
        remaining: count,
        resets_at: v.pipe(v.nullable(timeAnswer), v.description("When the window ends; null when nobody knows.")),
      }),
    ),
    v.description("Requests, and signatures, with this key."),
  ),
});
