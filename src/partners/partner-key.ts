import { keyForm } from "../access/key-form.ts";

// How partners' keys are made and known. A key of one kind is none of the other: the random part has no underscore.
const forms = { live: keyForm("fm_partner_"), test: keyForm("fm_partner_test_") };

/** A new key of a partner; `test`: one that counts nothing, and says so. */
export const newPartnerKey = (test: boolean) => forms[test ? "test" : "live"].create();

/** The digest by which a key of a partner is found; null for what is no such key. */
export const partnerKeyDigest = async (key: string) => (await forms.live.digest(key)) ?? (await forms.test.digest(key));
