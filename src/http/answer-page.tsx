import type { Context } from "hono";
import { catalogueFor, negotiateLocale } from "../i18n/catalogue.ts";
import { describeError, log } from "../lib/log.ts";
import { Page, type PageFrame, renderPage } from "./page.tsx";
import { Problem, type ProblemCode } from "./problems.ts";

/** What every page needs of the settings. */
export interface PageDeps {
  readonly locales: readonly string[];
  readonly municipality: string;
  readonly contact: string;
  readonly privacyNoticeUrl: string;
}

/** The frame of a page in the reader's language: the address's `?lang=`, else the browser's. */
export const frameOf = (c: Context, deps: PageDeps): PageFrame => ({
  locale: negotiateLocale({
    requested: c.req.query("lang"),
    acceptLanguage: c.req.header("Accept-Language"),
    offered: deps.locales,
  }),
  municipality: deps.municipality,
  contact: deps.contact,
  privacyNoticeUrl: deps.privacyNoticeUrl,
});

/** A form's target: the same address, or `path`, language included. */
export function here(c: Context, path = new URL(c.req.url).pathname): string {
  const lang = c.req.query("lang");
  return lang === undefined ? path : `${path}?lang=${encodeURIComponent(lang)}`;
}

/** A handler that answers with an HTML document or a response of its own; a problem that it raises reads as a page. */
export const pageHandler =
  <Deps extends PageDeps>(
    depsOf: (c: Context) => Deps,
    handler: (c: Context, deps: Deps) => Promise<string | Response>,
  ) =>
  async (c: Context) => {
    const deps = depsOf(c);
    try {
      const answer = await handler(c, deps);
      return typeof answer === "string" ? c.html(answer) : answer;
    } catch (error) {
      return problemPage(c, deps, error);
    }
  };

/**
 * A page that only says something, such as one of the catalogue's `pages.problems`.
 * @param args.title the heading, in the reader's language
 * @param args.text one paragraph, in the reader's language
 * @returns a whole HTML document
 */
export function messagePage({ title, text, ...frame }: PageFrame & { title: string; text: string }): string {
  return renderPage(
    <Page {...frame} title={title}>
      <h1>{title}</h1>
      <p>{text}</p>
    </Page>,
  );
}

const PAGE_TEXTS: Partial<Record<ProblemCode, keyof ReturnType<typeof catalogueFor>["pages"]["problems"]>> = {
  token_invalid: "link_invalid",
  verification_closed: "verification_closed",
  signature_withdrawn: "signature_withdrawn",
  signature_gone: "signature_gone",
  supporters_full: "supporters_full",
  code_invalid: "code_invalid",
  rate_limited: "rate_limited",
  petition_closed: "petition_closed",
  unavailable: "unavailable",
  signing_paused: "signing_paused",
};

/** Problems read as pages here: whoever follows a link in a mail is no client of an API. */
function problemPage(c: Context, deps: PageDeps, error: unknown): Response | Promise<Response> {
  // What is not one of our problems comes from the database or the platform: it passes, and nothing was changed.
  const problem = error instanceof Problem ? error : new Problem("unavailable", { headers: { "Retry-After": "10" } });
  if (problem !== error) log("page_failed", describeError(error));
  const frame = frameOf(c, deps);
  const { pages } = catalogueFor(frame.locale);
  const text = problem.code === "not_found" ? pages.missing : pages.problems[PAGE_TEXTS[problem.code] ?? "unexpected"];
  return c.html(messagePage({ ...frame, ...text }), problem.status, problem.headers);
}
