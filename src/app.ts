import { type Context, Hono } from "hono";
import { cors } from "hono/cors";
import { methodNotAllowed } from "hono/method-not-allowed";
import { routePath } from "hono/route";
import { secureHeaders } from "hono/secure-headers";
import { auditRoutes } from "./access/audit.routes.ts";
import { staffRoutes } from "./access/staff.routes.ts";
import { areaTableRoutes } from "./areas/area-tables.routes.ts";
import { areaRoutes } from "./areas/areas.routes.ts";
import { termRoutes } from "./areas/terms.routes.ts";
import { ConfigError } from "./config.ts";
import { countRoutes } from "./counts/counts.routes.ts";
import { reachRoutes } from "./counts/reach.routes.ts";
import { DatabaseFailure } from "./db/database.ts";
import { type Bindings, type Deps, openDeps } from "./deps.ts";
import { docsRoutes } from "./http/docs.routes.tsx";
import { Problem, problemCatalogue, renderProblem } from "./http/problems.ts";
import { stylesheet } from "./http/stylesheet.ts";
import { alarmRoutes } from "./integrity/alarms.routes.ts";
import { integrityReportRoutes } from "./integrity/integrity-report.routes.ts";
import { invalidationRoutes } from "./integrity/invalidation.routes.ts";
import { limitRoutes } from "./integrity/limits.routes.ts";
import { reconciliationRoutes } from "./integrity/reconciliation.routes.ts";
import { newUuid } from "./lib/ids.ts";
import { TooSlow } from "./lib/in-time.ts";
import { describeError, log } from "./lib/log.ts";
import { rateLimitHeaders } from "./limits/admit.ts";
import { devMailRoutes } from "./mail/dev-mail.routes.tsx";
import { mailRateRoutes } from "./mail/mail-rates.routes.ts";
import { resendWebhookRoutes } from "./mail/resend-webhook.routes.ts";
import { noticeRoutes } from "./notices/notices.routes.ts";
import { overviewRoutes } from "./overview/overview.routes.ts";
import { parkedMailRoutes } from "./overview/parked-mail.routes.ts";
import { partnerAdminRoutes } from "./partners/partners.routes.ts";
import { usageRoutes } from "./partners/usage.routes.ts";
import { channelRoutes } from "./petitions/channels/channels.routes.tsx";
import { creatorRoutes } from "./petitions/creator/creator.routes.ts";
import { creatorPageRoutes } from "./petitions/creator/creator-page.routes.ts";
import { moderationRoutes } from "./petitions/moderation/moderation.routes.ts";
import { petitionRoutes } from "./petitions/petitions.routes.ts";
import { responseRoutes } from "./petitions/responses/responses.routes.ts";
import { switchRoutes } from "./petitions/switches/switches.routes.ts";
import { personRoutes } from "./privacy/person/person.routes.ts";
import { personPageRoutes } from "./privacy/person/person-pages.routes.ts";
import { signaturePageRoutes } from "./signatures/signature-pages.routes.ts";
import { signatureRoutes } from "./signatures/signatures.routes.ts";
import { staffSignatureRoutes } from "./signatures/staff-signatures.routes.ts";
import { supporterPageRoutes } from "./signatures/supporter-page.routes.ts";

interface AppEnv {
  Bindings: Bindings;
  Variables: { deps: Deps; requestId: string };
}

const depsOf = (c: Context): Deps => c.get("deps");

export const app = new Hono<AppEnv>();

// One line a request, last of all: by then the answer is known. The route's pattern, never the path: paths hold tokens.
app.use(async (c, next) => {
  const begun = Date.now();
  c.set("requestId", newUuid());
  await next();
  const cost = (c.get("deps") as Deps | undefined)?.cost;
  log("request", {
    request_id: c.get("requestId"),
    method: c.req.method,
    route: routePath(c, -1),
    status: c.res.status,
    ms: Date.now() - begun,
    d1_calls: cost?.calls,
    d1_rows_read: cost?.rowsRead,
    d1_rows_written: cost?.rowsWritten,
  });
});

app.use(
  secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      styleSrc: ["'self'"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
    referrerPolicy: "no-referrer",
    crossOriginResourcePolicy: "cross-origin",
    xFrameOptions: "DENY",
  }),
);

// Any frontend may read what is public and send what residents write; nothing rests on cookies.
const openToFrontends = cors({
  origin: "*",
  allowMethods: ["GET", "HEAD", "POST", "PUT", "DELETE"],
  allowHeaders: ["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match"],
  exposeHeaders: ["ETag", "Link", "RateLimit", "RateLimit-Policy", "Retry-After"],
  maxAge: 86_400,
});
app.use("/v1/*", (c, next) => (c.req.path.startsWith("/v1/admin/") ? next() : openToFrontends(c, next)));

// Every answer to a partner's key says what is left of its limits, whatever else it says.
app.use("/v1/*", async (c, next) => {
  await next();
  const deps = c.get("deps") as Deps | undefined;
  if (!deps || deps.limitsTold.length === 0 || c.res.headers.has("RateLimit")) return;
  for (const [name, value] of Object.entries(rateLimitHeaders(deps.limitsTold, deps.clock()))) c.header(name, value);
});

// What says nothing of caching must not be cached: it may be about one person.
app.use(async (c, next) => {
  await next();
  if (!c.res.headers.has("Cache-Control")) c.header("Cache-Control", "no-store");
});

app.use(
  methodNotAllowed({
    app,
    onMethodNotAllowed: (c, methods) =>
      answerProblem(c, new Problem("method_not_allowed", { headers: { Allow: methods.join(", ") } })),
  }),
);

app.use(async (c, next) => {
  c.set("deps", openDeps(c.env, c.executionCtx));
  await next();
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
  .route("/", channelRoutes(depsOf))
  .route("/", limitRoutes(depsOf))
  .route("/", switchRoutes(depsOf))
  .route("/", integrityReportRoutes(depsOf))
  .route("/", reconciliationRoutes(depsOf))
  .route("/", alarmRoutes(depsOf))
  .route("/", invalidationRoutes(depsOf))
  .route("/", overviewRoutes(depsOf))
  .route("/", parkedMailRoutes(depsOf))
  .route("/", staffRoutes(depsOf))
  .route("/", auditRoutes(depsOf))
  .route("/", partnerAdminRoutes(depsOf))
  .route("/", usageRoutes(depsOf))
  .route("/", mailRateRoutes(depsOf))
  .route("/", resendWebhookRoutes(depsOf))
  .route("/", signaturePageRoutes(depsOf))
  .route("/", supporterPageRoutes(depsOf))
  .route("/", personRoutes(depsOf))
  .route("/", personPageRoutes(depsOf))
  .route("/", devMailRoutes(depsOf));

app.notFound((c) => answerProblem(c, new Problem("not_found")));

app.onError((error, c) => {
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
});

function answerProblem(c: Context, problem: Problem): Response {
  // Without settings the type is relative to the request, which RFC 9457 allows.
  const typeBase = (c.get("deps") as Deps | undefined)?.publicUrl ?? "";
  return renderProblem(problem, { requestId: c.get("requestId"), typeBase });
}
