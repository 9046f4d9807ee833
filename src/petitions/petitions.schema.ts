import * as v from "valibot";
import { emailField, localeField, nameField, postcodeField } from "../http/person-fields.ts";
import { because, textField } from "../http/validation.ts";
import { looksLikeFormula } from "../lib/text.ts";
import { PUBLIC_STATES } from "./petition.ts";

const code = (max: number) =>
  v.pipe(v.string(), v.regex(/^[\w-]+$/, because("wrong_type")), v.maxLength(max, because("too_long")));

/** Body of `POST /v1/petitions`. */
export const NewPetition = v.strictObject({
  title: v.pipe(
    textField(100),
    v.check((text) => !looksLikeFormula(text), because("formula")),
    v.check((text) => !/[\r\n\t]/.test(text), because("forbidden_characters")),
  ),
  background: textField(500),
  details: v.optional(textField(1000)),
  creator: v.strictObject({
    name: nameField,
    email: emailField,
    postcode: v.optional(postcodeField),
  }),
  area: v.optional(code(32)),
  topics: v.optional(v.pipe(v.array(code(64)), v.maxLength(5, because("too_many")))),
  locale: v.optional(localeField),
});

/** Query of `GET /v1/petitions`. */
export const PetitionQuery = v.strictObject({
  state: v.optional(v.picklist(PUBLIC_STATES)),
  area: v.optional(code(32)),
  topic: v.optional(code(64)),
  department: v.optional(code(64)),
  q: v.optional(textField(200)),
  sort: v.optional(v.picklist(["newest", "popular", "trending", "closing"]), "newest"),
  limit: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,3}$/, because("wrong_type")),
      v.transform(Number),
      v.minValue(1, because("out_of_range")),
      v.maxValue(50, because("out_of_range")),
    ),
    "20",
  ),
  cursor: v.optional(v.pipe(v.string(), v.maxLength(200, because("too_long")))),
});
