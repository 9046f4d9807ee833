import * as v from "valibot";
import { petitionStates } from "../db/schema.ts";
import { countAnswer, idAnswer, timeAnswer } from "../http/answer-fields.ts";
import { pageFields } from "../http/paging.ts";
import { tableFields } from "../http/table.ts";
import { because } from "../http/validation.ts";
import { spanFields } from "./span.ts";

const codeField = (says: string) =>
  v.optional(
    v.pipe(v.string(), v.minLength(1, because("empty")), v.maxLength(64, because("too_long")), v.description(says)),
  );

const sliceFields = {
  department: codeField("Petitions of this department. Staff of a department see no other."),
  area: codeField("Petitions that concern this area."),
  topic: codeField("Petitions with this topic."),
};

/** Query of `GET /v1/admin/counts`. */
export const AllCountsQuery = v.strictObject({ ...sliceFields, ...spanFields, ...pageFields(100), ...tableFields });

/** Query of `GET /v1/admin/reach`. */
export const AllReachQuery = v.strictObject({ ...sliceFields, ...tableFields });

/** Query of `GET /v1/admin/petitions/{id}/reach`. */
export const ReachQuery = v.strictObject(tableFields);

const dayAnswer = v.pipe(v.string(), v.isoDate());
const spanAnswer = v.strictObject({ from: dayAnswer, to: dayAnswer });
const shareAnswer = v.nullable(v.number());

const growth = {
  verified: v.pipe(countAnswer, v.description("All that count.")),
  in_span: v.pipe(countAnswer, v.description("Verified in the span, and counting at `as_of`.")),
  before: v.pipe(countAnswer, v.description("The same in the span of the same length just before.")),
  change: v.pipe(v.number(), v.integer()),
  growth: v.pipe(shareAnswer, v.description("`change` by `before`: 0.25 is a quarter more. Null when there was none.")),
};

const takenAt = v.pipe(
  v.nullable(timeAnswer),
  v.description("When the snapshot was taken, each hour; null before the first."),
);

/** A petition among others. */
export const PetitionGrowth = v.strictObject({
  petition_id: idAnswer("pet"),
  title: v.string(),
  state: v.picklist(petitionStates),
  department: v.nullable(v.string()),
  area: v.nullable(v.string()),
  topics: v.array(v.string()),
  ...growth,
});

/** Answer of `GET /v1/admin/counts`. */
export const AllCounts = v.strictObject({
  as_of: takenAt,
  span: spanAnswer,
  before: spanAnswer,
  petitions: v.pipe(countAnswer, v.description("How many petitions the totals are of, in whatever state but drafts.")),
  totals: v.strictObject(growth),
  data: v.pipe(v.array(PetitionGrowth), v.description("A page of them, the most signed first.")),
  next_cursor: v.nullable(v.string()),
});

/** An area, compared with what would be expected of it. */
export const AreaReach = v.strictObject({
  key: v.string(),
  label: v.string(),
  population: v.nullable(countAnswer),
  population_share: v.pipe(shareAnswer, v.description("Of all who live in areas with a known population.")),
  verified: countAnswer,
  share: v.pipe(shareAnswer, v.description("Of all signatures from those areas.")),
  per_1000: v.nullable(v.number()),
  expected: v.pipe(v.nullable(v.number()), v.description("Signatures if people there signed as in the typical area.")),
  missing: v.pipe(v.boolean(), v.description("Whether it is far below that; `method` says what is far.")),
});

const byArea = {
  typical_per_1000: v.pipe(
    v.number(),
    v.description("Signatures for each 1,000 people in the area where the middle one of all residents lives."),
  ),
  areas: v.pipe(v.array(AreaReach), v.description("Every area of the list, those that lack most first.")),
  method: v.pipe(v.string(), v.description("How areas are judged.")),
};

/** Answer of `GET /v1/admin/petitions/{id}/reach`. */
export const PetitionReach = v.strictObject({
  petition_id: idAnswer("pet"),
  as_of: timeAnswer,
  verified: countAnswer,
  ...byArea,
  channels: v.pipe(
    v.array(
      v.strictObject({
        key: v.pipe(v.string(), v.description("Blank: without a channel.")),
        label: v.string(),
        owner: v.nullable(v.string()),
        partner: v.nullable(v.string()),
        verified: countAnswer,
        share: v.pipe(shareAnswer, v.description("Of all verified signatures.")),
      }),
    ),
    v.description("What each channel brought, the most first."),
  ),
});

/** Answer of `GET /v1/admin/reach`. */
export const AllReach = v.strictObject({ as_of: takenAt, petitions: countAnswer, verified: countAnswer, ...byArea });
