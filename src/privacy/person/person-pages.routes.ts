import { type Context, Hono } from "hono";
import { frameOf, here, messagePage, type PageDeps, pageHandler } from "../../http/answer-page.tsx";
import { Problem } from "../../http/problems.ts";
import { formFields, parseFields } from "../../http/validation.ts";
import { catalogueFor } from "../../i18n/catalogue.ts";
import { parsePublicId } from "../../lib/ids.ts";
import { correctName } from "./correct-name.ts";
import { erasePerson } from "./erase-person.ts";
import { admitPerson, askForLink, type PersonRouteDeps } from "./person.routes.ts";
import { DataRequest, PersonForm } from "./person.schema.ts";
import { nothingHeldPage, personPage, requestPage } from "./person-pages.tsx";
import { readPerson } from "./read-person.ts";

export interface PersonPageDeps extends PersonRouteDeps, PageDeps {
  readonly timeZone: string;
}

/** The pages of a person's data. GET shows and never acts; buttons POST. */
export function personPageRoutes(depsOf: (c: Context) => PersonPageDeps) {
  const show = (handler: (c: Context, deps: PersonPageDeps) => Promise<string | Response>) =>
    pageHandler(depsOf, handler);
  return new Hono()
    .get(
      "/d",
      show(async (c, deps) => {
        const petition = c.req.query("petition") ?? "";
        if (!parsePublicId("pet", petition)) throw new Problem("token_invalid");
        return requestPage({ ...frameOf(c, deps), petitionId: petition, action: here(c), problem: false });
      }),
    )
    .post("/d", show(postRequest))
    .get(
      "/d/:token",
      show((c, deps) => showPerson(c, deps)),
    )
    .post("/d/:token", show(postAct));
}

async function postRequest(c: Context, deps: PersonPageDeps): Promise<string> {
  const frame = frameOf(c, deps);
  const fields = await formFields(c);
  const form = parseFields(DataRequest, fields);
  const petition = fields.petition_id ?? "";
  if ("flaws" in form) {
    if (!parsePublicId("pet", petition)) throw new Problem("token_invalid");
    c.status(422);
    return requestPage({ ...frame, petitionId: petition, action: here(c), problem: true });
  }
  await askForLink(c, deps, { petitionId: petition, email: form.output.email });
  const { sentTitle, sent } = catalogueFor(frame.locale).pages.person;
  return messagePage({ ...frame, title: sentTitle, text: sent });
}

async function showPerson(
  c: Context,
  deps: PersonPageDeps,
  said?: { readonly text: string; readonly alert: boolean },
): Promise<string> {
  const frame = frameOf(c, deps);
  const { signature, ...petition } = await readPerson(deps, tokenIn(c));
  if (signature === null) return nothingHeldPage({ ...frame, said: said?.text });
  const { timeZone, retention } = deps;
  const { addressDays } = retention;
  return personPage({ ...frame, data: { ...petition, signature }, action: here(c), timeZone, addressDays, said });
}

async function postAct(c: Context, deps: PersonPageDeps): Promise<string | Response> {
  const texts = catalogueFor(frameOf(c, deps).locale).pages.person;
  const form = parseFields(PersonForm, await formFields(c));
  await admitPerson(c, deps.limiter);
  if ("flaws" in form) {
    c.status(422);
    return showPerson(c, deps, { text: texts.nameFlaw, alert: true });
  }
  switch (form.output.act) {
    case "download": {
      const data = await readPerson(deps, tokenIn(c));
      return c.json(data, 200, { "Content-Disposition": 'attachment; filename="petition-data.json"' });
    }
    case "erase":
      await erasePerson(deps, tokenIn(c));
      return showPerson(c, deps, { text: texts.erased, alert: false });
    default:
      return correct(c, deps, form.output.name);
  }
}

async function correct(c: Context, deps: PersonPageDeps, name: string): Promise<string> {
  const texts = catalogueFor(frameOf(c, deps).locale).pages.person;
  try {
    await correctName(deps, tokenIn(c), name);
    return showPerson(c, deps, { text: texts.corrected, alert: false });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.code === "signature_gone") return showPerson(c, deps);
    if (error.code !== "name_taken" && error.code !== "name_fixed") throw error;
    c.status(error.status);
    return showPerson(c, deps, { text: texts[error.code], alert: true });
  }
}

const tokenIn = (c: Context): string => c.req.param("token") ?? "";
