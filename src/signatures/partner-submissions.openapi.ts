import {
  type ApiPart,
  EXAMPLE_PARTNER_KEY,
  EXAMPLE_PETITION,
  PARTNER_HEADERS,
  PARTNER_PROBLEMS,
} from "../http/openapi.ts";
import {
  SentCounts,
  SentCountsQuery,
  SentList,
  SentQueryFields,
  SentSubmission,
} from "./partner-submissions.schema.ts";

const headers = { Authorization: `Bearer ${EXAMPLE_PARTNER_KEY}` };

/** What a partner reads of what it sent, described. */
export const partnerSubmissionsApi = (): ApiPart => ({
  name: "Partners' signatures",
  description:
    "What a partner organisation reads of the signatures that it sent: its own, and never another partner's.",
  schemas: { SentSubmission, SentList, SentCounts },
  operations: [
    {
      method: "get",
      path: "/v1/partner/submissions",
      id: "listSent",
      summary: "Read what became of the signatures that you sent",
      description:
        "The newest first, for the petitions of your key. A page may be short, or empty, and still not be the last: go on while there is a `next_cursor`. What is accepted shows up within seconds. A test key reads what test keys sent within the last 24 hours, and nothing else.",
      partner: { scope: "signatures:read", tests: "too" },
      query: SentQueryFields,
      answer: {
        status: 200,
        description: "Your submissions.",
        schema: SentList,
        headers: ["Cache-Control", "Link", ...PARTNER_HEADERS],
        example: {
          data: [
            {
              submission_id: "sub_01936d9e-9f02-7c31-8a44-2b6f0d9c7e15",
              petition_id: EXAMPLE_PETITION,
              reference: "member-4711",
              status: "verified",
              submitted_at: "2026-11-23T14:05:09.000Z",
              verified_at: "2026-11-23T14:09:30.000Z",
              signer: { name: "Ada Anchorby", email: "ada@example.org", postcode: null },
            },
          ],
          next_cursor: null,
        },
      },
      problems: [...PARTNER_PROBLEMS, "invalid_request", "invalid_cursor"],
      examples: [{ summary: "The verified ones", path: "/v1/partner/submissions?status=verified", headers }],
    },
    {
      method: "get",
      path: "/v1/partner/counts",
      id: "countSent",
      summary: "Count the signatures that you sent, by petition and day",
      description:
        "How many you sent on each day, and how many of these were verified, by now. The last seven days without `from` and `to`, 31 at most.",
      partner: { scope: "counts:read" },
      query: SentCountsQuery,
      answer: {
        status: 200,
        description: "Your counts; days without any are left out.",
        schema: SentCounts,
        headers: ["Cache-Control", ...PARTNER_HEADERS],
        example: {
          from: "2026-11-23",
          to: "2026-11-24",
          data: [{ petition_id: EXAMPLE_PETITION, day: "2026-11-23", submitted: 120, verified: 84 }],
        },
      },
      problems: [...PARTNER_PROBLEMS, "invalid_request"],
      examples: [{ summary: "Two days", path: "/v1/partner/counts?from=2026-11-23&to=2026-11-24", headers }],
    },
  ],
});
