import { coldIsolate, faultyDatabase } from "../../support/isolate.ts";

export const problems = {
  findSimilarPetitions: {
    invalid_request: () => coldIsolate().fetch("/v1/petitions/similar"),
    unavailable: () => coldIsolate({ DB: faultyDatabase(() => true) }).fetch("/v1/petitions/similar?q=bench"),
  },
};
