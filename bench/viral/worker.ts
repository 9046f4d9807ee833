import { Hono } from "hono";
import { Random } from "../../scripts/demo/random.ts";
import type { Bindings } from "../../src/bindings.ts";
import folkmoot, { IdempotencyShard, MailCapture } from "../../src/index.ts";
import { type Caller, counted, gathering, stagedBindings } from "./counted-bindings.ts";
import { type Broken, Faults } from "./faults.ts";

export { CountedLimiterShard as LimiterShard } from "./counted-limiter.ts";
export { IdempotencyShard, MailCapture };

/** Folkmoot's bindings, and what the replay sets. */
interface ViralBindings extends Bindings {
  /** Where the stand-in of the mail provider listens. */
  readonly MAILBOX: string;
  readonly SEED: string;
}

console.log = () => undefined;

// The replay's clock: a day passes in minutes, so it jumps where the real one would have everybody wait.
const realNow = Date.now;
let skew = 0;
Date.now = () => realNow() + skew;

let faults: Faults | undefined;
const faultsOf = ({ SEED }: ViralBindings): Faults => {
  faults ??= new Faults(new Random(Number(SEED)));
  return faults;
};

const staged = new Map<Caller, Bindings>();
function stagedFor(env: ViralBindings, caller: Caller): Bindings {
  const known = staged.get(caller) ?? stagedBindings(env, caller, faultsOf(env));
  staged.set(caller, known);
  return known;
}

let consuming = 0;
let jumping = false;

// A turn takes a moment, and its leases minutes: no clock but this one jumps over them meanwhile.
const waitWhile = async (busy: () => boolean): Promise<void> => {
  while (busy()) await new Promise((resolve) => setTimeout(resolve, 2));
};

const control = new Hono<{ Bindings: ViralBindings }>()
  .post("/bench/clock", async (c) => {
    const { skew: asked } = await c.req.json<{ skew: number }>();
    jumping = true;
    await waitWhile(() => consuming > 0);
    skew = asked;
    jumping = false;
    return c.body(null, 204);
  })
  .post("/bench/faults", async (c) => {
    faultsOf(c.env).set(await c.req.json<Broken>());
    return c.body(null, 204);
  })
  .post("/bench/gather", async (c) => {
    gathering.size = (await c.req.json<{ size: number }>()).size;
    return c.body(null, 204);
  })
  .post("/bench/death/:queue", (c) => {
    faultsOf(c.env).killNext(c.req.param("queue"));
    return c.body(null, 204);
  })
  .post("/bench/cron", async (c) => {
    const cron = c.req.query("schedule") ?? "* * * * *";
    const now = { cron, scheduledTime: Date.now(), noRetry: () => undefined } as ScheduledController;
    await folkmoot.scheduled(now, stagedFor(c.env, "other"), c.executionCtx as ExecutionContext);
    return c.body(null, 204);
  })
  // Messages that wait, or are being worked on.
  .get("/bench/state", (c) => c.json({ waiting: counted.queue_writes - counted.queue_deletes + consuming, counted }));

// So many that no batch is longer than a queue's may be.
const MOST = 100;
// The service's own delays are minutes; here they only have to be later.
const RETRY_SECONDS = 1;

/** Gives a batch to its consumer as a bad day would: some messages twice, in another order, and perhaps it dies. */
async function consume(batch: MessageBatch, env: ViralBindings, ctx: ExecutionContext): Promise<void> {
  const own = faultsOf(env);
  const queue = batch.queue.replace(/^.*?-/, "");
  const caller: Caller = queue === "intake" || queue === "mail" ? queue : "other";
  const settled = new Map<Message, "ack" | "retry">();
  const twice = batch.messages.filter(() => own.repeats()).slice(0, MOST - batch.messages.length);
  const messages = own.ordered([...batch.messages, ...twice]).map((message) => ({
    ...{ id: message.id, timestamp: message.timestamp, body: message.body, attempts: message.attempts },
    ack: () => void settled.set(message, settled.get(message) ?? "ack"),
    retry: () => void settled.set(message, "retry"),
  }));
  const all = (verdict: "ack" | "retry") => () => {
    for (const message of batch.messages) settled.set(message, verdict);
  };
  const played = { queue: batch.queue, messages, ackAll: all("ack"), retryAll: all("retry") };
  await folkmoot.queue(played as unknown as MessageBatch, stagedFor(env, caller), ctx);
  if (own.dies(queue)) {
    counted.deaths++;
    throw new Error("the consumer dies between commit and acknowledgement");
  }
  const again = new Map<string, Queue>([
    ["intake", env.INTAKE],
    ["mail", env.MAIL],
  ]).get(queue);
  for (const message of batch.messages) {
    if (settled.get(message) !== "ack") {
      message.retry({ delaySeconds: RETRY_SECONDS });
      continue;
    }
    if (again && own.repeats()) {
      counted.queue_writes++;
      await again.send(message.body);
    }
    counted.queue_deletes++;
    message.ack();
  }
}

export default {
  fetch: (request, env, ctx) => {
    if (/\/bench\//.test(request.url)) return control.fetch(request, env, ctx);
    counted.requests++;
    return folkmoot.fetch(request, stagedFor(env, "fetch"), ctx);
  },
  async queue(batch, env, ctx) {
    counted.batches++;
    counted.queue_reads += batch.messages.length;
    await waitWhile(() => jumping);
    consuming++;
    try {
      if (batch.queue !== "sink" && batch.queue !== "bare") await consume(batch, env, ctx);
    } finally {
      consuming--;
    }
  },
} satisfies ExportedHandler<ViralBindings>;
