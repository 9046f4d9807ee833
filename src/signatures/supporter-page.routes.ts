import { type Context, Hono } from "hono";
import { frameOf, here, type PageDeps, pageHandler } from "../http/answer-page.tsx";
import { clientOf } from "../http/client.ts";
import { Problem } from "../http/problems.ts";
import { formFields, parseFields } from "../http/validation.ts";
import { publicId } from "../lib/ids.ts";
import { type PetitionForSupporters, readForSupporters } from "../petitions/petition-for-supporters.ts";
import { readPetitionToken } from "../petitions/petition-token.ts";
import { admitSigning, type SignatureRouteDeps } from "./signatures.routes.ts";
import { SignForm } from "./signatures.schema.ts";
import { submitSignature } from "./submit-signature.ts";
import { endedPage, fullPage, pausedPage, sentPage, signFlaws, signPage } from "./supporter-page.tsx";

export interface SupporterPageDeps extends SignatureRouteDeps, PageDeps {
  /** The page on which residents read a petition with this public id. */
  readonly petitionUrl: (id: string) => string;
}

/** The page behind a petition's supporter link. GET shows the petition; the form's POST signs it. */
export const supporterPageRoutes = (depsOf: (c: Context) => SupporterPageDeps) =>
  new Hono()
    .get(
      "/s/:token",
      pageHandler(depsOf, async (c, deps) => {
        const id = await petitionOf(c, deps);
        return stagePage(c, deps, { id, petition: await readForSupporters(deps, id) });
      }),
    )
    .post("/s/:token", pageHandler(depsOf, postSignature));

async function postSignature(c: Context, deps: SupporterPageDeps): Promise<string> {
  const id = await petitionOf(c, deps);
  const fields = await formFields(c);
  const form = parseFields(SignForm, fields);
  if ("flaws" in form) {
    const petition = await readForSupporters(deps, id);
    c.status(422);
    return stagePage(c, deps, { id, petition, fields, flaws: form.flaws });
  }
  const frame = frameOf(c, deps);
  const client = clientOf(c);
  const { name, email, postcode, updates } = form.output;
  const input = {
    ...{ name, email, postcode, updates: updates === "yes", eligible: true as const },
    supporter_token: c.req.param("token"),
  };
  try {
    const hold = await admitSigning(deps, { client, email }, id);
    await submitSignature(deps, { petitionId: id, locale: frame.locale, input, client, hold });
  } catch (error) {
    const moved = error instanceof Problem && (error.code === "supporters_full" || error.code === "petition_not_open");
    if (!moved) throw error;
    c.status(error.status);
    const petition = await readForSupporters(deps, id);
    return stagePage(c, deps, { id, petition });
  }
  return sentPage({ ...frame, back: here(c) });
}

/** The UUID of the petition that the link is for; raises `token_invalid` without asking the database. */
async function petitionOf(c: Context, { keys }: SupporterPageDeps): Promise<string> {
  const id = await readPetitionToken(keys, "supporter", c.req.param("token") ?? "");
  if (id === null) throw new Problem("token_invalid");
  return id;
}

function stagePage(
  c: Context,
  deps: SupporterPageDeps,
  {
    id,
    petition,
    fields,
    flaws,
  }: { id: string; petition: PetitionForSupporters; fields?: Record<string, string>; flaws?: readonly string[] },
): string {
  const frame = frameOf(c, deps);
  switch (petition.stage) {
    case "ended":
      return endedPage({ ...frame, petitionUrl: deps.petitionUrl(publicId("pet", id)) });
    case "full":
      return fullPage({ ...frame, petition });
    case "paused":
      return pausedPage({ ...frame, petition });
    default: {
      const again = fields && flaws ? { typed: fields, flaws: signFlaws(flaws) } : {};
      return signPage({ ...frame, petition, stage: petition.stage, action: here(c), ...again });
    }
  }
}
