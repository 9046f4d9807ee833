import * as v from "valibot";
import { idAnswer, timeAnswer } from "../http/answer-fields.ts";

const rounded = v.pipe(v.number(), v.integer(), v.minValue(0), v.multipleOf(5));
const byCode = (says: string) => v.pipe(v.record(v.string(), rounded), v.description(says));
const day = v.pipe(v.string(), v.isoDate());

/** Answer of `GET /v1/petitions/{id}/integrity`. */
export const IntegrityReport = v.strictObject({
  petition_id: idAnswer("pet"),
  as_of: v.pipe(
    v.nullable(timeAnswer),
    v.description("When the day's report was taken; null as long as the petition has none."),
  ),
  verified: byCode("Verified signatures by how sure the municipality is of the person; what is not named is 0."),
  invalidated: byCode("Signatures that staff took out, by reason; what is not named is 0."),
  held: v.pipe(rounded, v.description("Signatures that are held for review and not counted.")),
  reconciliation: v.strictObject({
    day: v.pipe(
      v.nullable(day),
      v.description("The day on which the counts were last proved by counting all signatures."),
    ),
    repaired_day: v.pipe(
      v.nullable(day),
      v.description("The last day on which they had to be put right; null if they never had to be."),
    ),
  }),
});
