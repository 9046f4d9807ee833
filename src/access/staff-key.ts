import { keyForm } from "./key-form.ts";

/** How staff's keys are made and known. */
export const { create: newStaffKey, digest: staffKeyDigest } = keyForm("fm_staff_");
