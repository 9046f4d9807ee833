import { type ApiPart, EXAMPLE_PETITION } from "../http/openapi.ts";
import { DifferenceQuery, TallyDifference, TallyDifferenceList } from "./reconciliation.schema.ts";

const Authorization = "Bearer fm_staff_local";

/** What recounts find, described. */
export const reconciliationApi = (): ApiPart => ({
  name: "Reconciliation",
  description:
    "Every petition is counted anew from its signatures once a day, also while people sign. Tallies that differ are put right when a second recount finds the same.",
  schemas: { TallyDifference, TallyDifferenceList },
  operations: [
    {
      method: "get",
      path: "/v1/admin/reconciliations",
      id: "listReconciliations",
      summary: "List what recounts have found",
      description:
        "For staff: each difference between stored counts and signatures that was ever found, the newest first. An empty list is the normal one.",
      staff: "viewer",
      query: DifferenceQuery,
      answer: {
        status: 200,
        description: "The differences.",
        schema: TallyDifferenceList,
        headers: ["Cache-Control"],
        example: {
          data: [
            {
              id: "dif_01936d9e-8c4b-7f00-9a51-0123456789ab",
              petition_id: EXAMPLE_PETITION,
              title: "Benches for the market square",
              found_at: "2026-11-23T14:05:09.000Z",
              outcome: "repaired",
              cells: [{ cell: "state:verified", before: 812, after: 790 }],
            },
          ],
          next_cursor: null,
        },
      },
      problems: ["unauthorized", "not_found", "invalid_request", "invalid_cursor", "unavailable"],
      examples: [{ summary: "List them", path: "/v1/admin/reconciliations?limit=5", headers: { Authorization } }],
    },
  ],
});
