import { type Context, Hono } from "hono";
import { clientOf, limitSubject } from "../http/client.ts";
import { Problem, type ProblemCode } from "../http/problems.ts";
import { parseForm } from "../http/validation.ts";
import { catalogueFor, negotiateLocale } from "../i18n/catalogue.ts";
import { parsePublicId, petitionNo } from "../lib/ids.ts";
import { describeError, log } from "../lib/log.ts";
import { admit } from "../limits/admit.ts";
import { codePage, messagePage, verifiedPage, verifyPage, withdrawnPage, withdrawPage } from "./signature-pages.tsx";
import { admitVerification, type SignatureRouteDeps, typedCode } from "./signatures.routes.ts";
import { CodeForm } from "./signatures.schema.ts";
import { readVerificationToken, type Verified, verifyByCode, verifyByToken } from "./verify-signature.ts";
import { readWithdrawalToken, withdrawByToken } from "./withdraw-signature.ts";

export interface SignaturePageDeps extends SignatureRouteDeps {
  /** The page on which residents read a petition with this public id. */
  readonly petitionUrl: (id: string) => string;
  readonly municipality: string;
  readonly contact: string;
  readonly privacyNoticeUrl: string;
}

/** The pages behind the links in mails. GET shows and never acts, so that no scanner or prefetch signs; buttons POST. */
export function signaturePageRoutes(depsOf: (c: Context) => SignaturePageDeps) {
  const show = (handler: (c: Context, deps: SignaturePageDeps) => Promise<string>) => async (c: Context) => {
    const deps = depsOf(c);
    try {
      return c.html(await handler(c, deps));
    } catch (error) {
      return problemPage(c, deps, error);
    }
  };
  return new Hono()
    .get(
      "/v",
      show(async (c, deps) => {
        const form = codeForm(c, c.req.query("petition") ?? "");
        if (form.petitionId === "") throw new Problem("token_invalid");
        return codePage({ ...frame(c, deps), ...form });
      }),
    )
    .post("/v", show(postCode))
    .get(
      "/v/:token",
      show(async (c, deps) => {
        const { key } = await readVerificationToken(deps.keys, c.req.param("token") ?? "");
        return verifyPage({ ...frame(c, deps), ...(await titleOf(deps, key.petitionNo)), action: here(c) });
      }),
    )
    .post(
      "/v/:token",
      show(async (c, deps) => {
        await admitVerification(c, deps.limiter);
        return thank(c, deps, await verifyByToken(deps, c.req.param("token") ?? ""));
      }),
    )
    .get(
      "/w/:token",
      show(async (c, deps) => {
        const key = await readWithdrawalToken(deps.keys, c.req.param("token") ?? "");
        return withdrawPage({ ...frame(c, deps), ...(await titleOf(deps, key.petitionNo)), action: here(c) });
      }),
    )
    .post(
      "/w/:token",
      show(async (c, deps) => {
        await admit(deps.limiter, limitSubject(clientOf(c)), [{ policy: "writes", scope: "" }]);
        const { petition_id } = await withdrawByToken(deps, c.req.param("token") ?? "");
        const { petitionTitle = "" } = await titleOf(deps, petitionNo(petition_id));
        return withdrawnPage({ ...frame(c, deps), petitionTitle, petitionUrl: deps.petitionUrl(petition_id) });
      }),
    );
}

/** A code that was wrong is asked for again on the same page, without repeating what was typed. */
async function postCode(c: Context, deps: SignaturePageDeps): Promise<string> {
  const page = frame(c, deps);
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
  await admitVerification(c, deps.limiter);
  try {
    return await thank(c, deps, await verifyByCode(deps, typedCode(form)));
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== "code_invalid") throw error;
    c.status(error.status);
    return again;
  }
}

async function thank(c: Context, deps: SignaturePageDeps, verified: Verified): Promise<string> {
  const uuid = parsePublicId("pet", verified.petition_id) as string;
  const facts = await deps.petitions.facts(deps.db, petitionNo(uuid)).catch(() => undefined);
  return verifiedPage({
    ...frame(c, deps),
    petitionTitle: facts?.title ?? "",
    petitionUrl: deps.petitionUrl(verified.petition_id),
    signatureCount: verified.signature_count,
    creator: facts?.state === "draft" || facts?.state === "gathering",
  });
}

const PAGE_TEXTS: Partial<Record<ProblemCode, keyof ReturnType<typeof catalogueFor>["pages"]["problems"]>> = {
  token_invalid: "link_invalid",
  verification_closed: "verification_closed",
  signature_withdrawn: "signature_withdrawn",
  signature_gone: "signature_gone",
  code_invalid: "code_invalid",
  rate_limited: "rate_limited",
  petition_closed: "petition_closed",
  unavailable: "unavailable",
};

/** Problems read as pages here: whoever follows a link in a mail is no client of an API. */
function problemPage(c: Context, deps: SignaturePageDeps, error: unknown): Response | Promise<Response> {
  // What is not one of our problems comes from the database or the platform: it passes, and nothing was changed.
  const problem = error instanceof Problem ? error : new Problem("unavailable", { headers: { "Retry-After": "10" } });
  if (problem !== error) log("page_failed", describeError(error));
  const page = frame(c, deps);
  const text = catalogueFor(page.locale).pages.problems[PAGE_TEXTS[problem.code] ?? "unexpected"];
  return c.html(messagePage({ ...page, ...text }), problem.status, problem.headers);
}

const frame = (c: Context, deps: SignaturePageDeps) => ({
  locale: negotiateLocale({
    requested: c.req.query("lang"),
    acceptLanguage: c.req.header("Accept-Language"),
    offered: deps.locales,
  }),
  municipality: deps.municipality,
  contact: deps.contact,
  privacyNoticeUrl: deps.privacyNoticeUrl,
});

/** A page is shown without a title when the petition is hidden, or the database can't tell: its button works all the same. */
async function titleOf(deps: SignaturePageDeps, no: number): Promise<{ petitionTitle?: string }> {
  const facts = await deps.petitions.facts(deps.db, no).catch(() => undefined);
  return facts && facts.state !== "hidden" ? { petitionTitle: facts.title } : {};
}

/** A form's target: the same address, language included. */
function here(c: Context): string {
  const url = new URL(c.req.url);
  const lang = url.searchParams.get("lang");
  return lang === null ? url.pathname : `${url.pathname}?lang=${encodeURIComponent(lang)}`;
}

function codeForm(c: Context, petition: string): { petitionId: string; action: string } {
  return { petitionId: parsePublicId("pet", petition) ? petition : "", action: here(c) };
}
