import { EXAMPLE_PETITION } from "../../../src/http/openapi.ts";
import { coldIsolate, faultyDatabase } from "../../support/isolate.ts";

const path = `/v1/petitions/${EXAMPLE_PETITION}/integrity`;

export const problems = {
  readIntegrity: {
    not_found: () => coldIsolate().fetch(path),
    unavailable: () => coldIsolate({ DB: faultyDatabase(() => true) }).fetch(path),
  },
};
