import { type ApiPart, EXAMPLE_PETITION, petitionParameter, publicAnswer } from "../http/openapi.ts";
import { Bar, PetitionCount, PetitionTallies } from "./counts.schema.ts";

const AS_OF = "2026-11-23T14:05:09.000Z";

/** Reading the counts, described. */
export const countsApi = (): ApiPart => ({
  name: "Counts",
  description: "How many have signed. A count moves in the same transaction as the signature that it counts.",
  schemas: { Bar, PetitionCount, PetitionTallies },
  operations: [
    {
      method: "get",
      path: "/v1/petitions/{id}/count",
      id: "countPetition",
      summary: "Count a petition's signatures",
      description:
        "The exact number of verified signatures, at most 15 seconds old: small, and meant to be asked for often. The `ETag` follows the number, so whoever sends it as `If-None-Match` gets 304 while nobody signs.",
      parameters: [petitionParameter],
      answer: publicAnswer({
        description: "The count.",
        schema: PetitionCount,
        example: { petition_id: EXAMPLE_PETITION, verified: 1234, as_of: AS_OF },
      }),
      problems: ["not_found", "unavailable"],
      examples: [{ summary: "Read a count", path: `/v1/petitions/${EXAMPLE_PETITION}/count` }],
    },
    {
      method: "get",
      path: "/v1/admin/petitions/{id}/counts",
      id: "tallyPetition",
      summary: "Read everything that is counted of a petition",
      description:
        "For staff: exact numbers by state, and the verified signatures by area, channel, partner, assurance, language, day and hour. Days and hours are the municipality's. It works in every state of the petition.",
      staff: true,
      parameters: [petitionParameter],
      answer: {
        status: 200,
        description: "The tallies.",
        schema: PetitionTallies,
        headers: ["Cache-Control"],
        example: {
          petition_id: EXAMPLE_PETITION,
          as_of: AS_OF,
          states: { pending: 3, verified: 2, quarantined: 1, invalidated: 0, withdrawn: 1 },
          by: {
            area: [
              { key: "north", label: "North Ward", count: 1 },
              { key: "", label: "", count: 1 },
            ],
            channel: [
              { key: "poster", label: "Poster", count: 1 },
              { key: "", label: "", count: 1 },
            ],
            partner: [{ key: "", label: "", count: 2 }],
            assurance: [{ key: "email", label: "email", count: 2 }],
            locale: [{ key: "en", label: "en", count: 2 }],
            day: [{ key: "2026-11-23", label: "2026-11-23", count: 2 }],
            hour: [{ key: "2026-11-23T14", label: "2026-11-23T14", count: 2 }],
          },
        },
      },
      problems: ["unauthorized", "not_found", "unavailable"],
      examples: [
        {
          summary: "Read the tallies with local mode's staff key",
          path: `/v1/admin/petitions/${EXAMPLE_PETITION}/counts`,
          headers: { Authorization: "Bearer fm_staff_local" },
        },
      ],
    },
  ],
});
