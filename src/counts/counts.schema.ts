import * as v from "valibot";
import { countAnswer, idAnswer, timeAnswer } from "../http/answer-fields.ts";
import { inJsonSchema } from "../http/json-schema.ts";
import { tableFields } from "../http/table.ts";
import { because } from "../http/validation.ts";
import { type Dimension, dimensions } from "./petition-counts.ts";
import { spanFields } from "./span.ts";

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

/** A bar of an area. */
export const AreaBar = v.strictObject({
  ...Bar.entries,
  population: v.pipe(v.nullable(countAnswer), v.description("How many people live there; null: not known.")),
  per_1000: v.pipe(v.nullable(v.number()), v.description("Signatures for each 1,000 of them.")),
});

const isDimension = (text: string): text is Dimension => (dimensions as readonly string[]).includes(text);

/** Query of `GET /v1/admin/petitions/{id}/counts`. */
export const CountsQuery = v.strictObject({
  by: v.optional(
    v.pipe(
      v.string(),
      inJsonSchema(
        v.check(
          (text: string) =>
            text.split(",").every(isDimension) && new Set(text.split(",")).size === text.split(",").length,
          because("wrong_type"),
        ),
        { says: `One or more of ${dimensions.map((one) => `\`${one}\``).join(", ")}, with commas between.` },
      ),
      inJsonSchema(
        v.transform((text: string) => text.split(",").filter(isDimension)),
        {},
      ),
      v.description(
        "Which breakdowns; without it all or, with `from` or `to`, `day` and `hour`: the others have no time.",
      ),
    ),
  ),
  ...spanFields,
  ...tableFields,
});

const rateAnswer = v.nullable(v.pipe(v.number(), v.minValue(0)));
const secondsAnswer = v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1)));

/** The way from submission to verified, since the petition began. */
export const Funnel = v.strictObject({
  submitted: v.pipe(
    countAnswer,
    v.description(
      "Signatures that people submitted, each once however often it was repeated; held ones too. Somebody who withdrew and signs again counts again.",
    ),
  ),
  mailed: v.pipe(
    countAnswer,
    v.description(
      "Of these, those whose first verification mail was handed over to the mail provider: not that it arrived, nor that it was read.",
    ),
  ),
  verified: v.pipe(
    countAnswer,
    v.description("Of these, those that were verified, whatever became of them since: it is never taken back."),
  ),
  rates: v.strictObject({
    mailed: v.pipe(rateAnswer, v.description("`mailed` by `submitted`.")),
    verified: v.pipe(rateAnswer, v.description("`verified` by `mailed`.")),
    overall: v.pipe(rateAnswer, v.description("`verified` by `submitted`.")),
  }),
  seconds_to_verify: v.pipe(
    v.strictObject({ median: secondsAnswer, p95: secondsAnswer }),
    v.description(
      "From the last submission to verified, of those that count by e-mail: what half, and what 95 of 100 of them do not exceed. At most 9.1 % off.",
    ),
  ),
});

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
  funnel: Funnel,
  span: v.optional(
    v.pipe(
      v.strictObject({
        from: v.pipe(v.string(), v.isoDate()),
        to: v.pipe(v.string(), v.isoDate()),
        verified: countAnswer,
      }),
      v.description("The days to which `day` and `hour` are limited, if they are."),
    ),
  ),
  by: v.pipe(
    v.strictObject({
      area: v.optional(v.array(AreaBar)),
      channel: v.optional(bars),
      partner: v.optional(bars),
      assurance: v.optional(bars),
      locale: v.optional(bars),
      day: v.optional(bars),
      hour: v.optional(bars),
    }),
    v.description(
      "The verified signatures, exactly; each breakdown adds up to `states.verified`, days and hours of a span to `span.verified`.",
    ),
  ),
});
