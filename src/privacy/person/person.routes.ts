import { type Context, Hono } from "hono";
import { clientOf, limitSubject } from "../../http/client.ts";
import { Problem } from "../../http/problems.ts";
import { parseJsonBody } from "../../http/validation.ts";
import { parsePublicId } from "../../lib/ids.ts";
import { admit } from "../../limits/admit.ts";
import type { Limiter } from "../../limits/limiter.ts";
import type { EraseDeps } from "../../signatures/erase-signature.ts";
import { correctName } from "./correct-name.ts";
import { erasePerson } from "./erase-person.ts";
import { Correction, DataRequest, PersonToken } from "./person.schema.ts";
import { type PersonDeps, readPerson } from "./read-person.ts";
import { type RequestDeps, requestLink } from "./request-link.ts";

export interface PersonRouteDeps extends PersonDeps, EraseDeps, RequestDeps {
  readonly limiter: Limiter;
}

/** What a person may know and do about their data in a petition, over the API. No token stands in an address. */
export const personRoutes = (depsOf: (c: Context) => PersonRouteDeps) =>
  new Hono()
    .post("/v1/data-requests", async (c) => {
      const deps = depsOf(c);
      const { petition_id, email } = await parseJsonBody(c, DataRequest);
      await askForLink(c, deps, { petitionId: petition_id, email });
      return c.json({ status: "accepted" }, 202);
    })
    .post("/v1/person-data", async (c) => {
      const deps = depsOf(c);
      const { token } = await parseJsonBody(c, PersonToken);
      await admitPerson(c, deps.limiter);
      return c.json(await readPerson(deps, token));
    })
    .post("/v1/corrections", async (c) => {
      const deps = depsOf(c);
      const { token, name } = await parseJsonBody(c, Correction);
      await admitPerson(c, deps.limiter);
      return c.json({ status: "corrected", petition_id: await correctName(deps, token, name) });
    })
    .post("/v1/erasures", async (c) => {
      const deps = depsOf(c);
      const { token } = await parseJsonBody(c, PersonToken);
      await admitPerson(c, deps.limiter);
      return c.json({ status: "erased", petition_id: await erasePerson(deps, token) });
    });

/** Counts an act with a person's token; raises `rate_limited`. */
export const admitPerson = (c: Context, limiter: Limiter) =>
  admit(limiter, limitSubject(clientOf(c)), [
    { policy: "writes", scope: "" },
    { policy: "verify", scope: "person" },
  ]);

/** Counts a request for a link, and makes it. Raises `rate_limited`; an id that is none is nobody's, like any other. */
export async function askForLink(
  c: Context,
  deps: PersonRouteDeps,
  { petitionId, email }: { petitionId: string; email: Parameters<typeof requestLink>[1]["email"] },
): Promise<void> {
  await admit(deps.limiter, limitSubject(clientOf(c)), [
    { policy: "writes", scope: "" },
    { policy: "data_request", scope: "" },
  ]);
  const id = parsePublicId("pet", petitionId);
  if (!id) throw new Problem("not_found");
  await requestLink(deps, { petitionId: id, email });
}
