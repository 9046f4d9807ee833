import { type Context, Hono } from "hono";
import type * as v from "valibot";
import { frameOf, here, type PageDeps, pageHandler } from "../../http/answer-page.tsx";
import { Problem } from "../../http/problems.ts";
import { formFields, parseFields } from "../../http/validation.ts";
import { publicId } from "../../lib/ids.ts";
import { changesContext, openText } from "../moderation/staff-texts.ts";
import type { PetitionState } from "../petition.ts";
import type { PetitionAddressDeps } from "../petition-address.ts";
import type { PetitionDirectory } from "../petition-directory.ts";
import { petitionToken, readPetitionToken } from "../petition-token.ts";
import { type CreatorsPetition, readAsCreator } from "./change-as-creator.ts";
import { admitCreator, type CreatorRouteDeps } from "./creator.routes.ts";
import { PetitionEdit, Stop } from "./creator.schema.ts";
import { type CreatorFlaw, creatorFlaws, creatorPage, type Done } from "./creator-page.tsx";
import { EDITABLE, editAsCreator } from "./edit-as-creator.ts";
import { resubmitAsCreator } from "./resubmit-as-creator.ts";
import { stopAsCreator } from "./stop-as-creator.ts";

export interface CreatorPageDeps extends CreatorRouteDeps, PageDeps, PetitionAddressDeps {
  readonly timeZone: string;
  readonly petitions: PetitionDirectory;
}

/** Whether what was done is still so: the page's address stays, in a bookmark or an open tab, when the petition moves on. */
const STILL_SO: Record<Done, (state: PetitionState) => boolean> = {
  saved: (state) => EDITABLE.includes(state),
  sent: (state) => state === "moderation" || state === "gathering",
  stopped: (state) => state === "stopped",
};

/** The page of a petition's creator. GET shows; each form posts, and leads back to the page. */
export const creatorPageRoutes = (depsOf: (c: Context) => CreatorPageDeps) =>
  new Hono()
    .get(
      "/e/:token",
      pageHandler(depsOf, async (c, deps) => {
        const id = await petitionOf(c, deps);
        const petition = await readAsCreator(deps, id);
        const done = c.req.query("done") ?? "";
        const shown = isDone(done) && STILL_SO[done](petition.state) ? { done } : {};
        return renderPage(c, deps, petition, shown);
      }),
    )
    .post("/e/:token", formHandler(depsOf, { schema: PetitionEdit, act: editAsCreator, done: "saved" }))
    .post("/e/:token/resubmission", formHandler(depsOf, { schema: PetitionEdit, act: resubmitAsCreator, done: "sent" }))
    .post(
      "/e/:token/stop",
      formHandler(depsOf, {
        schema: Stop,
        act: (deps, id, { reason }) => stopAsCreator(deps, id, reason),
        done: "stopped",
      }),
    );

const isDone = (text: string): text is Done => Object.hasOwn(STILL_SO, text);

/** A form's handler: it acts and leads back to the page, or shows the page with what was wrong and what was typed. */
function formHandler<Schema extends v.GenericSchema>(
  depsOf: (c: Context) => CreatorPageDeps,
  form: {
    schema: Schema;
    act: (deps: CreatorPageDeps, id: string, input: v.InferOutput<Schema>) => Promise<CreatorsPetition>;
    done: Done;
  },
) {
  return pageHandler(depsOf, async (c, deps) => {
    const id = await petitionOf(c, deps);
    await admitCreator(c, deps.limiter);
    const typed = await typedFields(c);
    const parsed = parseFields(form.schema, typed);
    if ("flaws" in parsed) {
      c.status(422);
      return renderPage(c, deps, await readAsCreator(deps, id), { typed, flaws: creatorFlaws(parsed.flaws) });
    }
    try {
      await form.act(deps, id, parsed.output);
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "illegal_state") throw error;
      c.status(error.status);
      return renderPage(c, deps, await readAsCreator(deps, id), { flaws: ["moved"] });
    }
    const page = here(c, pagePath(c));
    return c.redirect(`${page}${page.includes("?") ? "&" : "?"}done=${form.done}`, 303);
  });
}

/** The fields as they came. Browsers end lines with CR LF; the limits and what is kept know LF alone. */
async function typedFields(c: Context): Promise<Record<string, string>> {
  const fields = Object.entries(await formFields(c));
  return Object.fromEntries(fields.map(([name, value]) => [name, value.replaceAll("\r\n", "\n")]));
}

/** The UUID of the petition that the page is of; raises `token_invalid` without asking the database. */
async function petitionOf(c: Context, { keys }: CreatorPageDeps): Promise<string> {
  const id = await readPetitionToken(keys, "edit", c.req.param("token") ?? "");
  if (id === null) throw new Problem("token_invalid");
  return id;
}

const pagePath = (c: Context): string => `/e/${encodeURIComponent(c.req.param("token") ?? "")}`;

async function renderPage(
  c: Context,
  deps: CreatorPageDeps,
  petition: CreatorsPetition,
  shown: { done?: Done; flaws?: readonly CreatorFlaw[]; typed?: Record<string, string> },
): Promise<string> {
  const frame = frameOf(c, deps);
  const path = pagePath(c);
  return creatorPage({
    ...frame,
    petition,
    message: await openText(
      await deps.petitions.secret(petition),
      petition.changesMessage,
      changesContext(petition.id),
    ),
    timeZone: deps.timeZone,
    // To be passed on: whoever opens it reads it in their own language.
    supporterUrl: `${deps.publicUrl}/s/${await petitionToken(deps.keys, "supporter", petition.id)}`,
    petitionUrl: deps.petitionUrl(publicId("pet", petition.id)),
    actions: { edit: here(c, path), resubmit: here(c, `${path}/resubmission`), stop: here(c, `${path}/stop`) },
    ...shown,
  });
}
