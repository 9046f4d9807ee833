import { EXAMPLE_PETITION } from "../../../src/http/openapi.ts";
import { coldIsolate, faultyDatabase } from "../../support/isolate.ts";
import { asStaff, staffKey } from "../../support/staff.ts";
import { openPetition } from "../../support/town.ts";

const isolate = coldIsolate();

const breakdown = async (query: string, id?: string) =>
  isolate.fetch(`/v1/petitions/${id ?? (await openPetition()).id}/breakdown${query}`);

/** Staff of a department ask for another one's. */
const strangers = async (path: string) =>
  asStaff(isolate, "GET", `${path}?department=parks`, { key: await staffKey("viewer", "works") });

export const problems = {
  countAcross: { not_found: () => strangers("/counts") },
  reachAcross: { not_found: () => strangers("/reach") },
  breakDownPetition: {
    invalid_request: () => breakdown("?by=hour"),
    not_found: () => breakdown("?by=area", EXAMPLE_PETITION),
    unavailable: () =>
      coldIsolate({ DB: faultyDatabase(() => true) }).fetch(`/v1/petitions/${EXAMPLE_PETITION}/breakdown?by=area`),
  },
};
