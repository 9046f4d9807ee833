import * as v from "valibot";
import { countAnswer, idAnswer, timeAnswer } from "../http/answer-fields.ts";
import { tableFields } from "../http/table.ts";
import type { NoForecastReason } from "./petition-trend.ts";

/** Query of `GET /v1/admin/petitions/{id}/trend`. */
export const TrendQuery = v.strictObject(tableFields);

const dayAnswer = v.pipe(v.string(), v.isoDate());

/** One of the municipality's days. */
export const TrendDay = v.strictObject({
  day: v.pipe(dayAnswer, v.description("The municipality's.")),
  count: v.pipe(countAnswer, v.description("Signatures verified on it that count now.")),
  mean_7d: v.pipe(
    v.nullable(v.pipe(v.number(), v.minValue(0))),
    v.description("The mean of it and the six days before; null in the first six days, and for today."),
  ),
  partial: v.optional(v.pipe(v.literal(true), v.description("The day is not over: its count is what it has so far."))),
  hours: v.pipe(
    v.array(
      v.strictObject({ hour: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(23)), count: countAnswer }),
    ),
    v.description("Its hours in which somebody has signed."),
  ),
});

const reasons = [
  "already_reached",
  "not_open",
  "too_little_data",
  "not_before_closing",
] as const satisfies readonly NoForecastReason[];

/** A threshold, and when it is expected. */
export const ThresholdForecast = v.strictObject({
  name: v.picklist(["response", "hearing"]),
  signatures: v.pipe(v.number(), v.integer(), v.minValue(1)),
  reached_at: v.nullable(timeAnswer),
  forecast: v.pipe(
    v.nullable(
      v.strictObject({
        earliest: dayAnswer,
        likely: v.pipe(v.nullable(dayAnswer), v.description("Null: rather not before the petition closes.")),
        latest: v.pipe(v.nullable(dayAnswer), v.description("Null: possibly not before the petition closes.")),
      }),
    ),
    v.description(
      "The days between which it is expected, all before the petition closes. Null where `reason` says why.",
    ),
  ),
  reason: v.pipe(
    v.nullable(v.picklist(reasons)),
    v.description(
      "`too_little_data`: less than a full week, or fewer than ten signatures in less than four weeks. `not_before_closing`: not even if it goes as well as can be expected.",
    ),
  ),
});

/** Answer of `GET /v1/admin/petitions/{id}/trend`. */
export const PetitionTrend = v.strictObject({
  petition_id: idAnswer("pet"),
  as_of: v.pipe(timeAnswer, v.description("When the tallies were read.")),
  time_zone: v.pipe(v.string(), v.description("In which days and hours are counted.")),
  verified: v.pipe(countAnswer, v.description("All that count, those from before the petition opened among them.")),
  closes_at: v.pipe(v.nullable(timeAnswer), v.description("Null while no time is set.")),
  days: v.pipe(
    v.array(TrendDay),
    v.description("Every day from the one on which the petition opened to today, or to its last; empty before."),
  ),
  thresholds: v.pipe(v.array(ThresholdForecast), v.description("The lowest first.")),
  method: v.pipe(v.string(), v.description("How the forecast is made, in a sentence.")),
});
