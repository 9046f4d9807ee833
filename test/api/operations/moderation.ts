import { EXAMPLE_PETITION } from "../../../src/http/openapi.ts";
import { coldIsolate, faultyDatabase } from "../../support/isolate.ts";
import { asStaff } from "../../support/staff.ts";
import { openPetition } from "../../support/town.ts";

const isolate = coldIsolate();

const inState = (state: string) => async (): Promise<Record<string, string>> => ({
  [EXAMPLE_PETITION]: (await openPetition({ state, rejection_code: "duplicate", ended_at: Date.now() })).id,
});

/** What a petition's state does not allow. */
const inDraft = (act: string, body: unknown) => ({
  illegal_state: async () => {
    const { id } = await openPetition({ state: "draft" });
    return asStaff(isolate, "POST", `/petitions/${id}/${act}`, { body, headers: { "If-Match": '"1"' } });
  },
});

export const stages = {
  approvePetition: inState("moderation"),
  requestPetitionChanges: inState("moderation"),
  rejectPetition: inState("moderation"),
  reopenPetition: inState("closed"),
};

export const problems = {
  listRejectionReasons: {
    unavailable: () => coldIsolate({ DB: faultyDatabase(() => true) }).fetch("/v1/rejection-reasons"),
  },
  approvePetition: inDraft("approve", {}),
  requestPetitionChanges: inDraft("request-changes", { message: "Please." }),
  rejectPetition: inDraft("reject", { code: "duplicate" }),
  reopenPetition: {
    ...inDraft("reopen", {}),
    petition_erased: async () => {
      const { id } = await openPetition({ state: "closed", ended_at: 1, secret: null });
      return asStaff(isolate, "POST", `/petitions/${id}/reopen`, { body: {}, headers: { "If-Match": '"1"' } });
    },
  },
  stopPetitionByStaff: inDraft("stop", { reason: "Over." }),
  extendPetition: inDraft("extend", { closes_at: "2030-12-31" }),
  assignPetition: inDraft("assign", { department: null }),
  notePetition: inDraft("notes", { text: "Seen." }),
};
