import * as v from "valibot";
import { importedFacts, thresholds } from "../db/schema.ts";
import { countAnswer, idAnswer, listAnswer, timeAnswer } from "../http/answer-fields.ts";
import { pageFields } from "../http/paging.ts";
import { emailField, localeField, nameField, postcodeField } from "../http/person-fields.ts";
import { because, noFormula, oneLine, textField } from "../http/validation.ts";
import { noticesField } from "../notices/notices-field.ts";
import { PUBLIC_STATES } from "./petition.ts";

const code = (max: number) =>
  v.pipe(v.string(), v.regex(/^[\w-]+$/, because("wrong_type")), v.maxLength(max, because("too_long")));

export const titleField = v.pipe(textField(100), noFormula(), oneLine(), v.description("What the petition asks for."));
export const backgroundField = v.pipe(textField(500), v.description("Why, in short."));
export const detailsField = v.optional(v.pipe(textField(1000), v.description("What else there is to say.")));

/** Body of `POST /v1/petitions`. */
export const NewPetition = v.strictObject({
  title: titleField,
  background: backgroundField,
  details: detailsField,
  creator: v.strictObject({
    name: nameField,
    email: emailField,
    postcode: v.optional(postcodeField),
  }),
  area: v.optional(v.pipe(code(32), v.description("The area that it is about: a code of `GET /v1/areas`."))),
  topics: v.optional(
    v.pipe(
      v.array(code(64)),
      v.maxLength(5, because("too_many")),
      v.description("What it is about: codes of `GET /v1/topics`."),
    ),
  ),
  locale: v.optional(
    v.pipe(
      localeField,
      v.description("The language of the petition and of mails, a BCP 47 tag. Without it `Accept-Language` decides."),
    ),
  ),
  notices: noticesField,
});

/** Query of `GET /v1/petitions`. */
export const PetitionQuery = v.strictObject({
  state: v.optional(
    v.pipe(
      v.picklist(PUBLIC_STATES),
      v.description("Only petitions in this state. Without it all that are public, or the open ones for `closing`."),
    ),
  ),
  area: v.optional(v.pipe(code(32), v.description("Only petitions about this area."))),
  topic: v.optional(v.pipe(code(64), v.description("Only petitions about this topic."))),
  department: v.optional(v.pipe(code(64), v.description("Only petitions that this department answers for."))),
  q: v.optional(
    v.pipe(textField(200), v.description("Words to look for: all must occur, the last may be unfinished.")),
  ),
  sort: v.optional(
    v.pipe(
      v.picklist(["newest", "popular", "trending", "closing"]),
      v.description(
        "`newest`: opened last. `popular`: most signatures. `trending`: most in the last day. `closing`: ends next.",
      ),
    ),
    "newest",
  ),
  ...pageFields(50),
});

/** Query of `GET /v1/petitions/similar`. */
export const SimilarQuery = v.strictObject({
  q: v.pipe(
    textField(200),
    v.description("A title. Any of its words may occur; small words such as `the` don't count."),
  ),
  limit: pageFields(10, 5).limit,
});

/** Answer of `POST /v1/petitions`. */
export const PetitionSubmitted = v.strictObject({ id: idAnswer("pet"), state: v.literal("draft") });

const summary = {
  id: idAnswer("pet"),
  state: v.picklist(PUBLIC_STATES),
  title: v.string(),
  background: v.string(),
  locale: v.string(),
  area: v.nullable(v.string()),
  topics: v.array(v.string()),
  department: v.nullable(v.string()),
  created_at: timeAnswer,
  opens_at: v.nullable(timeAnswer),
  closes_at: v.nullable(timeAnswer),
  ended_at: v.nullable(timeAnswer),
  signing_paused: v.pipe(
    v.boolean(),
    v.description(
      "Whether the municipality has paused signing while the petition is open. It does not close then, also when `closes_at` has passed; afterwards `closes_at` is later by the days of the pause.",
    ),
  ),
  signature_count: v.pipe(countAnswer, v.description("Verified signatures.")),
};

/** A petition in a list. */
export const PetitionSummary = v.strictObject(summary);

/** Answer of `GET /v1/petitions`. */
export const PetitionList = listAnswer(PetitionSummary);

const dayAnswer = v.pipe(v.string(), v.isoDate());

/** What one other system says of a petition. */
const FactFromElsewhere = v.strictObject({
  source: v.pipe(v.string(), v.description("Who says it.")),
  url: v.pipe(v.nullable(v.string()), v.description("The petition there.")),
  as_of: v.pipe(dayAnswer, v.description("The day of the figures.")),
  as_of_basis: v.pipe(
    v.picklist(importedFacts.asOfBasis.enumValues),
    v.description("`stated`: the day is given. `latest_event`: the figures are of that day or later."),
  ),
  opened_at: v.nullable(timeAnswer),
  signatures: v.pipe(v.nullable(countAnswer), v.description("The total there. None of it counts here.")),
  thresholds: v.pipe(
    v.array(v.strictObject({ name: v.string(), reached_at: timeAnswer })),
    v.description("What was reached there, by its own names."),
  ),
  response: v.nullable(
    v.strictObject({ summary: v.string(), details: v.string(), responded_on: v.nullable(dayAnswer) }),
  ),
  areas: v.pipe(
    v.nullable(
      v.strictObject({
        as_of: dayAnswer,
        counts: v.array(v.strictObject({ code: v.string(), name: v.string(), signatures: countAnswer })),
      }),
    ),
    v.description("Signatures by its own areas, each rounded down to a multiple of 5; areas with fewer are left out."),
  ),
});

/** Answer of `GET /v1/petitions/{id}`. */
export const PetitionDocument = v.strictObject({
  ...summary,
  details: v.string(),
  thresholds: v.array(
    v.strictObject({
      name: v.pipe(
        v.picklist(thresholds.name.enumValues),
        v.description("What the municipality then owes: an answer, or a hearing."),
      ),
      signatures: countAnswer,
      reached_at: v.nullable(timeAnswer),
    }),
  ),
  response: v.pipe(
    v.nullable(
      v.strictObject({
        summary: v.string(),
        details: v.string(),
        published_at: timeAnswer,
        amended_at: v.pipe(
          v.nullable(timeAnswer),
          v.description("When its text last changed; `GET …/responses` has every text."),
        ),
      }),
    ),
    v.description("The municipality's answer, once published."),
  ),
  hearing: v.pipe(
    v.nullable(v.strictObject({ date: dayAnswer, outcome: v.nullable(v.string()) })),
    v.description("The hearing before the council: when, and what came of it."),
  ),
  rejection: v.pipe(
    v.nullable(v.strictObject({ code: v.string(), details: v.nullable(v.string()) })),
    v.description("Why it was rejected, if it was."),
  ),
  elsewhere: v.pipe(
    v.nullable(v.array(FactFromElsewhere)),
    v.description("What other systems say of a petition that was imported from them; null for every other one."),
  ),
});
