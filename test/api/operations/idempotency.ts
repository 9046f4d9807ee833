import { heldBack } from "../../support/held-back.ts";
import { coldIsolate } from "../../support/isolate.ts";
import { newKey, newPartner, sendBatch, signVia, someone } from "../../support/partners.ts";
import { whilePaused } from "../../support/switches.ts";
import { openPetition } from "../../support/town.ts";

const isolate = coldIsolate();

const keyed = async () => ({ key: (await newKey(await newPartner())).key, id: (await openPetition()).id });

/** A way to each problem of a key that is read, by how a request is sent under it. */
const idempotencyProblems = (send: typeof signUnder) => ({
  idempotency_key_invalid: async () => send(await keyed(), "é"),
  idempotency_key_reused: async () => {
    const at = await keyed();
    await send(at, "once");
    return send(at, "once");
  },
  idempotency_under_way: async () => {
    const at = await keyed();
    const body = someone();
    const slow = heldBack();
    const first = send(at, "now", body, slow.at);
    await slow.begun;
    const answer = await send(at, "now", body);
    slow.goOn();
    await first;
    return answer;
  },
});

interface Keyed {
  readonly key: string;
  readonly id: string;
}

const signUnder = ({ key, id }: Keyed, under: string, body = someone(), at = isolate) =>
  signVia(at, key, id, body, { "Idempotency-Key": under });

const batchUnder = ({ key, id }: Keyed, under: string, body = someone(), at = isolate) =>
  sendBatch(at, key, id, [body], { "Idempotency-Key": under });

/** A batch with a body as it is. */
async function rawBatch(body: string, type = "application/json") {
  const { key, id } = await keyed();
  const headers = { Authorization: `Bearer ${key}`, "Content-Type": type, "Idempotency-Key": crypto.randomUUID() };
  return isolate.fetch(`/v1/petitions/${id}/signatures/batch`, { method: "POST", headers, body });
}

export const problems = {
  submitSignature: idempotencyProblems(signUnder),
  submitSignatures: {
    ...idempotencyProblems(batchUnder),
    idempotency_key_missing: async () => {
      const { key, id } = await keyed();
      return sendBatch(isolate, key, id, [someone()], { "Idempotency-Key": null });
    },
    invalid_json: () => rawBatch("{"),
    invalid_request: () => rawBatch('{"signatures": []}'),
    payload_too_large: () => rawBatch(`"${"x".repeat(270_000)}"`),
    unsupported_media_type: () => rawBatch("{}", "text/html"),
    petition_not_open: async () => {
      const { key } = await keyed();
      const { id } = await openPetition({ opens_at: Date.now() + 60_000 });
      return batchUnder({ key, id }, crypto.randomUUID());
    },
    signing_paused: async () => {
      const at = await keyed();
      return whilePaused("signing_paused", (paused) => batchUnder(at, crypto.randomUUID(), someone(), paused));
    },
  },
};
