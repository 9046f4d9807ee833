import type { MailMessage, ReviewMessage, WebhookMessage } from "./bindings.ts";
import { recordDeadLetters } from "./db/dead-letters.store.ts";
import type { Deps } from "./deps.ts";
import { proceedRun } from "./integrity/proceed-run.ts";
import { toBase64Url, utf8 } from "./lib/bytes.ts";
import { describeError, log } from "./lib/log.ts";
import { deliverMail } from "./mail/deliver-mail.ts";
import { recordDeliveryEvents } from "./mail/record-delivery-events.ts";
import { deliverWebhooks } from "./partners/webhooks/deliver-webhooks.ts";

// 2, 4, 8 … 300 seconds between deliveries of one message.
const MAX_RETRY_SECONDS = 300;

/**
 * Gives a batch to the consumer of its queue. Each message is acknowledged or retried by itself. When the whole batch
 * fails (settings that are not fit, a database that is down) it comes back late: tries must outlast an outage.
 */
export async function consume(batch: MessageBatch, open: () => Deps): Promise<void> {
  const begun = Date.now();
  let deps: Deps;
  try {
    deps = open();
    await consumerOf(batch.queue)(batch, deps);
  } catch (error) {
    log("queue_failed", { queue: batch.queue, ...describeError(error) });
    batch.retryAll({ delaySeconds: MAX_RETRY_SECONDS });
    return;
  }
  log("queue", {
    queue: batch.queue,
    messages: batch.messages.length,
    ms: Date.now() - begun,
    d1_calls: deps.cost.calls,
    d1_rows_read: deps.cost.rowsRead,
    d1_rows_written: deps.cost.rowsWritten,
  });
}

type Consumer = (batch: MessageBatch, deps: Deps) => Promise<void>;

/** Queues are named `<service>-<queue>` and `<service>-<queue>-dead`, with any service name. */
function consumerOf(queue: string): Consumer {
  if (queue.endsWith("-dead")) return consumeDeadLetters;
  if (queue.endsWith("-intake")) return consumeIntake;
  if (queue.endsWith("-mail")) return consumeMail;
  if (queue.endsWith("-mail-events")) return consumeMailEvents;
  if (queue.endsWith("-review")) return consumeReview;
  if (queue.endsWith("-webhooks")) return consumeWebhooks;
  throw new Error("a queue has no consumer");
}

const consumeIntake: Consumer = async (batch, deps) => {
  const outcomes = await deps.recordBatch(batch.messages.map(({ body }) => body));
  for (const [index, message] of batch.messages.entries()) {
    if (outcomes[index] === "done") message.ack();
    else retry(message);
  }
};

/** A job that is not finished is rung for again by the sweeper when it is due; the message has served. */
const consumeMail: Consumer = async (batch, deps) => {
  for (const message of batch.messages) {
    const jobId = (message.body as Partial<MailMessage> | null)?.job_id;
    try {
      if (typeof jobId !== "string") throw new TypeError("a message of the mail queue names no job");
      await deliverMail(deps, jobId);
      message.ack();
    } catch (error) {
      log("mail_job_failed", describeError(error));
      retry(message);
    }
  }
};

/** A run that is not over has rung for itself again; what the queue forgets, the sweeper finds. */
const consumeReview: Consumer = async (batch, deps) => {
  for (const message of batch.messages) {
    const runId = (message.body as Partial<ReviewMessage> | null)?.run_id;
    try {
      if (typeof runId !== "string") throw new TypeError("a message of the review queue names no run");
      await proceedRun(deps, runId);
      message.ack();
    } catch (error) {
      log("run_failed", describeError(error));
      retry(message);
    }
  }
};

/** Endpoints are told side by side: one that lets us wait holds up no other. */
const consumeWebhooks: Consumer = async (batch, deps) => {
  await Promise.all(
    batch.messages.map(async (message) => {
      const endpointId = (message.body as Partial<WebhookMessage> | null)?.endpoint_id;
      try {
        if (typeof endpointId !== "string") throw new TypeError("a message of the webhooks queue names no endpoint");
        await deliverWebhooks(deps, endpointId, batch.messages.length);
        message.ack();
      } catch (error) {
        log("webhooks_failed", describeError(error));
        retry(message);
      }
    }),
  );
};

/** Our webhook's events and Cloudflare's own, which reach the queue without us. */
const consumeMailEvents: Consumer = async (batch, deps) => {
  const outcomes = await recordDeliveryEvents(
    deps,
    batch.messages.map(({ body }) => body),
  );
  for (const [index, message] of batch.messages.entries()) {
    if (outcomes[index] === "done") message.ack();
    else retry(message);
  }
};

const consumeDeadLetters: Consumer = async (batch, deps) => {
  const open = batch.messages.map(({ id, body }) => ({ id, body: JSON.stringify(body) }));
  // Cloudflare's events hold the address in clear; every other message is one of ours and holds none.
  const foreign = batch.queue.endsWith("-mail-events-dead");
  const letters = foreign ? await Promise.all(open.map((letter) => sealed(deps, letter))) : open;
  await deps.db.batch([recordDeadLetters(deps.db, { queue: batch.queue, letters, now: deps.clock() })]);
  log("dead_letters", { queue: batch.queue, messages: letters.length });
  batch.ackAll();
};

async function sealed(deps: Deps, { id, body }: { id: string; body: string }): Promise<{ id: string; body: string }> {
  return { id, body: JSON.stringify({ sealed: toBase64Url(await deps.keys.seal("dead_letter", utf8(body), id)) }) };
}

const retry = (message: Message): void =>
  message.retry({ delaySeconds: Math.min(2 ** message.attempts, MAX_RETRY_SECONDS) });
