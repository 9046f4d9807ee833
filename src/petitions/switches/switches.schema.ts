import * as v from "valibot";
import { timeAnswer } from "../../http/answer-fields.ts";
import { textField } from "../../http/validation.ts";

const switches = {
  signing_paused: v.pipe(v.boolean(), v.description("Nobody can sign any petition, and none closes.")),
  creation_paused: v.pipe(v.boolean(), v.description("Nobody can submit a petition.")),
  mailings_paused: v.pipe(v.boolean(), v.description("Mailings to signers wait; every other mail goes on.")),
};

/** Body of `PUT /v1/admin/switches`. */
export const SwitchesBody = v.strictObject({
  ...switches,
  reason: v.optional(v.pipe(textField(500), v.description("Why, for the audit log. No personal data."))),
});

const since = v.nullable(timeAnswer);

/** Answer of `GET` and `PUT /v1/admin/switches`. */
export const SwitchesDocument = v.strictObject({
  ...switches,
  since: v.pipe(
    v.strictObject({ signing_paused: since, creation_paused: since, mailings_paused: since }),
    v.description("Since when each is on; null while it is off."),
  ),
});
