import { type ApiPart, EXAMPLE_PETITION, petitionParameter, publicAnswer } from "../http/openapi.ts";
import { IntegrityReport } from "./integrity-report.schema.ts";

/** The public integrity report, described. */
export const integrityReportApi = (): ApiPart => ({
  name: "Integrity",
  description: "How a petition's counts came about: what everyone may know of it.",
  schemas: { IntegrityReport },
  operations: [
    {
      method: "get",
      path: "/v1/petitions/{id}/integrity",
      id: "readIntegrity",
      summary: "Read a petition's integrity report",
      description:
        "Taken once a day. Each number is rounded down to a multiple of 5 and changes only when at least ten signatures of its kind have come or gone, and at least five of a kind are in no number, so that no comparison reveals a person: the numbers do not add up to the exact count. The counts are proved by counting all signatures anew, as a rule once a day.",
      parameters: [petitionParameter],
      answer: publicAnswer({
        description: "The report.",
        schema: IntegrityReport,
        example: {
          petition_id: EXAMPLE_PETITION,
          as_of: "2026-11-23T00:17:02.000Z",
          verified: { email: 1230 },
          invalidated: { bots: 140, duplicates: 5 },
          held: 20,
          reconciliation: { day: "2026-11-22", repaired_day: null },
        },
      }),
      problems: ["not_found", "unavailable"],
      examples: [{ summary: "Read it", path: `/v1/petitions/${EXAMPLE_PETITION}/integrity` }],
    },
  ],
});
