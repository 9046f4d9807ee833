import { keyForm } from "../access/key-form.ts";

/** How partners' keys are made and known. */
export const { create: newPartnerKey, digest: partnerKeyDigest } = keyForm("fm_partner_");
