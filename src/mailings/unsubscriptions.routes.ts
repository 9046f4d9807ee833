import { type Context, Hono } from "hono";
import { frameOf, here, type PageDeps, pageHandler } from "../http/answer-page.tsx";
import { clientOf, limitSubject } from "../http/client.ts";
import { parseForm, parseJsonBody } from "../http/validation.ts";
import { admit } from "../limits/admit.ts";
import type { Limiter } from "../limits/limiter.ts";
import type { PetitionDirectory } from "../petitions/petition-directory.ts";
import { type UnsubscribeDeps, unsubscribe } from "./unsubscribe.ts";
import { unsubscribedPage, unsubscribePage } from "./unsubscribe-page.tsx";
import { readUnsubscribeToken } from "./unsubscribe-token.ts";
import { UnsubscribeForm, Unsubscription } from "./unsubscriptions.schema.ts";

export interface UnsubscriptionRouteDeps extends UnsubscribeDeps, PageDeps {
  readonly limiter: Limiter;
  readonly petitions: PetitionDirectory;
}

/** Ending the news of a petition: by the API, by a page, and by a mail program itself. GET never acts. */
export const unsubscriptionRoutes = (depsOf: (c: Context) => UnsubscriptionRouteDeps) =>
  new Hono()
    .post("/v1/unsubscriptions", async (c) => {
      const deps = depsOf(c);
      const { token, scope } = await parseJsonBody(c, Unsubscription);
      await admitWrite(c, deps);
      return c.json(await unsubscribe(deps, token, scope));
    })
    .get(
      "/u/:token",
      pageHandler(depsOf, async (c, deps) => {
        const { petitionNo } = await readUnsubscribeToken(deps.keys, c.req.param("token") ?? "");
        const petitionTitle = await titleOf(deps, petitionNo);
        return unsubscribePage({ ...frameOf(c, deps), petitionTitle, action: here(c) });
      }),
    )
    .post(
      "/u/:token",
      pageHandler(depsOf, async (c, deps) => {
        const token = c.req.param("token") ?? "";
        await readUnsubscribeToken(deps.keys, token);
        const form = await parseForm(c, UnsubscribeForm);
        // A mail provider sends it for many people from few addresses: whoever has a token is nobody to be limited.
        if ("scope" in form) await admitWrite(c, deps);
        const { scope } = await unsubscribe(deps, token, "scope" in form ? form.scope : "petition");
        return unsubscribedPage({ ...frameOf(c, deps), scope });
      }),
    );

const admitWrite = (c: Context, { limiter }: UnsubscriptionRouteDeps) =>
  admit(limiter, limitSubject(clientOf(c)), [{ policy: "writes", scope: "" }]);

/** No page shows the title of a petition that is hidden, and a page works when the database can't tell. */
async function titleOf({ petitions, db }: UnsubscriptionRouteDeps, no: number): Promise<string | undefined> {
  const facts = await petitions.facts(db, no).catch(() => undefined);
  return facts && facts.state !== "hidden" ? facts.title : undefined;
}
