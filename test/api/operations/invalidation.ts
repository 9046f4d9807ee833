import { env } from "cloudflare:workers";
import {
  EXAMPLE_INVALIDATION,
  EXAMPLE_RELEASE,
  EXAMPLE_SIGNATURE,
} from "../../../src/integrity/invalidation.openapi.ts";
import { newUuid } from "../../../src/lib/ids.ts";
import { crowd, signatureIds } from "../../support/crowd.ts";
import { coldIsolate } from "../../support/isolate.ts";
import { asStaff } from "../../support/staff.ts";
import { openPetition } from "../../support/town.ts";

const isolate = coldIsolate();
const post = (path: string, body?: unknown) => asStaff(isolate, "POST", path, { body });

async function signature(columns = {}): Promise<string> {
  const { no } = await openPetition();
  await crowd(no, 1, columns);
  return (await signatureIds(no))[0] ?? "";
}

async function run(act: "invalidate" | "release", state: string, petition = openPetition()): Promise<string> {
  const { no } = await petition;
  const id = newUuid();
  await env.DB.prepare(
    `INSERT INTO invalidations (id, petition_no, act, reason, conditions, state, actor, created_at, touched_at)
     VALUES (?, ?, ?, ?, '{"hold":"rate"}', ?, 'local', 1, 1)`,
  )
    .bind(id, no, act, act === "release" ? null : "bots", state)
    .run();
  return `${act === "release" ? "rel" : "inv"}_${id}`;
}

const ofSignature = async () => ({ [EXAMPLE_SIGNATURE]: await signature({ hold: "'rate'" }) });
const release = (state: string) => async () => ({ [EXAMPLE_RELEASE]: await run("release", state) });
const invalidation = (state: string) => async () => ({ [EXAMPLE_INVALIDATION]: await run("invalidate", state) });

export const stages = {
  releaseSignature: ofSignature,
  invalidateSignature: ofSignature,
  readRelease: release("running"),
  cancelRelease: release("running"),
  readInvalidation: invalidation("done"),
  cancelInvalidation: invalidation("running"),
  undoInvalidation: invalidation("done"),
};

const withdrawn = async () => {
  const id = await signature({ state: "'withdrawn'", ended_at: "1" });
  return `/signatures/${id}`;
};

/** What takes part of a petition whose secret is destroyed. */
const erase = ({ no }: { no: number }) =>
  env.DB.prepare("UPDATE petitions SET secret = NULL WHERE no = ?").bind(no).run();

async function erased(): Promise<string> {
  const petition = await openPetition({ state: "closed", ended_at: 1 });
  await crowd(petition.no, 1);
  await erase(petition);
  return (await signatureIds(petition.no))[0] ?? "";
}

export const problems = {
  releaseHolds: {
    petition_erased: async () =>
      post(`/petitions/${(await openPetition({ secret: null })).id}/holds/release`, { where: { hold: "rate" } }),
  },
  invalidate: {
    petition_erased: async () => {
      const { id } = await openPetition({ secret: null });
      return post("/invalidations", { where: { petition: id, area: "north" }, reason: "bots", dry_run: false });
    },
  },
  readRelease: { not_found: () => asStaff(isolate, "GET", `/releases/${EXAMPLE_RELEASE}`) },
  readInvalidation: { not_found: () => asStaff(isolate, "GET", `/invalidations/${EXAMPLE_INVALIDATION}`) },
  releaseSignature: {
    signature_state: async () => post(`${await withdrawn()}/release`),
    petition_erased: async () => post(`/signatures/${await erased()}/release`),
  },
  invalidateSignature: {
    signature_state: async () => post(`${await withdrawn()}/invalidate`, { reason: "bots" }),
    creator_signature: async () =>
      post(`/signatures/${await signature({ role: "'creator'" })}/invalidate`, { reason: "bots" }),
    petition_erased: async () => post(`/signatures/${await erased()}/invalidate`, { reason: "bots" }),
  },
  cancelRelease: { run_state: async () => post(`/releases/${await run("release", "done")}/cancel`) },
  cancelInvalidation: { run_state: async () => post(`/invalidations/${await run("invalidate", "undone")}/cancel`) },
  undoInvalidation: {
    run_state: async () => post(`/invalidations/${await run("invalidate", "undoing")}/undo`),
    petition_erased: async () => {
      const petition = await openPetition();
      const id = await run("invalidate", "done", Promise.resolve(petition));
      await erase(petition);
      return post(`/invalidations/${id}/undo`);
    },
  },
};
