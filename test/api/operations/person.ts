import { EXAMPLE_PETITION } from "../../../src/http/openapi.ts";
import { personApi } from "../../../src/privacy/person/person.openapi.ts";
import { personToken } from "../../../src/signatures/person-token.ts";
import { coldIsolate, faultyDatabase } from "../../support/isolate.ts";
import { act, signer } from "../../support/person.ts";
import { busyAddress, postJson } from "../../support/resident.ts";
import { rootKeys } from "../../support/town.ts";

const isolate = coldIsolate();
const down = () => coldIsolate({ DB: faultyDatabase(() => true) });

/** A token of a petition that there is not. */
const nowhere = () => personToken(rootKeys, { petitionNo: 7, emailHash: new Uint8Array(8), personHash: 7 });

/** What is wrong with a body is the same everywhere. */
const bodies = (path: string) => ({
  invalid_json: () => postJson(isolate, path, "{"),
  invalid_request: () => postJson(isolate, path, { nothing: "known" }),
  payload_too_large: () => postJson(isolate, path, `"${"x".repeat(33_000)}"`),
  unsupported_media_type: () => isolate.fetch(path, { method: "POST", body: "{}" }),
});

const withToken = (path: string, more: Record<string, unknown> = {}) => ({
  ...bodies(path),
  token_invalid: () => postJson(isolate, path, { token: "made-up", ...more }),
  signature_gone: async () => postJson(isolate, path, { token: await nowhere(), ...more }),
  rate_limited: async () => postJson(isolate, path, { token: "made-up", ...more }, await busyAddress(isolate)),
  unavailable: async () => postJson(down(), path, { token: await nowhere(), ...more }),
});

const asked = { petition_id: EXAMPLE_PETITION, email: "ada@example.org" };

// The value that stands in the examples for a token.
const examples = personApi().operations.flatMap((operation) => operation.examples);
const TOKEN = examples
  .map(({ body }) => String((body as { token?: string }).token))
  .find((token) => token !== "undefined");
const named = async () => ({ [TOKEN ?? ""]: (await signer()).person });

export const stages = { readPersonData: named, correctName: named, erasePersonData: named };

export const problems = {
  requestPersonLink: {
    ...bodies("/v1/data-requests"),
    rate_limited: async () => postJson(isolate, "/v1/data-requests", asked, await busyAddress(isolate)),
    unavailable: () => postJson(down(), "/v1/data-requests", asked),
  },
  readPersonData: withToken("/v1/person-data"),
  erasePersonData: withToken("/v1/erasures"),
  correctName: {
    ...withToken("/v1/corrections", { name: "Ada" }),
    name_taken: async () => {
      const one = await signer({ name: "Ada" });
      const two = await signer({ email: one.email, name: "Bea" }, { petition: one.petition });
      return postJson(isolate, "/v1/corrections", { token: two.person, name: "Ada" });
    },
    name_fixed: async () => {
      const { person: token } = await signer();
      for (const name of ["A", "B", "C", "D", "E"]) await act("corrections", { token, name });
      return postJson(isolate, "/v1/corrections", { token, name: "F" });
    },
  },
};
