import { env } from "cloudflare:workers";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { isPublicState } from "../../src/petitions/petition.ts";
import { coldIsolate } from "../support/isolate.ts";
import { readAsStaff } from "../support/moderation.ts";
import { actsOn, asStaff } from "../support/staff.ts";
import { type Act, acts, type PetitionState } from "../support/staff-acts.ts";
import { foundTown, openPetition } from "../support/town.ts";

beforeAll(foundTown);

const isolate = coldIsolate();

/** What the database must say of a petition in a state, whatever led there. */
async function expectToFit(no: number, state: PetitionState): Promise<void> {
  const row = await env.DB.prepare(
    "SELECT petitions.*, public FROM petitions JOIN petition_tallies ON petition_no = no WHERE no = ?",
  )
    .bind(no)
    .first<Record<string, number | string | null>>();
  expect(row).toMatchObject({ state, public: Number(isPublicState(state)) });
  expect(row?.ended_at !== null, `${state} has ended`).toBe(
    // What is hidden or rejected keeps when it had ended before, until it is open again.
    ["hidden", "rejected", "moderation", "changes_requested"].includes(state)
      ? row?.ended_at !== null
      : state === "stopped" || state === "closed",
  );
  expect(row?.rejection_code !== null).toBe(state === "rejected" || state === "hidden");
  expect(row?.stopped_by !== null && state === "open").toBe(false);
  expect(row?.changes_message !== null).toBe(state === "changes_requested");
  if (state !== "moderation" && state !== "changes_requested") expect(row?.waiting_since).not.toBeNull();
}

test("whatever staff do in whatever order, each act does what the table says or nothing, and is in the log once", async () => {
  const names = Object.keys(acts);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...names), { minLength: 4, maxLength: 12 }), async (sequence) => {
      const { id, no } = await openPetition({ state: "moderation", opens_at: null, closes_at: null, waiting_since: 1 });
      let [state, version, done]: [PetitionState, number, number] = ["moderation", 1, 0];
      for (const name of sequence) {
        const { path, body, leads, version: moves } = acts[name] as Act;
        const headers = { "If-Match": `"${version}"` };
        const answer = await asStaff(isolate, "POST", `/petitions/${id}/${path}`, { body, headers });
        const next: PetitionState | undefined = leads[state];
        // The day that the table extends to may have been set before: then it is no later one.
        const notLater = name === "extend" && answer.status === 400;
        expect([name, state, answer.status]).toEqual([name, state, next === undefined ? 409 : notLater ? 400 : 200]);
        if (next === undefined || notLater) continue;
        state = next;
        done++;
        if (moves === "moved") version++;
      }
      expect(await readAsStaff(isolate, id)).toMatchObject({ state, version });
      expect(await actsOn(id)).toHaveLength(done);
      await expectToFit(no, state);
      const shown = await coldIsolate().fetch(`/v1/petitions/${id}`);
      expect(shown.status).toBe(isPublicState(state) ? 200 : 404);
    }),
    { numRuns: 20, examples: [[["approve", "stop", "hide", "reopen", "request changes"]]] },
  );
});
