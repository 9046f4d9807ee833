import * as v from "valibot";
import { petitionStates } from "../../db/schema.ts";
import { idAnswer } from "../../http/answer-fields.ts";
import { textField } from "../../http/validation.ts";
import { backgroundField, detailsField, titleField } from "../petitions.schema.ts";

/** Body of `PUT /v1/petitions/{id}`, and the form on the creator's page. */
export const PetitionEdit = v.strictObject({ title: titleField, background: backgroundField, details: detailsField });

/** Body of `POST /v1/petitions/{id}/resubmission`. */
export const Resubmission = v.strictObject({});

/** Body of `POST /v1/petitions/{id}/stop`, and the form on the creator's page. */
export const Stop = v.strictObject({
  reason: v.pipe(textField(1000), v.description("Why the creator ends it early.")),
});

/** Answer of what creators do. */
export const CreatorsPetitionAnswer = v.strictObject({
  id: idAnswer("pet"),
  state: v.picklist(petitionStates),
  version: v.pipe(v.number(), v.integer(), v.minValue(1), v.description("Grows with each text and decision.")),
  title: v.string(),
  background: v.string(),
  details: v.string(),
});
