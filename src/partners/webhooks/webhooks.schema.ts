import * as v from "valibot";
import { deliveryStates } from "../../db/webhook-schema.ts";
import { countAnswer, idAnswer, listAnswer, timeAnswer } from "../../http/answer-fields.ts";
import { idField } from "../../http/id-field.ts";
import { momentField } from "../../http/moment-field.ts";
import { pageFields } from "../../http/paging.ts";
import { because, oneLine, textField } from "../../http/validation.ts";
import { deliveryErrors, eventTypes } from "./webhook.ts";

const eventType = v.picklist(eventTypes, because("unknown_value"));

/** Body of `POST /v1/partner/webhooks` and `PUT /v1/partner/webhooks/{id}`. */
export const WebhookBody = v.strictObject({
  url: v.pipe(
    v.string(),
    v.maxLength(2_000, because("too_long")),
    v.description(
      "An `https` address with a name of the internet, on the usual port, without credentials and fragment. No IP address in any spelling, no name that is local to a machine or a network, not this service itself.",
    ),
  ),
  label: v.optional(v.nullable(v.pipe(textField(100), oneLine(), v.description("What you call it."))), null),
  events: v.pipe(
    v.array(eventType),
    v.minLength(1, because("empty")),
    v.maxLength(eventTypes.length, because("too_many")),
    v.description("What to tell."),
  ),
  petitions: v.optional(
    v.nullable(
      v.pipe(
        v.array(idField("pet")),
        v.minLength(1, because("empty")),
        v.maxLength(100, because("too_many")),
        v.description("Only of these petitions. Left out: of every petition that your key is for."),
      ),
    ),
    null,
  ),
});

/** Body of what takes no more than the address: `…/rotate-secret`, `…/enable`. */
export const NothingMore = v.strictObject({});

/** Body of `POST /v1/partner/webhooks/{id}/test`. */
export const TestBody = v.strictObject({
  type: v.optional(v.pipe(eventType, v.description("Of which event the example is.")), "submission.verified"),
});

const sequenceField = v.pipe(
  v.number(because("wrong_type")),
  v.integer(because("wrong_type")),
  v.minValue(1, because("out_of_range")),
  v.maxValue(Number.MAX_SAFE_INTEGER, because("out_of_range")),
);

/** Body of `POST /v1/partner/webhooks/{id}/replay`. */
export const ReplayBody = v.union([
  v.strictObject({ message_id: v.pipe(idField("msg"), v.description("One message: its `webhook-id`.")) }),
  v.strictObject({
    from_sequence: v.pipe(sequenceField, v.description("From this one on.")),
    to_sequence: v.optional(v.pipe(sequenceField, v.description("To this one; left out: to the last."))),
  }),
  v.strictObject({
    from: momentField("From this moment on."),
    to: v.optional(momentField("Before this moment; left out: to the last.")),
  }),
]);

/** Query of `GET /v1/partner/webhooks/{id}/deliveries`. */
export const DeliveriesQuery = v.strictObject({
  status: v.optional(
    v.pipe(v.picklist(deliveryStates, because("unknown_value")), v.description("Only those that are so.")),
  ),
  ...pageFields(100),
});

const webhook = {
  id: idAnswer("whk"),
  url: v.string(),
  label: v.nullable(v.string()),
  events: v.array(v.picklist(eventTypes)),
  petitions: v.pipe(v.nullable(v.array(idAnswer("pet"))), v.description("Null: every petition.")),
  created_at: timeAnswer,
  state: v.pipe(
    v.picklist(["enabled", "disabled"]),
    v.description("A disabled one is told nothing until you enable it; for 30 days its events wait."),
  ),
  disabled_at: v.nullable(timeAnswer),
  disabled_reason: v.pipe(
    v.nullable(v.picklist(["failing", "gone"])),
    v.description("`failing`: a delivery had failed for a day. `gone`: it answered 410."),
  ),
  failures: v.pipe(countAnswer, v.description("Attempts that failed since the last that did not.")),
  last_sequence: v.pipe(countAnswer, v.description("Of the newest event; 0 when there was none.")),
  previous_secret_until: v.pipe(v.nullable(timeAnswer), v.description("Until when the secret before signs, too.")),
};

/** An endpoint as its owner reads it. */
export const WebhookAnswer = v.strictObject(webhook);

/** An endpoint with a secret that was made just now. */
export const WebhookWithSecret = v.strictObject({
  ...webhook,
  secret: v.pipe(v.string(), v.description("`whsec_…`, shown this once.")),
});

/** Answer of `GET /v1/partner/webhooks`. */
export const WebhookList = listAnswer(WebhookAnswer);

const sequenceAnswer = v.pipe(v.number(), v.integer(), v.minValue(1));

/** Answer of `POST /v1/partner/webhooks/{id}/test`. */
export const TestAnswer = v.strictObject({
  message_id: v.pipe(idAnswer("msg"), v.description("The message's `webhook-id`.")),
  sequence: sequenceAnswer,
});

/** Answer of `POST /v1/partner/webhooks/{id}/replay`. */
export const ReplayAnswer = v.strictObject({
  replayed: v.pipe(countAnswer, v.description("Deliveries that are made once more, a thousand at most.")),
  next_sequence: v.pipe(v.nullable(sequenceAnswer), v.description("Where to go on, when there are more.")),
});

/** Answer of `GET /v1/partner/webhooks/{id}/deliveries`. */
export const DeliveryList = listAnswer(
  v.strictObject({
    message_id: v.pipe(idAnswer("msg"), v.description("The message's `webhook-id`, the same in each attempt.")),
    sequence: sequenceAnswer,
    type: v.picklist(eventTypes),
    test: v.boolean(),
    timestamp: v.pipe(timeAnswer, v.description("When it happened.")),
    status: v.picklist(deliveryStates),
    attempts: v.pipe(countAnswer, v.description("Since it happened, or since it was replayed.")),
    last_attempt_at: v.nullable(timeAnswer),
    next_attempt_at: v.pipe(v.nullable(timeAnswer), v.description("Not before; null: at once, or none.")),
    response_status: v.pipe(v.nullable(v.number()), v.description("Of the last answer; null when there was none.")),
    error: v.pipe(
      v.nullable(v.picklist(deliveryErrors)),
      v.description("Why the last attempt failed. Of an answer's body nothing is read."),
    ),
    duration_ms: v.nullable(v.number()),
  }),
);
