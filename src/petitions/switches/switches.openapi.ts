import { type ApiPart, BODY_PROBLEMS, type Operation } from "../../http/openapi.ts";
import { SwitchesBody, SwitchesDocument } from "./switches.schema.ts";

const Authorization = "Bearer fm_staff_local";
const PATH = "/v1/admin/switches";

const answer: Operation["answer"] = {
  status: 200,
  description: "The switches, and since when those that are on are.",
  schema: SwitchesDocument,
  headers: ["ETag", "Cache-Control"],
  example: {
    ...{ signing_paused: false, creation_paused: true, mailings_paused: false },
    since: { signing_paused: null, creation_paused: "2026-11-23T14:05:09.000Z", mailings_paused: null },
  },
};

/** The switches, described. */
export const switchesApi = (): ApiPart => ({
  name: "Switches",
  description: "What staff can pause for the whole municipality, without a deploy; true everywhere within 15 seconds.",
  schemas: { SwitchesDocument },
  operations: [
    {
      ...{ method: "get", path: PATH, id: "readSwitches", summary: "Read the switches", staff: "viewer", answer },
      description: "For staff: what is paused.",
      problems: ["unauthorized", "unavailable"],
      examples: [{ summary: "Read them", path: PATH, headers: { Authorization } }],
    },
    {
      ...{ method: "put", path: PATH, id: "putSwitches", summary: "Change the switches", staff: "admin", answer },
      description:
        "For admins of the whole municipality. Send all three.\n\n`signing_paused`: signing answers with the problem `signing_paused`, and the page that signs says so. What was accepted before is recorded, and it can be verified and withdrawn. No petition closes; when the switch is lifted, each that is open closes later by as much time as it lost, in whole days rounded up over all its pauses, and always after the pause. The audit entry has the new days.\n\n`creation_paused`: submitting a petition answers with `creation_paused`; what was submitted before can be verified, supported and changed.\n\n`mailings_paused`: mailings to signers wait where they are. Mails to verify and all others go on.",
      decides: true,
      body: SwitchesBody,
      problems: [...BODY_PROBLEMS, "unauthorized", "not_found", "unavailable"],
      examples: [
        {
          summary: "Take no new petitions",
          path: PATH,
          headers: { Authorization, "If-Match": '"0"' },
          body: {
            ...{ signing_paused: false, creation_paused: true, mailings_paused: false },
            reason: "The press office is away until Monday.",
          },
        },
      ],
    },
  ],
});
