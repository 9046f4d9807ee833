import { createExecutionContext, createMessageBatch, getQueueResult, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { Bindings } from "../../src/bindings.ts";
import worker from "../../src/index.ts";

type Overrides = Partial<Record<keyof Bindings, unknown>> & Record<string, unknown>;

type QueueName = "intake" | "mail" | "mail-events" | "review" | "webhooks" | "intake-dead" | "mail-events-dead";

/** An isolate of the Worker that has just started: its caches are cold, and bindings may be replaced to fail or to count. */
export function coldIsolate(overrides: Overrides = {}) {
  const entries = Object.entries({ ...env, ...overrides }).filter(([, value]) => value !== undefined);
  const bindings = Object.fromEntries(entries) as unknown as typeof env;
  return {
    /** A request, waited for until its background work is done. */
    async fetch(path: string, init: RequestInit = {}): Promise<Response> {
      const ctx = createExecutionContext();
      const response = await worker.fetch(new Request(`http://localhost:8787${path}`, init) as never, bindings, ctx);
      await waitOnExecutionContext(ctx);
      return response as unknown as Response;
    },
    /** Delivers messages to the consumer of a queue; gives the indexes of those to be retried, or that the whole batch is. */
    async deliver(queue: QueueName, bodies: readonly unknown[]): Promise<number[] | string> {
      const messages = bodies.map((body, index) => ({ id: `${index}`, timestamp: new Date(), attempts: 1, body }));
      const batch = createMessageBatch(`folkmoot-${queue}`, messages);
      const ctx = createExecutionContext();
      let delay: number | undefined;
      const retryAll = batch.retryAll.bind(batch);
      Object.defineProperty(batch, "retryAll", {
        value: (options?: QueueRetryOptions) => {
          delay = options?.delaySeconds;
          retryAll(options);
        },
      });
      await worker.queue(batch, bindings, ctx);
      const result = await getQueueResult(batch, ctx);
      if (result.retryBatch.retry) return `all, after ${delay} s`;
      return result.retryMessages.map(({ msgId }) => Number(msgId));
    },
    /** Runs the jobs of a schedule. */
    async cron(schedule: string): Promise<void> {
      const ctx = createExecutionContext();
      await worker.scheduled({ cron: schedule, scheduledTime: Date.now(), noRetry() {} } as never, bindings, ctx);
      await waitOnExecutionContext(ctx);
    },
  };
}

/** A queue that keeps what is sent to it. */
export function keepingQueue<Message>() {
  const sent: Message[] = [];
  return {
    sent,
    async send(message: Message) {
      sent.push(message);
    },
    async sendBatch(messages: Iterable<{ body: Message }>) {
      for (const { body } of messages) sent.push(body);
    },
  };
}

/** A queue that takes nothing. */
export const refusingQueue = {
  send: () => Promise.reject(new Error("queue refused")),
  sendBatch: () => Promise.reject(new Error("queue refused")),
};

/** The real database with a fault: `fails` decides for each call, from its number (from 1 on). */
export function faultyDatabase(fails: (call: number) => boolean): D1Database & { calls: number } {
  const counter = { calls: 0 };
  return new Proxy(env.DB, {
    get(target, name) {
      if (name === "calls") return counter.calls;
      if (name === "batch") {
        return (statements: D1PreparedStatement[]) =>
          fails(++counter.calls)
            ? Promise.reject(new Error("D1_ERROR: Network connection lost."))
            : target.batch(statements);
      }
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  }) as D1Database & { calls: number };
}
