import { env } from "cloudflare:workers";
import { EXAMPLE_PETITION } from "../../../src/http/openapi.ts";
import { newUuid } from "../../../src/lib/ids.ts";
import { coldIsolate } from "../../support/isolate.ts";
import { asStaff } from "../../support/staff.ts";
import { openPetition } from "../../support/town.ts";

const isolate = coldIsolate();
const headers = { "If-Match": '"1"' };
const DAY = 86_400_000;

const over = (columns: Record<string, string | number | null> = {}) =>
  openPetition({ state: "closed", ended_at: Date.now() - 2 * DAY, ...columns });
const held = async (petition = openPetition()) => {
  const { id, no } = await petition;
  await env.DB.prepare("INSERT INTO retention_holds VALUES (?, 'Court file', ?, 'local', 1)")
    .bind(no, Date.now() + DAY)
    .run();
  return { id, no };
};

const hold = async (columns: Record<string, string | number | null>) =>
  asStaff(isolate, "PUT", `/petitions/${(await openPetition(columns)).id}/retention-hold`, {
    body: { reason: "Court file", until: "2030-12-31" },
    headers,
  });
const erase = (id: string) =>
  asStaff(isolate, "POST", `/petitions/${id}/erase`, { body: { confirm: id, reason: "An order" }, headers });

export const stages = {
  releasePetitionData: async () => ({ [EXAMPLE_PETITION]: (await held()).id }),
  erasePetition: async () => ({ [EXAMPLE_PETITION]: (await over()).id }),
};

export const problems = {
  holdPetitionData: {
    illegal_state: () => hold({ state: "draft" }),
    petition_erased: () => hold({ secret: null }),
  },
  releasePetitionData: {
    illegal_state: async () =>
      asStaff(isolate, "DELETE", `/petitions/${(await openPetition({ state: "draft" })).id}/retention-hold`, {
        headers,
      }),
  },
  erasePetition: {
    illegal_state: async () => erase((await openPetition()).id),
    petition_erased: async () => erase((await over({ secret: null })).id),
    data_held: async () => erase((await held(over())).id),
    count_not_final: async () => erase((await over({ ended_at: Date.now() - DAY / 2 })).id),
    run_state: async () => {
      const { id, no } = await over();
      await env.DB.prepare(
        `INSERT INTO invalidations (id, petition_no, act, reason, conditions, state, actor, created_at, touched_at)
         VALUES (?, ?, 'invalidate', 'bots', '{"area":"north"}', 'running', 'local', 1, 1)`,
      )
        .bind(newUuid(), no)
        .run();
      return erase(id);
    },
  },
};
