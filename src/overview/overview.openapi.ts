import { type ApiPart, EXAMPLE_PETITION } from "../http/openapi.ts";
import { Overview } from "./overview.schema.ts";

const headers = { Authorization: "Bearer fm_staff_local" };
const nothing = { count: 0, more: false, oldest_at: null, oldest_days: null, items: [] };

/** What needs attention, described. */
export const overviewApi = (): ApiPart => ({
  name: "Overview",
  description: "What needs attention today.",
  schemas: { Overview },
  operations: [
    {
      method: "get",
      path: "/v1/admin/overview",
      id: "readOverview",
      summary: "Read what needs attention today",
      description:
        "For staff: petitions that wait for a decision, thresholds that were reached and not acted on, and for moderators held signatures to review, mail that could not be delivered and messages that could not be handled. Whoever is limited to a department sees what concerns its petitions.",
      staff: "viewer",
      answer: {
        status: 200,
        description: "What waits, by kind.",
        schema: Overview,
        headers: ["Cache-Control"],
        example: {
          as_of: "2026-11-23T14:05:09.000Z",
          sections: [
            {
              name: "petitions_waiting",
              count: 1,
              more: false,
              oldest_at: "2026-11-20T09:12:44.000Z",
              oldest_days: 3,
              items: [
                {
                  petition_id: EXAMPLE_PETITION,
                  title: "Benches for the market square",
                  code: null,
                  since: "2026-11-20T09:12:44.000Z",
                  count: 1,
                },
              ],
            },
            { name: "thresholds_unanswered", ...nothing },
          ],
        },
      },
      problems: ["unauthorized", "unavailable"],
      examples: [{ summary: "Read it", path: "/v1/admin/overview", headers }],
    },
  ],
});
