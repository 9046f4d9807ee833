import * as v from "valibot";
import { emailField, localeField, nameField, postcodeField } from "../http/person-fields.ts";
import { because, textField } from "../http/validation.ts";

/** Body of `POST /v1/petitions/{id}/signatures`. */
export const NewSubmission = v.strictObject({
  name: nameField,
  email: emailField,
  postcode: v.optional(postcodeField),
  country: v.optional(v.pipe(v.string(), v.regex(/^[A-Z]{2}$/, because("wrong_type")))),
  eligible: v.literal(true, because("not_accepted")),
  updates: v.optional(v.boolean(), false),
  channel: v.optional(v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9_-]{0,31}$/, because("wrong_type")))),
  locale: v.optional(localeField),
});

export type NewSubmission = v.InferOutput<typeof NewSubmission>;

const token = v.pipe(v.string(), v.maxLength(200, because("too_long")));
const petitionId = v.pipe(v.string(), v.regex(/^pet_[0-9a-f-]{36}$/, because("wrong_type")));
const code = v.pipe(
  textField(20),
  v.transform((text) => text.replace(/[\s-]/g, "")),
);

/** Body of `POST /v1/verifications`. */
export const Verification = v.union(
  [v.strictObject({ token }), v.strictObject({ petition_id: petitionId, email: emailField, code })],
  because("wrong_type"),
);

/** The form on the page for typed codes. */
export const CodeForm = v.strictObject({ petition_id: petitionId, email: emailField, code });

/** Body of `POST /v1/withdrawals`. */
export const Withdrawal = v.strictObject({ token });
