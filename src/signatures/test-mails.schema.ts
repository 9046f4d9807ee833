import * as v from "valibot";
import { idAnswer, listAnswer, timeAnswer } from "../http/answer-fields.ts";
import { pageFields } from "../http/paging.ts";

/** Query of `GET /v1/partner/test-mails`. */
export const TestMailsQuery = v.strictObject(pageFields(50));

/** A mail that a test would have sent. */
export const TestMail = v.strictObject({
  submission_id: idAnswer("sub"),
  petition_id: idAnswer("pet"),
  to: v.string(),
  sent_at: timeAnswer,
  subject: v.string(),
  text: v.string(),
  html: v.string(),
  links: v.pipe(
    v.strictObject({ verify: v.string(), withdraw: v.string(), code: v.string() }),
    v.description("The addresses behind its button and its links; `code` is the page on which the code is typed."),
  ),
  code: v.pipe(v.string(), v.description("For `POST /v1/verifications`, as is the token in `links.verify`.")),
});

/** Answer of `GET /v1/partner/test-mails`. */
export const TestMailList = listAnswer(TestMail);
