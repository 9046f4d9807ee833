import { answerAtOnce, app } from "./app.ts";
import type { Bindings } from "./bindings.ts";
import { runJobs } from "./crons.ts";
import { openDeps } from "./deps.ts";
import { consume } from "./queues.ts";

export { LimiterShard } from "./limits/durable-limiter.ts";
export { MailCapture } from "./mail/capture-sender.ts";
export { IdempotencyShard } from "./partners/idempotency/durable-claims.ts";

export default {
  fetch: (request, env, ctx) => answerAtOnce(request, env) ?? app.fetch(request, env, ctx),
  queue: (batch, env, ctx) => consume(batch, () => openDeps(env, ctx)),
  scheduled: (controller, env, ctx) => runJobs(controller.cron, openDeps(env, ctx)),
} satisfies ExportedHandler<Bindings>;
