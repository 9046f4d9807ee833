import { type ApiPart, EXAMPLE_PETITION } from "../http/openapi.ts";
import { Overview } from "./overview.schema.ts";
import { ParkedMailList, ParkedQuery, RetryAnswer } from "./parked-mail.schema.ts";

const headers = { Authorization: "Bearer fm_staff_local" };
const EXAMPLE_JOB = "job_01936d9e-8c4b-7f00-9a51-00005afe0004";
const nothing = { count: 0, more: false, oldest_at: null, oldest_days: null, items: [] };

/** What needs attention, described. */
export const overviewApi = (): ApiPart => ({
  name: "Overview",
  description: "What needs attention today, and mail that could not be delivered.",
  schemas: { Overview, ParkedMailList, RetryAnswer },
  operations: [
    {
      method: "get",
      path: "/v1/admin/overview",
      id: "readOverview",
      summary: "Read what needs attention today",
      description:
        "For staff: switches that are on, petitions that wait for a decision, answers and hearings that are overdue, thresholds that were reached and not acted on, alarms that nobody has acknowledged, counts found wrong in the last seven days, and for moderators held signatures to review, mail that could not be delivered, messages that could not be handled; for admins of the whole municipality partners' webhooks that were disabled. Moderators also read of personal data: what could not be erased in time, what is held for legal reasons, what is erased within two weeks and what was in the last seven days. Whoever is limited to a department sees what concerns its petitions.",
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
                  due_at: null,
                  days_left: null,
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
    {
      method: "get",
      path: "/v1/admin/mail/parked",
      id: "listParkedMail",
      summary: "List mail that could not be delivered",
      description:
        "For moderators: which kind of mail, about which petition, since when and why; never to whom. The newest first. Whoever is limited to a department sees what concerns its petitions.",
      staff: "moderator",
      query: ParkedQuery,
      answer: {
        status: 200,
        description: "Parked mail.",
        schema: ParkedMailList,
        headers: ["Cache-Control", "Link"],
        example: {
          data: [
            {
              id: EXAMPLE_JOB,
              kind: "signature_answer",
              petition_id: EXAMPLE_PETITION,
              title: "Benches for the market square",
              error: "E_RECIPIENT_NOT_ALLOWED",
              attempts: 1,
              since: "2026-11-23T14:05:09.000Z",
            },
          ],
          next_cursor: null,
        },
      },
      problems: ["unauthorized", "not_found", "invalid_request", "invalid_cursor", "unavailable"],
      examples: [{ summary: "List it", path: "/v1/admin/mail/parked?limit=50", headers }],
    },
    {
      method: "post",
      path: "/v1/admin/mail/parked/{id}/retry",
      id: "retryParkedMail",
      summary: "Try a mail again that could not be delivered",
      description:
        "For moderators. It goes out within a minute, as a rule at once, with all its tries. Repeating it sends nothing twice.",
      staff: "moderator",
      parameters: [{ name: "id", in: "path", description: "The parked mail's id.", example: EXAMPLE_JOB }],
      answer: {
        status: 200,
        description: "What has become of it.",
        schema: RetryAnswer,
        headers: ["Cache-Control"],
        example: { id: EXAMPLE_JOB, state: "waiting" },
      },
      problems: ["unauthorized", "not_found", "unavailable"],
      examples: [{ summary: "Try it again", path: `/v1/admin/mail/parked/${EXAMPLE_JOB}/retry`, headers }],
    },
  ],
});
