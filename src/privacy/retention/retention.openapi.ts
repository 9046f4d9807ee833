import {
  type ApiPart,
  BODY_PROBLEMS,
  EXAMPLE_PETITION,
  type Operation,
  petitionParameter,
} from "../../http/openapi.ts";
import { EraseBody, Retention, RetentionHoldBody } from "./retention.schema.ts";

const Authorization = "Bearer fm_staff_local";
const headers = { Authorization, "If-Match": '"1"' };
const PATH = `/v1/admin/petitions/${EXAMPLE_PETITION}`;

const answer: Operation["answer"] = {
  status: 200,
  description: "How long the petition's personal data stays, with the `ETag` of the petition's version.",
  schema: Retention,
  headers: ["ETag", "Cache-Control"],
  example: {
    petition_id: EXAMPLE_PETITION,
    version: 6,
    over_since: "2026-08-31T22:00:00.000Z",
    erase_at: "2027-02-28T23:00:00.000Z",
    hold: {
      reason: "Court file 12 K 34/26",
      until: "2027-12-31T23:00:00.000Z",
      by: "local",
      since: "2026-11-23T14:05:09.000Z",
    },
    erasing_since: null,
    erased_at: null,
    erased_signatures: 0,
    trouble: null,
  },
};

const deciding = {
  staff: "admin",
  decides: true,
  parameters: [petitionParameter],
  answer,
} as const satisfies Partial<Operation>;

const PROBLEMS = ["unauthorized", "not_found", "illegal_state", "unavailable"] as const;

/** How long personal data stays, described. */
export const retentionApi = (): ApiPart => ({
  name: "Retention",
  description:
    "How long a petition's personal data stays. With time it is erased by itself; an admin may hold it longer for legal reasons, or erase it at once.",
  schemas: { Retention },
  operations: [
    {
      method: "get",
      path: "/v1/admin/petitions/{id}/retention",
      id: "readRetention",
      summary: "Read when a petition's personal data is erased",
      description: "For staff: since when it is over, when it is erased, what holds it, how far that is.",
      staff: "viewer",
      parameters: [petitionParameter],
      answer,
      problems: ["unauthorized", "not_found", "unavailable"],
      examples: [{ summary: "Read it", path: `${PATH}/retention`, headers: { Authorization } }],
    },
    {
      ...deciding,
      method: "put",
      path: "/v1/admin/petitions/{id}/retention-hold",
      id: "holdPetitionData",
      summary: "Hold a petition's personal data for legal reasons",
      description:
        "In every state but `draft`. Nothing of it is erased with time until the day is over: neither unverified signatures, nor addresses, nor the whole. What a person withdraws goes all the same. It replaces a hold that is there.",
      body: RetentionHoldBody,
      problems: [...BODY_PROBLEMS, ...PROBLEMS, "petition_erased"],
      examples: [
        {
          summary: "Hold it for a court",
          path: `${PATH}/retention-hold`,
          headers,
          body: { reason: "Court file 12 K 34/26", until: "2030-12-31" },
        },
      ],
    },
    {
      ...deciding,
      method: "delete",
      path: "/v1/admin/petitions/{id}/retention-hold",
      id: "releasePetitionData",
      summary: "Release a petition's personal data before the hold's day",
      description: "What is due by then is erased within minutes. `not_found` when nothing holds it.",
      problems: PROBLEMS,
      examples: [{ summary: "Release it", path: `${PATH}/retention-hold`, headers }],
    },
    {
      ...deciding,
      method: "post",
      path: "/v1/admin/petitions/{id}/erase",
      id: "erasePetition",
      summary: "Erase everything personal of a petition now",
      description:
        "For what a court or an authority orders, 24 hours after a petition has `closed` or was `stopped`, or once it is `rejected` or `hidden`. From that moment nothing sealed of it can be opened, and nobody can bring it back; what was sealed and hashed is taken away within minutes. The texts, the count, its breakdowns and the answer stay.",
      body: EraseBody,
      problems: [...BODY_PROBLEMS, ...PROBLEMS, "petition_erased", "data_held", "count_not_final", "run_state"],
      examples: [
        {
          summary: "Erase it",
          path: `${PATH}/erase`,
          headers,
          body: { confirm: EXAMPLE_PETITION, reason: "Order of the data protection authority, file 7-114" },
        },
      ],
    },
  ],
});
