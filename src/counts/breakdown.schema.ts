import * as v from "valibot";
import { idAnswer } from "../http/answer-fields.ts";
import { because } from "../http/validation.ts";
import { publicDimensions } from "./breakdown.ts";

const dimension = v.picklist(publicDimensions, because("wrong_type"));

/** Query of `GET /v1/petitions/{id}/breakdown`. */
export const BreakdownQuery = v.strictObject({ by: v.pipe(dimension, v.description("What the numbers are by.")) });

/** A number that everyone may read. */
export const PublicBar = v.strictObject({
  key: v.pipe(v.string(), v.description("A code, or one of the municipality's days.")),
  label: v.string(),
  count: v.pipe(v.number(), v.integer(), v.minValue(5), v.multipleOf(5)),
});

/** Answer of `GET /v1/petitions/{id}/breakdown`. */
export const PetitionBreakdown = v.strictObject({
  petition_id: idAnswer("pet"),
  by: dimension,
  as_of: v.pipe(
    v.nullable(v.pipe(v.string(), v.isoDate())),
    v.description("The municipality's day on which the numbers were taken; null while there are none."),
  ),
  data: v.pipe(v.array(PublicBar), v.description("What is below 5 is left out.")),
});
