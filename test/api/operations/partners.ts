import { EXAMPLE_PETITION } from "../../../src/http/openapi.ts";
import { coldIsolate } from "../../support/isolate.ts";
import { newKey, newPartner } from "../../support/partners.ts";
import { asStaff } from "../../support/staff.ts";
import { openPetition } from "../../support/town.ts";

const EXAMPLE_PARTNER = "par_01936d9e-8c4b-7f00-9a51-00005afe0101";
const EXAMPLE_KEY = "key_01936d9e-8c4b-7f00-9a51-00005afe0102";

/** A partner in the place of the example's, with a key. */
async function partner(): Promise<Record<string, string>> {
  const made = await newPartner();
  return { [EXAMPLE_PARTNER]: made.id, [EXAMPLE_KEY]: (await newKey(made)).id };
}

const withPetition = async () => ({ ...(await partner()), [EXAMPLE_PETITION]: (await openPetition()).id });

export const stages = {
  createPartner: async () => ({ "tenants-union": `p-${crypto.randomUUID().slice(0, 13)}` }),
  readPartner: partner,
  changePartner: partner,
  suspendPartner: partner,
  resumePartner: partner,
  listPartnerKeys: partner,
  createPartnerKey: withPetition,
  rotatePartnerKey: partner,
  revokePartnerKey: partner,
};

/** A partner with as many keys as may be. */
async function fullOfKeys() {
  const made = await newPartner();
  const keys = [];
  for (let n = 0; n < 20; n++) keys.push(await newKey(made));
  return { partner: made, key: keys[0] as { id: string } };
}

export const problems = {
  createPartner: {
    partner_taken: async () => {
      const { code } = await newPartner();
      const body = { code, name: "Another", email: "another@partner.example" };
      return asStaff(coldIsolate(), "POST", "/partners", { body });
    },
  },
  createPartnerKey: {
    keys_full: async () => {
      const { partner: made } = await fullOfKeys();
      const body = { label: "One too many", scopes: ["counts:read"] };
      return asStaff(coldIsolate(), "POST", `/partners/${made.id}/keys`, { body });
    },
  },
  rotatePartnerKey: {
    keys_full: async () => {
      const { partner: made, key } = await fullOfKeys();
      return asStaff(coldIsolate(), "POST", `/partners/${made.id}/keys/${key.id}/rotate`, { body: {} });
    },
  },
};
