import { gathering, supported, supporterSigns } from "../../support/creator.ts";
import { coldIsolate } from "../../support/isolate.ts";
import { postJson, sign } from "../../support/resident.ts";
import { openPetition } from "../../support/town.ts";

const small = coldIsolate({ SUPPORTERS_NEEDED: "1", SUPPORTERS_MAX: "1" });

/** A petition whose one supporter has verified, and a second one who has not. */
async function full() {
  const petition = await gathering(small);
  const late = await supporterSigns(small, petition);
  await supported(small, petition, 1);
  return { petition, late };
}

export const problems = {
  submitSignature: {
    token_invalid: async () => sign(small, (await openPetition()).id, { supporter_token: "made-up" }),
    supporters_full: async () => {
      const { petition } = await full();
      return sign(coldIsolate(), petition.id, { supporter_token: petition.supporterToken });
    },
  },
  verifySignature: {
    supporters_full: async () => postJson(small, "/v1/verifications", { token: (await full()).late.verify }),
  },
};
