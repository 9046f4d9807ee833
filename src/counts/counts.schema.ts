import * as v from "valibot";
import { countAnswer, idAnswer, timeAnswer } from "../http/answer-fields.ts";

const asOf = v.pipe(timeAnswer, v.description("When the count was read."));

/** Answer of `GET /v1/petitions/{id}/count`. */
export const PetitionCount = v.strictObject({
  petition_id: idAnswer("pet"),
  verified: v.pipe(countAnswer, v.description("Verified signatures that are not held for review.")),
  as_of: asOf,
});

/** One bar of a breakdown. */
export const Bar = v.strictObject({
  key: v.pipe(
    v.string(),
    v.description("A code, a day (`2026-11-23`) or an hour (`2026-11-23T14`); blank: not known."),
  ),
  label: v.string(),
  count: countAnswer,
});

const bars = v.array(Bar);

/** Answer of `GET /v1/admin/petitions/{id}/counts`. */
export const PetitionTallies = v.strictObject({
  petition_id: idAnswer("pet"),
  as_of: asOf,
  states: v.pipe(
    v.strictObject({
      pending: countAnswer,
      verified: countAnswer,
      quarantined: countAnswer,
      invalidated: countAnswer,
      withdrawn: countAnswer,
    }),
    v.description("Every signature once: a quarantined one is neither in `pending` nor in `verified`."),
  ),
  by: v.pipe(
    v.strictObject({
      area: bars,
      channel: bars,
      partner: bars,
      assurance: bars,
      locale: bars,
      day: bars,
      hour: bars,
    }),
    v.description("The verified signatures, exactly; each breakdown adds up to `states.verified`."),
  ),
});
