import { type Context, Hono } from "hono";
import { clientOf, limitSubject } from "../../http/client.ts";
import { Problem } from "../../http/problems.ts";
import { parseJsonBody } from "../../http/validation.ts";
import { parsePublicId, publicId } from "../../lib/ids.ts";
import type { RootKeys } from "../../lib/root-keys.ts";
import { admit } from "../../limits/admit.ts";
import type { Limiter } from "../../limits/limiter.ts";
import { readPetitionToken } from "../petition-token.ts";
import type { ChangeDeps, CreatorsPetition } from "./change-as-creator.ts";
import { PetitionEdit, Resubmission, Stop } from "./creator.schema.ts";
import { editAsCreator } from "./edit-as-creator.ts";
import { resubmitAsCreator } from "./resubmit-as-creator.ts";
import { stopAsCreator } from "./stop-as-creator.ts";

export interface CreatorRouteDeps extends ChangeDeps {
  readonly keys: RootKeys;
  readonly limiter: Limiter;
}

/** What a petition's creator does over the API, with the token of their page. */
export const creatorRoutes = (depsOf: (c: Context) => CreatorRouteDeps) =>
  new Hono()
    .put("/v1/petitions/:id", async (c) => {
      const deps = depsOf(c);
      const id = await requireCreator(c, deps);
      return c.json(answerOf(await editAsCreator(deps, id, await parseJsonBody(c, PetitionEdit))));
    })
    .post("/v1/petitions/:id/resubmission", async (c) => {
      const deps = depsOf(c);
      const id = await requireCreator(c, deps);
      await parseJsonBody(c, Resubmission);
      return c.json(answerOf(await resubmitAsCreator(deps, id)));
    })
    .post("/v1/petitions/:id/stop", async (c) => {
      const deps = depsOf(c);
      const id = await requireCreator(c, deps);
      const { reason } = await parseJsonBody(c, Stop);
      return c.json(answerOf(await stopAsCreator(deps, id, reason)));
    });

/**
 * The UUID of the path's petition for whoever bears its edit token, which is read without the database. Raises
 * `unauthorized` without any token, `rate_limited`, and `not_found` for a wrong one, as for a petition that is not there.
 */
async function requireCreator(c: Context, { keys, limiter }: CreatorRouteDeps): Promise<string> {
  const token = /^Bearer (\S{1,200})$/i.exec(c.req.header("Authorization") ?? "")?.[1];
  if (token === undefined) throw new Problem("unauthorized", { headers: { "WWW-Authenticate": "Bearer" } });
  await admitCreator(c, limiter);
  const id = parsePublicId("pet", c.req.param("id") ?? "");
  if (id === null || (await readPetitionToken(keys, "edit", token)) !== id) throw new Problem("not_found");
  return id;
}

/** Counts a write of a creator; raises `rate_limited`. */
export const admitCreator = (c: Context, limiter: Limiter) =>
  admit(limiter, limitSubject(clientOf(c)), [{ policy: "writes", scope: "" }]);

const answerOf = ({ id, state, version, title, background, details }: CreatorsPetition) => ({
  id: publicId("pet", id),
  state,
  version,
  title,
  background,
  details,
});
