import * as v from "valibot";
import { postcodeField } from "../http/person-fields.ts";
import { because, textField } from "../http/validation.ts";
import { isRunBySpreadsheets } from "../lib/csv.ts";
import { foldPostcode } from "../lib/text.ts";

const MAX_POPULATION = 100_000_000;

/** The code of an area, as the API takes it. */
export const areaCodeField = v.pipe(v.string(), v.regex(/^\w[\w-]{0,31}$/, because("wrong_type")));

/** The name of an area: one line, to 255 characters, nothing that a spreadsheet would run. */
export const areaNameField = v.pipe(
  textField(255),
  v.check((name) => !/[\r\n\t]/.test(name), because("forbidden_characters")),
  v.check((name) => !isRunBySpreadsheets(name), because("formula")),
);

/** A row of a table of areas; a blank population is not known. */
export const AreaRow = v.object({
  code: areaCodeField,
  name: areaNameField,
  population: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^(-?\d+)?$/, "is not a whole number"),
      v.transform((digits) => (digits === "" ? null : Number(digits))),
      v.check((count) => count === null || (count >= 0 && count <= MAX_POPULATION), because("out_of_range")),
    ),
    "",
  ),
});

/** A row of a table of postcodes, the postcode in the form in which it is compared. */
export const PostcodeRow = v.object({
  postcode: v.pipe(
    postcodeField,
    v.transform(foldPostcode),
    v.check((postcode) => postcode !== "", because("empty")),
    v.check((postcode) => postcode.length <= 16, because("too_long")),
  ),
  area: areaCodeField,
});
