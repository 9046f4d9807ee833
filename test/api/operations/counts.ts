import { EXAMPLE_PETITION } from "../../../src/http/openapi.ts";
import { coldIsolate, faultyDatabase } from "../../support/isolate.ts";
import { openPetition } from "../../support/town.ts";

const isolate = coldIsolate();

const breakdown = async (query: string, id?: string) =>
  isolate.fetch(`/v1/petitions/${id ?? (await openPetition()).id}/breakdown${query}`);

export const problems = {
  breakDownPetition: {
    invalid_request: () => breakdown("?by=hour"),
    not_found: () => breakdown("?by=area", EXAMPLE_PETITION),
    unavailable: () =>
      coldIsolate({ DB: faultyDatabase(() => true) }).fetch(`/v1/petitions/${EXAMPLE_PETITION}/breakdown?by=area`),
  },
};
