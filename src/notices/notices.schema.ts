import * as v from "valibot";
import { noticeKinds } from "../db/notices-schema.ts";
import { countAnswer, listAnswer, timeAnswer } from "../http/answer-fields.ts";
import { inJsonSchema } from "../http/json-schema.ts";
import { because, oneLine, textField } from "../http/validation.ts";

/** Body of `PUT /v1/admin/notices/{kind}`. */
export const NoticeBody = v.strictObject({
  texts: v.pipe(
    v.record(v.pipe(v.string(), v.maxLength(35, because("too_long"))), textField(8000)),
    v.description("The text in each language of the service."),
  ),
  url: v.optional(
    v.pipe(
      textField(500),
      oneLine(),
      inJsonSchema(
        v.check((text: string) => /^https:\/\//i.test(text) && URL.canParse(text), because("wrong_type")),
        { says: "An `https` address." },
      ),
      v.description("Where the same text stands; only for `privacy`."),
    ),
  ),
});

const notice = {
  kind: v.picklist(noticeKinds),
  version: v.pipe(countAnswer, v.description("1 for the first.")),
  texts: v.pipe(
    v.record(v.string(), v.string()),
    v.description("By language, a BCP 47 tag; empty where only the address says it."),
  ),
  url: v.pipe(v.nullable(v.string()), v.description("Where the same text stands.")),
  published_at: v.pipe(v.nullable(timeAnswer), v.description("Null for the first version.")),
};

/** Answer of `GET /v1/notices/{kind}/{version}`. */
export const NoticeAnswer = v.strictObject(notice);

/** Answer of `GET /v1/notices`, and of `GET /v1/admin/notices/{kind}`. */
export const NoticeList = listAnswer(NoticeAnswer);
