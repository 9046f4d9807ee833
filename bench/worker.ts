import { Hono } from "hono";
import type { Bindings } from "../src/bindings.ts";
import folkmoot, { IdempotencyShard, LimiterShard, MailCapture } from "../src/index.ts";
import { DEFAULT_POLICIES } from "../src/limits/policies.ts";
import { bareStatements } from "./bare-statements.ts";

export { IdempotencyShard, LimiterShard, MailCapture };

/** Folkmoot's bindings, and the queues that only the bench has. */
interface BenchBindings extends Bindings {
  /** A queue whose consumer does nothing: for requests alone. */
  readonly SINK: Queue;
  /** A queue whose consumer writes rows the plainest way. */
  readonly BARE: Queue;
}

/** What Folkmoot's own log lines say of D1, added up while somebody asks. */
let noted: { lines: number; read: number; written: number } | undefined;

// On Cloudflare a log line is handed over; here it would travel through two processes to a terminal.
console.log = (line: unknown) => {
  if (!noted || typeof line !== "string") return;
  const { event, d1_rows_read = 0, d1_rows_written = 0 } = JSON.parse(line) as Record<string, number>;
  if (String(event) !== "request" && String(event) !== "queue") return;
  noted.lines++;
  noted.read += d1_rows_read;
  noted.written += d1_rows_written;
};

const PETITION = "01936d9e-3b5a-7c3a-8d3a-0123456789ab";
const LIMITS = ["writes", "sign_burst", "sign_day", "burst_network"] as const;

/** The uses that signing counts, of somebody who has not been there before. */
const usesOf = (who: string) =>
  LIMITS.map((policy) => ({ ...DEFAULT_POLICIES[policy], key: `${policy}:${PETITION}:${who}` }));

/** A message as long as that of somebody who signs. */
const messageOf = (who: string) => ({
  ...{ v: 1, submission_id: who, petition_id: PETITION, accepted_at: Date.now(), hold: null },
  sealed: "x".repeat(324),
});

// What a request costs without Folkmoot: the same platform, the same calls, nothing around them.
const bare = new Hono<{ Bindings: BenchBindings }>()
  .get("/bare", (c) => c.json({ ok: true }))
  .post("/bare/post", async (c) => c.json({ ok: (await c.req.json()) !== null }))
  .post("/bare/calls", async (c) => {
    await c.req.json();
    const who = crypto.randomUUID();
    const shard = c.env.LIMITER.get(c.env.LIMITER.idFromName(`bare-${Math.floor(Math.random() * 64)}`));
    await shard.count(usesOf(who));
    await c.env.SINK.send(messageOf(who));
    return c.json({ ok: true }, 202);
  })
  .route("/", bareStatements)
  // With an isolate that remembers nothing, unless it is to stay warm.
  .post("/bench/rows", (c) => {
    if (c.req.query("warm") === undefined) quiet = undefined;
    noted = { lines: 0, read: 0, written: 0 };
    return c.body(null, 204);
  })
  .get("/bench/rows", (c) => {
    const found = noted;
    noted = undefined;
    return c.json(found);
  })
  .post("/bench/cron", async (c) => {
    const cron = c.req.query("schedule") ?? "* * * * *";
    const now = { cron, scheduledTime: Date.now(), noRetry: () => undefined } as ScheduledController;
    await folkmoot.scheduled(now, c.env, c.executionCtx as ExecutionContext);
    return c.body(null, 204);
  })
  .post("/bench/enqueue/:queue", async (c) => {
    const messages = await c.req.json<unknown[]>();
    const queue = c.req.param("queue") === "intake" ? c.env.INTAKE : c.env.BARE;
    await queue.sendBatch(messages.map((body) => ({ body }) as MessageSendRequest<never>));
    return c.body(null, 204);
  });

/** What the bare consumer writes for each message: a signature's row, as long as ours, without a look at what it says. */
const INSERT = `INSERT INTO signatures (petition_no, email_hash, person_hash, submission, state, locale, area_code, channel,
    postcode_hash, address_hash, network_hash, domain_hash, sealed, accepted_at)
  SELECT value ->> 0, randomblob(8), 1, randomblob(16), 'pending', 'en', 'ward-1', 'poster', randomblob(8), randomblob(8),
    randomblob(8), randomblob(8), unhex(value ->> 1), 1 FROM json_each(?)`;

/** The rows of a whole batch in one statement into the same table: the least that a consumer can do. */
async function insertBatch(batch: MessageBatch, env: BenchBindings): Promise<void> {
  await env.DB.prepare(INSERT)
    .bind(JSON.stringify(batch.messages.map(({ body }) => body)))
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
    /\/(bare|bench)(\/|$|\?)/.test(request.url)
      ? bare.fetch(request, env, ctx)
      : folkmoot.fetch(request, quietOf(env), ctx),
  queue: (batch, env, ctx) => {
    if (batch.queue === "sink") return batch.ackAll();
    return batch.queue === "bare" ? insertBatch(batch, env) : folkmoot.queue(batch, quietOf(env), ctx);
  },
} satisfies ExportedHandler<BenchBindings>;
