import { env } from "cloudflare:workers";
import { EXAMPLE_PETITION } from "../../../src/http/openapi.ts";
import { coldIsolate, faultyDatabase } from "../../support/isolate.ts";
import { asStaff } from "../../support/staff.ts";
import { openPetition } from "../../support/town.ts";

const isolate = coldIsolate();
const headers = { "If-Match": '"1"' };

const inModeration = (method: string, act: string, body: unknown) => async () => {
  const { id } = await openPetition({ state: "moderation" });
  return asStaff(isolate, method, `/petitions/${id}/${act}`, { body, headers });
};

export const stages = {
  publishResponse: async () => {
    const { id, no } = await openPetition();
    await env.DB.prepare("INSERT INTO response_drafts VALUES (?, 'Yes.', 'We will.', 1)").bind(no).run();
    return { [EXAMPLE_PETITION]: id };
  },
};

export const problems = {
  listResponses: {
    not_found: () => isolate.fetch(`/v1/petitions/${EXAMPLE_PETITION}/responses`),
    unavailable: () =>
      coldIsolate({ DB: faultyDatabase(() => true) }).fetch(`/v1/petitions/${EXAMPLE_PETITION}/responses`),
  },
  draftResponse: { illegal_state: inModeration("PUT", "response", { summary: "Yes.", details: "We will." }) },
  publishResponse: {
    illegal_state: inModeration("POST", "response/publish", {}),
    nothing_drafted: async () =>
      asStaff(isolate, "POST", `/petitions/${(await openPetition()).id}/response/publish`, { body: {}, headers }),
  },
  putHearing: { illegal_state: inModeration("PUT", "hearing", { date: "2027-01-14" }) },
};
