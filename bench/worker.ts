import { Hono } from "hono";
import type { Bindings } from "../src/deps.ts";
import folkmoot, { IdempotencyShard, LimiterShard, MailCapture } from "../src/index.ts";

export { IdempotencyShard, LimiterShard, MailCapture };

// On Cloudflare a log line is handed over; here it would travel through two processes to a terminal.
console.log = () => undefined;

/** Folkmoot's bindings, and the queues that only the bench has. */
interface BenchBindings extends Bindings {
  /** A queue whose consumer does nothing: for requests alone. */
  readonly SINK: Queue;
  /** A queue whose consumer writes rows the plainest way. */
  readonly BARE: Queue;
}

// What a request costs without Folkmoot: the same platform, the same calls, nothing around them.
const bare = new Hono<{ Bindings: BenchBindings }>()
  .get("/bare", (c) => c.json({ ok: true }))
  .post("/bare/calls", async (c) => {
    const body = await c.req.json();
    const shard = c.env.LIMITER.get(c.env.LIMITER.idFromName(`bare-${Math.floor(Math.random() * 64)}`));
    await shard.count([]);
    await c.env.SINK.send(body);
    return c.json({ ok: true }, 202);
  })
  .post("/bare/insert", async (c) => {
    const { name, email } = await c.req.json<{ name: string; email: string }>();
    await c.env.DB.prepare("INSERT INTO bare_rows (id, body) VALUES (?, ?)")
      .bind(crypto.randomUUID(), `${name} ${email}`)
      .run();
    return c.json({ ok: true }, 202);
  })
  .post("/bare/verify", async (c) => {
    const { id } = await c.req.json<{ id: string }>();
    await c.env.DB.batch([
      c.env.DB.prepare("UPDATE bare_rows SET state = 1 WHERE id = ? AND state = 0").bind(id),
      c.env.DB.prepare("UPDATE bare_tallies SET verified = verified + 1 WHERE no = 1"),
    ]);
    return c.json({ ok: true });
  })
  .post("/bench/cron", async (c) => {
    const now = { cron: "* * * * *", scheduledTime: Date.now(), noRetry: () => undefined } as ScheduledController;
    await folkmoot.scheduled(now, c.env, c.executionCtx as ExecutionContext);
    return c.body(null, 204);
  })
  .post("/bench/enqueue/:queue", async (c) => {
    const messages = await c.req.json<unknown[]>();
    const queue = c.req.param("queue") === "intake" ? c.env.INTAKE : c.env.BARE;
    await queue.sendBatch(messages.map((body) => ({ body }) as MessageSendRequest<never>));
    return c.body(null, 204);
  });

/** The rows of a whole batch in one statement: the least that a consumer can do. */
async function insertBatch(batch: MessageBatch, env: BenchBindings): Promise<void> {
  const rows = JSON.stringify(batch.messages.map(({ body }) => [crypto.randomUUID(), JSON.stringify(body)]));
  await env.DB.prepare("INSERT INTO bare_rows (id, body) SELECT value ->> 0, value ->> 1 FROM json_each(?)")
    .bind(rows)
    .run();
  batch.ackAll();
}

// Requests are measured without the consumers' work behind them, and drains without the mail's.
let quiet: BenchBindings | undefined;
const quietOf = (env: BenchBindings): BenchBindings => {
  quiet ??= { ...env, INTAKE: env.SINK, MAIL: env.SINK } as BenchBindings;
  return quiet;
};

export default {
  fetch: (request, env, ctx) =>
    /\/(bare|bench)(\/|$)/.test(request.url)
      ? bare.fetch(request, env, ctx)
      : folkmoot.fetch(request, quietOf(env), ctx),
  queue: (batch, env, ctx) => {
    if (batch.queue === "sink") return batch.ackAll();
    return batch.queue === "bare" ? insertBatch(batch, env) : folkmoot.queue(batch, quietOf(env), ctx);
  },
} satisfies ExportedHandler<BenchBindings>;
