import { EXAMPLE_PETITION } from "../../../src/http/openapi.ts";
import { petitionToken } from "../../../src/petitions/petition-token.ts";
import { coldIsolate, faultyDatabase } from "../../support/isolate.ts";
import { busyAddress, freshAddress } from "../../support/resident.ts";
import { openPetition, rootKeys } from "../../support/town.ts";

// Of the description's examples.
const TOKEN = "AZNtnoxLfwCaUQEj3q2-7xN5c1Zr0mWq8LkTJf4bVhY";
const isolate = coldIsolate();

const OPERATIONS = {
  editPetition: { method: "PUT", path: "", state: "draft", body: { title: "A", background: "B" } },
  resubmitPetition: { method: "POST", path: "/resubmission", state: "changes_requested", body: {} },
  stopPetition: { method: "POST", path: "/stop", state: "open", body: { reason: "It is done." } },
} as const;
type Id = keyof typeof OPERATIONS;
const ids = Object.keys(OPERATIONS) as Id[];

/** A petition to which an operation may be done, or one in another state, with its creator's token. */
async function petitionFor(id: Id, state: string = OPERATIONS[id].state) {
  const petition = await openPetition({ state, gate_reached_at: 1, ended_at: state === "closed" ? 1 : null });
  return { ...petition, token: await petitionToken(rootKeys, "edit", petition.uuid) };
}

export const stages = Object.fromEntries(
  ids.map((id) => [
    id,
    async () => {
      const petition = await petitionFor(id);
      return { [EXAMPLE_PETITION]: petition.id, [TOKEN]: petition.token };
    },
  ]),
);

async function send(
  id: Id,
  {
    body,
    state,
    headers = {},
    at = isolate,
  }: { body?: string; state?: string; headers?: object; at?: typeof isolate } = {},
): Promise<Response> {
  const operation = OPERATIONS[id];
  const petition = await petitionFor(id, state);
  const usual = {
    Authorization: `Bearer ${petition.token}`,
    "Content-Type": "application/json",
    "CF-Connecting-IP": freshAddress(),
  };
  return at.fetch(`/v1/petitions/${petition.id}${operation.path}`, {
    method: operation.method,
    headers: { ...usual, ...headers },
    body: body ?? JSON.stringify(operation.body),
  });
}

export const problems = Object.fromEntries(
  ids.map((id) => [
    id,
    {
      invalid_json: () => send(id, { body: "{" }),
      invalid_request: () => send(id, { body: '{"nothing":"known"}' }),
      payload_too_large: () => send(id, { body: `"${"x".repeat(33_000)}"` }),
      unsupported_media_type: () => send(id, { headers: { "Content-Type": "text/html" } }),
      unauthorized: () => send(id, { headers: { Authorization: "" } }),
      not_found: () => send(id, { headers: { Authorization: `Bearer ${TOKEN}` } }),
      illegal_state: () => send(id, { state: "closed" }),
      rate_limited: async () => send(id, { headers: { "CF-Connecting-IP": await busyAddress(isolate) } }),
      unavailable: () => send(id, { at: coldIsolate({ DB: faultyDatabase(() => true) }) }),
    },
  ]),
);
