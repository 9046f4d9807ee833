import { type Context, Hono } from "hono";
import { frameOf, here, type PageDeps, pageHandler } from "../http/answer-page.tsx";
import { clientOf, limitSubject } from "../http/client.ts";
import { Problem } from "../http/problems.ts";
import { parseForm } from "../http/validation.ts";
import { catalogueFor } from "../i18n/catalogue.ts";
import { parsePublicId, petitionNo } from "../lib/ids.ts";
import { admit } from "../limits/admit.ts";
import { isBeforeOpening } from "../petitions/petition.ts";
import { addressOf, ownPage, type PetitionAddressDeps } from "../petitions/petition-address.ts";
import type { PetitionFacts } from "../petitions/petition-directory.ts";
import { admitVerification } from "./admit-verification.ts";
import { codePage, verifiedPage, verifyPage, withdrawnPage, withdrawPage } from "./signature-pages.tsx";
import { type SignatureRouteDeps, typedCode } from "./signatures.routes.ts";
import { CodeForm } from "./signatures.schema.ts";
import { readTestToken } from "./test-submission.ts";
import { readVerificationToken, type VerifiedAs, verifyByCode, verifyByToken } from "./verify-signature.ts";
import { readWithdrawalToken, withdrawByToken } from "./withdraw-signature.ts";

export interface SignaturePageDeps extends SignatureRouteDeps, PageDeps, PetitionAddressDeps {}

/** The pages behind the links in mails. GET shows and never acts, so that no scanner or prefetch signs; buttons POST. */
export function signaturePageRoutes(depsOf: (c: Context) => SignaturePageDeps) {
  const show = (handler: (c: Context, deps: SignaturePageDeps) => Promise<string>) => pageHandler(depsOf, handler);
  return new Hono()
    .get(
      "/v",
      show(async (c, deps) => {
        const form = codeForm(c, c.req.query("petition") ?? "");
        if (form.petitionId === "") throw new Problem("token_invalid");
        return codePage({ ...frameOf(c, deps), ...form });
      }),
    )
    .post("/v", show(postCode))
    .get(
      "/v/:token",
      show(async (c, deps) => {
        const token = c.req.param("token") ?? "";
        const test = await readTestToken(deps.keys, token);
        const { petitionNo: no } = test ?? (await readVerificationToken(deps.keys, token)).key;
        const shown = { ...(await titleOf(deps, no)), action: here(c), test: test !== null };
        return verifyPage({ ...frameOf(c, deps), ...shown });
      }),
    )
    .post(
      "/v/:token",
      show(async (c, deps) => {
        await admitVerification(deps, clientOf(c), "link");
        const verified = await verifyByToken(deps, c.req.param("token") ?? "");
        return thank(c, deps, { ...verified, byLink: true });
      }),
    )
    .get(
      "/w/:token",
      show(async (c, deps) => {
        const token = c.req.param("token") ?? "";
        const test = await readTestToken(deps.keys, token);
        const { petitionNo: no } = test ?? (await readWithdrawalToken(deps.keys, token));
        const shown = { ...(await titleOf(deps, no)), action: here(c), test: test !== null };
        return withdrawPage({ ...frameOf(c, deps), ...shown });
      }),
    )
    .post(
      "/w/:token",
      show(async (c, deps) => {
        await admit(deps.limiter, limitSubject(clientOf(c)), [{ policy: "writes", scope: "" }]);
        const { petition_id, test = false } = await withdrawByToken(deps, c.req.param("token") ?? "");
        const facts = await factsOf(deps, petitionNo(petition_id));
        const frame = frameOf(c, deps);
        const petitionUrl = facts ? await addressOf(deps, facts, frame.locale) : deps.petitionUrl(petition_id);
        return withdrawnPage({ ...frame, petitionTitle: shownTitle(facts).petitionTitle ?? "", petitionUrl, test });
      }),
    );
}

/** A code that was wrong is asked for again on the same page, without repeating what was typed. */
async function postCode(c: Context, deps: SignaturePageDeps): Promise<string> {
  const page = frameOf(c, deps);
  const form = await parseForm(c, CodeForm).catch((error: unknown) => {
    if (error instanceof Problem && error.code === "invalid_request") return null;
    throw error;
  });
  const petition = form?.petition_id ?? c.req.query("petition") ?? "";
  const again = codePage({
    ...page,
    ...codeForm(c, petition),
    problem: catalogueFor(page.locale).pages.problems.code_invalid.text,
  });
  if (!form) {
    c.status(422);
    return again;
  }
  await admitVerification(deps, clientOf(c), "code");
  try {
    const verified = await verifyByCode(deps, typedCode(form));
    return await thank(c, deps, { ...verified, byLink: false });
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== "code_invalid") throw error;
    c.status(error.status);
    return again;
  }
}

/** `byLink`: who has the mail's link may have the creator's own page too; six digits prove too little for that. */
async function thank(
  c: Context,
  deps: SignaturePageDeps,
  { answer, role, byLink }: VerifiedAs & { byLink: boolean },
): Promise<string> {
  const uuid = parsePublicId("pet", answer.petition_id) as string;
  const facts = await factsOf(deps, petitionNo(uuid));
  const frame = frameOf(c, deps);
  const before = facts !== undefined && isBeforeOpening(facts.state);
  const as = !before ? "signer" : role === "creator" ? "creator" : "supporter";
  const leadsTo = async () => {
    if (as !== "creator") return addressOf(deps, { id: uuid, state: facts?.state ?? "open" }, frame.locale);
    return byLink ? ownPage(deps, { id: uuid }, frame.locale) : "";
  };
  return verifiedPage({
    ...frame,
    petitionTitle: shownTitle(facts).petitionTitle ?? "",
    petitionUrl: await leadsTo(),
    signatureCount: answer.signature_count,
    as,
    needsSupporters: facts !== undefined && facts.supportersNeeded > 0,
    test: answer.test === true,
  });
}

/** What can be said of a petition: undefined when the database can't tell. A page works all the same. */
const factsOf = (deps: SignaturePageDeps, no: number): Promise<PetitionFacts | undefined> =>
  deps.petitions.facts(deps.db, no).catch(() => undefined);

/** No page shows the title of a petition that is hidden. */
const shownTitle = (facts: PetitionFacts | undefined): { petitionTitle?: string } =>
  facts && facts.state !== "hidden" ? { petitionTitle: facts.title } : {};

const titleOf = async (deps: SignaturePageDeps, no: number) => shownTitle(await factsOf(deps, no));

function codeForm(c: Context, petition: string): { petitionId: string; action: string } {
  return { petitionId: parsePublicId("pet", petition) ? petition : "", action: here(c) };
}
