import {
  type ApiPart,
  BODY_PROBLEMS,
  EXAMPLE_PETITION,
  languageParameter,
  type Operation,
  petitionParameter,
  publicAnswer,
} from "../http/openapi.ts";
import {
  NewPetition,
  PetitionDocument,
  PetitionList,
  PetitionQuery,
  PetitionSubmitted,
  PetitionSummary,
  SimilarQuery,
} from "./petitions.schema.ts";

const summary = {
  id: EXAMPLE_PETITION,
  state: "open",
  title: "Benches for the market square",
  background: "There is nowhere to sit between the library and the harbour.",
  locale: "en",
  area: "north",
  topics: ["parks"],
  department: "works",
  created_at: "2026-10-28T09:12:44.000Z",
  opens_at: "2026-11-02T08:00:00.000Z",
  closes_at: "2027-05-02T23:00:00.000Z",
  ended_at: null,
  signing_paused: false,
  signature_count: 1234,
};

/** Reading petitions and submitting one, described. */
export const petitionsApi = (): ApiPart => ({
  name: "Petitions",
  description:
    "A petition is public while it is `open`, and after it was `closed`, `stopped` or `rejected`. In every other state it reads like one that does not exist.",
  schemas: { NewPetition, PetitionDocument, PetitionList, PetitionSubmitted, PetitionSummary },
  operations: [list, similar, submit, read],
});

const list: Operation = {
  method: "get",
  path: "/v1/petitions",
  id: "listPetitions",
  summary: "List petitions",
  description:
    "The public petitions, a page at a time. `next_cursor` and the `Link` header lead to the next page; go on until they are null and absent.",
  query: PetitionQuery,
  answer: {
    ...publicAnswer({
      description: "A page.",
      schema: PetitionList,
      example: { data: [summary], next_cursor: null },
    }),
    headers: ["ETag", "Cache-Control", "Link"],
  },
  problems: ["invalid_request", "invalid_cursor", "unavailable"],
  examples: [
    { summary: "The two with the most signatures", path: "/v1/petitions?sort=popular&limit=2" },
    {
      summary: "Open petitions about parks that mention benches",
      path: "/v1/petitions?state=open&topic=parks&q=bench",
    },
  ],
};

const similar: Operation = {
  method: "get",
  path: "/v1/petitions/similar",
  id: "findSimilarPetitions",
  summary: "Find open petitions like a title",
  description:
    "For somebody who is about to submit a petition: the open ones that are about the same, the most alike first, with their numbers of signatures. A list that is empty says that no word of the title occurs in an open petition.",
  query: SimilarQuery,
  answer: publicAnswer({
    description: "The most similar ones; there is no next page.",
    schema: PetitionList,
    example: { data: [summary], next_cursor: null },
  }),
  problems: ["invalid_request", "unavailable"],
  examples: [{ summary: "Three at most", path: "/v1/petitions/similar?q=A%20bench%20at%20the%20market&limit=3" }],
};

const submit: Operation = {
  method: "post",
  path: "/v1/petitions",
  id: "submitPetition",
  summary: "Submit a petition",
  description:
    "Records a draft and sends its creator a mail. Nobody can see the petition until the creator has verified and the municipality has approved it. The creator's own signature is recorded with it.",
  parameters: [languageParameter],
  body: NewPetition,
  answer: {
    status: 202,
    description: "Recorded; the creator has to verify.",
    schema: PetitionSubmitted,
    headers: ["Cache-Control"],
    example: { id: EXAMPLE_PETITION, state: "draft" },
  },
  problems: [...BODY_PROBLEMS, "rate_limited", "creation_paused", "unavailable"],
  examples: [
    {
      summary: "A petition with an area and a topic",
      path: "/v1/petitions",
      body: {
        title: "Benches for the market square",
        background: "There is nowhere to sit between the library and the harbour.",
        details: "Six would do: two in the shade, one beside the tram stop.",
        creator: { name: "Ada Anchorby", email: "ada@example.org", postcode: "BW1 1AA" },
        area: "north",
        topics: ["parks"],
        locale: "en",
      },
    },
  ],
};

const read: Operation = {
  method: "get",
  path: "/v1/petitions/{id}",
  id: "readPetition",
  summary: "Read a petition",
  description: "Its text, state, dates, thresholds and number of signatures, and what the municipality said to it.",
  parameters: [petitionParameter],
  answer: publicAnswer({
    description: "The petition.",
    schema: PetitionDocument,
    example: {
      ...summary,
      details: "Six would do: two in the shade, one beside the tram stop.",
      thresholds: [
        { name: "response", signatures: 1000, reached_at: "2026-11-20T17:31:02.000Z" },
        { name: "hearing", signatures: 5000, reached_at: null },
      ],
      response: null,
      hearing: { date: "2027-01-14", outcome: null },
      rejection: null,
      elsewhere: null,
    },
  }),
  problems: ["not_found", "unavailable"],
  examples: [{ summary: "Read one petition", path: `/v1/petitions/${EXAMPLE_PETITION}` }],
};
