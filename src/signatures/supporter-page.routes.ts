import { type Context, Hono } from "hono";
import { frameOf, here, type PageDeps, pageHandler } from "../http/answer-page.tsx";
import { clientOf } from "../http/client.ts";
import { Problem } from "../http/problems.ts";
import { formFields, parseFields } from "../http/validation.ts";
import { publicId } from "../lib/ids.ts";
import { firstNotice, type Notice, type NoticeKind, wordsOf } from "../notices/notice.ts";
import { currentNotices } from "../notices/read-notices.ts";
import { type PetitionForSupporters, readForSupporters } from "../petitions/petition-for-supporters.ts";
import { readPetitionToken } from "../petitions/petition-token.ts";
import { admitSigning } from "./admit-signing.ts";
import type { SignatureRouteDeps } from "./signatures.routes.ts";
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
        return stagePage(c, deps, { id, ...(await petitionAndNotices(deps, id)) });
      }),
    )
    .post("/s/:token", pageHandler(depsOf, postSignature));

async function postSignature(c: Context, deps: SupporterPageDeps): Promise<string> {
  const id = await petitionOf(c, deps);
  const fields = await formFields(c);
  const form = parseFields(SignForm, fields);
  if ("flaws" in form) {
    const read = await petitionAndNotices(deps, id);
    c.status(422);
    return stagePage(c, deps, { id, ...read, fields, flaws: form.flaws });
  }
  const frame = frameOf(c, deps);
  const client = clientOf(c);
  const { name, email, postcode, updates, privacy, eligibility } = form.output;
  const notices = { privacy, eligibility };
  const input = {
    ...{ name, email, postcode, updates: updates === "yes", eligible: true as const, notices },
    supporter_token: c.req.param("token"),
  };
  try {
    const [hold] = await Promise.all([
      admitSigning(deps, { client, email }, id),
      deps.notices.requireKnown(deps.db, notices),
    ]);
    await submitSignature(deps, { petitionId: id, locale: frame.locale, input, client, hold });
  } catch (error) {
    const moved = error instanceof Problem && (error.code === "supporters_full" || error.code === "petition_not_open");
    if (!moved) throw error;
    c.status(error.status);
    return stagePage(c, deps, { id, ...(await petitionAndNotices(deps, id)) });
  }
  return sentPage({ ...frame, back: here(c) });
}

/** The UUID of the petition that the link is for; raises `token_invalid` without asking the database. */
async function petitionOf(c: Context, { keys }: SupporterPageDeps): Promise<string> {
  const id = await readPetitionToken(keys, "supporter", c.req.param("token") ?? "");
  if (id === null) throw new Problem("token_invalid");
  return id;
}

interface Read {
  readonly petition: PetitionForSupporters;
  readonly notices: readonly Notice[];
}

async function petitionAndNotices(deps: SupporterPageDeps, id: string): Promise<Read> {
  const [petition, notices] = await Promise.all([readForSupporters(deps, id), currentNotices(deps)]);
  return { petition, notices };
}

function stagePage(
  c: Context,
  deps: SupporterPageDeps,
  {
    id,
    petition,
    notices,
    fields,
    flaws,
  }: Read & { id: string; fields?: Record<string, string>; flaws?: readonly string[] },
): string {
  const frame = frameOf(c, deps);
  const current = (kind: NoticeKind) => notices.find((notice) => notice.kind === kind) ?? firstNotice(kind, deps);
  switch (petition.stage) {
    case "ended":
      return endedPage({ ...frame, petitionUrl: deps.petitionUrl(publicId("pet", id)) });
    case "full":
      return fullPage({ ...frame, petition });
    case "paused":
      return pausedPage({ ...frame, petition });
    default: {
      const again = fields && flaws ? { typed: fields, flaws: signFlaws(flaws) } : {};
      const shown = { privacy: current("privacy").version, eligibility: current("eligibility").version };
      const eligible = wordsOf(current("eligibility"), frame.locale);
      const stage = petition.stage;
      return signPage({ ...frame, petition, stage, eligible, shown, action: here(c), ...again });
    }
  }
}
