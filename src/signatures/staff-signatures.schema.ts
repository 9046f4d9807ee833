import * as v from "valibot";
import { invalidationReasons } from "../db/invalidation-schema.ts";
import { assurances, holdReasons, mailTroubles } from "../db/schema.ts";
import { countAnswer, idAnswer, listAnswer, timeAnswer } from "../http/answer-fields.ts";
import { inJsonSchema } from "../http/json-schema.ts";
import { momentField } from "../http/moment-field.ts";
import { pageFields } from "../http/paging.ts";
import { because, oneLine, textField } from "../http/validation.ts";
import { MAX_EXPORTED } from "./export-signatures.ts";
import { personalDataStates, talliedStates } from "./signature-record.ts";

const code = (max: number, says: string) =>
  v.optional(v.pipe(v.string(), v.regex(/^[\w-]+$/, because("wrong_type")), v.maxLength(max), v.description(says)));

const filterFields = {
  state: v.optional(
    v.pipe(
      v.picklist(talliedStates),
      v.description("Only signatures in this state, as the counts have it: what is held is `quarantined`."),
    ),
  ),
  hold: v.optional(
    v.pipe(
      v.picklist(["any", ...holdReasons]),
      v.description("Only signatures with this hold, or with `any`; ended ones that had one too."),
    ),
  ),
  area: code(32, "Only signatures from this area."),
  channel: code(32, "Only signatures that came over this channel."),
  from: v.optional(momentField("Only signatures submitted at or after this time, ISO 8601 with its zone.")),
  to: v.optional(momentField("Only signatures submitted before this time, which is after `from`.")),
};

/** Query of `GET /v1/admin/petitions/{id}/signatures`. */
export const SignatureListQuery = v.strictObject({ ...filterFields, ...pageFields(100) });

const choice = (says: string) => v.optional(v.pipe(v.picklist(["true", "false"]), v.description(says)));

/** Query of `GET /v1/admin/petitions/{id}/signatures/export`. */
export const ExportQuery = v.strictObject({
  format: v.optional(v.picklist(["csv", "ndjson"]), "csv"),
  reason: v.pipe(
    textField(500),
    oneLine(),
    v.description("Why, for the audit log: a file number or a decision, no resident's name."),
  ),
  ...filterFields,
  limit: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,6}$/, because("wrong_type")),
      inJsonSchema(v.transform(Number), { type: "integer", pattern: undefined }),
      v.minValue(1, because("out_of_range")),
      v.maxValue(MAX_EXPORTED, because("out_of_range")),
      v.description("How many signatures one answer looks at, whether or not they match."),
    ),
    String(MAX_EXPORTED),
  ),
  cursor: v.optional(
    v.pipe(
      v.string(),
      v.maxLength(100, because("too_long")),
      v.description("To go on: the `id` of the last record that you have whole."),
    ),
  ),
  bom: choice("For CSV: begin with a byte order mark, by which spreadsheets know UTF-8."),
  header: choice("For CSV: `false` leaves out the first line with the names, to append to what you have."),
});

const nullable = v.nullable(v.string());

const recordFields = {
  id: idAnswer("sig"),
  state: v.picklist(talliedStates),
  hold: v.pipe(
    v.nullable(v.picklist(holdReasons)),
    v.description("Why it was held. It is quarantined while it is pending or verified."),
  ),
  role: v.picklist(["signer", "creator", "supporter"]),
  assurance: v.picklist(assurances),
  personal_data: v.pipe(
    v.picklist(personalDataStates),
    v.description(
      "`erased`: withdrawn, or the petition's data was destroyed. `unreadable`: what is stored does not open; tell whoever runs the service.",
    ),
  ),
  name: nullable,
};

const facts = {
  area: nullable,
  channel: nullable,
  partner: nullable,
  locale: v.string(),
  country: nullable,
  updates: v.boolean(),
  accepted_at: timeAnswer,
  verified_at: v.nullable(timeAnswer),
  ended_at: v.pipe(v.nullable(timeAnswer), v.description("When it was withdrawn or invalidated.")),
  invalidated_reason: v.pipe(v.nullable(v.picklist(invalidationReasons)), v.description("Why staff took it out.")),
  mail_trouble: v.nullable(v.picklist(mailTroubles)),
  privacy_version: v.pipe(v.nullable(countAnswer), v.description("The privacy notice that the person saw.")),
  eligibility_version: v.pipe(v.nullable(countAnswer), v.description("The version of what they stated.")),
};

/** A signature in staff's list. */
export const ListedSignatureAnswer = v.strictObject({
  ...recordFields,
  email: v.pipe(nullable, v.description("Masked: `a…@example.org`.")),
  ...facts,
});

/** Answer of `GET /v1/admin/petitions/{id}/signatures`. */
export const SignatureList = listAnswer(ListedSignatureAnswer);

/** A line of an export as NDJSON; a record of one as CSV has the same fields, without `type`. */
export const ExportLine = v.variant("type", [
  v.strictObject({
    type: v.literal("signature"),
    ...recordFields,
    email: v.pipe(nullable, v.description("As typed.")),
    postcode: nullable,
    ...facts,
  }),
  v.strictObject({
    type: v.literal("end"),
    signatures: v.pipe(v.number(), v.integer(), v.description("How many lines there were before this one.")),
    next_cursor: v.pipe(nullable, v.description("For `cursor`, to get the next part; null on the last.")),
  }),
]);
