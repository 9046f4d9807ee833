import * as v from "valibot";
import { countAnswer, idAnswer, listAnswer, timeAnswer } from "../http/answer-fields.ts";
import { pageFields } from "../http/paging.ts";

/** Query of `GET /v1/admin/mail/parked`. */
export const ParkedQuery = v.strictObject(pageFields(100));

const ParkedMailAnswer = v.strictObject({
  id: idAnswer("job"),
  kind: v.pipe(v.string(), v.description("What the mail is for, such as `signature_answer` or `creator_news`.")),
  petition_id: v.nullable(idAnswer("pet")),
  title: v.pipe(v.nullable(v.string()), v.description("The petition's title.")),
  error: v.pipe(v.nullable(v.string()), v.description("Why, by the mail provider's code.")),
  attempts: v.pipe(countAnswer, v.description("How often it was tried.")),
  since: timeAnswer,
});

/** Answer of `GET /v1/admin/mail/parked`. */
export const ParkedMailList = listAnswer(ParkedMailAnswer);

/** Answer of `POST /v1/admin/mail/parked/{id}/retry`. */
export const RetryAnswer = v.strictObject({
  id: idAnswer("job"),
  state: v.pipe(
    v.picklist(["waiting", "sent"]),
    v.description("`waiting` to be sent, or `sent`. One that fails again is parked anew, under a new id."),
  ),
});
