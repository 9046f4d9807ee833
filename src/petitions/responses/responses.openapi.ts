import {
  type ApiPart,
  BODY_PROBLEMS,
  EXAMPLE_PETITION,
  type Operation,
  petitionParameter,
  publicAnswer,
} from "../../http/openapi.ts";
import { HearingBody, PublishBody, ResponseBody, ResponseVersionList, StaffResponse } from "./responses.schema.ts";

const Authorization = "Bearer fm_staff_local";
const headers = { Authorization, "If-Match": '"1"' };
const PATH = `/v1/admin/petitions/${EXAMPLE_PETITION}`;

const text = {
  summary: "The town will put up six benches by May.",
  details: "The works department has found the money in this year’s budget. Two benches will stand in the shade.",
};

const answer: Operation["answer"] = {
  status: 200,
  description: "The answer as it stands then, with the `ETag` of the petition's new version.",
  schema: StaffResponse,
  headers: ["ETag", "Cache-Control"],
  example: {
    petition_id: EXAMPLE_PETITION,
    version: 4,
    draft: null,
    published: { ...text, published_at: "2026-11-23T14:05:09.000Z", amended_at: null },
    versions: [{ version: 1, ...text, published_at: "2026-11-23T14:05:09.000Z" }],
    hearing: { date: "2027-01-14", outcome: null },
  },
};

const deciding = {
  staff: "moderator",
  decides: true,
  parameters: [petitionParameter],
  answer,
  problems: [...BODY_PROBLEMS, "unauthorized", "not_found", "illegal_state", "unavailable"],
} as const satisfies Partial<Operation>;

/** The municipality's answer, described. */
export const responsesApi = (): ApiPart => ({
  name: "Responses",
  description:
    "What the municipality answers to a petition that is open, closed or stopped, and the hearing. An answer is drafted, published, and may be amended; every text that was published stays readable.",
  schemas: { ResponseVersionList, StaffResponse },
  operations: [
    {
      method: "get",
      path: "/v1/petitions/{id}/responses",
      id: "listResponses",
      summary: "Read every text of the municipality's answer",
      description:
        "The newest first; the newest is also the petition's `response`. Empty while the municipality has not answered.",
      parameters: [petitionParameter],
      answer: publicAnswer({
        description: "The texts.",
        schema: ResponseVersionList,
        example: { data: [{ version: 1, ...text, published_at: "2026-11-23T14:05:09.000Z" }], next_cursor: null },
      }),
      problems: ["not_found", "unavailable"],
      examples: [{ summary: "Read them", path: `/v1/petitions/${EXAMPLE_PETITION}/responses` }],
    },
    {
      method: "get",
      path: "/v1/admin/petitions/{id}/response",
      id: "readResponseForStaff",
      summary: "Read a petition's answer, its draft and the hearing",
      description: "For staff. Its `ETag` is the petition's: what a decision needs as `If-Match`.",
      staff: "viewer",
      parameters: [petitionParameter],
      answer: { ...answer, description: "The answer." },
      problems: ["unauthorized", "not_found", "unavailable"],
      examples: [{ summary: "Read it", path: `${PATH}/response`, headers: { Authorization } }],
    },
    {
      ...deciding,
      method: "put",
      path: "/v1/admin/petitions/{id}/response",
      id: "draftResponse",
      summary: "Write the answer, or its new text, without publishing it",
      description: "Only staff read it before it is published. It replaces the draft that is there.",
      body: ResponseBody,
      examples: [{ summary: "Write a draft", path: `${PATH}/response`, headers, body: text }],
    },
    {
      ...deciding,
      method: "post",
      path: "/v1/admin/petitions/{id}/response/publish",
      id: "publishResponse",
      summary: "Publish the draft",
      description:
        "As the petition's answer, or as the answer's new text; earlier texts stay readable at `GET /v1/petitions/{id}/responses`. The threshold for an answer is acted on from then, and keeps its stamp whatever the count does.",
      body: PublishBody,
      problems: [...deciding.problems, "nothing_drafted"],
      examples: [{ summary: "Publish it", path: `${PATH}/response/publish`, headers, body: {} }],
    },
    {
      ...deciding,
      method: "put",
      path: "/v1/admin/petitions/{id}/hearing",
      id: "putHearing",
      summary: "Say when a petition is heard, and what came of it",
      description:
        "Everybody reads it with the petition. What is left out stays as it was. With a day the threshold for a hearing is acted on.",
      body: HearingBody,
      examples: [
        { summary: "Set the day", path: `${PATH}/hearing`, headers, body: { date: "2027-01-14" } },
        {
          summary: "Add the outcome",
          path: `${PATH}/hearing`,
          headers,
          body: { date: "2027-01-14", outcome: "The council asks the works department for a plan by spring." },
        },
      ],
    },
  ],
});
