import {
  type ApiPart,
  BODY_PROBLEMS,
  EXAMPLE_PETITION,
  type Operation,
  petitionParameter,
} from "../../http/openapi.ts";
import { CreatorsPetitionAnswer, PetitionEdit, Resubmission, Stop } from "./creator.schema.ts";

// Of the right form; nothing was issued under it.
const EXAMPLE_TOKEN = "AZNtnoxLfwCaUQEj3q2-7xN5c1Zr0mWq8LkTJf4bVhY";

const petition = {
  id: EXAMPLE_PETITION,
  state: "gathering",
  version: 2,
  title: "Benches for the market square",
  background: "There is nowhere to sit between the library and the harbour.",
  details: "Six would do: two in the shade, one beside the tram stop.",
};

/** What a petition's creator does, described. */
export const creatorApi = (): ApiPart => ({
  name: "Creators",
  description:
    "What the creator of a petition does with it, by the token of their own page: what follows `/e/` in the link of their mails, up to the `?`, as `Authorization: Bearer <token>`. A token that is not this petition's reads like a petition that does not exist.",
  schemas: { CreatorsPetition: CreatorsPetitionAnswer, PetitionEdit, Resubmission, Stop },
  operations: [edit, resubmit, stop],
  pages: [
    {
      method: "get",
      path: "/e/{token}",
      description: "The creator's own page: where the petition stands, and its forms.",
    },
    { method: "post", path: "/e/{token}", description: "Its form for the text: saves it." },
    { method: "post", path: "/e/{token}/resubmission", description: "The same, and sends the petition in again." },
    { method: "post", path: "/e/{token}/stop", description: "Its form for ending an open petition." },
  ],
});

const shared = {
  creator: true,
  parameters: [petitionParameter],
  problems: [...BODY_PROBLEMS, "unauthorized", "not_found", "illegal_state", "rate_limited", "unavailable"],
} as const;

const answer = (description: string, example: unknown) => ({
  status: 200 as const,
  description,
  schema: CreatorsPetitionAnswer,
  headers: ["Cache-Control" as const],
  example,
});

const edit: Operation = {
  ...shared,
  method: "put",
  path: "/v1/petitions/{id}",
  id: "editPetition",
  summary: "Change a petition's text",
  description:
    "While it is a `draft`, `gathering` or `changes_requested`. The text is replaced as a whole; every version is kept. The same text again changes nothing.",
  body: PetitionEdit,
  answer: answer("The petition with its new text.", petition),
  examples: [
    {
      summary: "A new title",
      path: `/v1/petitions/${EXAMPLE_PETITION}`,
      headers: { Authorization: `Bearer ${EXAMPLE_TOKEN}` },
      body: { title: petition.title, background: petition.background, details: petition.details },
    },
  ],
};

const resubmit: Operation = {
  ...shared,
  method: "post",
  path: "/v1/petitions/{id}/resubmission",
  id: "resubmitPetition",
  summary: "Send a petition in again",
  description:
    "After the municipality has asked for changes (`changes_requested`): it goes to `moderation` again, or back to `gathering` if it never had enough supporters.",
  body: Resubmission,
  answer: answer("The petition, with the municipality again.", { ...petition, state: "moderation", version: 4 }),
  examples: [
    {
      summary: "As it is now",
      path: `/v1/petitions/${EXAMPLE_PETITION}/resubmission`,
      headers: { Authorization: `Bearer ${EXAMPLE_TOKEN}` },
      body: {},
    },
  ],
};

const stop: Operation = {
  ...shared,
  method: "post",
  path: "/v1/petitions/{id}/stop",
  id: "stopPetition",
  summary: "End an open petition",
  description:
    "At once, with a reason; only the municipality can open it again. Signatures that were submitted before may be verified for 24 hours.",
  body: Stop,
  answer: answer("The petition, stopped.", { ...petition, state: "stopped", version: 5 }),
  examples: [
    {
      summary: "What it asked for has come",
      path: `/v1/petitions/${EXAMPLE_PETITION}/stop`,
      headers: { Authorization: `Bearer ${EXAMPLE_TOKEN}` },
      body: { reason: "The benches are there." },
    },
  ],
};
