import { EXAMPLE_PETITION, type Operation, petitionParameter } from "../http/openapi.ts";
import { AllCounts, AllCountsQuery, AllReach, AllReachQuery, PetitionReach, ReachQuery } from "./reach.schema.ts";
import { REACH_METHOD } from "./reach.ts";

const headers = { Authorization: "Bearer fm_staff_local" };
const AS_OF = "2026-11-23T14:05:09.000Z";

const areas = {
  typical_per_1000: 20,
  areas: [
    {
      ...{ key: "south", label: "South Ward", population: 6000, population_share: 0.5455, verified: 31, share: 0.2366 },
      ...{ per_1000: 5.17, expected: 120, missing: true },
    },
    {
      ...{
        key: "north",
        label: "North Ward",
        population: 5000,
        population_share: 0.4545,
        verified: 100,
        share: 0.7634,
      },
      ...{ per_1000: 20, expected: 100, missing: false },
    },
  ],
  method: REACH_METHOD,
};

/** Counts across petitions, and reach, described. */
export const reachOperations: readonly Operation[] = [
  {
    method: "get",
    path: "/v1/admin/counts",
    id: "countAcross",
    summary: "Count across petitions",
    description:
      "For staff: sums over all petitions, or those of a department, about an area or with a topic, in a span of days, and how much more that is than in the span just before; and the petitions, the most signed first. Without `from` and `to` the span is the last seven full days; with today in it, today counts as far as it has come. From a snapshot that is taken each hour. Spans are up to 366 days long and lie, with the one before, in the last 750 days. With `format=csv` it is a table of the sums and of the page's petitions; the `Link` header leads to the next page.",
    staff: "viewer",
    query: AllCountsQuery,
    answer: {
      status: 200,
      otherType: "text/csv",
      description: "The counts.",
      schema: AllCounts,
      headers: ["Cache-Control", "Link"],
      example: {
        as_of: AS_OF,
        span: { from: "2026-11-16", to: "2026-11-22" },
        before: { from: "2026-11-09", to: "2026-11-15" },
        petitions: 1,
        totals: { verified: 412, in_span: 50, before: 40, change: 10, growth: 0.25 },
        data: [
          {
            petition_id: EXAMPLE_PETITION,
            ...{ title: "Benches for the market square", state: "open", department: "works", area: null, topics: [] },
            ...{ verified: 412, in_span: 50, before: 40, change: 10, growth: 0.25 },
          },
        ],
        next_cursor: null,
      },
    },
    problems: ["invalid_request", "invalid_cursor", "unauthorized", "not_found", "unavailable"],
    examples: [{ summary: "Read the last seven days", path: "/v1/admin/counts", headers }],
  },
  {
    method: "get",
    path: "/v1/admin/reach",
    id: "reachAcross",
    summary: "Compare where signatures come from with where people live, across petitions",
    description:
      "For staff: signatures under all petitions, or those of a department, about an area or with a topic, by the area of the signers. Somebody who signed three petitions is in it three times. From the hourly snapshot.",
    staff: "viewer",
    query: AllReachQuery,
    answer: {
      status: 200,
      otherType: "text/csv",
      description: "The reach.",
      schema: AllReach,
      headers: ["Cache-Control"],
      example: { as_of: AS_OF, petitions: 3, verified: 140, ...areas },
    },
    problems: ["invalid_request", "unauthorized", "not_found", "unavailable"],
    examples: [{ summary: "Read it of all petitions", path: "/v1/admin/reach", headers }],
  },
  {
    method: "get",
    path: "/v1/admin/petitions/{id}/reach",
    id: "readReach",
    summary: "Compare where a petition's signatures come from with where people live",
    description:
      "For staff: every area with its people, its signatures and how many would be expected, those that lack most first; and what each channel brought. With `format=csv` it is a table of areas, then of channels.",
    staff: "viewer",
    parameters: [petitionParameter],
    query: ReachQuery,
    answer: {
      status: 200,
      otherType: "text/csv",
      description: "The reach.",
      schema: PetitionReach,
      headers: ["Cache-Control"],
      example: {
        petition_id: EXAMPLE_PETITION,
        as_of: AS_OF,
        verified: 140,
        ...areas,
        channels: [
          { key: "poster", label: "Poster", owner: "Press office", partner: null, verified: 84, share: 0.6 },
          { key: "", label: "", owner: null, partner: null, verified: 56, share: 0.4 },
        ],
      },
    },
    problems: ["invalid_request", "unauthorized", "not_found", "unavailable"],
    examples: [{ summary: "Read it", path: `/v1/admin/petitions/${EXAMPLE_PETITION}/reach`, headers }],
  },
];
