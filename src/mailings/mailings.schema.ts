import * as v from "valibot";
import { mailingKinds, mailingStates } from "../db/mailing-schema.ts";
import { countAnswer, idAnswer, listAnswer, timeAnswer } from "../http/answer-fields.ts";
import { pageFields } from "../http/paging.ts";
import { localeField } from "../http/person-fields.ts";
import { because, oneLine, textField } from "../http/validation.ts";

const texts = v.pipe(
  v.record(
    v.pipe(v.string(), v.maxLength(35, because("too_long"))),
    v.strictObject({
      subject: v.pipe(textField(100), oneLine(), v.description("The mail's subject.")),
      body: v.pipe(
        textField(3000),
        v.description("What it says. Each line is a paragraph; a greeting and how to unsubscribe are added."),
      ),
    }),
    because("wrong_type"),
  ),
  v.description(
    "By language, as in the municipality's `LOCALES`: its first is needed, and is what those read in whose language nothing is written.",
  ),
);

/** Body of `POST /v1/admin/petitions/{id}/mailings` and `PUT /v1/admin/mailings/{id}`. */
export const MailingBody = v.strictObject({ texts });

/** Body of acts on a mailing that say nothing more. */
export const NothingMore = v.strictObject({});

/** Body of `POST /v1/admin/mailings/{id}/test`. */
export const TestBody = v.strictObject({
  locale: v.optional(v.pipe(localeField, v.description("The language. Without it: each of the municipality's."))),
});

/** Query of `GET /v1/admin/mailings`. */
export const MailingQuery = v.strictObject({
  petition: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^pet_[0-9a-f-]{36}$/, because("wrong_type")),
      v.description("Only those of this petition."),
    ),
  ),
  state: v.optional(
    v.pipe(v.picklist(mailingStates, because("unknown_value")), v.description("Only those in this state.")),
  ),
  ...pageFields(50),
});

/** A mailing in an answer. */
export const MailingAnswer = v.strictObject({
  id: idAnswer("mlg"),
  petition_id: idAnswer("pet"),
  kind: v.picklist(mailingKinds),
  about: v.pipe(
    v.nullable(v.string()),
    v.description("Of a threshold its name; null for what staff write, for an answer and for an end."),
  ),
  state: v.pipe(
    v.picklist(mailingStates),
    v.description(
      "`draft` is not confirmed; `waiting` begins at `begins_at` or after what is before it; `running`; `parked`: the provider takes nothing, see `error`; over are `done`, `cancelled`, and `stopped` by what became of the petition.",
    ),
  ),
  ended_because: v.pipe(
    v.nullable(v.picklist(["nobody_asked", "cancelled", "petition_hidden", "petition_erased", "no_longer_so"])),
    v.description("`nobody_asked`: no signer has asked for news, so nobody was written to."),
  ),
  error: v.pipe(v.nullable(v.string()), v.description("The provider's code when it was parked.")),
  version: v.pipe(countAnswer, v.description("Its `ETag`.")),
  texts: v.nullable(v.record(v.string(), v.strictObject({ subject: v.string(), body: v.string() }))),
  expected_recipients: v.pipe(
    v.nullable(countAnswer),
    v.description(
      "Of a message: mailboxes that asked for news when it was written; null while they are being counted.",
    ),
  ),
  recipients: v.pipe(countAnswer, v.description("Mailboxes that it has come to: sent, failed, skipped, or waiting.")),
  sent: v.pipe(countAnswer, v.description("Taken by the mail provider.")),
  failed: v.pipe(countAnswer, v.description("Refused for good, or in every try.")),
  skipped: v.pipe(
    countAnswer,
    v.description(
      "Left out: suppressed addresses, those who want no news of any petition, and who has gone meanwhile.",
    ),
  ),
  bounced: v.pipe(countAnswer, v.description("Of those that were sent: came back.")),
  complained: v.pipe(countAnswer, v.description("Reported as unwanted. They get no further mail.")),
  unsubscribed: v.pipe(countAnswer, v.description("Unsubscribed by a link of its mails.")),
  waiting: v.pipe(countAnswer, v.description("Wait for another try.")),
  progress: v.pipe(countAnswer, v.description("Hundredths of the petition's signatures that have been gone through.")),
  by: v.pipe(v.string(), v.description("Who wrote it, or `service`.")),
  created_at: timeAnswer,
  begins_at: timeAnswer,
  started_at: v.nullable(timeAnswer),
  ended_at: v.nullable(timeAnswer),
});

/** Answer of `GET /v1/admin/mailings`. */
export const MailingList = listAnswer(MailingAnswer);

/** Answer of `GET /v1/admin/mailings/{id}/preview`. */
export const MailingPreview = v.strictObject({
  data: v.array(v.strictObject({ locale: v.string(), subject: v.string(), text: v.string(), html: v.string() })),
});

/** Answer of `POST /v1/admin/mailings/{id}/test`. */
export const TestAnswer = v.strictObject({ status: v.literal("on_its_way"), locales: v.array(v.string()) });
