import { type Context, Hono } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import { routePath } from "hono/route";
import { auditRoutes } from "./access/audit.routes.ts";
import { staffRoutes } from "./access/staff.routes.ts";
import { areaTableRoutes } from "./areas/area-tables.routes.ts";
import { areaRoutes } from "./areas/areas.routes.ts";
import { termRoutes } from "./areas/terms.routes.ts";
import type { Bindings } from "./bindings.ts";
import { ConfigError } from "./config.ts";
import { countRoutes } from "./counts/counts.routes.ts";
import { reachRoutes } from "./counts/reach.routes.ts";
import { DatabaseFailure } from "./db/database.ts";
import { type Deps, openDeps } from "./deps.ts";
import { answerRemembered } from "./http/caching.ts";
import { docsRoutes } from "./http/docs.routes.tsx";
import { Problem, problemCatalogue } from "./http/problems.ts";
import { RememberingRouter } from "./http/remembering-router.ts";
import { renderProblem } from "./http/render-problem.ts";
import { answerPreflight, completeHeaders, isOpenToFrontends } from "./http/standard-headers.ts";
import { stylesheet } from "./http/stylesheet.ts";
import { alarmRoutes } from "./integrity/alarms.routes.ts";
import { integrityReportRoutes } from "./integrity/integrity-report.routes.ts";
import { invalidationRoutes } from "./integrity/invalidation.routes.ts";
import { limitRoutes } from "./integrity/limits.routes.ts";
import { reconciliationRoutes } from "./integrity/reconciliation.routes.ts";
import { knownIsolate, openIsolate } from "./isolate.ts";
import { countedIds } from "./lib/ids.ts";
import { TooSlow } from "./lib/in-time.ts";
import { describeError, type LogFields, log } from "./lib/log.ts";
import { rateLimitHeaders } from "./limits/admit.ts";
import { devMailRoutes } from "./mail/dev-mail.routes.tsx";
import { mailRateRoutes } from "./mail/mail-rates.routes.ts";
import { resendWebhookRoutes } from "./mail/resend-webhook.routes.ts";
import { mailingRoutes } from "./mailings/mailings.routes.ts";
import { unsubscriptionRoutes } from "./mailings/unsubscriptions.routes.ts";
import { noticeRoutes } from "./notices/notices.routes.ts";
import { overviewRoutes } from "./overview/overview.routes.ts";
import { parkedMailRoutes } from "./overview/parked-mail.routes.ts";
import { partnerAdminRoutes } from "./partners/partners.routes.ts";
import { usageRoutes } from "./partners/usage.routes.ts";
import { webhookRoutes } from "./partners/webhooks/webhooks.routes.ts";
import { channelRoutes } from "./petitions/channels/channels.routes.tsx";
import { creatorRoutes } from "./petitions/creator/creator.routes.ts";
import { creatorPageRoutes } from "./petitions/creator/creator-page.routes.ts";
import { moderationRoutes } from "./petitions/moderation/moderation.routes.ts";
import { petitionRoutes } from "./petitions/petitions.routes.ts";
import { responseRoutes } from "./petitions/responses/responses.routes.ts";
import { switchRoutes } from "./petitions/switches/switches.routes.ts";
import { personRoutes } from "./privacy/person/person.routes.ts";
import { personPageRoutes } from "./privacy/person/person-pages.routes.ts";
import { retentionRoutes } from "./privacy/retention/retention.routes.ts";
import { partnerSubmissionRoutes } from "./signatures/partner-submissions.routes.ts";
import { signaturePageRoutes } from "./signatures/signature-pages.routes.ts";
import { signatureRoutes } from "./signatures/signatures.routes.ts";
import { staffSignatureRoutes } from "./signatures/staff-signatures.routes.ts";
import { supporterPageRoutes } from "./signatures/supporter-page.routes.ts";
import { testMailRoutes } from "./signatures/test-mails.routes.ts";

interface AppEnv {
  Bindings: Bindings;
  Variables: { deps: Deps | undefined; requestId: string };
}

/** What a request needs, opened when it is first asked for. */
function depsOf(c: Context<AppEnv>): Deps {
  const known = c.get("deps");
  if (known) return known;
  const deps = openDeps(c.env, c.executionCtx);
  c.set("deps", deps);
  return deps;
}

const newRequestId = countedIds();

/** What the isolate remembers for a request's very path; undefined when the routes are to be asked. */
export function answerAtOnce(request: Request, env: Bindings): Response | undefined {
  const isolate = knownIsolate(env);
  const known = isolate && answerRemembered(isolate.answers, request);
  if (!known) return undefined;
  const { answer, route } = known;
  logRequest({ request_id: newRequestId(), method: request.method, route, status: answer.status, ms: 0 }, undefined);
  return answer;
}

/** One line of the log. The route's pattern, never the path: paths hold tokens. */
const logRequest = (fields: LogFields, cost: Deps["cost"] | undefined): void =>
  log("request", {
    ...fields,
    d1_calls: cost?.calls ?? 0,
    d1_rows_read: cost?.rowsRead ?? 0,
    d1_rows_written: cost?.rowsWritten ?? 0,
  });

export const app = new Hono<AppEnv>({ router: new RememberingRouter() });

// Around every answer: the headers that all have, and one line of the log, last of all: by then the answer is known.
app.use(async (c, next) => {
  const begun = Date.now();
  c.set("requestId", newRequestId());
  const { method, path } = c.req;
  if (method === "OPTIONS" && isOpenToFrontends(path)) c.res = answerPreflight(path);
  else {
    try {
      openIsolate(c.env); // without settings nothing is served
      await next();
    } catch (error) {
      c.res = answerError(error as Error, c);
    }
  }
  const { headers } = c.res;
  completeHeaders(headers, path);
  const deps = c.get("deps");
  // Every answer to a partner's key says what is left of its limits, whatever else it says.
  if (deps && deps.limitsTold.length > 0 && !headers.has("RateLimit")) {
    for (const [name, value] of Object.entries(rateLimitHeaders(deps.limitsTold, deps.clock()))) {
      headers.set(name, value);
    }
  }
  const [route, { status }] = [routePath(c, -1), c.res];
  logRequest({ request_id: c.get("requestId"), method, route, status, ms: Date.now() - begun }, deps?.cost);
});

app
  .get("/health", (c) => c.json({ status: "ok" }))
  .get("/style.css", (c) =>
    c.body(stylesheet, 200, { "Content-Type": "text/css; charset=utf-8", "Cache-Control": "public, max-age=3600" }),
  )
  .get("/problems/:code", (c) => {
    const kind = Object.entries(problemCatalogue).find(([code]) => code === c.req.param("code"));
    if (!kind) throw new Problem("not_found");
    return c.json({ code: kind[0], ...kind[1] });
  })
  .route("/", docsRoutes(depsOf))
  .route("/", areaRoutes(depsOf))
  .route("/", areaTableRoutes(depsOf))
  .route("/", noticeRoutes(depsOf))
  .route("/", termRoutes(depsOf))
  .route("/", petitionRoutes(depsOf))
  .route("/", creatorRoutes(depsOf))
  .route("/", creatorPageRoutes(depsOf))
  .route("/", signatureRoutes(depsOf))
  .route("/", staffSignatureRoutes(depsOf))
  .route("/", countRoutes(depsOf))
  .route("/", reachRoutes(depsOf))
  .route("/", moderationRoutes(depsOf))
  .route("/", responseRoutes(depsOf))
  .route("/", retentionRoutes(depsOf))
  .route("/", channelRoutes(depsOf))
  .route("/", limitRoutes(depsOf))
  .route("/", switchRoutes(depsOf))
  .route("/", integrityReportRoutes(depsOf))
  .route("/", reconciliationRoutes(depsOf))
  .route("/", alarmRoutes(depsOf))
  .route("/", invalidationRoutes(depsOf))
  .route("/", mailingRoutes(depsOf))
  .route("/", unsubscriptionRoutes(depsOf))
  .route("/", overviewRoutes(depsOf))
  .route("/", parkedMailRoutes(depsOf))
  .route("/", staffRoutes(depsOf))
  .route("/", auditRoutes(depsOf))
  .route("/", webhookRoutes(depsOf))
  .route("/", partnerAdminRoutes(depsOf))
  .route("/", usageRoutes(depsOf))
  .route("/", testMailRoutes(depsOf))
  .route("/", partnerSubmissionRoutes(depsOf))
  .route("/", mailRateRoutes(depsOf))
  .route("/", resendWebhookRoutes(depsOf))
  .route("/", signaturePageRoutes(depsOf))
  .route("/", supporterPageRoutes(depsOf))
  .route("/", personRoutes(depsOf))
  .route("/", personPageRoutes(depsOf))
  .route("/", devMailRoutes(depsOf));

// Asked only about what no route has answered.
const orNotAllowed = methodNotAllowed({
  app,
  onMethodNotAllowed: (c, methods) =>
    answerProblem(c, new Problem("method_not_allowed", { headers: { Allow: methods.join(", ") } })),
});

app.notFound(async (c) => {
  await orNotAllowed(c, async () => {
    c.res = answerProblem(c, new Problem("not_found"));
  });
  return c.res;
});

app.onError(answerError);

function answerError(error: Error, c: Context<AppEnv>): Response {
  if (error instanceof Problem) return answerProblem(c, error);
  if (error instanceof ConfigError) {
    log("misconfigured", { problems: error.problems.join("; ") });
    const errors = error.problems.map((detail) => ({
      pointer: detail.replace(/^binding /, "").split(" ")[0] ?? "",
      code: "setting",
      detail,
    }));
    return answerProblem(c, new Problem("misconfigured", { errors, headers: { "Retry-After": "60" } }));
  }
  if (error instanceof TooSlow || (error instanceof DatabaseFailure && !error.refused)) {
    log("database_failed", { request_id: c.get("requestId"), ...describeError(error) });
    return answerProblem(c, new Problem("unavailable", { headers: { "Retry-After": "10" } }));
  }
  log("request_failed", { request_id: c.get("requestId"), ...describeError(error) });
  return answerProblem(c, new Problem("internal_error"));
}

function answerProblem(c: Context<AppEnv>, problem: Problem): Response {
  return renderProblem(problem, { requestId: c.get("requestId"), typeBase: publicUrl(c) });
}

/** Without settings it is relative to the request, which RFC 9457 allows for a problem's type. */
function publicUrl(c: Context<AppEnv>): string {
  try {
    return openIsolate(c.env).config.publicUrl;
  } catch {
    return "";
  }
}
