import * as v from "valibot";
import { because } from "../http/validation.ts";

const seen = (says: string) =>
  v.optional(
    v.pipe(
      v.number(),
      v.integer(because("wrong_type")),
      v.minValue(1, because("out_of_range")),
      v.maxValue(1_000_000, because("out_of_range")),
      v.description(says),
    ),
  );

const shown = {
  privacy: seen("The privacy notice's version."),
  eligibility: seen("The version of what the person stated."),
};

const SAYS =
  "Which versions of `GET /v1/notices` your form has shown. Older ones are accepted. What is left out is recorded as the version that held when this was sent.";

/** Which versions of the notices a frontend has shown, in the body of whatever is signed. */
export const noticesField = v.optional(v.pipe(v.strictObject(shown), v.description(SAYS)));

/** The same, of a partner's form. */
export const partnerNoticesField = v.optional(
  v.pipe(
    v.strictObject({
      ...shown,
      partner_consent: seen("With `consent`: the version of what the person agreed to."),
    }),
    v.description(SAYS),
  ),
);
