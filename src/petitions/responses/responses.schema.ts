import * as v from "valibot";
import { countAnswer, idAnswer, listAnswer, timeAnswer } from "../../http/answer-fields.ts";
import { inJsonSchema } from "../../http/json-schema.ts";
import { because, textField } from "../../http/validation.ts";
import { isInCalendar } from "../moderation/moderation.schema.ts";

const day = v.pipe(
  v.string(),
  v.regex(/^20\d{2}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, because("wrong_type")),
  inJsonSchema(v.check(isInCalendar, because("wrong_type")), { says: "A day that exists, `YYYY-MM-DD`." }),
);

// A body is at most 32 KB, and a character at most four bytes.
const longText = textField(6000);

/** Body of `PUT /v1/admin/petitions/{id}/response`. */
export const ResponseBody = v.strictObject({
  summary: v.pipe(textField(500), v.description("The answer in two or three sentences.")),
  details: v.pipe(longText, v.description("The whole answer.")),
});

/** Body of `POST /v1/admin/petitions/{id}/response/publish`. */
export const PublishBody = v.strictObject({});

/** Body of `PUT /v1/admin/petitions/{id}/hearing`. */
export const HearingBody = v.strictObject({
  date: v.optional(v.pipe(day, v.description("The day of the hearing. Left out: as it was."))),
  outcome: v.optional(v.pipe(longText, v.description("What came of it. Left out: as it was."))),
});

const text = { summary: v.string(), details: v.string() };

const versions = v.array(
  v.strictObject({
    version: v.pipe(countAnswer, v.description("1 for the first.")),
    ...text,
    published_at: timeAnswer,
  }),
);

/** Answer of `GET /v1/petitions/{id}/responses`. */
export const ResponseVersionList = listAnswer(versions.item);

/** A petition's answer as staff see it. */
export const StaffResponse = v.strictObject({
  petition_id: idAnswer("pet"),
  version: v.pipe(countAnswer, v.description("The petition's; also the `ETag`.")),
  draft: v.pipe(
    v.nullable(v.strictObject({ ...text, drafted_at: timeAnswer })),
    v.description("What is written and not published."),
  ),
  published: v.pipe(
    v.nullable(v.strictObject({ ...text, published_at: timeAnswer, amended_at: v.nullable(timeAnswer) })),
    v.description("What everybody reads."),
  ),
  versions: v.pipe(versions, v.description("Every text that was published, the newest first.")),
  hearing: v.nullable(v.strictObject({ date: v.string(), outcome: v.nullable(v.string()) })),
});
