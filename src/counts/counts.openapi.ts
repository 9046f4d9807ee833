import { type ApiPart, EXAMPLE_PETITION, petitionParameter, publicAnswer } from "../http/openapi.ts";
import { BreakdownQuery, PetitionBreakdown, PublicBar } from "./breakdown.schema.ts";
import { AreaBar, Bar, CountsQuery, Funnel, PetitionCount, PetitionTallies } from "./counts.schema.ts";
import { FORECAST_METHOD } from "./forecast.ts";
import { reachOperations } from "./reach.openapi.ts";
import { AllCounts, AllReach, AreaReach, PetitionGrowth, PetitionReach } from "./reach.schema.ts";
import { PetitionTrend, ThresholdForecast, TrendDay, TrendQuery } from "./trend.schema.ts";

const AS_OF = "2026-11-23T14:05:09.000Z";

/** Reading the counts, described. */
export const countsApi = (): ApiPart => ({
  name: "Counts",
  description: "How many have signed. A count moves in the same transaction as the signature that it counts.",
  schemas: {
    Bar,
    PublicBar,
    PetitionBreakdown,
    AreaBar,
    Funnel,
    PetitionCount,
    PetitionTallies,
    TrendDay,
    ThresholdForecast,
    PetitionTrend,
    AllCounts,
    PetitionGrowth,
    PetitionReach,
    AreaReach,
    AllReach,
  },
  operations: [
    {
      method: "get",
      path: "/v1/petitions/{id}/count",
      id: "countPetition",
      summary: "Count a petition's signatures",
      description:
        "The exact number of verified signatures, at most 15 seconds old: small, and meant to be asked for often. The `ETag` follows the number, so whoever sends it as `If-None-Match` gets 304 while nobody signs.",
      parameters: [petitionParameter],
      answer: publicAnswer({
        description: "The count.",
        schema: PetitionCount,
        example: { petition_id: EXAMPLE_PETITION, verified: 1234, as_of: AS_OF },
      }),
      problems: ["not_found", "unavailable"],
      examples: [{ summary: "Read a count", path: `/v1/petitions/${EXAMPLE_PETITION}/count` }],
    },
    {
      method: "get",
      path: "/v1/petitions/{id}/breakdown",
      id: "breakDownPetition",
      summary: "Read where and when a petition was signed",
      description:
        "Verified signatures by area, day or channel, taken at most once a day and rounded down to a multiple of 5, so that nobody can be found in them. They change when at least ten more people have signed since they last rose, or have withdrawn or been taken out since they last fell: `as_of` says when. They do not add up to the count, and are not meant to.",
      parameters: [petitionParameter],
      query: BreakdownQuery,
      answer: publicAnswer({
        description: "The numbers.",
        schema: PetitionBreakdown,
        example: {
          petition_id: EXAMPLE_PETITION,
          by: "area",
          as_of: "2026-11-23",
          data: [{ key: "north", label: "North Ward", count: 45 }],
        },
      }),
      problems: ["invalid_request", "not_found", "unavailable"],
      examples: [{ summary: "Read it by area", path: `/v1/petitions/${EXAMPLE_PETITION}/breakdown?by=area` }],
    },
    {
      method: "get",
      path: "/v1/admin/petitions/{id}/counts",
      id: "tallyPetition",
      summary: "Read everything that is counted of a petition",
      description:
        "For staff: exact numbers by state, the way from submission to verified, and the verified signatures by area, channel, partner, assurance, language, day and hour. Days and hours are the municipality's. It works in every state of the petition. With `format=csv` it is a table with a record for each number.",
      staff: "viewer",
      parameters: [petitionParameter],
      query: CountsQuery,
      answer: {
        status: 200,
        otherType: "text/csv",
        description: "The tallies.",
        schema: PetitionTallies,
        headers: ["Cache-Control"],
        example: {
          petition_id: EXAMPLE_PETITION,
          as_of: AS_OF,
          states: { pending: 3, verified: 2, quarantined: 1, invalidated: 0, withdrawn: 1 },
          funnel: {
            submitted: 8,
            mailed: 8,
            verified: 3,
            rates: { mailed: 1, verified: 0.375, overall: 0.375 },
            seconds_to_verify: { median: 79, p95: 4219 },
          },
          by: {
            area: [
              { key: "north", label: "North Ward", count: 1, population: 4200, per_1000: 0.24 },
              { key: "", label: "", count: 1, population: null, per_1000: null },
            ],
            channel: [
              { key: "poster", label: "Poster", count: 1 },
              { key: "", label: "", count: 1 },
            ],
            partner: [{ key: "", label: "", count: 2 }],
            assurance: [{ key: "email", label: "email", count: 2 }],
            locale: [{ key: "en", label: "en", count: 2 }],
            day: [{ key: "2026-11-23", label: "2026-11-23", count: 2 }],
            hour: [{ key: "2026-11-23T14", label: "2026-11-23T14", count: 2 }],
          },
        },
      },
      problems: ["invalid_request", "unauthorized", "not_found", "unavailable"],
      examples: [
        {
          summary: "Read the tallies with local mode's staff key",
          path: `/v1/admin/petitions/${EXAMPLE_PETITION}/counts`,
          headers: { Authorization: "Bearer fm_staff_local" },
        },
        {
          summary: "Read the hours of a week",
          path: `/v1/admin/petitions/${EXAMPLE_PETITION}/counts?by=hour&from=2026-11-16&to=2026-11-22`,
          headers: { Authorization: "Bearer fm_staff_local" },
        },
      ],
    },
    {
      method: "get",
      path: "/v1/admin/petitions/{id}/trend",
      id: "readTrend",
      summary: "Read a petition's days, and when its thresholds are expected",
      description:
        "For staff: signatures a day with a mean of seven days, and for each threshold the range of days in which it is expected, or the reason why none is named. Days and hours are the municipality's. A day that is not over pulls neither the mean nor a forecast down. A forecast continues what has been and foresees no new wave; `method` says how it is made. With `format=csv` it is a table of days, then of thresholds.",
      staff: "viewer",
      parameters: [petitionParameter],
      query: TrendQuery,
      answer: {
        status: 200,
        otherType: "text/csv",
        description: "The trend.",
        schema: PetitionTrend,
        headers: ["Cache-Control"],
        example: {
          petition_id: EXAMPLE_PETITION,
          as_of: AS_OF,
          time_zone: "Europe/London",
          verified: 412,
          closes_at: "2027-05-01T23:00:00.000Z",
          days: [
            { day: "2026-11-22", count: 5, mean_7d: 7.14, hours: [{ hour: 18, count: 5 }] },
            { day: "2026-11-23", count: 2, mean_7d: null, partial: true, hours: [{ hour: 14, count: 2 }] },
          ],
          thresholds: [
            {
              name: "response",
              signatures: 500,
              reached_at: null,
              forecast: { earliest: "2026-12-03", likely: "2026-12-07", latest: "2026-12-19" },
              reason: null,
            },
            { name: "hearing", signatures: 5000, reached_at: null, forecast: null, reason: "not_before_closing" },
          ],
          method: FORECAST_METHOD,
        },
      },
      problems: ["invalid_request", "unauthorized", "not_found", "unavailable"],
      examples: [
        {
          summary: "Read the trend with local mode's staff key",
          path: `/v1/admin/petitions/${EXAMPLE_PETITION}/trend`,
          headers: { Authorization: "Bearer fm_staff_local" },
        },
      ],
    },
    ...reachOperations,
  ],
});
